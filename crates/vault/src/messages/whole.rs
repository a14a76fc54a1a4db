//! Messages that an edit made, because it came before what it edits: the message's own coming completes them.

use super::{Body, head, note, seal_body};
use crate::facts::FactKind;
use crate::statement::sql;
use crate::value::params;
use crate::{MessageId, Millis, Personal, Result, Tx};

/// Completes a message: what it says by both, what it answers unless that is known, and when it was written.
pub fn complete(
    tx: &Tx<'_>,
    id: MessageId,
    body: &Personal<Body>,
    reply_to: Option<MessageId>,
    written_at: Millis,
) -> Result<()> {
    let head = head(tx, id)?;
    let sealed = seal_body(tx, id, head.contact, head.channel, body)?;
    tx.run(
        sql!(
            "UPDATE messages SET body_sealed = $3, reply_to = COALESCE(reply_to, CAST($4 AS TEXT)), written_at = $5 \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, sealed, reply_to, written_at],
    )?;
    crate::indexing::pend(tx, id, head.contact)?;
    note(tx, FactKind::MessageUpdated, head.conversation, id, head.contact)
}
