//! The sessions that a member holds: seen and ended by themselves, or by whoever has the right over them.

use serde::{Deserialize, Serialize};

use super::{require_over_access, session_hash};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{Error, MemberId, Millis, Result, SessionId, Tx, audit};

/// What is known of the device that a member signed in with: coarse words, from what the browser says of itself.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct Device {
    pub browser: Option<String>,
    pub system: Option<String>,
}

// It says something about a person, if little.
impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Device(…)")
    }
}

/// A session as its member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// By which it can be ended. It follows from the stored hash of the token, and does not lead to the token.
    pub id: SessionId,
    /// With what it was opened.
    pub device: Device,
    /// When it was opened.
    pub created_at: Millis,
    /// When it was last used, to the minute.
    pub seen_at: Millis,
    /// When it ends at the latest.
    pub expires_at: Millis,
}

/// The id of a token's session; `None` for what is no such token.
pub fn id_of(token: &str) -> Option<SessionId> {
    session_hash(token).map(|hash| SessionId::of(&hash))
}

/// A member's sessions, newest first. Everybody sees their own.
pub fn sessions(tx: &Tx<'_>, member: MemberId) -> Result<Vec<SessionView>> {
    require_over_access(tx, member)?;
    let rows = tx.all(
        sql!(
            "SELECT token_hash, created_at, seen_at, expires_at FROM sessions \
             WHERE workspace_id = $1 AND member_id = $2 AND expires_at > $3 AND seen_at > $4 ORDER BY created_at DESC"
        ),
        params![member, tx.now(), tx.now() - tx.terms().idle_ms],
        |row| Ok((SessionId::of(&row.get::<Vec<u8>>(0)?), row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    let view = |(id, created_at, seen_at, expires_at)| {
        Ok(SessionView { id, device: device(tx, id)?, created_at, seen_at, expires_at })
    };
    rows.into_iter().map(view).collect()
}

/// Ends one session of a member.
pub fn revoke(tx: &Tx<'_>, member: MemberId, session: SessionId) -> Result<()> {
    require_over_access(tx, member)?;
    let hash = hashes(tx, member)?.into_iter().find(|hash| SessionId::of(hash) == session);
    end(tx, &hash.ok_or(Error::NotFound("session"))?)?;
    audit::record(tx, "session.revoked", &member.to_string())?;
    Ok(())
}

/// Ends all sessions of a member but that of a token; how many it was.
pub fn revoke_others(tx: &Tx<'_>, member: MemberId, token: Option<&str>) -> Result<u64> {
    require_over_access(tx, member)?;
    let ended = delete_others(tx, member, token)?;
    audit::record(tx, "session.revoked_all", &member.to_string())?;
    Ok(ended)
}

/// Ends all sessions of a member; how many it was.
pub fn revoke_all(tx: &Tx<'_>, member: MemberId) -> Result<u64> {
    revoke_others(tx, member, None)
}

pub(crate) fn delete_sessions(tx: &Tx<'_>, member: MemberId) -> Result<u64> {
    delete_others(tx, member, None)
}

pub(crate) fn delete_others(tx: &Tx<'_>, member: MemberId, token: Option<&str>) -> Result<u64> {
    let kept = token.and_then(session_hash);
    let mut ended = 0;
    for hash in hashes(tx, member)?.iter().filter(|hash| Some(*hash) != kept.as_ref()) {
        end(tx, hash)?;
        ended += 1;
    }
    Ok(ended)
}

/// Keeps with what a session was opened, if anything is known of it.
pub(super) fn note_device(
    tx: &Tx<'_>,
    session: SessionId,
    member: MemberId,
    device: &Device,
    expires_at: Millis,
) -> Result<()> {
    if *device == Device::default() {
        return Ok(());
    }
    let json = serde_json::to_vec(device).map_err(|_| Error::Invalid("a device cannot be kept".into()))?;
    let sealed = tx.seal(Under::Workspace, place(&session.to_string()), &json)?;
    tx.run(
        sql!(
            "INSERT INTO session_devices (workspace_id, id, member_id, device_sealed, expires_at) \
             VALUES ($1, $2, $3, $4, $5)"
        ),
        params![session, member, sealed, expires_at],
    )?;
    Ok(())
}

pub(super) fn forget_device(tx: &Tx<'_>, session: SessionId) -> Result<()> {
    tx.run(sql!("DELETE FROM session_devices WHERE workspace_id = $1 AND id = $2"), params![session])?;
    Ok(())
}

/// Removes what is kept of sessions that have ended by themselves.
pub(crate) fn sweep_devices(tx: &Tx<'_>) -> Result<u64> {
    tx.run(sql!("DELETE FROM session_devices WHERE workspace_id = $1 AND expires_at <= $2"), params![tx.now()])
}

fn device(tx: &Tx<'_>, session: SessionId) -> Result<Device> {
    let sealed = tx.maybe(
        sql!("SELECT device_sealed FROM session_devices WHERE workspace_id = $1 AND id = $2"),
        params![session],
        |row| row.get::<Vec<u8>>(0),
    )?;
    let Some(sealed) = sealed else { return Ok(Device::default()) };
    let json = tx.open(place(&session.to_string()), &sealed)?.ok_or(Error::Erased)?;
    serde_json::from_slice(&json).map_err(|_| Error::Seal("a session's device is malformed"))
}

fn hashes(tx: &Tx<'_>, member: MemberId) -> Result<Vec<Vec<u8>>> {
    tx.all(sql!("SELECT token_hash FROM sessions WHERE workspace_id = $1 AND member_id = $2"), params![member], |row| {
        row.get(0)
    })
}

fn end(tx: &Tx<'_>, hash: &[u8]) -> Result<()> {
    tx.run(sql!("DELETE FROM sessions WHERE workspace_id = $1 AND token_hash = $2"), params![hash])?;
    forget_device(tx, SessionId::of(hash))
}

fn place(row: &str) -> Place<'_> {
    Place { table: "session_devices", column: "device_sealed", row }
}
