//! What a message said that was taken back while a legal hold covered it: nobody sees it, and it goes when the hold does.

use super::{Head, body, json};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{Result, Tx};

/// Puts what a message says aside, sealed anew for where it lies then.
pub(super) fn keep(tx: &Tx<'_>, head: &Head) -> Result<()> {
    let Some(body) = body(tx, head.id)? else { return Ok(()) };
    let row = head.id.to_string();
    let place = Place { table: "messages", column: "kept_sealed", row: &row };
    let sealed = tx.seal(Under::ContactOn(head.contact, head.channel), place, &json(&body)?)?;
    tx.run(sql!("UPDATE messages SET kept_sealed = $3 WHERE workspace_id = $1 AND id = $2"), params![head.id, sealed])?;
    Ok(())
}
