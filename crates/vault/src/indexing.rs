//! Which messages the full-text index has yet to take in.

use crate::jobs::{self, JobKind};
use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, MessageId, Result, Tx};

/// Marks a message for the index (each mark is later than the one before, also within a millisecond), and makes sure a job will come for it.
pub fn pend(tx: &Tx<'_>, message: MessageId, contact: ContactId) -> Result<()> {
    tx.defer_mark(message, contact);
    tx.ask_for_index()
}

/// Marks a contact whose name is to be found.
pub fn pend_contact(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO index_pending (workspace_id, message_id, contact_id, act, at) VALUES ($1, $2, $2, 'contact', $3) \
             ON CONFLICT (workspace_id, message_id) DO UPDATE SET \
             at = CASE WHEN index_pending.at < excluded.at THEN excluded.at ELSE index_pending.at + 1 END"
        ),
        params![contact, tx.now()],
    )?;
    tx.ask_for_index()
}

/// Contacts waiting, with the mark to hand back to [`clear_contact`].
pub fn pending_contacts(tx: &Tx<'_>, limit: i64) -> Result<Vec<(ContactId, i64)>> {
    tx.all(
        sql!(
            // Their ids come before messages': the key alone finds them, however many messages wait.
            "SELECT contact_id, at FROM index_pending WHERE workspace_id = $1 AND act = 'contact' \
             AND message_id < 'msg_' ORDER BY message_id LIMIT $2"
        ),
        params![limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Takes a contact off the list unless it was marked again since.
pub fn clear_contact(tx: &Tx<'_>, contact: ContactId, mark: i64) -> Result<()> {
    tx.run(
        sql!("DELETE FROM index_pending WHERE workspace_id = $1 AND message_id = $2 AND act = 'contact' AND at <= $3"),
        params![contact, mark],
    )?;
    Ok(())
}

/// Messages waiting, newest first, with the mark to hand back to [`clear`].
pub fn pending(tx: &Tx<'_>, limit: i64) -> Result<Vec<(MessageId, i64)>> {
    tx.all(
        sql!(
            "SELECT message_id, at FROM index_pending WHERE workspace_id = $1 AND act = 'write' \
             AND message_id >= 'msg_' ORDER BY message_id DESC LIMIT $2"
        ),
        params![limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Takes a message off the list unless it was marked again since.
pub fn clear(tx: &Tx<'_>, message: MessageId, mark: i64) -> Result<()> {
    tx.run(
        sql!("DELETE FROM index_pending WHERE workspace_id = $1 AND message_id = $2 AND at <= $3"),
        params![message, mark],
    )?;
    Ok(())
}

/// Marks a contact whose every document is to leave the index at once: it has been erased.
pub(crate) fn forget(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO index_pending (workspace_id, message_id, contact_id, act, at) VALUES ($1, $2, $2, 'forget', $3) \
             ON CONFLICT (workspace_id, message_id) DO UPDATE SET at = excluded.at, act = excluded.act"
        ),
        params![contact, tx.now()],
    )?;
    let workspace = tx.workspace()?.to_string();
    jobs::enqueue(tx, JobKind::Index, &workspace, tx.now())
}

/// Contacts to be forgotten, before anything is written.
pub fn to_forget(tx: &Tx<'_>, limit: i64) -> Result<Vec<ContactId>> {
    tx.all(
        sql!(
            "SELECT contact_id FROM index_pending WHERE workspace_id = $1 AND act = 'forget' \
             AND message_id < 'msg_' ORDER BY message_id LIMIT $2"
        ),
        params![limit],
        |row| row.get(0),
    )
}

/// Notes that the index has forgotten a contact. Its erasure waits for this.
pub fn forgotten(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    tx.run(
        sql!("DELETE FROM index_pending WHERE workspace_id = $1 AND message_id = $2 AND act = 'forget'"),
        params![contact],
    )?;
    Ok(())
}
