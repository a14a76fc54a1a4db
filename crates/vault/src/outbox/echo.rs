//! When the reply to a send was lost, the provider may still tell what became of it, by a status that names our own id. Until
//! that is no longer to be expected, the row waits at its place, and nothing of its conversation overtakes it.

use super::{Cleared, OutboxRow};
use crate::statement::sql;
use crate::tx::Wake;
use crate::value::params;
use crate::{ConversationId, MessageId, Millis, Result, Tx};

/// Lets a row wait for the provider's word until a moment; it is never sent again. `false` if its lease was lost.
pub fn await_echo(tx: &Tx<'_>, row: &Cleared<OutboxRow>, until: Millis) -> Result<bool> {
    let changed = tx.run(
        sql!(
            "UPDATE outbox SET lease = NULL, lease_until = NULL, due_at = $4, echo_until = $4 \
             WHERE workspace_id = $1 AND id = $2 AND lease = $3"
        ),
        params![row.id, row.lease(), until],
    )?;
    tx.wake(Wake::Outbox);
    Ok(changed == 1)
}

/// The provider has a message, as it said by our own id: whatever was still to be done for its sending is done.
pub fn settle(tx: &Tx<'_>, conversation: ConversationId, message: MessageId) -> Result<bool> {
    let settled = tx.run(
        sql!(
            "DELETE FROM outbox WHERE workspace_id = $1 AND conversation_id = $2 AND message_id = $3 AND act = 'message'"
        ),
        params![conversation, message],
    )?;
    tx.wake(Wake::Outbox);
    Ok(settled > 0)
}

/// When a message that waits to be sent was ordered: what a provider says of an earlier try does not concern it.
pub fn ordered_at(tx: &Tx<'_>, conversation: ConversationId, message: MessageId) -> Result<Option<Millis>> {
    tx.maybe(
        sql!(
            "SELECT created_at FROM outbox WHERE workspace_id = $1 AND conversation_id = $2 AND message_id = $3 \
             AND act = 'message' AND echo_until IS NULL AND lease IS NULL ORDER BY seq DESC LIMIT 1"
        ),
        params![conversation, message],
        |row| row.get(0),
    )
}
