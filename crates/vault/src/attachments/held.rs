//! Uploads that wait for their message longer than others: those of drafts and of what is sent later. They are their
//! contact's from then on, so that an erasure finds them.

use super::{FileKey, file_key, view};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{AttachmentId, ChannelId, ContactId, Error, Result, ScheduledId, Tx};

/// Holds exactly these uploads for a draft or for what is sent later, by its id; others that it held are let go. What is sent
/// later keeps what it holds; a draft's file goes to whoever names it next.
///
/// # Errors
/// [`Error::NotFound`] if one is not there, `attachment_used` if a message has it already, or another that is sent later.
pub(crate) fn hold(
    tx: &Tx<'_>,
    uploads: &[AttachmentId],
    holder: &str,
    (contact, channel): (ContactId, ChannelId),
) -> Result<()> {
    release(tx, holder)?;
    for id in uploads {
        let attachment = view(tx, *id)?;
        if attachment.message.is_some() {
            let used = "this attachment already belongs to a message: upload it again";
            return Err(Error::conflict("attachment_used", used));
        }
        unwanted(tx, *id)?;
        let key = file_key(tx, *id)?.ok_or(Error::NotFound("attachment"))?;
        seal_for(tx, *id, (contact, channel), attachment.name.as_ref(), &key)?;
        tx.run(sql!("UPDATE attachments SET holder_id = $3 WHERE workspace_id = $1 AND id = $2"), params![id, holder])?;
    }
    Ok(())
}

/// Fails if a message that is to be sent later holds a file: it would go out without it.
///
/// # Errors
/// `attachment_used`.
pub fn unwanted(tx: &Tx<'_>, id: AttachmentId) -> Result<()> {
    let holder =
        tx.maybe(sql!("SELECT holder_id FROM attachments WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get::<Option<String>>(0)
        })?;
    match holder.flatten().map(|holder| holder.parse::<ScheduledId>()) {
        Some(Ok(_)) => {
            let used = "a message that is sent later has this attachment: upload it again";
            Err(Error::conflict("attachment_used", used))
        }
        Some(Err(_)) | None => Ok(()),
    }
}

/// Gives a file to a contact on a channel: its name, its key and what was found in it are sealed anew under the contact's key.
pub(super) fn seal_for(
    tx: &Tx<'_>,
    id: AttachmentId,
    (contact, channel): (ContactId, ChannelId),
    name: Option<&crate::Personal<String>>,
    key: &FileKey,
) -> Result<()> {
    let row = id.to_string();
    let seal = |column, plain: &[u8]| {
        tx.seal(Under::ContactOn(contact, channel), Place { table: "attachments", column, row: &row }, plain)
    };
    let name = name.map(|name| seal("name_sealed", name.reveal().as_bytes())).transpose()?;
    let found = super::found(tx, id)?.map(|codes| seal("found_sealed", codes.reveal().as_bytes())).transpose()?;
    tx.run(
        sql!(
            "UPDATE attachments SET contact_id = $3, channel_id = $4, name_sealed = $5, file_key_sealed = $6, \
             found_sealed = $7 WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, contact, channel, name, seal("file_key_sealed", &key[..])?, found],
    )?;
    Ok(())
}

/// Lets go of what was held and no message has: from now on it has a day, as any upload.
pub(crate) fn release(tx: &Tx<'_>, holder: &str) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE attachments SET holder_id = NULL, created_at = CASE WHEN message_id IS NULL THEN $3 ELSE created_at END \
             WHERE workspace_id = $1 AND holder_id = $2"
        ),
        params![holder, tx.now()],
    )?;
    Ok(())
}
