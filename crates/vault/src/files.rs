//! The bytes of attachments: sealed in the blob store, each under a key of its own that only the database holds.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::attachments;
use crate::blobs::{SealedFile, SealedReader, SealedWriter};
use crate::id::Identifier;
use crate::{Actor, AttachmentId, Millis, Purpose, Result, Scope, Vault};

/// How old a file is at least that is taken for one that nobody will ask for, in milliseconds.
const ORPHAN_MS: Millis = 24 * 3_600_000;
/// Of so many files more than half may be nobody's; beyond, it is another database that is looked at, and none is removed.
const FEW: usize = 100;
/// How many rows are looked at together.
const ROWS: i64 = 500;

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

    /// Looks for files of which no row tells although they were begun more than a day ago: the program ended between the bytes and
    /// the row. Those that were found the last time (`before`) as well are removed; the others are told, for the next time: of a
    /// file that was just finished the row may be about to come. A file that is being written is none yet.
    ///
    /// # Errors
    /// Whatever stopped it; it may be tried again.
    pub async fn sweep_files(&self, before: &BTreeSet<AttachmentId>) -> Result<BTreeSet<AttachmentId>> {
        let names = self.off_thread(|vault| vault.blobs().list("attachments/")).await?;
        let all = names.len();
        let oldest = self.clock().now() - ORPHAN_MS;
        let ids = names.iter().filter_map(|name| name.strip_prefix("attachments/")?.parse::<AttachmentId>().ok());
        let mut orphans: BTreeSet<AttachmentId> =
            ids.filter(|id| id.made_at().is_some_and(|made_at| made_at < oldest)).collect();
        if !orphans.is_empty() {
            self.leave_out_known(&mut orphans).await?;
        }
        if orphans.len() > FEW.max(all / 2) {
            tracing::warn!(
                orphans = orphans.len(),
                all,
                "most files are nobody's: is this their database? none is removed"
            );
            return Ok(BTreeSet::new());
        }
        let (doomed, found): (BTreeSet<_>, BTreeSet<_>) = orphans.into_iter().partition(|id| before.contains(id));
        for id in doomed {
            tracing::info!(file = %id, "a file of which no row tells is removed");
            self.off_thread(move |vault| vault.drop_file(id)).await?;
        }
        Ok(found)
    }

    /// Takes those out of which some workspace has a row.
    async fn leave_out_known(&self, files: &mut BTreeSet<AttachmentId>) -> Result<()> {
        for workspace in self.workspaces().await? {
            let scope = Scope::new(workspace.id, Actor::Platform, Purpose::Administration);
            let mut after = String::new();
            loop {
                let from = after.clone();
                let known = self.read(&scope, move |tx| attachments::page(tx, &from, ROWS)).await?;
                let Some(last) = known.last() else { break };
                after = last.to_string();
                for id in &known {
                    files.remove(id);
                }
            }
        }
        Ok(())
    }
}
