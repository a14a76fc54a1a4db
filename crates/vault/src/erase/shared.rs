//! Conversations that several contacts share, as threads of another system may be. Whoever is erased leaves them to those
//! who are still there: their messages must not lose the conversation they are in. Who is one with the erased contact is
//! erased with it, and inherits nothing.

use super::dossier::or_nothing;
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, ConversationId, MessageId, Personal, Result, Tx, conversations, merges};

/// No more conversations than this are handed over, the most recently active first: it happens in the transaction of the
/// tombstone, which must stay short.
const MOST: i64 = 200;

/// A conversation of the erased contact in which somebody else is, too.
struct Shared {
    id: ConversationId,
    channel: ChannelId,
    /// The newest message of anybody else.
    newest: MessageId,
}

/// Hands the conversations that a contact shares with others to whoever wrote last of these. Before the tombstone: the
/// thread is sealed anew under the new contact's key, for which it has to be opened.
pub(super) fn hand_over(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    for shared in shared(tx, contact)? {
        let heir = heir(tx, shared.newest)?;
        let row = shared.id.to_string();
        let place = Place { table: "conversations", column: "thread_sealed", row: &row };
        let thread = or_nothing(conversations::thread(tx, shared.id))?.map(Personal::new);
        let under = Under::ContactOn(heir, shared.channel);
        let sealed = thread.map(|thread| tx.seal_text(under, place, &thread)).transpose()?;
        tx.run(
            sql!(
                "UPDATE conversations SET contact_id = $3, thread_sealed = $4, last_message_id = $5, attributes_sealed = NULL \
                 WHERE workspace_id = $1 AND id = $2"
            ),
            params![shared.id, heir, sealed, shared.newest],
        )?;
        conversations::note_updated(tx, shared.id, heir)?;
    }
    Ok(())
}

fn shared(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Shared>> {
    let rows = tx.all(
        sql!(
            "SELECT c.id, c.channel_id, (SELECT m.id FROM messages m JOIN contacts p ON p.workspace_id = m.workspace_id \
             AND p.id = m.contact_id WHERE m.workspace_id = $1 AND m.conversation_id = c.id AND p.id <> $4 \
             AND COALESCE(p.merged_into, '') <> $4 AND p.erased_at IS NULL ORDER BY m.seq DESC LIMIT 1) FROM conversations c WHERE c.workspace_id = $1 \
             AND c.contact_id = $2 AND EXISTS (SELECT 1 FROM messages o JOIN contacts q \
             ON q.workspace_id = o.workspace_id AND q.id = o.contact_id WHERE o.workspace_id = $1 \
             AND o.conversation_id = c.id AND q.id <> $4 AND COALESCE(q.merged_into, '') <> $4 AND q.erased_at IS NULL) \
             ORDER BY c.active_at DESC, c.id DESC LIMIT $3"
        ),
        params![contact, MOST, merges::standing(tx, contact)?],
        |row| Ok(Shared { id: row.get(0)?, channel: row.get(1)?, newest: row.get(2)? }),
    )?;
    Ok(rows)
}

fn heir(tx: &Tx<'_>, message: MessageId) -> Result<ContactId> {
    Ok(crate::messages::head(tx, message)?.contact)
}
