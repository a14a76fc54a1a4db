//! Bearer tokens: `plr_` and 256 random bits, shown once, with the present rights of their member.
//!
//! Each request looks its token up anew, by one indexed read and one read of its member's role: nothing is cached, so
//! revoking a token or disabling a member holds from the next request on, on every node.

#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::sign_in::{require_over_access, secret_hash};
use crate::statement::{installation_sql, sql};
use crate::value::params;
use crate::{Error, MemberId, Millis, Personal, Result, Right, Scope, TokenId, Tx, Vault, WorkspaceId, audit};

/// What a token begins with, so that scanners for leaked secrets know it.
pub const PREFIX: &str = "plr_";
/// Its length: the prefix and 32 bytes in unpadded base64url.
const LENGTH: usize = PREFIX.len() + 43;

/// A new token.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Its id, by which it can be revoked.
    pub id: TokenId,
    /// The token itself: shown once, stored as a hash only.
    pub token: Personal<String>,
}

/// A token as members see it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub struct Token {
    pub id: TokenId,
    pub member: MemberId,
    pub created_at: Millis,
    pub revoked_at: Option<Millis>,
}

impl Vault {
    /// The scope of a bearer token, with its member's present role; `None` if it is unknown or revoked, or its member is
    /// disabled.
    pub async fn token_scope(&self, token: &str) -> Result<Option<Scope>> {
        if token.len() != LENGTH || !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let hash = secret_hash(token);
        match self.read_installation(move |tx| holder(tx, &hash)).await? {
            Some((workspace, member)) => {
                let scope = self.member_scope(workspace, member).await?;
                #[cfg(any(test, feature = "testing"))]
                let scope = scope.map(|scope| self.misled(scope));
                Ok(scope)
            }
            None => Ok(None),
        }
    }
}

/// Makes a token for a member: oneself, or whoever one may act for.
pub fn create(tx: &Tx<'_>, member: MemberId) -> Result<NewToken> {
    require_over_access(tx, member)?;
    crate::members::require(tx, member)?;
    let id: TokenId = tx.id();
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(tx.chance()));
    tx.run(
        sql!("INSERT INTO tokens (workspace_id, id, token_hash, member_id, created_at) VALUES ($1, $2, $3, $4, $5)"),
        params![id, secret_hash(&token), member, tx.now()],
    )?;
    audit::record(tx, "token.created", &id.to_string())?;
    Ok(NewToken { id, token: Personal::new(token) })
}

/// Revokes a token from the next request on. Revoking it again changes nothing.
pub fn revoke(tx: &Tx<'_>, id: TokenId) -> Result<()> {
    let member = tx
        .maybe(sql!("SELECT member_id FROM tokens WHERE workspace_id = $1 AND id = $2"), params![id], |row| row.get(0))?
        .ok_or(Error::NotFound("token"))?;
    // Whoever may not touch it is not told either that it is there.
    require_over_access(tx, member).map_err(|_| Error::NotFound("token"))?;
    let revoked = tx.run(
        sql!("UPDATE tokens SET revoked_at = $3 WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL"),
        params![id, tx.now()],
    )?;
    if revoked == 1 {
        audit::record(tx, "token.revoked", &id.to_string())?;
    }
    Ok(())
}

/// Tokens, newest first: of one member, or of all, which takes the right.
pub fn list(tx: &Tx<'_>, member: Option<MemberId>) -> Result<Vec<Token>> {
    match member {
        Some(member) => require_over_access(tx, member)?,
        None => tx.scope()?.require(Right::ManageTokens)?,
    }
    let member = member.map(|member| member.to_string()).unwrap_or_default();
    tx.all(
        sql!(
            "SELECT id, member_id, created_at, revoked_at FROM tokens \
             WHERE workspace_id = $1 AND ($2 = '' OR member_id = $2) ORDER BY created_at DESC, id DESC"
        ),
        params![member],
        |row| Ok(Token { id: row.get(0)?, member: row.get(1)?, created_at: row.get(2)?, revoked_at: row.get(3)? }),
    )
}

/// Revokes all tokens of a member, but for the one by which they act.
pub(crate) fn revoke_of(tx: &Tx<'_>, member: MemberId, but: Option<&str>) -> Result<()> {
    let but = but.map(secret_hash).unwrap_or_default();
    tx.run(
        sql!(
            "UPDATE tokens SET revoked_at = $3 WHERE workspace_id = $1 AND member_id = $2 AND revoked_at IS NULL \
             AND token_hash <> $4"
        ),
        params![member, tx.now(), but],
    )?;
    Ok(())
}

fn holder(tx: &Tx<'_>, hash: &[u8]) -> Result<Option<(WorkspaceId, MemberId)>> {
    tx.maybe(
        installation_sql!("SELECT workspace_id, member_id FROM tokens WHERE token_hash = $1 AND revoked_at IS NULL"),
        params![hash],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
