//! The common case: the oldest requests of a channel are taken and applied in one transaction. No lease is needed for it:
//! the writes of a workspace follow one another, on every node, so whoever is next takes what is then the oldest.

use super::Waiting;
use crate::scope::{Actor, Purpose};
use crate::statement::{installation_sql, sql};
use crate::value::params;
use crate::{ChannelId, Result, Scope, Tx, WorkspaceId};

/// A channel on which something waits, and which nobody holds.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The channel.
    pub channel: ChannelId,
    /// Its kind, which names the connector.
    pub kind: String,
    /// What its requests may touch.
    pub scope: Scope,
}

/// Up to `limit` channels on which something waits, those that wait longest first.
pub(crate) fn ready(tx: &Tx<'_>, limit: i64) -> Result<Vec<Ready>> {
    tx.all(
        installation_sql!(
            "SELECT d.id, d.kind, d.workspace_id FROM channel_directory d \
             WHERE (d.inbox_lease_until IS NULL OR d.inbox_lease_until < $1) \
             AND EXISTS (SELECT 1 FROM inbox i WHERE i.channel_id = d.id AND i.failure IS NULL) \
             ORDER BY (SELECT MIN(i.received_at) FROM inbox i WHERE i.channel_id = d.id AND i.seq = \
             (SELECT MIN(o.seq) FROM inbox o WHERE o.channel_id = d.id AND o.failure IS NULL)) LIMIT $2"
        ),
        params![tx.now(), limit],
        |row| {
            let (channel, kind, workspace): (_, _, WorkspaceId) = (row.get(0)?, row.text(1)?, row.get(2)?);
            Ok(Ready { channel, kind, scope: Scope::new(workspace, Actor::Channel(channel), Purpose::Receiving) })
        },
    )
}

/// What waits on a channel, oldest first and at most `limit`, in the transaction that is to apply it; nothing while somebody
/// holds the channel, or it pauses.
pub fn next(tx: &Tx<'_>, channel: ChannelId, limit: i64) -> Result<Waiting> {
    let held = tx.maybe(
        sql!(
            "SELECT 1 FROM channel_directory WHERE workspace_id = $1 AND id = $2 \
             AND inbox_lease_until IS NOT NULL AND inbox_lease_until >= $3"
        ),
        params![channel, tx.now()],
        |_| Ok(()),
    )?;
    match held {
        Some(()) => Ok(Waiting::default()),
        None => super::waiting(tx, channel, limit),
    }
}
