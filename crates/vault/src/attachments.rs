//! Attachments: files of messages. The bytes are in the blob store, sealed under a key of their own, which is sealed
//! here under the contact's key for the channel (before a message has them: under the workspace's).

mod fetched;
mod found;
mod held;
#[cfg(test)]
mod tests;
mod uploads;

pub use fetched::key_for;
pub use found::{found, note_found};
pub use held::unwanted;
pub(crate) use held::{hold, release};
pub(crate) use uploads::{drop_uploads_of, page, sweep};

use crate::jobs::{self, JobKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, optional, params};
use crate::{AttachmentId, ChannelId, ContactId, Error, MessageId, Personal, Result, Tx};

/// An attachment as members see it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Attachment {
    pub id: AttachmentId,
    pub message: Option<MessageId>,
    pub contact: Option<ContactId>,
    pub channel: Option<ChannelId>,
    /// `pending` (to be fetched), `stored`, or `failed`.
    pub state: String,
    pub failure: Option<String>,
    /// What it is to a reader: `image`, `audio`, `voice`, `video`, `sticker`, `file`.
    pub role: String,
    /// Sniffed from the bytes once they are here.
    pub content_type: String,
    pub size: i64,
    pub name: Option<Personal<String>>,
}

/// A file at the provider, to be fetched.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Remote {
    pub message: MessageId,
    pub contact: ContactId,
    pub channel: ChannelId,
    pub position: i64,
    pub role: String,
    pub name: Option<Personal<String>>,
    /// What fetching needs, as JSON.
    pub locator: Personal<String>,
}

/// The roles that the API knows; anything else is a `file`.
pub const ROLES: [&str; 6] = ["image", "audio", "voice", "video", "sticker", "file"];

fn role_of(text: &str) -> &'static str {
    ROLES.into_iter().find(|role| *role == text).unwrap_or("file")
}

/// Notes a file that is to be fetched, with the job that fetches it.
pub fn expect(tx: &Tx<'_>, remote: &Remote) -> Result<AttachmentId> {
    let id: AttachmentId = tx.id();
    let row = id.to_string();
    let under = Under::ContactOn(remote.contact, remote.channel);
    let seal = |column, text| tx.seal_text(under, Place { table: "attachments", column, row: &row }, text);
    let name = remote.name.as_ref().map(|name| seal("name_sealed", name)).transpose()?;
    tx.run(
        sql!(
            "INSERT INTO attachments (workspace_id, id, message_id, contact_id, channel_id, position, state, role, \
             content_type, size, name_sealed, locator_sealed, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, 'application/octet-stream', 0, $8, $9, $10)"
        ),
        params![
            id,
            remote.message,
            remote.contact,
            remote.channel,
            remote.position,
            role_of(&remote.role),
            name,
            seal("locator_sealed", &remote.locator)?,
            tx.now(),
        ],
    )?;
    jobs::enqueue(tx, JobKind::FetchFile, &row, tx.now())?;
    Ok(id)
}

/// Notes an uploaded file that no message has yet.
pub fn uploaded(tx: &Tx<'_>, id: AttachmentId, name: &Personal<String>, stored: &Stored) -> Result<()> {
    let row = id.to_string();
    let seal =
        |column, plain: &[u8]| tx.seal(Under::Workspace, Place { table: "attachments", column, row: &row }, plain);
    tx.run(
        sql!(
            "INSERT INTO attachments (workspace_id, id, position, state, role, content_type, size, name_sealed, \
             file_key_sealed, created_at) VALUES ($1, $2, 0, 'stored', $3, $4, $5, $6, $7, $8)"
        ),
        params![
            id,
            role_for(&stored.content_type),
            &stored.content_type,
            stored.size,
            seal("name_sealed", name.reveal().as_bytes())?,
            seal("file_key_sealed", &stored.key[..])?,
            tx.now(),
        ],
    )?;
    Ok(())
}

/// The key of a file's bytes, wiped when dropped.
pub type FileKey = zeroize::Zeroizing<[u8; 32]>;

