//! Invitations: how somebody becomes a member by choosing a password of their own.
//!
//! An invitation is 256 random bits, shown once to whoever invites, stored as a hash, for one use within seven days. Making
//! another for the same member ends the one before.

#[cfg(test)]
mod tests;

use crate::facts::{self, Workplace};
use crate::members::{self, Member, MemberState, NewMember};
use crate::scope::{Actor, Purpose};
use crate::sign_in::{LoginCandidate, secret_hash};
use crate::statement::{installation_sql, sql};
use crate::value::params;
use crate::workspaces::{self, Workspace};
use crate::{Error, MemberId, Millis, Personal, Result, Scope, Tx, Vault, WorkspaceId, audit};

/// How long an invitation can be accepted, in milliseconds: seven days.
pub const LASTS_MS: Millis = 7 * 24 * 60 * 60 * 1000;
/// A token's length: 32 bytes in hexadecimal.
const LENGTH: usize = 64;

/// An invitation that stands. Only the vault makes one, of a token.
#[derive(Debug, Clone)]
pub struct Invitation {
    workspace: WorkspaceId,
    member: MemberId,
    token_hash: Vec<u8>,
    /// Until when it can be accepted.
    pub expires_at: Millis,
}

impl Vault {
    /// A new invitation's token. It is drawn before the transaction, so that who repeats an order does not learn another's.
    pub fn draw_invitation(&self) -> Personal<String> {
        Personal::new(hex::encode(self.chance().draw()))
    }

    /// The invitation of a token; `None` if there is none, or none any more.
    pub async fn invitation(&self, token: &str) -> Result<Option<Invitation>> {
        if token.len() != LENGTH {
            return Ok(None);
        }
        let hash = secret_hash(token);
        self.read_installation(move |tx| found(tx, &hash)).await
    }

    /// Who is invited, and where to.
    pub async fn invited(&self, invitation: &Invitation) -> Result<(Workspace, Member)> {
        let member = invitation.member;
        let scope = Scope::new(invitation.workspace, Actor::Platform, Purpose::Administration);
        self.read(&scope, move |tx| Ok((workspaces::view(tx)?, members::view(tx, member)?))).await
    }

    /// Accepts it with a password of the member's own; what they can sign in with from now on.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it was accepted, replaced or withdrawn meanwhile, or is too old.
    pub async fn accept_invitation(&self, invitation: &Invitation, hash: Personal<String>) -> Result<LoginCandidate> {
        let Invitation { workspace, member, token_hash, .. } = invitation.clone();
        let looking = Scope::new(workspace, Actor::Platform, Purpose::Administration);
        let standing = self.read(&looking, move |tx| members::standing(tx, member)).await?;
        let (role, _) = standing.ok_or(Error::NotFound("invitation"))?;
        // It is the member who joins, as the log then says.
        let scope = Scope::new(workspace, Actor::Member(member, role), Purpose::Administration);
        let password = hash.clone();
        self.write(&scope, move |tx| accept(tx, member, &token_hash, &password)).await?;
        Ok(LoginCandidate::of(workspace, member, hash))
    }

    /// Deletes invitations that are too old.
    pub(crate) async fn sweep_invitations(&self) -> Result<u64> {
        self.write_installation(|tx| {
            tx.run(installation_sql!("DELETE FROM invitations WHERE expires_at <= $1"), params![tx.now()])
        })
        .await
    }
}

/// Adds a member who has yet to accept. Without a password nobody can sign in as them.
///
/// # Errors
/// As [`members::create`].
pub fn invite(tx: &Tx<'_>, new: &NewMember, token: &Personal<String>) -> Result<MemberId> {
    let new = NewMember { password_hash: None, ..new.clone() };
    let id = members::insert(tx, &new, MemberState::Invited)?;
    write(tx, id, token)?;
    facts::workplace(tx, Workplace::Members)?;
    Ok(id)
}

/// Invites a member anew who has not accepted yet; the invitation before ends. Until when the new one can be accepted.
///
/// # Errors
/// `has_joined` if the member has a password, `suspended` if they are.
pub fn renew(tx: &Tx<'_>, member: MemberId, token: &Personal<String>) -> Result<Millis> {
    let (role, state) = members::standing(tx, member)?.ok_or(Error::NotFound("member"))?;
    members::require_over(tx, role)?;
    if state == MemberState::Suspended {
        return Err(Error::conflict("suspended", "this member is suspended; make them active first"));
    }
    if members::has_password(tx, member)? {
        return Err(Error::conflict("has_joined", "this member has joined already and signs in with a password"));
    }
    write(tx, member, token)
}

/// Until when this token is the member's invitation; `None` if it is not.
pub fn until(tx: &Tx<'_>, member: MemberId, token: &Personal<String>) -> Result<Option<Millis>> {
    tx.maybe(
        sql!("SELECT expires_at FROM invitations WHERE workspace_id = $1 AND member_id = $2 AND token_hash = $3"),
        params![member, token_hash(token)],
        |row| row.get(0),
    )
}

/// Ends a member's invitation, if there is one.
pub(crate) fn withdraw(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    tx.run(sql!("DELETE FROM invitations WHERE workspace_id = $1 AND member_id = $2"), params![member])?;
    Ok(())
}

fn write(tx: &Tx<'_>, member: MemberId, token: &Personal<String>) -> Result<Millis> {
    withdraw(tx, member)?;
    let expires_at = tx.now() + LASTS_MS;
    tx.run(
        sql!(
            "INSERT INTO invitations (workspace_id, token_hash, member_id, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5)"
        ),
        params![token_hash(token), member, tx.now(), expires_at],
    )?;
    audit::record(tx, "member.invited", &member.to_string())?;
    Ok(expires_at)
}

fn found(tx: &Tx<'_>, hash: &[u8]) -> Result<Option<Invitation>> {
    tx.maybe(
        installation_sql!(
            "SELECT workspace_id, member_id, expires_at FROM invitations WHERE token_hash = $1 AND expires_at > $2"
        ),
        params![hash, tx.now()],
        |row| {
            let token_hash = hash.to_vec();
            Ok(Invitation { workspace: row.get(0)?, member: row.get(1)?, token_hash, expires_at: row.get(2)? })
        },
    )
}

fn accept(tx: &Tx<'_>, member: MemberId, token_hash: &[u8], password: &Personal<String>) -> Result<()> {
    let used = tx.run(
        sql!(
            "DELETE FROM invitations WHERE workspace_id = $1 AND member_id = $2 AND token_hash = $3 AND expires_at > $4"
        ),
        params![member, token_hash, tx.now()],
    )?;
    if used == 0 {
        return Err(Error::NotFound("invitation"));
    }
    members::join(tx, member, password)?;
    audit::record(tx, "member.joined", &member.to_string())?;
    facts::workplace(tx, Workplace::Members)
}

fn token_hash(token: &Personal<String>) -> Vec<u8> {
    secret_hash(token.reveal())
}
