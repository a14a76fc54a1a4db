//! A contact's own conversation on a channel: for providers that know no threads but the person.

use super::{Head, Status, open};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, ConversationId, Error, IdentityId, Result, Tx};

/// The newest conversation of a contact's own on a channel: what they say in a thread with others, such as a group that they
/// were the first to write in, is none of it. The contact must be un-erased, as whoever is found by an identity is.
pub fn own(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<Option<Head>> {
    tx.maybe(
        sql!(
            "SELECT id, status, window_until FROM conversations WHERE workspace_id = $1 AND contact_id = $2 \
             AND channel_id = $3 AND thread_hash IS NULL ORDER BY active_at DESC, id DESC LIMIT 1"
        ),
        params![contact, channel],
        |row| {
            let status =
                Status::parse(&row.text(1)?).ok_or_else(|| Error::Engine("a stored status is unknown".into()))?;
            Ok(Head { id: row.get(0)?, channel, contact, status, window_until: row.get(2)? })
        },
    )
}

/// The same, opened if there is none; whether it was opened now.
pub fn of_contact(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<(Head, bool)> {
    match own(tx, channel, contact)? {
        Some(head) => Ok((head, false)),
        None => Ok((open(tx, channel, contact, None)?, true)),
    }
}

/// Whether the contact has written something that no member has read. What was marked as unread again was read.
pub fn unseen(tx: &Tx<'_>, id: ConversationId) -> Result<bool> {
    let found = tx.maybe(
        sql!(
            "SELECT c.unread_count > 0 AND EXISTS (SELECT 1 FROM messages m WHERE m.workspace_id = $1 \
             AND m.conversation_id = c.id AND m.seq > c.read_seq AND m.direction = 'incoming') \
             FROM conversations c WHERE c.workspace_id = $1 AND c.id = $2"
        ),
        params![id],
        |row| row.get(0),
    )?;
    found.ok_or(Error::NotFound("conversation"))
}

/// A conversation that begins with us, on a channel whose provider has a window: until the contact writes, it is closed.
pub fn begin_closed(tx: &Tx<'_>, id: ConversationId) -> Result<()> {
    tx.run(
        sql!("UPDATE conversations SET window_until = $3 WHERE workspace_id = $1 AND id = $2 AND window_until IS NULL"),
        params![id, tx.now()],
    )?;
    Ok(())
}

/// The channels on which a contact has conversations.
pub fn channels_of(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<ChannelId>> {
    tx.all(
        sql!("SELECT DISTINCT channel_id FROM conversations WHERE workspace_id = $1 AND contact_id = $2"),
        params![contact],
        |row| row.get(0),
    )
}

/// Notes by which identity the contact writes: an answer goes there.
pub fn answer_to(tx: &Tx<'_>, id: ConversationId, identity: IdentityId) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE conversations SET answer_to_id = $3 WHERE workspace_id = $1 AND id = $2 \
             AND COALESCE(answer_to_id, '') <> $3"
        ),
        params![id, identity],
    )?;
    Ok(())
}
