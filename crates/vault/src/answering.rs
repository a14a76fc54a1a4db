//! Which app of a business answers a conversation, where its provider lets several of them: elsewhere, or we.

use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, ConversationId, Millis, Result, Tx};

/// Notes who answers from a moment on. Older news changes nothing; whether this was news.
pub fn note(
    tx: &Tx<'_>,
    (conversation, contact): (ConversationId, ContactId),
    elsewhere: bool,
    at: Millis,
) -> Result<bool> {
    let was = is_elsewhere(tx, conversation)?;
    tx.run(
        sql!(
            "INSERT INTO answering (workspace_id, conversation_id, contact_id, elsewhere, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (workspace_id, conversation_id) DO UPDATE SET elsewhere = excluded.elsewhere, at = excluded.at \
             WHERE answering.at <= excluded.at"
        ),
        params![conversation, contact, elsewhere, at],
    )?;
    Ok(was != is_elsewhere(tx, conversation)?)
}

/// Notes that we answer again, if it was elsewhere.
pub fn returned(tx: &Tx<'_>, conversation: ConversationId, at: Millis) -> Result<bool> {
    let changed = tx.run(
        sql!(
            "UPDATE answering SET elsewhere = FALSE, at = $3 WHERE workspace_id = $1 AND conversation_id = $2 \
             AND elsewhere = TRUE AND at <= $3"
        ),
        params![conversation, at],
    )?;
    Ok(changed > 0)
}

/// Whether another app answers a conversation now.
pub fn is_elsewhere(tx: &Tx<'_>, conversation: ConversationId) -> Result<bool> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM answering WHERE workspace_id = $1 AND conversation_id = $2 AND elsewhere = TRUE"),
        params![conversation],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}
