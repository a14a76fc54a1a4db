//! What is learned of a message beside its state: what the provider charges, why it still waits; and which one was the
//! contact's last.

use super::{State, changed, head};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{ConversationId, Error, MessageId, Millis, Personal, Result, Tx};

/// In which class of price a message falls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The provider's category (`marketing`, `utility`, `service`): a plain word.
    pub category: String,
    /// Whether it is charged at all.
    pub billable: bool,
}

/// Notes what the provider charges for a message; whether that was news.
///
/// # Errors
/// [`Error::Invalid`] if the category is no plain word.
pub fn note_price(tx: &Tx<'_>, id: MessageId, price: &Price) -> Result<bool> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=64).contains(&price.category.len()) || !price.category.bytes().all(plain) {
        return Err(Error::Invalid("a category of price is a word".into()));
    }
    let news = tx.run(
        sql!(
            "UPDATE messages SET price_category = $3, billable = $4 WHERE workspace_id = $1 AND id = $2 \
             AND (price_category IS NULL OR price_category <> $3 OR billable <> $4)"
        ),
        params![id, &price.category, price.billable],
    )?;
    if news == 1 {
        changed(tx, id)?;
    }
    Ok(news == 1)
}

/// Says why a message still waits: a stable code, and words for the member. It goes with the next change of its state.
pub fn explain(tx: &Tx<'_>, id: MessageId, code: &str, detail: &Personal<String>) -> Result<()> {
    let head = head(tx, id)?;
    if head.state != State::Queued {
        return Ok(());
    }
    let row = id.to_string();
    let place = Place { table: "messages", column: "failure_sealed", row: &row };
    let sealed = tx.seal_text(Under::ContactOn(head.contact, head.channel), place, detail)?;
    tx.run(
        sql!("UPDATE messages SET failure_code = $3, failure_sealed = $4 WHERE workspace_id = $1 AND id = $2"),
        params![id, code, sealed],
    )?;
    changed(tx, id)
}

/// The newest message of the contact in a conversation.
pub fn last_incoming(tx: &Tx<'_>, conversation: ConversationId) -> Result<Option<MessageId>> {
    tx.maybe(
        sql!(
            "SELECT id FROM messages WHERE workspace_id = $1 AND conversation_id = $2 AND direction = 'incoming' \
             ORDER BY seq DESC LIMIT 1"
        ),
        params![conversation],
        |row| row.get(0),
    )
}

/// How many messages were written in a conversation since then that no member ordered.
pub fn ordered_by_nobody(tx: &Tx<'_>, conversation: ConversationId, since: Millis) -> Result<i64> {
    let found = tx.maybe(
        sql!(
            "SELECT COUNT(*) FROM messages WHERE workspace_id = $1 AND conversation_id = $2 AND direction = 'outgoing' \
             AND author_kind = 'automation' AND created_at > $3"
        ),
        params![conversation, since],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}
