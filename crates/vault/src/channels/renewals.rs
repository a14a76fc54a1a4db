//! How soon tokens are renewed because their provider takes them no longer: at once, then less and less soon, and not for ever. Where
//! a renewal does not help, only a member can.

use crate::jobs::{self, JobKind};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, Millis, Result, Tx};

/// How long after a renewal that did not help the next one is tried, in milliseconds; it doubles.
const AGAIN_MS: Millis = 30_000;
/// After so many that did not help it is left to a member.
const MOST: i64 = 4;
/// So long after the last one they are forgotten, in milliseconds.
const FORGOTTEN_MS: Millis = 3_600_000;

/// A provider takes a channel's credentials no longer: where they are tokens that can be renewed, they may have ended before their
/// time.
pub fn renew_soon(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    let (times, last) = renewals(tx, id)?;
    if times >= MOST {
        return Ok(());
    }
    let wait = if times == 0 { 0 } else { AGAIN_MS << (times - 1) };
    jobs::hasten(tx, JobKind::RenewTokens, &id.to_string(), last.saturating_add(wait).max(tx.now()))
}

/// Notes that tokens were renewed because they were not taken.
pub fn note_renewal(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    let (times, _) = renewals(tx, id)?;
    tx.run(
        sql!("UPDATE channels SET renewals = $3, renewed_at = $4 WHERE workspace_id = $1 AND id = $2"),
        params![id, times + 1, tx.now()],
    )?;
    Ok(())
}

/// How many there were lately, and when the last was.
fn renewals(tx: &Tx<'_>, id: ChannelId) -> Result<(i64, Millis)> {
    let found = tx.maybe(
        sql!("SELECT renewals, renewed_at FROM channels WHERE workspace_id = $1 AND id = $2 AND renewed_at > $3"),
        params![id, tx.now() - FORGOTTEN_MS],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.unwrap_or((0, 0)))
}
