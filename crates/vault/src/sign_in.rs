//! Signing in: from an address and a password to a session, and from a session's token to a scope.
//!
//! Passwords are verified by the server (argon2 takes longer than a transaction may) between
//! [`Vault::login_candidates`] and [`Vault::open_session`]. Of a session's token only the SHA-256 is stored; it is 256
//! random bits, so no slow or keyed hash is needed.

mod held;
#[cfg(test)]
mod tests;

pub use held::{Device, SessionView, id_of, revoke, revoke_all, revoke_others, sessions};
pub(crate) use held::{delete_others, delete_sessions, sweep_devices};

use sha2::{Digest, Sha256};

use crate::members::{self, MemberState, is_self, normal_email};
use crate::statement::{installation_sql, sql};
use crate::value::params;
use crate::{
    Error, MemberId, Millis, Personal, Result, Right, Role, Scope, SessionId, Tx, Vault, WorkspaceId, audit, ending,
};

/// Use is noted at most this often, so that reading does not write.
const NOTED_MS: Millis = 60 * 1000;

/// How long members stay signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTerms {
    /// A session ends when it has not been used for this long, in milliseconds.
    pub idle_ms: Millis,
    /// A session ends after this long however much it is used, in milliseconds.
    pub life_ms: Millis,
}

impl SessionTerms {
    /// Terms in whole days.
    pub fn days(idle: u32, life: u32) -> Self {
        let day = 24 * 60 * 60 * 1000;
        Self { idle_ms: Millis::from(idle) * day, life_ms: Millis::from(life) * day }
    }
}

impl Default for SessionTerms {
    /// A week without use, and thirty days in any case.
    fn default() -> Self {
        Self::days(7, 30)
    }
}

/// A login that may be meant. Only the vault makes one; holding it proves nothing until the password fits.
#[derive(Debug, Clone)]
pub struct LoginCandidate {
    workspace: WorkspaceId,
    member: MemberId,
    password_hash: Personal<String>,
}

impl LoginCandidate {
    /// Whose password was just set.
    pub(crate) fn of(workspace: WorkspaceId, member: MemberId, password_hash: Personal<String>) -> Self {
        Self { workspace, member, password_hash }
    }

    /// The workspace.
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The member.
    pub fn member(&self) -> MemberId {
        self.member
    }

    /// The password's hash in PHC form; empty if this member cannot sign in by password.
    pub fn password_hash(&self) -> &str {
        self.password_hash.reveal()
    }
}

/// A new session. Its token is known here and to the browser only.
#[derive(Debug, Clone)]
pub struct Session {
    /// The token, for the cookie.
    pub token: Personal<String>,
    /// What a changing request must carry beside the cookie.
    pub csrf: Personal<String>,
    /// When it ends at the latest.
    pub expires_at: Millis,
    /// The scope that its token will give.
    pub scope: Scope,
}

/// Who is signed in by a session's token.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What may be touched.
    pub scope: Scope,
    /// The member.
    pub member: MemberId,
    /// The member's present role.
    pub role: Role,
    /// What a changing request must carry beside the cookie.
    pub csrf: Personal<String>,
    /// When the session ends at the latest.
    pub expires_at: Millis,
}

struct Stored {
    workspace: WorkspaceId,
    member: MemberId,
    seen_at: Millis,
    expires_at: Millis,
    now: Millis,
}

impl Vault {
    /// The logins with an address, one per workspace that has such a member. None for what is no address. Whoever asks
    /// should spend as long on none as on one.
    pub async fn login_candidates(&self, email: &str) -> Result<Vec<LoginCandidate>> {
        let Ok(email) = normal_email(email) else { return Ok(Vec::new()) };
        self.read_installation(move |tx| candidates(tx, &email)).await
    }

    /// Opens a session for a login whose password was found right.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the member is suspended or gone; `workspace_ended` if the workspace has ended.
    pub async fn open_session(&self, candidate: &LoginCandidate) -> Result<Session> {
        self.open_session_on(candidate, Device::default()).await
    }

    /// The same, with what is known of the device, which the member's list of sessions then shows.
    ///
    /// # Errors
    /// As [`Vault::open_session`].
    pub async fn open_session_on(&self, candidate: &LoginCandidate, device: Device) -> Result<Session> {
        let member = candidate.member;
        let scope = self.member_scope(candidate.workspace, member).await?.ok_or(Error::Forbidden("signing in"))?;
        let within = scope.clone();
        self.write(&scope, move |tx| open(tx, member, &within, &device)).await
    }

    /// Who is signed in by a token; `None` if it is unknown, ended or idle too long, or its member is suspended.
    pub async fn session_scope(&self, token: &str) -> Result<Option<SignedIn>> {
        let Some(hash) = session_hash(token) else { return Ok(None) };
        let looked_up = hash.clone();
        let Some(stored) = self.read_installation(move |tx| stored(tx, &looked_up)).await? else { return Ok(None) };
        let Some(scope) = self.member_scope(stored.workspace, stored.member).await? else { return Ok(None) };
        if stored.now - stored.seen_at >= NOTED_MS {
            self.write_installation(move |tx| note_use(tx, &hash)).await?;
        }
        let Some((member, role)) = scope.member() else { return Ok(None) };
        Ok(Some(SignedIn { scope, member, role, csrf: Personal::new(csrf_of(token)), expires_at: stored.expires_at }))
    }

