//! Files: where they lie ([`BlobStore`]), how they are sealed ([`SealedWriter`], [`SealedFile`]), what they are ([`sniff()`]).
//!
//! A store only ever sees ciphertext. Its trait asks for no more than object storage can do: whole objects that
//! appear at once, ranged reads, idempotent deletes, listing by prefix.

mod disk;
mod memory;
mod read;
mod seal;
mod sniff;
#[cfg(test)]
mod tests;
mod whole;
mod write;

use std::io::Write;
use std::ops::Range;

pub use disk::DiskBlobs;
pub use memory::MemoryBlobs;
pub use read::{SealedFile, SealedReader};
pub(crate) use seal::CHUNK;
pub use sniff::sniff;
pub(crate) use whole::{open_whole, seal_whole};
pub use write::{SealedWriter, Stored};

use crate::{Error, Result};

/// The longest name of a blob, in bytes.
pub const LONGEST_NAME: usize = 512;

/// A place for named, immutable bytes. A blob is visible whole or not at all; writing a name again replaces it whole.
pub trait BlobStore: Send + Sync {
    /// Starts a blob, which appears when [`BlobWriter::finish`] returns; a writer that is dropped leaves nothing.
    fn create(&self, name: &str) -> Result<Box<dyn BlobWriter>>;
    /// The size in bytes; `None` if there is no such blob.
    fn size(&self, name: &str) -> Result<Option<u64>>;
    /// The bytes of a range, cut at the blob's end. [`Error::NotFound`] if there is no such blob.
    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>>;
    /// Removes a blob; that it is not there is no error.
    fn delete(&self, name: &str) -> Result<()>;
    /// The names that begin with a prefix, sorted. Nothing may be concluded about blobs written at the same time.
    fn list(&self, prefix: &str) -> Result<Vec<String>>;
}

/// A blob being written.
pub trait BlobWriter: Write + Send + Sync {
    /// Makes the blob durable and visible.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// Refuses what is no name: lower-case letters, digits and `_ - .`, in parts divided by `/`, none of them empty or dots alone.
pub fn check_name(name: &str) -> Result<()> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.');
    let part = |part: &str| {
        !part.is_empty() && part.len() <= 200 && part.bytes().all(allowed) && part.bytes().any(|b| b != b'.')
    };
    if name.len() <= LONGEST_NAME && name.split('/').all(part) {
        Ok(())
    } else {
        Err(Error::Invalid("a file's name is made of a-z, 0-9, _, -, . and /".into()))
    }
}

fn absent() -> Error {
    Error::NotFound("file")
}
