//! What a provider says of all messages up to a moment at once.

use super::State;
use crate::statement::sql;
use crate::value::params;
use crate::{ConversationId, MessageId, Millis, Result, Tx};

/// By how much what we note as sent may be later than what the provider counts: as long as its reply takes.
const REPLY_MS: Millis = 5_000;

/// What we sent in a conversation until a moment and is not known to have come as far as a state, oldest first, some of it:
/// whoever asks notes it and asks again.
pub fn behind(tx: &Tx<'_>, conversation: ConversationId, state: State, until: Millis) -> Result<Vec<MessageId>> {
    tx.all(
        sql!(
            "SELECT id FROM messages WHERE workspace_id = $1 AND conversation_id = $2 AND direction = 'outgoing' \
             AND (state = 'sent' OR (state = 'delivered' AND CAST($3 AS TEXT) = 'read')) AND written_at <= $4 \
             AND COALESCE(sent_at, written_at) <= $5 ORDER BY seq LIMIT 200"
        ),
        params![conversation, state.as_str(), until, until + REPLY_MS],
        |row| row.get(0),
    )
}
