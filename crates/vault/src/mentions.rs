//! Whom notes name. A mention hangs on its note: it goes with it, and with its contact.

use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, ConversationId, Error, MemberId, MessageId, Result, Tx, members};

/// The most members that one note can name.
pub const MOST: usize = 50;

/// Notes whom a note names, each once.
///
/// # Errors
/// [`Error::NotFound`] if one of them is no active member, [`Error::Invalid`] if they are too many.
pub fn name(
    tx: &Tx<'_>,
    note: MessageId,
    (conversation, contact): (ConversationId, ContactId),
    named: &[MemberId],
) -> Result<()> {
    if named.len() > MOST {
        return Err(Error::Invalid(format!("mention_ids: at most {MOST}")));
    }
    for member in named {
        members::require(tx, *member)?;
        let new = tx.run(
            sql!(
                "INSERT INTO mentions (workspace_id, message_id, member_id, conversation_id, contact_id, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, message_id, member_id) DO NOTHING"
            ),
            params![note, member, conversation, contact, tx.now()],
        )?;
        if new == 1 {
            crate::push::concern(tx, *member)?;
        }
    }
    Ok(())
}

/// Whom a note names.
pub fn of(tx: &Tx<'_>, note: MessageId) -> Result<Vec<MemberId>> {
    tx.all(
        sql!("SELECT member_id FROM mentions WHERE workspace_id = $1 AND message_id = $2 ORDER BY member_id"),
        params![note],
        |row| row.get(0),
    )
}

/// Whether a conversation names a member at all, and whether in something they have not seen.
pub fn standing(tx: &Tx<'_>, conversation: ConversationId, member: MemberId) -> Result<(bool, bool)> {
    let found = tx.maybe(
        sql!(
            "SELECT COUNT(*) > 0, COUNT(*) > COUNT(seen_at) FROM mentions WHERE workspace_id = $1 AND member_id = $2 \
             AND conversation_id = $3"
        ),
        params![member, conversation],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.unwrap_or_default())
}

/// Notes that a member has looked at a conversation; whether something there was new to them.
pub fn saw(tx: &Tx<'_>, conversation: ConversationId, member: MemberId) -> Result<bool> {
    let seen = tx.run(
        sql!(
            "UPDATE mentions SET seen_at = $4 WHERE workspace_id = $1 AND member_id = $2 AND conversation_id = $3 \
             AND seen_at IS NULL"
        ),
        params![member, conversation, tx.now()],
    )?;
    Ok(seen > 0)
}

/// Takes away what a note named: it was removed.
pub(crate) fn drop_of(tx: &Tx<'_>, note: MessageId) -> Result<()> {
    tx.run(sql!("DELETE FROM mentions WHERE workspace_id = $1 AND message_id = $2"), params![note])?;
    Ok(())
}
