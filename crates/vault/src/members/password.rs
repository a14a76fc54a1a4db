//! Members' passwords, as the hashes that are stored.

use super::{MemberState, is_self, require_over, standing};
use crate::statement::sql;
use crate::value::params;
use crate::{Error, MemberId, Personal, Result, Tx, audit, sign_in};

/// Sets a member's password and ends their sessions. Members set their own; others need the right.
pub fn set_password(tx: &Tx<'_>, id: MemberId, password_hash: &Personal<String>) -> Result<()> {
    let (role, _) = standing(tx, id)?.ok_or(Error::NotFound("member"))?;
    if !is_self(tx, id)? {
        require_over(tx, role)?;
    }
    write_password(tx, id, password_hash)?;
    sign_in::delete_sessions(tx, id)?;
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

/// Sets the acting member's own password. The session they act from goes on; all their others end.
pub fn change_password(tx: &Tx<'_>, password_hash: &Personal<String>, session: Option<&str>) -> Result<()> {
    let (id, _) = tx.scope()?.member().ok_or(Error::Forbidden("having a password"))?;
    write_password(tx, id, password_hash)?;
    sign_in::delete_others(tx, id, session)?;
    audit::record(tx, "member.password_set", &id.to_string())?;
    Ok(())
}
