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
/// wrote to within the day already takes no further room. A bound is shared by the workspace's channels that belong together
/// at the provider; what another workspace's channels use of it is not looked at.
pub(crate) fn begin(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<Option<Millis>> {
    let since = tx.now() - SPAN;
    if was_begun(tx, channel, contact, since)? {
        return Ok(None);
    }
    let takes_room = !was_begun_beside(tx, channel, contact, since)?;
    if takes_room && let Some(until) = full_until(tx, channel, since)? {
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

fn was_begun(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, since: Millis) -> Result<bool> {
    let begun = tx.maybe(
        sql!("SELECT 1 FROM initiations WHERE workspace_id = $1 AND channel_id = $2 AND contact_id = $3 AND at > $4"),
        params![channel, contact, since],
        |_| Ok(()),
    )?;
    Ok(begun.is_some())
}

/// Whether a channel that shares the bound wrote to them.
fn was_begun_beside(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, since: Millis) -> Result<bool> {
    let begun = tx.maybe(
        sql!(
            "SELECT 1 FROM channels c JOIN channels o ON o.workspace_id = c.workspace_id \
             AND o.portfolio_hash = c.portfolio_hash JOIN initiations i ON i.workspace_id = o.workspace_id \
             AND i.channel_id = o.id WHERE c.workspace_id = $1 AND c.id = $2 AND i.contact_id = $3 AND i.at > $4 LIMIT 1"
        ),
        params![channel, contact, since],
        |_| Ok(()),
    )?;
    Ok(begun.is_some())
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
            "SELECT MAX(i.at) AS last FROM initiations i WHERE i.workspace_id = $1 AND i.at > $3 AND (i.channel_id = $2 \
             OR i.channel_id IN (SELECT o.id FROM channels c JOIN channels o ON o.workspace_id = c.workspace_id \
             AND o.portfolio_hash = c.portfolio_hash WHERE c.workspace_id = $1 AND c.id = $2)) \
             GROUP BY i.contact_id ORDER BY last DESC LIMIT 1 OFFSET $4"
        ),
        params![channel, since, bound - 1],
        |row| Ok(row.get::<Millis>(0)? + SPAN),
    )
}

/// Forgets those of the day before yesterday; how many it was.
pub fn sweep(tx: &Tx<'_>) -> Result<u64> {
    tx.run(sql!("DELETE FROM initiations WHERE workspace_id = $1 AND at < $2"), params![tx.now() - KEPT_MS])
}
