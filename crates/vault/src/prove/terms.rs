//! Retention (PROMISES.md, R): nothing is there that its term should have ended, by the data map and the holds that it asks.

use super::registry::Promise;
use super::{DAY_MS, Fault, ROWS, Seen, count, found};
use crate::map::MAP;
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, Result, Tx, channels, retention};

/// A sweep comes once a day, and may take one when much is due.
const GRACE_MS: i64 = 2 * DAY_MS;

/// Every table of the promise's categories that sweeps look at.
pub(super) fn look(tx: &Tx<'_>, promise: &Promise) -> Result<Seen> {
    if !MAP.iter().any(|table| table.category.promise() == promise.id) {
        return Ok(Seen::default());
    }
    let overdue = retention::overdue(tx, promise.id, GRACE_MS, ROWS)?;
    if overdue.is_empty() {
        return Ok(Seen::nothing_because("what there is ends with what it belongs to, and has no clock of its own"));
    }
    let mut seen = Seen::default();
    for table in overdue {
        let what = format!("rows are there {} days after their term of {} days", GRACE_MS / DAY_MS, table.days);
        seen.looked_at += table.looked_at;
        seen = seen.and(Fault::about(what, table.name, table.ids));
    }
    Ok(seen)
}

/// as [`look`], and that no secret outlives its connection.
pub(super) fn credentials(tx: &Tx<'_>, promise: &Promise) -> Result<Seen> {
    let off = sql!("SELECT id FROM channels WHERE workspace_id = $1 AND state = 'off' ORDER BY id LIMIT $2");
    let off = tx.all(off, params![ROWS], |row| row.get::<ChannelId>(0))?;
    let looked_at = off.len() as u64;
    let mut left = Vec::new();
    for id in off {
        if channels::has_secrets(tx, id)? {
            left.push(id.to_string());
        }
    }
    let mut seen = look(tx, promise)?;
    seen.looked_at += looked_at;
    Ok(seen.and(Fault::about("a disconnected channel still has its secrets", "channels", left)))
}

///
pub(super) fn suppressions(tx: &Tx<'_>) -> Result<Seen> {
    let all = count(tx, sql!("SELECT COUNT(*) FROM suppressions WHERE workspace_id = $1"), params![])?;
    let wrong = sql!(
        "SELECT purpose FROM suppressions WHERE workspace_id = $1 AND length(value_hash) <> 32 ORDER BY purpose LIMIT $2"
    );
    Ok(Seen::of(all).and(found(
        tx,
        wrong,
        params![ROWS],
        ("what is kept is no keyed hash of 32 bytes", "suppressions"),
    )?))
}
