//! What was asked in a message of a conversation, and whether it was recorded.

use super::{CameBy, Kind, NewRequest};
use crate::messages::{self, Direction};
use crate::statement::sql;
use crate::value::params;
use crate::{Error, MessageId, Personal, RequestId, Result, Right, Tx};

/// A request in the words of the message in which it was made, received when that was.
///
/// # Errors
/// [`Error::NotFound`] if there is no such message; [`Error::Invalid`] if the contact did not write it, or it was taken back;
/// [`Error::Forbidden`] without [`Right::ReadConversations`].
pub fn asked_in(tx: &Tx<'_>, message: MessageId, kind: Kind, came_by: CameBy) -> Result<NewRequest> {
    tx.scope()?.require(Right::ReadConversations)?;
    let (head, seen) = (messages::head(tx, message)?, messages::view(tx, message)?);
    if head.direction != Direction::Incoming || head.removed {
        return Err(Error::Invalid("message_id is a message of the contact that was not taken back".into()));
    }
    let text = seen.body.and_then(|body| body.into_revealed().text);
    Ok(NewRequest {
        kind,
        came_by,
        contact: Some(head.contact),
        conversation: Some(head.conversation),
        message: Some(message),
        words: text.map(|text| Personal::new(text.chars().take(super::WORDS_MAX).collect())),
        received_at: seen.created_at,
    })
}

/// The request that was made in a message.
pub fn of(tx: &Tx<'_>, message: MessageId) -> Result<Option<RequestId>> {
    tx.maybe(sql!("SELECT id FROM requests WHERE workspace_id = $1 AND message_id = $2"), params![message], |row| {
        row.get(0)
    })
}
