//! How long a provider told an account to send nothing. It is kept where every node looks for what is due, so that it holds for
//! whoever is started anew, too.

use super::{Cleared, OutboxRow};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, Millis, Result, Tx};

/// Nothing is sent over this row's channel before this time: its provider said so when the row was sent.
pub fn pause(tx: &Tx<'_>, row: &Cleared<OutboxRow>, until: Millis) -> Result<()> {
    pause_channel(tx, row.channel, until)
}

/// A shorter pause than one that was told before ends nothing early.
pub(super) fn pause_channel(tx: &Tx<'_>, channel: ChannelId, until: Millis) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE channel_directory SET paused_until = $3 WHERE workspace_id = $1 AND id = $2 \
             AND (paused_until IS NULL OR paused_until < $3)"
        ),
        params![channel, until],
    )?;
    Ok(())
}
