//! A contact's own conversation on a channel: for providers that know no threads but the person.

use super::{Head, Status, open};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, ConversationId, Error, Result, Tx};

/// The newest conversation of a contact on a channel. The contact must be un-erased, as whoever is found by an identity is.
pub fn own(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<Option<Head>> {
    tx.maybe(
        sql!(
            "SELECT id, status, window_until FROM conversations WHERE workspace_id = $1 AND contact_id = $2 \
             AND channel_id = $3 ORDER BY active_at DESC, id DESC LIMIT 1"
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

/// How many of the contact's messages no member has read.
pub fn unread(tx: &Tx<'_>, id: ConversationId) -> Result<i64> {
    let found = tx.maybe(
        sql!("SELECT unread_count FROM conversations WHERE workspace_id = $1 AND id = $2"),
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
