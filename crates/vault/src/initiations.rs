//! Whom a channel wrote to first. A provider that bounds how many people may be written to first within a day refuses what
//! is beyond, and counts it against the sender; so what is beyond waits here until there is room.

#[cfg(test)]
mod tests;

use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Millis, Result, Tx};

/// Over how long a bound counts, in milliseconds.
pub const SPAN: Millis = 24 * 3_600_000;
/// For how long they are kept: counting needs one day.
const KEPT_MS: Millis = 2 * SPAN;

/// Writes first to a contact, which is noted, if the channel's bound leaves room; otherwise until when there is none. Whom it
/// wrote to within the day already takes no further room.
pub(crate) fn begin(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<Option<Millis>> {
    let since = tx.now() - SPAN;
    let noted = tx.maybe(
        sql!("SELECT 1 FROM initiations WHERE workspace_id = $1 AND channel_id = $2 AND contact_id = $3 AND at > $4"),
        params![channel, contact, since],
        |_| Ok(()),
    )?;
    if noted.is_some() {
        return Ok(None);
    }
    if let Some(until) = full_until(tx, channel, since)? {
        return Ok(Some(until));
    }
    tx.run(
        sql!(
            "INSERT INTO initiations (workspace_id, channel_id, contact_id, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (workspace_id, channel_id, contact_id) DO UPDATE SET at = excluded.at"
        ),
        params![channel, contact, tx.now()],
    )?;
    Ok(None)
}

/// Until when a channel's bound is used up; `None` if there is room, or no bound is known.
fn full_until(tx: &Tx<'_>, channel: ChannelId, since: Millis) -> Result<Option<Millis>> {
    let bound = tx.maybe(
        sql!("SELECT daily_recipients FROM channels WHERE workspace_id = $1 AND id = $2"),
        params![channel],
        |row| row.get::<Option<i64>>(0),
    )?;
    let Some(bound) = bound.flatten().filter(|bound| *bound > 0) else { return Ok(None) };
    // There is room again when fewer than the bound are left within the day: when the bound-th newest leaves it.
    tx.maybe(
        sql!(
            "SELECT at FROM initiations WHERE workspace_id = $1 AND channel_id = $2 AND at > $3 \
             ORDER BY at DESC LIMIT 1 OFFSET $4"
        ),
        params![channel, since, bound - 1],
        |row| Ok(row.get::<Millis>(0)? + SPAN),
    )
}

/// Forgets those of the day before yesterday; how many it was.
pub fn sweep(tx: &Tx<'_>) -> Result<u64> {
    tx.run(sql!("DELETE FROM initiations WHERE workspace_id = $1 AND at < $2"), params![tx.now() - KEPT_MS])
}
