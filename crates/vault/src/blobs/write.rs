//! Writing a sealed file as its bytes arrive: one chunk is in memory, and only ciphertext goes on.

use std::io::{self, Write};

use zeroize::Zeroizing;

use super::seal::{CHUNK, SEALED_CHUNK, Sealer, header};
use super::{BlobStore, BlobWriter, sniff};
use crate::{Error, Result};

/// Writes one sealed file. Dropped unfinished, it leaves nothing.
pub struct SealedWriter {
    sink: Box<dyn BlobWriter>,
    sealer: Sealer,
    chunk: Zeroizing<Vec<u8>>,
    index: u64,
    size: u64,
    limit: u64,
    content_type: Option<&'static str>,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Plain bytes.
    pub size: u64,
    /// What the first bytes look like ([`sniff()`]).
    pub content_type: &'static str,
}

impl SealedWriter {
    /// Starts a file under a key. `salt` is 32 fresh random bytes; `limit` is how many plain bytes it may have.
    pub fn create(
        blobs: &dyn BlobStore,
        name: &str,
        key: &[u8; 32],
        salt: [u8; 32],
        limit: Option<u64>,
    ) -> Result<Self> {
        let sealer = Sealer::new(name, key, &salt)?;
        let mut sink = blobs.create(name)?;
        sink.write_all(&header(&salt))?;
        Ok(Self {
            sink,
            sealer,
            chunk: Zeroizing::new(Vec::with_capacity(SEALED_CHUNK)),
            index: 0,
            size: 0,
            limit: limit.unwrap_or(u64::MAX),
            content_type: None,
        })
    }

    /// Takes the next bytes. `file_too_large` if the file would have more than it may; then drop the writer.
    pub fn append(&mut self, mut bytes: &[u8]) -> Result<()> {
        let size = self.size.saturating_add(bytes.len() as u64);
        if size > self.limit {
            return Err(Error::conflict("file_too_large", format!("a file has at most {} bytes here", self.limit)));
        }
        self.size = size;
        while !bytes.is_empty() {
            if self.chunk.len() == CHUNK {
                self.pass_on(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Plain bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Seals the rest and makes the file durable and visible.
    pub fn finish(mut self) -> Result<Stored> {
        self.pass_on(true)?;
        self.sink.finish()?;
        Ok(Stored { size: self.size, content_type: self.content_type.unwrap_or(sniff::UNKNOWN) })
    }

    fn pass_on(&mut self, last: bool) -> Result<()> {
        self.content_type.get_or_insert_with(|| sniff::sniff(&self.chunk));
        self.sealer.seal(self.index, last, &mut self.chunk)?;
        self.sink.write_all(&self.chunk)?;
        self.chunk.clear();
        self.index += 1;
        Ok(())
    }
}

impl Write for SealedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.append(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(Error::Io(error)) => Err(error),
            Err(error @ Error::Conflict { .. }) => Err(io::Error::new(io::ErrorKind::FileTooLarge, error)),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
