//! One message may be several at the provider. Where some are there and the rest has to wait, the row remembers how many, and
//! whoever sends it next goes on from there: nothing goes twice.

use super::{Cleared, OutboxRow};
use crate::statement::sql;
use crate::value::params;
use crate::{ConversationId, MessageId, Millis, Result, Tx};

/// Notes how many of a message's parts are at the provider; `false` if the row's lease was lost.
pub fn note_begun(tx: &Tx<'_>, row: &Cleared<OutboxRow>, parts: i64) -> Result<bool> {
    let changed = tx.run(
        sql!("UPDATE outbox SET begun = $4 WHERE workspace_id = $1 AND id = $2 AND lease = $3"),
        params![row.id, row.lease(), parts],
    )?;
    Ok(changed == 1)
}

/// Lets a message that was ordered anew go on after so many parts.
pub fn go_on(tx: &Tx<'_>, conversation: ConversationId, message: MessageId, parts: i64) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE outbox SET begun = $4 WHERE workspace_id = $1 AND conversation_id = $2 AND message_id = $3 \
             AND act = 'message'"
        ),
        params![conversation, message, parts],
    )?;
    Ok(())
}

/// Whether some of a message that still waits is at the provider already: what is told of that part says nothing of the rest.
pub fn has_begun(tx: &Tx<'_>, conversation: ConversationId, message: MessageId) -> Result<bool> {
    let begun = tx.maybe(
        sql!(
            "SELECT 1 FROM outbox WHERE workspace_id = $1 AND conversation_id = $2 AND message_id = $3 \
             AND act = 'message' AND begun > 0 LIMIT 1"
        ),
        params![conversation, message],
        |_| Ok(()),
    )?;
    Ok(begun.is_some())
}

/// The provider has so many of a message's parts, as it said by our own id: whoever sends the rest goes on after them.
pub fn came_so_far(tx: &Tx<'_>, conversation: ConversationId, message: MessageId, parts: i64) -> Result<bool> {
    let changed = tx.run(
        sql!(
            "UPDATE outbox SET begun = $4 WHERE workspace_id = $1 AND conversation_id = $2 AND message_id = $3 \
             AND act = 'message' AND begun < $4"
        ),
        params![conversation, message, parts],
    )?;
    Ok(changed > 0)
}

/// Does not let the rest of a message go before a moment, until which the provider may still say what it has of it.
pub fn wait_for_echo(tx: &Tx<'_>, conversation: ConversationId, message: MessageId, until: Millis) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE outbox SET due_at = $4 WHERE workspace_id = $1 AND conversation_id = $2 AND message_id = $3 \
             AND act = 'message' AND due_at < $4"
        ),
        params![conversation, message, until],
    )?;
    Ok(())
}
