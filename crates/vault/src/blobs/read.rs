//! Reading a sealed file: any range, opening only the chunks it touches.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use super::seal::{CHUNK, HEADER, SEALED_CHUNK, Sealer, salt_of, shape};
use super::{BlobStore, absent, open_whole};
use crate::{Error, Result};

/// Chunks fetched from the store at a time: 1 MiB, for stores where a request costs more than its bytes.
const BATCH: u64 = 16;

/// An open sealed file.
pub struct SealedFile {
    blobs: Arc<dyn BlobStore>,
    name: String,
    sealer: Sealer,
    size: u64,
    chunks: u64,
}

impl SealedFile {
    /// Opens a file with the key it was sealed under. The last chunk is opened at once: it proves that nothing was
    /// cut off, so the size can be believed. [`Error::NotFound`] if there is no such file, [`Error::Seal`] if it is
    /// another than was written.
    pub fn open(blobs: Arc<dyn BlobStore>, name: &str, key: &[u8; 32]) -> Result<Self> {
        let sealed = blobs.size(name)?.ok_or_else(absent)?;
        let (chunks, size) = shape(sealed)?;
        let salt = salt_of(&blobs.read(name, 0..HEADER as u64)?)?;
        let file = Self { sealer: Sealer::new(name, key, &salt)?, blobs, name: name.to_owned(), size, chunks };
        file.chunk(chunks - 1)?;
        Ok(file)
    }

    /// The plain bytes of a small file that may be replaced whole at any time: fetched at once, so that they are of one file
    /// and never the beginning of the old one with the end of the new. Errors as [`Self::open`].
    pub(crate) fn read_whole(blobs: &dyn BlobStore, name: &str, key: &[u8; 32]) -> Result<Vec<u8>> {
        open_whole(name, key, &blobs.read(name, 0..u64::from(u32::MAX))?)
    }

    /// Plain bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// A chunk's plain bytes, by its number from 0.
    pub(crate) fn chunk(&self, index: u64) -> Result<Vec<u8>> {
        self.chunks(index..index.saturating_add(1))
    }

    /// The plain bytes of a range, which ends at the file's end at the latest.
    pub fn read(&self, range: Range<u64>) -> Result<Vec<u8>> {
        if range.start > range.end || range.end > self.size {
            return Err(Error::Invalid("the range is not inside the file".into()));
        }
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let first = range.start / CHUNK as u64;
        let end = range.end.div_ceil(CHUNK as u64);
        let mut plain = Vec::new();
        for from in (first..end).step_by(usize::try_from(BATCH).unwrap_or(1)) {
            plain.append(&mut self.chunks(from..end.min(from + BATCH))?);
        }
        plain.truncate(to_usize(range.end - first * CHUNK as u64)?);
        plain.drain(..to_usize(range.start - first * CHUNK as u64)?);
        Ok(plain)
    }

    /// The file from its beginning, as a stream.
    pub fn into_reader(self) -> SealedReader {
        SealedReader { file: self, at: 0, batch: io::Cursor::default() }
    }

    fn chunks(&self, wanted: Range<u64>) -> Result<Vec<u8>> {
        let place = |index: u64| HEADER as u64 + index * SEALED_CHUNK as u64;
        let sealed = self.blobs.read(&self.name, place(wanted.start)..place(wanted.end))?;
        let mut plain = Vec::with_capacity(sealed.len());
        let mut index = wanted.start;
        for chunk in sealed.chunks(SEALED_CHUNK) {
            let mut chunk = chunk.to_vec();
            self.sealer.open(index, index + 1 == self.chunks, &mut chunk)?;
            plain.append(&mut chunk);
            index += 1;
        }
        if index == wanted.end { Ok(plain) } else { Err(Error::Seal("a sealed file has been cut")) }
    }
}

impl std::fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedFile").field("name", &self.name).field("size", &self.size).finish_non_exhaustive()
    }
}

fn to_usize(size: u64) -> Result<usize> {
    usize::try_from(size).map_err(|_| Error::Invalid("the range is larger than memory".into()))
}

/// A sealed file as a stream of plain bytes, a mebibyte of it in memory.
pub struct SealedReader {
    file: SealedFile,
    at: u64,
    batch: io::Cursor<Vec<u8>>,
}

impl SealedReader {
    /// Plain bytes in all.
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// The next part of the file, at most a mebibyte; `None` at its end.
    pub fn next_part(&mut self) -> Result<Option<Vec<u8>>> {
        let end = self.file.size.min(self.at + BATCH * CHUNK as u64);
        if self.at == end {
            return Ok(None);
        }
        let part = self.file.read(self.at..end)?;
        self.at = end;
        Ok(Some(part))
    }
}

impl Read for SealedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let taken = self.batch.read(buffer)?;
        if taken > 0 || buffer.is_empty() {
            return Ok(taken);
        }
        match self.next_part().map_err(io::Error::other)? {
            None => Ok(0),
            Some(part) => {
                self.batch = io::Cursor::new(part);
                self.batch.read(buffer)
            }
        }
    }
}
