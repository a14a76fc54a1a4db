//! Requests that were received and wait for the engine, sealed under a custody key that lives a day.

mod ready;
#[cfg(test)]
mod tests;

pub(crate) use ready::ready;
pub use ready::{Ready, next};

use crate::deferred::write_together;
use crate::id::Identifier;
use crate::keys::Keys;
use crate::node::lease_word;
use crate::scope::{Actor, Purpose};
use crate::sealing::{Opened, Place};
use crate::statement::{installation_sql, sql};
use crate::tx::Wake;
use crate::value::{Param, params};
use crate::{ChannelId, Error, InboxId, Millis, Result, Scope, Tx, WorkspaceId};

/// How often a request whose own data fails it is tried before it is set aside.
pub const TRIES: i64 = 5;
/// The pause of a channel after a request's first failure; it doubles with each…
const FIRST_PAUSE: Millis = 1_000;
/// …up to this.
const LONGEST_PAUSE: Millis = 300_000;

/// A received request, opened.
#[derive(Clone)]
pub struct Received {
    /// Its id.
    pub id: InboxId,
    /// The verified bytes, as `connect::Verified::to_inbox` made them.
    pub body: Vec<u8>,
    /// When it was received.
    pub received: Arrival,
    /// How often it was tried.
    pub attempts: i64,
}

/// When something was received: by the clock, which may be set back, and by its place among all that a workspace received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The clock's moment.
    pub at: Millis,
    /// Its place in the inbox's order, for what came through the inbox.
    pub place: Option<i64>,
}

impl From<Millis> for Arrival {
    fn from(at: Millis) -> Self {
        Self { at, place: None }
    }
}

impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Received({}, {} bytes)", self.id, self.body.len())
    }
}

/// A verified request, sealed and ready to be kept.
pub(crate) struct Fresh {
    pub(crate) id: InboxId,
    channel: ChannelId,
    received_at: Millis,
    sealed: Vec<u8>,
}

impl Fresh {
    /// Seals a request. `chance` is fresh: for its id, and for its seal.
    pub(crate) fn seal(
        keys: &Keys,
        now: Millis,
        channel: ChannelId,
        chance: [[u8; 32]; 2],
        body: &[u8],
    ) -> Result<Self> {
        let mut random = [0; 10];
        random.copy_from_slice(&chance[0][..10]);
        let millis = u64::try_from(now).unwrap_or(0);
        let id = InboxId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid());
        let row = id.to_string();
        let place = Place { table: "inbox", column: "body_sealed", row: &row };
        let sealed = keys.custody_seal(now, place, chance[1], body)?;
        Ok(Self { id, channel, received_at: now, sealed })
    }
}

/// Keeps a verified request. Once this is committed, the provider may be told 200.
pub fn put(tx: &Tx<'_>, channel: ChannelId, body: &[u8]) -> Result<InboxId> {
    let fresh = Fresh::seal(tx.keys, tx.now(), channel, [tx.chance(), tx.chance()], body)?;
    put_together(tx, &[&fresh])?;
    Ok(fresh.id)
}

/// How many requests one statement inserts.
const SIZES: [usize; 3] = [16, 4, 1];

/// Keeps requests in their order.
pub(crate) fn put_together(tx: &Tx<'_>, requests: &[&Fresh]) -> Result<()> {
    let Some(many) = i64::try_from(requests.len()).ok().filter(|many| *many > 0) else { return Ok(()) };
    let first = tx.count_on("inbox", many)? - many + 1;
    let numbered: Vec<(i64, &Fresh)> = (first..).zip(requests.iter().copied()).collect();
    write_together(&numbered, &SIZES, |requests| insert(tx, requests))?;
    tx.wake(Wake::Inbox);
    Ok(())
}