/// A file whose bytes are in the blob store.
#[expect(missing_docs, reason = "plain words")]
pub struct Stored {
    pub size: i64,
    pub content_type: String,
    pub key: FileKey,
}

fn role_for(content_type: &str) -> &'static str {
    match content_type.split('/').next() {
        Some("image") => "image",
        Some("audio") => "audio",
        Some("video") => "video",
        _ => "file",
    }
}

/// Notes that a file was fetched.
pub fn fetched(tx: &Tx<'_>, id: AttachmentId, stored: &Stored) -> Result<()> {
    let attachment = view(tx, id)?;
    let row = id.to_string();
    let place = Place { table: "attachments", column: "file_key_sealed", row: &row };
    let sealed = tx.seal(under(&attachment), place, &stored.key[..])?;
    tx.run(
        sql!(
            "UPDATE attachments SET state = 'stored', content_type = $3, size = $4, file_key_sealed = $5, \
             locator_sealed = NULL WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, &stored.content_type, stored.size, sealed],
    )?;
    attachment.message.map_or(Ok(()), |message| crate::messages::changed(tx, message))
}

/// Notes that a file is here which the contact had uploaded beforehand: its name and what it is to a reader are the
/// upload's, and the upload itself goes.
pub fn adopted(tx: &Tx<'_>, id: AttachmentId, uploaded: AttachmentId, stored: &Stored) -> Result<()> {
    let (attachment, upload) = (view(tx, id)?, view(tx, uploaded)?);
    let row = id.to_string();
    let place = Place { table: "attachments", column: "name_sealed", row: &row };
    let name = upload.name.as_ref().map(|name| tx.seal_text(under(&attachment), place, name)).transpose()?;
    tx.run(
        sql!("UPDATE attachments SET role = $3, name_sealed = $4 WHERE workspace_id = $1 AND id = $2"),
        params![id, role_for(&stored.content_type), name],
    )?;
    fetched(tx, id, stored)?;
    drop_one(tx, uploaded)
}

/// Notes that a file could not be fetched, with a stable code.
pub fn failed(tx: &Tx<'_>, id: AttachmentId, code: &str) -> Result<()> {
    let attachment = view(tx, id)?;
    tx.run(
        sql!("UPDATE attachments SET state = 'failed', failure = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, code],
    )?;
    attachment.message.map_or(Ok(()), |message| crate::messages::changed(tx, message))
}

fn under(attachment: &Attachment) -> Under {
    match (attachment.contact, attachment.channel) {
        (Some(contact), Some(channel)) => Under::ContactOn(contact, channel),
        _ => Under::Workspace,
    }
}

/// Gives an uploaded file to a message: its name and key are sealed anew under the contact's key.
pub fn attach(
    tx: &Tx<'_>,
    id: AttachmentId,
    message: MessageId,
    contact: ContactId,
    channel: ChannelId,
    position: i64,
) -> Result<()> {
    let attachment = view(tx, id)?;
    if attachment.message.is_some() {
        return Err(Error::conflict(
            "attachment_used",
            "this attachment already belongs to a message: upload it again",
        ));
    }
    let key = file_key(tx, id)?.ok_or(Error::NotFound("attachment"))?;
    held::seal_for(tx, id, (contact, channel), attachment.name.as_ref(), &key)?;
    tx.run(
        sql!(
            "UPDATE attachments SET message_id = $3, position = $4, holder_id = NULL WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, message, position],
    )?;
    Ok(())
}

/// The key of a file's bytes; `None` if there is none yet, or the contact's content was erased.
pub fn file_key(tx: &Tx<'_>, id: AttachmentId) -> Result<Option<FileKey>> {
    let row = id.to_string();
    let sealed = tx.maybe(
        sql!("SELECT file_key_sealed FROM attachments WHERE workspace_id = $1 AND id = $2"),
        params![id],
        |row| row.get::<Option<Vec<u8>>>(0),
    )?;
    let Some(sealed) = sealed.flatten() else { return Ok(None) };
    let Some(plain) = tx.open(Place { table: "attachments", column: "file_key_sealed", row: &row }, &sealed)? else {
        return Ok(None);
    };
    let key: [u8; 32] = plain.try_into().map_err(|_| Error::Seal("a file key has the wrong length"))?;
    Ok(Some(key.into()))
}

/// What fetching a pending file needs; `None` if it is no longer pending or its contact was erased.
pub fn locator(tx: &Tx<'_>, id: AttachmentId) -> Result<Option<Personal<String>>> {
    let row = id.to_string();
    let sealed = tx.maybe(
        sql!("SELECT locator_sealed FROM attachments WHERE workspace_id = $1 AND id = $2 AND state = 'pending'"),
        params![id],
        |row| row.get::<Option<Vec<u8>>>(0),
    )?;
    match sealed.flatten() {
        Some(sealed) => tx.open_text(Place { table: "attachments", column: "locator_sealed", row: &row }, &sealed),
        None => Ok(None),
    }
}

/// Since when a file is expected; `None` if it is not any more.
pub fn expected_at(tx: &Tx<'_>, id: AttachmentId) -> Result<Option<crate::Millis>> {
    tx.maybe(
        sql!("SELECT created_at FROM attachments WHERE workspace_id = $1 AND id = $2 AND state = 'pending'"),
        params![id],
        |row| row.get(0),
    )
}

/// One attachment, unless its contact was erased.
pub fn view(tx: &Tx<'_>, id: AttachmentId) -> Result<Attachment> {
    let stored = tx.maybe(
        sql!(
            "SELECT a.id, a.message_id, a.contact_id, a.channel_id, a.state, a.failure, a.role, a.content_type, a.size, \
             a.name_sealed FROM attachments a WHERE a.workspace_id = $1 AND a.id = $2 AND NOT EXISTS \
             (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 AND p.id = a.contact_id AND p.erased_at IS NOT NULL)"
        ),
        params![id],
        read,
    )?;
    complete(tx, stored.ok_or(Error::NotFound("attachment"))?)
}

/// A message's attachments in order.
pub fn of(tx: &Tx<'_>, message: MessageId) -> Result<Vec<Attachment>> {
    let stored = tx.all(
        sql!(
            "SELECT id, message_id, contact_id, channel_id, state, failure, role, content_type, size, name_sealed \
             FROM attachments WHERE workspace_id = $1 AND message_id = $2 ORDER BY position, id LIMIT 100"
        ),
        params![message],
        read,
    )?;
    stored.into_iter().map(|stored| complete(tx, stored)).collect()
}

fn read(row: &Row<'_>) -> Result<(Attachment, Option<Vec<u8>>)> {
    let attachment = Attachment {
        id: row.get(0)?,
        message: optional(row, 1)?,
        contact: optional(row, 2)?,
        channel: optional(row, 3)?,
        state: row.text(4)?,
        failure: row.get(5)?,
        role: row.text(6)?,
        content_type: row.text(7)?,
        size: row.get(8)?,
        name: None,
    };
    Ok((attachment, row.get(9)?))
}

fn complete(tx: &Tx<'_>, (mut attachment, name): (Attachment, Option<Vec<u8>>)) -> Result<Attachment> {
    let row = attachment.id.to_string();
    if let Some(sealed) = name {
        attachment.name = tx.open_text(Place { table: "attachments", column: "name_sealed", row: &row }, &sealed)?;
    }
    Ok(attachment)
}

/// Removes a message's attachments; their bytes go by the job that each leaves behind.
pub(crate) fn drop_of(tx: &Tx<'_>, message: MessageId) -> Result<()> {
    of(tx, message)?.into_iter().try_for_each(|attachment| drop_one(tx, attachment.id))
}

fn drop_one(tx: &Tx<'_>, id: AttachmentId) -> Result<()> {
    tx.run(sql!("DELETE FROM attachments WHERE workspace_id = $1 AND id = $2"), params![id])?;
    #[cfg(any(test, feature = "testing"))]
    if tx.has(crate::testing::planted::Planted::FileOutlivesMessage) {
        return Ok(());
    }
    jobs::enqueue(tx, JobKind::DropFile, &id.to_string(), tx.now())
}
