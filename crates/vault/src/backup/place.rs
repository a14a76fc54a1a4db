//! Where a backup lies: named objects in a folder or a bucket, each sealed under the backup's key, or copied as it is because it was
//! sealed before. Whoever names an object keeps its size and hash, by which another one in its place is found out.

use std::io::Write;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::broken;
use crate::blobs::{self, BlobStore};
use crate::keys::Key;
use crate::{Error, Result};

/// How much of a file is copied at a time.
const STEP: u64 = 4 << 20;

/// An object of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Its name in the place.
    pub(crate) name: String,
    /// Its bytes, as they lie there.
    pub(crate) size: u64,
    /// SHA-256 over them, in hexadecimal.
    pub(crate) hash: String,
}

impl Part {
    /// What bytes of a name are.
    pub(crate) fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), size: bytes.len() as u64, hash: hex::encode(Sha256::digest(bytes)) }
    }
}

/// A place for backups. A clone is the same place.
#[derive(Clone)]
pub struct Place(Arc<dyn BlobStore>);

impl Place {
    /// A place in a store of its own.
    pub fn new(store: Arc<dyn BlobStore>) -> Self {
        Self(store)
    }

    /// A place in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self> {
        let store = blobs::DiskBlobs::at(folder)?;
        Ok(Self(Arc::new(store)))
    }

    pub(crate) fn list(&self, prefix: &str) -> Result<Vec<String>> {
        self.0.list(prefix)
    }

    pub(crate) fn delete(&self, name: &str) -> Result<()> {
        self.0.delete(name)
    }

    /// Puts bytes that are sealed already.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<Part> {
        let mut writer = self.0.create(name)?;
        writer.write_all(bytes)?;
        writer.finish()?;
        Ok(Part::of(name, bytes))
    }

    /// The bytes of an object; `None` if it is not there.
    pub(crate) fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match self.0.read(name, 0..u64::from(u32::MAX)) {
            Err(Error::NotFound(_)) => Ok(None),
            read => read.map(Some),
        }
    }

    /// What is in an object that is named.
    ///
    /// # Errors
    /// `backup_broken` if it is missing or another one.
    pub(crate) fn open(&self, part: &Part, key: &Key) -> Result<Vec<u8>> {
        let bytes = self.bytes(&part.name)?.ok_or_else(|| broken(&part.name, "is missing"))?;
        if Part::of(&part.name, &bytes) != *part {
            return Err(broken(&part.name, "is not what was written: it was altered, cut or exchanged"));
        }
        open(&part.name, key, &bytes)
    }

    /// Copies a file as it is from where files lie; `None` if it is not there any more.
    pub(crate) fn take_in(&self, files: &dyn BlobStore, file: &str, name: &str) -> Result<Option<Part>> {
        let mut writer = self.0.create(name)?;
        let Some((size, hash)) = copy(files, file, &mut *writer)? else { return Ok(None) };
        writer.finish()?;
        Ok(Some(Part { name: name.to_owned(), size, hash }))
    }

    /// Reads a file to its end.
    ///
    /// # Errors
    /// `backup_broken` if it is missing or another one.
    pub(crate) fn verify(&self, part: &Part) -> Result<()> {
        match copy(&*self.0, &part.name, &mut Nowhere)? {
            None => Err(broken(&part.name, "is missing")),
            Some(read) if read != (part.size, part.hash.clone()) => {
                Err(broken(&part.name, "is not what was written: it was altered, cut or exchanged"))
            }
            Some(_) => Ok(()),
        }
    }

    /// Gives a file back, to where files lie.
    ///
    /// # Errors
    /// `backup_broken` if it is missing or another one.
    pub(crate) fn give_back(&self, part: &Part, files: &dyn BlobStore, file: &str) -> Result<()> {
        let mut writer = files.create(file)?;
        let copied = copy(&*self.0, &part.name, &mut *writer)?.ok_or_else(|| broken(&part.name, "is missing"))?;
        if copied != (part.size, part.hash.clone()) {
            return Err(broken(&part.name, "is not what was written: it was altered, cut or exchanged"));
        }
        writer.finish()
    }
}

/// Takes bytes and keeps none.
struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl blobs::BlobWriter for Nowhere {
    fn finish(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// Copies a blob; its size and hash, or nothing if it is not there.
fn copy(from: &dyn BlobStore, name: &str, to: &mut dyn blobs::BlobWriter) -> Result<Option<(u64, String)>> {
    let Some(size) = from.size(name)? else { return Ok(None) };
    let (mut hash, mut at) = (Sha256::new(), 0);
    while at < size {
        let bytes = match from.read(name, at..size.min(at + STEP)) {
            Err(Error::NotFound(_)) => return Ok(None),
            read => read?,
        };
        if bytes.is_empty() {
            break;
        }
        hash.update(&bytes);
        to.write_all(&bytes)?;
        at += bytes.len() as u64;
    }
    Ok(Some((at, hex::encode(hash.finalize()))))
}

/// Seals bytes for an object of that name. `salt` is fresh.
pub(crate) fn seal(name: &str, key: &Key, salt: [u8; 32], plain: &[u8]) -> Result<Vec<u8>> {
    blobs::seal_whole(name, key.bytes(), salt, plain)
}

/// Opens the bytes of an object.
pub(crate) fn open(name: &str, key: &Key, sealed: &[u8]) -> Result<Vec<u8>> {
    blobs::open_whole(name, key.bytes(), sealed)
        .map_err(|_| broken(name, "cannot be opened: it was altered or moved, or belongs to another installation"))
}
