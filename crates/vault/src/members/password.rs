//! Members' passwords, as the hashes that are stored.

use super::{MemberState, is_self, require_over, standing};
use crate::statement::sql;
use crate::value::params;
use crate::{Error, MemberId, Personal, Result, Tx, audit, sign_in, tokens};

/// Sets a member's password and ends their sessions and tokens. Members set their own; others need the right.
pub fn set_password(tx: &Tx<'_>, id: MemberId, password_hash: &Personal<String>) -> Result<()> {
    let (role, _) = standing(tx, id)?.ok_or(Error::NotFound("member"))?;
    if !is_self(tx, id)? {
        require_over(tx, role)?;
    }
    write_password(tx, id, password_hash)?;
    sign_in::delete_sessions(tx, id)?;
    tokens::revoke_of(tx, id, None)?;
    audit::record(tx, "member.password_set", &id.to_string())?;
    Ok(())
}

fn write_password(tx: &Tx<'_>, id: MemberId, password_hash: &Personal<String>) -> Result<()> {
    tx.run(
        sql!("UPDATE logins SET password_hash = $3 WHERE workspace_id = $1 AND member_id = $2"),
        params![id, password_hash.reveal()],
    )?;
    Ok(())
}

/// Whether a member has chosen a password.
pub(crate) fn has_password(tx: &Tx<'_>, id: MemberId) -> Result<bool> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM logins WHERE workspace_id = $1 AND member_id = $2 AND password_hash <> ''"),
        params![id],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Makes an invited member active, with their password.
pub(crate) fn join(tx: &Tx<'_>, id: MemberId, password_hash: &Personal<String>) -> Result<()> {
    if matches!(standing(tx, id)?, None | Some((_, MemberState::Suspended))) {
        return Err(Error::NotFound("invitation"));
    }
    write_password(tx, id, password_hash)?;
    tx.run(sql!("UPDATE members SET state = 'active' WHERE workspace_id = $1 AND id = $2"), params![id])?;
    Ok(())
}

/// The hash of the acting member's own password, to be compared with what they typed; empty if they have none.
pub fn own_password(tx: &Tx<'_>) -> Result<Personal<String>> {
    let (id, _) = tx.scope()?.member().ok_or(Error::Forbidden("having a password"))?;
    let found = tx.maybe(
        sql!("SELECT password_hash FROM logins WHERE workspace_id = $1 AND member_id = $2"),
        params![id],
        |row| row.text(0),
    )?;
    Ok(Personal::new(found.unwrap_or_default()))
}

/// How the acting member came.
#[derive(Debug, Clone)]
pub enum Came {
    /// By a session, whose cookie this is.
    Session(Personal<String>),
    /// By a bearer token.
    Token(Personal<String>),
}

/// Sets the acting member's own password. What they act by goes on; all their other sessions and tokens end: whoever has one
/// of them may have had the password.
pub fn change_password(tx: &Tx<'_>, password_hash: &Personal<String>, came: &Came) -> Result<()> {
    let (id, _) = tx.scope()?.member().ok_or(Error::Forbidden("having a password"))?;
    write_password(tx, id, password_hash)?;
    let (session, token) = match came {
        Came::Session(session) => (Some(session.reveal().as_str()), None),
        Came::Token(token) => (None, Some(token.reveal().as_str())),
    };
    sign_in::delete_others(tx, id, session)?;
    tokens::revoke_of(tx, id, token)?;
    audit::record(tx, "member.password_set", &id.to_string())?;
    Ok(())
}
