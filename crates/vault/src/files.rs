//! The bytes of attachments: sealed in the blob store, each under a key of its own that only the database holds.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::attachments;
use crate::blobs::{SealedFile, SealedReader, SealedWriter};
use crate::id::Identifier;
use crate::{AttachmentId, Result, Vault};

/// A file being written. Dropped unfinished, it leaves nothing. Its functions block.
pub struct NewFile {
    id: AttachmentId,
    writer: SealedWriter,
    key: Zeroizing<[u8; 32]>,
}

impl NewFile {
    /// The attachment whose bytes these are.
    pub fn id(&self) -> AttachmentId {
        self.id
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// The conflict `file_too_large` beyond the limit.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer.append(bytes)
    }

    /// Makes the file durable; what came back belongs into the attachment's row.
    pub fn finish(self) -> Result<attachments::Stored> {
        let stored = self.writer.finish()?;
        let size = i64::try_from(stored.size).unwrap_or(i64::MAX);
        Ok(attachments::Stored { size, content_type: stored.content_type.to_owned(), key: self.key })
    }
}

fn name(id: AttachmentId) -> String {
    format!("attachments/{id}")
}

impl Vault {
    /// Starts the bytes of an attachment under the key that [`attachments::key_for`] says, or those of a new one; at most
    /// `limit` bytes. Blocks.
    pub fn new_file(&self, known: Option<(AttachmentId, attachments::FileKey)>, limit: u64) -> Result<NewFile> {
        let fresh = || (self.fresh_attachment_id(), Zeroizing::new(self.chance().draw()));
        let (id, key) = known.unwrap_or_else(fresh);
        let salt = self.chance().draw();
        let writer = SealedWriter::create(&**self.blobs(), &name(id), &key, salt, Some(limit))?;
        Ok(NewFile { id, writer, key })
    }

    /// Opens the bytes of an attachment with the key from its row. Blocks.
    pub fn open_file(&self, id: AttachmentId, key: &[u8; 32]) -> Result<SealedReader> {
        Ok(SealedFile::open(Arc::clone(self.blobs()), &name(id), key)?.into_reader())
    }

    /// Removes the bytes of an attachment; that there are none is no error. Blocks.
    pub fn drop_file(&self, id: AttachmentId) -> Result<()> {
        self.blobs().delete(&name(id))
    }

    fn fresh_attachment_id(&self) -> AttachmentId {
        let random = self.chance().draw();
        let millis = u64::try_from(self.clock().now()).unwrap_or(0);
        let mut counter = [0; 10];
        counter.copy_from_slice(&random[..10]);
        AttachmentId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &counter).into_uuid())
    }
}
