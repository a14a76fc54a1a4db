//! Who may come in, and by what: passwords and tokens are there as hashes alone, and roles are those that the program knows.

use super::{Fault, ROWS, Seen, count};
use crate::statement::{Statement, sql};
use crate::value::params;
use crate::{Result, Role, Tx};

/// How a password begins that argon2id has hashed.
const HASHED: &str = "$argon2id$";

///
pub(super) fn hashes(tx: &Tx<'_>) -> Result<Seen> {
    let all = count(tx, sql!("SELECT COUNT(*) FROM logins WHERE workspace_id = $1"), params![])?;
    let passwords = sql!(
        "SELECT member_id FROM logins WHERE workspace_id = $1 AND password_hash <> '' \
         AND substr(password_hash, 1, 10) <> $2 ORDER BY member_id LIMIT $3"
    );
    let plain = tx.all(passwords, params![HASHED, ROWS], |row| row.text(0))?;
    let mut seen = Seen::of(all).and(Fault::about("a password is not hashed by argon2id", "logins", plain));
    for (table, of_all, wrong) in tokens() {
        seen.looked_at += count(tx, of_all, params![])?;
        let members = tx.all(wrong, params![ROWS], |row| row.text(0))?;
        seen = seen.and(Fault::about("what lets a member in is stored as it is, not as its hash", table, members));
    }
    Ok(seen)
}

/// Tables of what lets somebody in: how many there are, and whose is no hash of 32 bytes.
fn tokens() -> [(&'static str, &'static Statement, &'static Statement); 4] {
    [
        (
            "tokens",
            sql!("SELECT COUNT(*) FROM tokens WHERE workspace_id = $1"),
            sql!("SELECT member_id FROM tokens WHERE workspace_id = $1 AND length(token_hash) <> 32 LIMIT $2"),
        ),
        (
            "sessions",
            sql!("SELECT COUNT(*) FROM sessions WHERE workspace_id = $1"),
            sql!("SELECT member_id FROM sessions WHERE workspace_id = $1 AND length(token_hash) <> 32 LIMIT $2"),
        ),
        (
            "invitations",
            sql!("SELECT COUNT(*) FROM invitations WHERE workspace_id = $1"),
            sql!("SELECT member_id FROM invitations WHERE workspace_id = $1 AND length(token_hash) <> 32 LIMIT $2"),
        ),
        (
            "recovery_codes",
            sql!("SELECT COUNT(*) FROM recovery_codes WHERE workspace_id = $1"),
            sql!("SELECT member_id FROM recovery_codes WHERE workspace_id = $1 AND length(code_hash) <> 32 LIMIT $2"),
        ),
    ]
}

///
pub(super) fn roles(tx: &Tx<'_>) -> Result<Seen> {
    let all = sql!("SELECT id, role FROM members WHERE workspace_id = $1 ORDER BY id");
    let members = tx.all(all, params![], |row| Ok((row.text(0)?, row.text(1)?)))?;
    let looked_at = members.len() as u64;
    let unknown = members.into_iter().filter(|(_, role)| role.parse::<Role>().is_err()).map(|(id, _)| id).collect();
    Ok(Seen::of(looked_at).and(Fault::about("a member's role is none that the program knows", "members", unknown)))
}