fn insert(tx: &Tx<'_>, requests: &[(i64, &Fresh)]) -> Result<()> {
    let mut params = Vec::with_capacity(5 * requests.len());
    for (seq, Fresh { id, channel, received_at, sealed }) in requests {
        params.extend([Param::from(*id), Param::from(*channel), (*seq).into(), (*received_at).into(), sealed.into()]);
    }
    let statement = match requests.len() {
        16 => sql!(
            "INSERT INTO inbox (workspace_id, id, channel_id, seq, received_at, body_sealed, attempts) VALUES \
                 ($1, $2, $3, $4, $5, $6, 0), ($1, $7, $8, $9, $10, $11, 0), ($1, $12, $13, $14, $15, $16, 0), \
                 ($1, $17, $18, $19, $20, $21, 0), ($1, $22, $23, $24, $25, $26, 0), ($1, $27, $28, $29, $30, $31, 0), \
                 ($1, $32, $33, $34, $35, $36, 0), ($1, $37, $38, $39, $40, $41, 0), ($1, $42, $43, $44, $45, $46, 0), \
                 ($1, $47, $48, $49, $50, $51, 0), ($1, $52, $53, $54, $55, $56, 0), ($1, $57, $58, $59, $60, $61, 0), \
                 ($1, $62, $63, $64, $65, $66, 0), ($1, $67, $68, $69, $70, $71, 0), ($1, $72, $73, $74, $75, $76, 0), \
                 ($1, $77, $78, $79, $80, $81, 0)"
        ),
        4 => sql!(
            "INSERT INTO inbox (workspace_id, id, channel_id, seq, received_at, body_sealed, attempts) VALUES \
                 ($1, $2, $3, $4, $5, $6, 0), ($1, $7, $8, $9, $10, $11, 0), ($1, $12, $13, $14, $15, $16, 0), \
                 ($1, $17, $18, $19, $20, $21, 0)"
        ),
        _ => sql!(
            "INSERT INTO inbox (workspace_id, id, channel_id, seq, received_at, body_sealed, attempts) \
             VALUES ($1, $2, $3, $4, $5, $6, 0)"
        ),
    };
    tx.run(statement, &params).map(|_| ())
}

/// A channel's received requests, held by one worker at a time.
#[derive(Debug, Clone)]
pub struct ClaimedInbox {
    /// The channel.
    pub channel: ChannelId,
    /// What its requests may touch.
    pub scope: Scope,
    lease: String,
}

