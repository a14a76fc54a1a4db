//! Reactions: one per author and message. One that was taken back stays as a row with nothing in it: an earlier one that comes
//! late must not bring it back.

#[cfg(test)]
mod tests;

use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, MessageId, Millis, Personal, Result, Tx};

/// A reaction as members see it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Reaction {
    pub author_kind: String,
    pub author_id: String,
    pub emoji: Personal<String>,
}

/// What stands where a reaction was taken back.
const NOTHING: &str = "";

/// Sets an author's reaction to a message; `None` takes it back. `contact` is whose content it is.
pub fn set(
    tx: &Tx<'_>,
    message: MessageId,
    author: (&str, &str),
    contact: ContactId,
    emoji: Option<&Personal<String>>,
    at: Millis,
) -> Result<()> {
    tx.run(
        sql!(
            "DELETE FROM reactions WHERE workspace_id = $1 AND message_id = $2 AND author_kind = $3 AND author_id = $4 \
             AND at <= $5"
        ),
        params![message, author.0, author.1, at],
    )?;
    let channel = crate::messages::head(tx, message)?.channel;
    let row = format!("{message}/{}", author.1);
    let place = Place { table: "reactions", column: "emoji_sealed", row: &row };
    let nothing = Personal::new(NOTHING.to_owned());
    let sealed = tx.seal_text(Under::ContactOn(contact, channel), place, emoji.unwrap_or(&nothing))?;
    tx.run(
        sql!(
            "INSERT INTO reactions (workspace_id, message_id, author_kind, author_id, contact_id, emoji_sealed, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (workspace_id, message_id, author_kind, author_id) DO NOTHING"
        ),
        params![message, author.0, author.1, contact, sealed, at],
    )?;
    crate::messages::changed(tx, message)
}

/// Gives the reactions to one message to another.
pub(crate) fn hand_over(tx: &Tx<'_>, from: MessageId, to: MessageId, contact: ContactId) -> Result<()> {
    for reaction in of(tx, from)? {
        let author = (reaction.author_kind.as_str(), reaction.author_id.as_str());
        set(tx, to, author, contact, Some(&reaction.emoji), tx.now())?;
    }
    tx.run(sql!("DELETE FROM reactions WHERE workspace_id = $1 AND message_id = $2"), params![from])?;
    Ok(())
}

/// The reactions to a message.
pub fn of(tx: &Tx<'_>, message: MessageId) -> Result<Vec<Reaction>> {
    let rows = tx.all(
        sql!(
            "SELECT author_kind, author_id, emoji_sealed FROM reactions WHERE workspace_id = $1 AND message_id = $2 \
             ORDER BY at, author_id LIMIT 100"
        ),
        params![message],
        |row| Ok((row.text(0)?, row.text(1)?, row.get::<Vec<u8>>(2)?)),
    )?;
    let mut reactions = Vec::with_capacity(rows.len());
    for (author_kind, author_id, sealed) in rows {
        let row = format!("{message}/{author_id}");
        let emoji = tx.open_text(Place { table: "reactions", column: "emoji_sealed", row: &row }, &sealed)?;
        if let Some(emoji) = emoji.filter(|emoji| emoji.reveal() != NOTHING) {
            reactions.push(Reaction { author_kind, author_id, emoji });
        }
    }
    Ok(reactions)
}
