//! Blobs in memory, for tests and for the simulation.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::{BlobStore, BlobWriter, absent, check_name};
use crate::Result;

type Files = Arc<Mutex<BTreeMap<String, Arc<Vec<u8>>>>>;

/// Blobs in memory. A clone is the same store.
#[derive(Clone, Default)]
pub struct MemoryBlobs(Files);

struct Writer {
    files: Files,
    name: String,
    bytes: Vec<u8>,
}

impl MemoryBlobs {
    /// The bytes of a blob.
    fn get(&self, name: &str) -> Option<Arc<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

impl BlobStore for MemoryBlobs {
    fn create(&self, name: &str) -> Result<Box<dyn BlobWriter>> {
        check_name(name)?;
        Ok(Box::new(Writer { files: Arc::clone(&self.0), name: name.to_owned(), bytes: Vec::new() }))
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        Ok(self.get(name).map(|bytes| bytes.len() as u64))
    }

    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>> {
        let bytes = self.get(name).ok_or_else(absent)?;
        let at = |edge: u64| usize::try_from(edge).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes.get(at(range.start)..at(range.end)).unwrap_or_default().to_vec())
    }

    fn delete(&self, name: &str) -> Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let from = files.range(prefix.to_owned()..);
        Ok(from.map(|(name, _)| name).take_while(|name| name.starts_with(prefix)).cloned().collect())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl BlobWriter for Writer {
    fn finish(self: Box<Self>) -> Result<()> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(self.name, Arc::new(self.bytes));
        Ok(())
    }
}
