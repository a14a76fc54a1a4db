//! Which messages the full-text index has yet to take in.

use crate::jobs::{self, JobKind};
use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, MessageId, Result, Tx};

/// Marks a message for the index, and makes sure a job will come for it.
pub fn pend(tx: &Tx<'_>, message: MessageId, contact: ContactId) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO index_pending (workspace_id, message_id, contact_id, act, at) VALUES ($1, $2, $3, 'write', $4) \
             ON CONFLICT (workspace_id, message_id) DO UPDATE SET at = excluded.at"
        ),
        params![message, contact, tx.now()],
    )?;
    let workspace = tx.workspace()?.to_string();
    jobs::enqueue(tx, JobKind::Index, &workspace, tx.now() + 500)
}

/// Messages waiting, oldest first, with the mark to hand back to [`clear`].
pub fn pending(tx: &Tx<'_>, limit: i64) -> Result<Vec<(MessageId, i64)>> {
    tx.all(
        sql!("SELECT message_id, at FROM index_pending WHERE workspace_id = $1 ORDER BY at, message_id LIMIT $2"),
        params![limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Takes a message off the list unless it was marked again since.
pub fn clear(tx: &Tx<'_>, message: MessageId, mark: i64) -> Result<()> {
    tx.run(
        sql!("DELETE FROM index_pending WHERE workspace_id = $1 AND message_id = $2 AND at <= $3"),
        params![message, mark],
    )?;
    Ok(())
}
