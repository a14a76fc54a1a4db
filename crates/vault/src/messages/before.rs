//! What was said in a conversation before something.

use crate::statement::sql;
use crate::value::params;
use crate::{MessageId, Result, Tx};

/// The messages before one in its conversation, notes apart, the newest first, at most `limit`.
pub fn before(tx: &Tx<'_>, message: MessageId, limit: i64) -> Result<Vec<MessageId>> {
    tx.all(
        sql!(
            "SELECT b.id FROM messages m JOIN messages b ON b.workspace_id = m.workspace_id \
             AND b.conversation_id = m.conversation_id AND b.seq < m.seq WHERE m.workspace_id = $1 AND m.id = $2 \
             AND b.direction <> 'note' ORDER BY b.seq DESC LIMIT $3"
        ),
        params![message, limit],
        |row| row.get(0),
    )
}