    /// Deletes sessions that have ended, at most `limit`; how many it was.
    pub async fn sweep_sessions(&self, limit: i64) -> Result<u64> {
        self.write_installation(move |tx| {
            tx.run(
                installation_sql!(
                    "DELETE FROM sessions WHERE token_hash IN \
                     (SELECT token_hash FROM sessions WHERE expires_at <= $1 OR seen_at <= $2 LIMIT $3)"
                ),
                params![tx.now(), tx.now() - tx.terms().idle_ms, limit],
            )
        })
        .await
    }
}

/// Ends the session of a token: signing out.
pub fn close(tx: &Tx<'_>, token: &str) -> Result<()> {
    let Some(hash) = session_hash(token) else { return Ok(()) };
    let ended = tx.run(sql!("DELETE FROM sessions WHERE workspace_id = $1 AND token_hash = $2"), params![&hash])?;
    if ended == 1 {
        held::forget_device(tx, SessionId::of(&hash))?;
        audit::record(tx, "session.closed", &tx.scope()?.actor().id())?;
    }
    Ok(())
}

/// The installation's keyed hash of a normal address: it finds logins before a workspace is known.
pub(crate) fn email_hash(tx: &Tx<'_>, email: &str) -> Result<Vec<u8>> {
    tx.keys.blind_installation("login email", email)
}

/// Members act on their own sessions and tokens; on others' who has the right, and on an owner's only an owner: a token
/// carries its member's rights.
pub(crate) fn require_over_access(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    let (role, _) = members::standing(tx, member)?.ok_or(Error::NotFound("member"))?;
    if is_self(tx, member)? {
        return Ok(());
    }
    tx.scope()?.require(if role == Role::Owner { Right::ManageOwners } else { Right::ManageTokens })
}

fn candidates(tx: &Tx<'_>, email: &str) -> Result<Vec<LoginCandidate>> {
    tx.all(
        installation_sql!(
            "SELECT workspace_id, member_id, password_hash FROM logins WHERE email_hash = $1 ORDER BY workspace_id"
        ),
        params![email_hash(tx, email)?],
        |row| {
            let password_hash = Personal::new(row.text(2)?);
            Ok(LoginCandidate { workspace: row.get(0)?, member: row.get(1)?, password_hash })
        },
    )
}

fn open(tx: &Tx<'_>, member: MemberId, scope: &Scope, device: &Device) -> Result<Session> {
    ending::require_going(tx)?;
    // The member may have been suspended since the scope was made.
    if !matches!(members::standing(tx, member)?, Some((_, MemberState::Active))) {
        return Err(Error::Forbidden("signing in"));
    }
    let token = hex::encode(tx.chance());
    let csrf = csrf_of(&token);
    let expires_at = tx.now() + tx.terms().life_ms;
    tx.run(
        sql!(
            "INSERT INTO sessions (workspace_id, token_hash, member_id, created_at, seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $4, $5)"
        ),
        params![secret_hash(&token), member, tx.now(), expires_at],
    )?;
    held::note_device(tx, SessionId::of(&secret_hash(&token)), member, device, expires_at)?;
    audit::record(tx, "session.opened", &member.to_string())?;
    Ok(Session { token: Personal::new(token), csrf: Personal::new(csrf), expires_at, scope: scope.clone() })
}

fn stored(tx: &Tx<'_>, hash: &[u8]) -> Result<Option<Stored>> {
    let now = tx.now();
    tx.maybe(
        installation_sql!(
            "SELECT workspace_id, member_id, seen_at, expires_at FROM sessions \
             WHERE token_hash = $1 AND expires_at > $2 AND seen_at > $3"
        ),
        params![hash, now, now - tx.terms().idle_ms],
        |row| {
            Ok(Stored {
                workspace: row.get(0)?,
                member: row.get(1)?,
                seen_at: row.get(2)?,
                expires_at: row.get(3)?,
                now,
            })
        },
    )
}

fn note_use(tx: &Tx<'_>, hash: &[u8]) -> Result<()> {
    tx.run(
        installation_sql!("UPDATE sessions SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2"),
        params![hash, tx.now()],
    )?;
    Ok(())
}

/// The stored form of a session's token; `None` for what is no such token.
fn session_hash(token: &str) -> Option<Vec<u8>> {
    (token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| secret_hash(token))
}

/// What goes with a session's token in changing requests. It follows from the token, so it is not stored; the token's
/// stored hash does not lead to it.
fn csrf_of(token: &str) -> String {
    hex::encode(Sha256::new().chain_update("csrf:").chain_update(token).finalize())
}

/// The stored form of 256 random bits.
pub(crate) fn secret_hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