/// Takes up to `limit` channels that have something to process and no worker.
pub(crate) fn claim(tx: &Tx<'_>, limit: i64, lease_ms: Millis) -> Result<Vec<ClaimedInbox>> {
    let waiting: Vec<(ChannelId, WorkspaceId)> = tx.all(
        installation_sql!(
            "SELECT d.id, d.workspace_id FROM channel_directory d \
             WHERE (d.inbox_lease_until IS NULL OR d.inbox_lease_until < $1) \
             AND EXISTS (SELECT 1 FROM inbox i WHERE i.channel_id = d.id AND i.failure IS NULL) LIMIT $2 {skip_locked}"
        ),
        params![tx.now(), limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut claimed = Vec::with_capacity(waiting.len());
    for (channel, workspace) in waiting {
        let lease = lease_word(tx);
        tx.run(
            installation_sql!("UPDATE channel_directory SET inbox_lease = $2, inbox_lease_until = $3 WHERE id = $1"),
            params![channel, &lease, tx.now() + lease_ms],
        )?;
        let scope = Scope::new(workspace, Actor::Channel(channel), Purpose::Receiving);
        claimed.push(ClaimedInbox { channel, scope, lease });
    }
    Ok(claimed)
}

/// Gives a channel back. A pause is a lease that nobody has: until it runs out, nobody takes the channel.
pub(crate) fn release(tx: &Tx<'_>, claimed: &ClaimedInbox, pause_ms: Option<Millis>) -> Result<()> {
    tx.run(
        installation_sql!(
            "UPDATE channel_directory SET inbox_lease = NULL, inbox_lease_until = $3 WHERE id = $1 AND inbox_lease = $2"
        ),
        params![claimed.channel, &claimed.lease, pause_ms.map(|pause| tx.now() + pause)],
    )?;
    Ok(())
}

/// Keeps a channel for longer; `false` if somebody else has taken it meanwhile.
pub(crate) fn renew(tx: &Tx<'_>, claimed: &ClaimedInbox, lease_ms: Millis) -> Result<bool> {
    let renewed = tx.run(
        installation_sql!("UPDATE channel_directory SET inbox_lease_until = $3 WHERE id = $1 AND inbox_lease = $2"),
        params![claimed.channel, &claimed.lease, tx.now() + lease_ms],
    )?;
    Ok(renewed == 1)
}

/// What waits on a channel, in the order of receipt.
#[derive(Debug, Default)]
pub struct Waiting {
    /// What can be processed.
    pub requests: Vec<Received>,
    /// What cannot be opened, and is to be [`set_aside`].
    pub unreadable: Vec<InboxId>,
}

/// The oldest requests of a channel that are not set aside, at most `limit`.
pub fn waiting(tx: &Tx<'_>, channel: ChannelId, limit: i64) -> Result<Waiting> {
    let rows = tx.all(
        sql!(
            "SELECT id, body_sealed, received_at, attempts, seq FROM inbox \
             WHERE workspace_id = $1 AND channel_id = $2 AND failure IS NULL ORDER BY seq LIMIT $3"
        ),
        params![channel, limit],
        |row| {
            let received = Arrival { at: row.get(2)?, place: Some(row.get(4)?) };
            Ok((row.get::<InboxId>(0)?, row.get::<Vec<u8>>(1)?, received, row.get(3)?))
        },
    )?;
    let mut waiting = Waiting::default();
    for (id, sealed, received, attempts) in rows {
        let row = id.to_string();
        // A key that cannot be unwrapped now fails all of it: an acknowledged request is not given up for that.
        match tx.keys.custody_look(Place { table: "inbox", column: "body_sealed", row: &row }, &sealed)? {
            Opened::Plain(body) => waiting.requests.push(Received { id, body, received, attempts }),
            Opened::KeyGone | Opened::Damaged => waiting.unreadable.push(id),
        }
    }
    Ok(waiting)
}

/// Takes a request off the inbox; `false` if it was already taken, in which case nothing of it may be applied.
pub fn take(tx: &Tx<'_>, id: InboxId) -> Result<bool> {
    Ok(tx.run(sql!("DELETE FROM inbox WHERE workspace_id = $1 AND id = $2"), params![id])? == 1)
}

/// What becomes of a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// Its channel waits for this long, in milliseconds, and begins with it again: what came later must not overtake it.
    Pause(Millis),
    /// It was set aside, and holds nothing up.
    SetAside,
}

/// Notes that a request could not be processed. What the surroundings are to blame for may pass, and is tried for as long as
/// it takes; what the request itself is to blame for is set aside with `code` after [`TRIES`].
pub fn put_off(tx: &Tx<'_>, request: &Received, error: &Error, code: &str) -> Result<Failed> {
    let attempts = request.attempts.saturating_add(1);
    if !may_pass(error) && attempts >= TRIES {
        return set_aside(tx, request.id, code).map(|()| Failed::SetAside);
    }
    tx.run(sql!("UPDATE inbox SET attempts = $3 WHERE workspace_id = $1 AND id = $2"), params![request.id, attempts])?;
    Ok(Failed::Pause(pause_after(request.attempts)))
}

/// How long a channel waits for a request that failed as often before, in milliseconds.
pub fn pause_after(attempts: i64) -> Millis {
    let doublings = u32::try_from(attempts.clamp(0, 16)).unwrap_or(0);
    FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
}

fn may_pass(error: &Error) -> bool {
    match error {
        Error::Engine(_) | Error::Again | Error::Io(_) | Error::Outside(_) | Error::Closed | Error::Conflict { .. } => {
            true
        }
        Error::Seal(_) | Error::Invalid(_) | Error::Erased | Error::NotFound(_) | Error::Forbidden(_) => false,
    }
}

/// Sets a request aside with a code for the reason, so that it holds nothing up.
pub fn set_aside(tx: &Tx<'_>, id: InboxId, code: &str) -> Result<()> {
    tx.run(
        sql!("UPDATE inbox SET attempts = attempts + 1, failure = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, code],
    )?;
    Ok(())
}

/// How many requests wait, and how many were set aside, over the whole installation.
pub(crate) fn depth(tx: &Tx<'_>) -> Result<(i64, i64)> {
    let row = tx.maybe(installation_sql!("SELECT COUNT(*), COUNT(failure) FROM inbox"), params![], |row| {
        Ok((row.get::<i64>(0)?, row.get::<i64>(1)?))
    })?;
    Ok(row.map_or((0, 0), |(all, aside)| (all - aside, aside)))
}
