//! A message that arrived: recorded with all that goes with it in few statements. Most of what the program writes is
//! written here.

use super::{NewMessage, insert, is_automatic, json, note};
use crate::facts::FactKind;
use crate::sealing::{Place, Under};
use crate::{MessageId, Millis, Result, Tx, conversations, indexing, remotes};

/// Records what a contact wrote as the conversation's next message, with its ids at the provider: one more is unread, the
/// conversation is open again, its contact waits for an answer, and the provider's window moves. What a machine wrote is unread
/// alone: nobody waits for an answer to it.
pub fn arrive(tx: &Tx<'_>, new: &NewMessage, ids: &[String], window_until: Option<Millis>) -> Result<MessageId> {
    let id: MessageId = tx.id();
    let row = id.to_string();
    let seq = conversations::next_incoming(tx, new.conversation, id, (window_until, is_automatic(&new.body)))?;
    // Both cells are sealed under the same key, so it is looked for once.
    let (key_id, key) = tx.sealing_key(Under::ContactOn(new.contact, new.channel))?;
    let seal = |column, plain: &[u8]| {
        tx.keys.seal(&key, key_id, Place { table: "messages", column, row: &row }, tx.chance(), plain)
    };
    let body = seal("body_sealed", &json(&new.body)?)?;
    let remote = seal("remote_sealed", remotes::listed(ids)?.as_bytes())?;
    insert(tx, new, (id, seq), body, Some(remote))?;
    remotes::note(tx, id, new.contact, new.channel, ids)?;
    indexing::pend(tx, id, new.contact)?;
    note(tx, FactKind::MessageCreated, new.conversation, id, new.contact)?;
    conversations::note_updated(tx, new.conversation, new.contact)?;
    Ok(id)
}
