//! What has gone by its term and lies elsewhere still, where it may be brought from once more: a mailbox whose mails have new ids,
//! or whose history is lost.

use super::DAY_MS;
use crate::remotes::KEPT_MS;
use crate::statement::sql;
use crate::value::params;
use crate::{Millis, Result, Tx};

/// For how long what was swept is surely known by its id ([`crate::remotes::is_known`]); a sweep takes less than a day.
const KNOWN_MS: Millis = KEPT_MS - DAY_MS;

/// Notes up to which moment messages have gone.
pub(super) fn note(tx: &Tx<'_>, before: Millis) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE sweeps SET messages_before = CAST($2 AS BIGINT) \
             WHERE workspace_id = $1 AND COALESCE(messages_before, 0) < CAST($2 AS BIGINT)"
        ),
        params![before],
    )?;
    Ok(())
}

/// Whether a message has gone by its term, if it was here: it was written before what a sweep has taken, and lies elsewhere since
/// so long that its id is no longer known. What came there lately is new, however early it was written.
pub fn has_gone(tx: &Tx<'_>, written_at: Millis, lies_since: Millis) -> Result<bool> {
    let swept = tx.maybe(
        sql!("SELECT messages_before, as_of FROM sweeps WHERE workspace_id = $1 AND messages_before IS NOT NULL"),
        params![],
        |row| Ok((row.get::<Millis>(0)?, row.get::<Millis>(1)?)),
    )?;
    Ok(swept.is_some_and(|(before, as_of)| written_at <= before && lies_since <= as_of.saturating_sub(KNOWN_MS)))
}
