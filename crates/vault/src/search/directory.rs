//! What the search engine takes for its folder: every file is a sealed blob under `index/{workspace}/`.
//!
//! Locks are in memory (one writer is a leased job), and the engine's list of its files is the store's own listing,
//! so what a crash left behind is found and collected. Files written once never change; `meta.json` is replaced whole.

use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, OwnedBytes, TerminatingWrite, WatchCallback,
    WatchHandle, WritePtr,
};
use zeroize::Zeroizing;

use super::cache::ChunkCache;
use super::failure::Noted;
use crate::blobs::{BlobStore, CHUNK, SealedFile, SealedWriter};
use crate::{Chance, Error, Result};

/// Chunks of a read that goes through the cache. Longer ones are merges and dictionaries, which the engine keeps
/// itself: they would only push out the others.
const CACHED: usize = 8;

/// The engine's list of its files, which is never stored.
const MANAGED: &str = ".managed.json";

/// The files of one workspace's index.
pub(super) struct IndexFiles {
    pub(super) blobs: Arc<dyn BlobStore>,
    chance: Arc<dyn Chance>,
    key: Zeroizing<[u8; 32]>,
    prefix: String,
    cache: ChunkCache,
    locks: Arc<Locks>,
}

#[derive(Default)]
struct Locks {
    held: Mutex<HashSet<PathBuf>>,
    freed: Condvar,
}

struct Held(Arc<Locks>, PathBuf);

/// One view of the files, with what went wrong in it.
#[derive(Clone)]
pub(super) struct SealedDirectory {
    files: Arc<IndexFiles>,
    noted: Noted,
}

/// Whether a blob of that name is a file of an index that is written once and is then the same until it is deleted. A copy of
/// one may be kept elsewhere, sealed as it is.
pub fn never_changes(name: &str) -> bool {
    let file = Path::new(name);
    // The list of parts is replaced; lists of deleted documents count up, and a crash may leave one that is written anew.
    let changes = file.ends_with("meta.json") || file.extension().is_some_and(|kind| kind == "del");
    name.starts_with("index/") && !name.contains("/.") && !changes
}

impl IndexFiles {
    pub(super) fn new(
        blobs: Arc<dyn BlobStore>,
        chance: Arc<dyn Chance>,
        key: &[u8; 32],
        prefix: String,
        cache: usize,
    ) -> Self {
        Self { blobs, chance, key: Zeroizing::new(*key), prefix, cache: ChunkCache::new(cache), locks: Arc::default() }
    }

    /// Whether they are the same files, under the same key.
    pub(super) fn are_those(&self, others: &Self) -> bool {
        let same_key: bool = subtle::ConstantTimeEq::ct_eq(&self.key[..], &others.key[..]).into();
        same_key && self.prefix == others.prefix
    }

    /// Removes every file.
    pub(super) fn clear(&self) -> Result<()> {
        self.cache.clear();
        self.names()?.iter().try_for_each(|name| self.blobs.delete(name))
    }

    /// Seals every file anew, under another key and prefix; how many.
    pub(super) fn copy_to(&self, target: &Self) -> Result<usize> {
        target.clear()?;
        let names = self.names()?;
        for name in &names {
            let Some(file) = name.strip_prefix(&self.prefix) else { continue };
            let mut from = self.open(Path::new(file))?.into_reader();
            let mut into = target.create(Path::new(file))?;
            while let Some(part) = from.next_part()?.map(Zeroizing::new) {
                into.append(&part)?;
            }
            into.finish()?;
        }
        Ok(names.len())
    }

    /// The names of all files in the store.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        self.blobs.list(&self.prefix)
    }

    /// The name in the store of the engine's file. It names its files by random segment ids.
    pub(super) fn name(&self, path: &Path) -> Result<String> {
        let file = path.to_str().ok_or_else(|| Error::Invalid("a file of the index has no name".into()))?;
        Ok(format!("{}{file}", self.prefix))
    }

    fn open(&self, path: &Path) -> Result<SealedFile> {
        SealedFile::open(Arc::clone(&self.blobs), &self.name(path)?, &self.key)
    }

    fn create(&self, path: &Path) -> Result<SealedWriter> {
        let name = self.name(path)?;
        self.cache.forget(&name);
        SealedWriter::create(&*self.blobs, &name, &self.key, self.chance.draw(), None)
    }

    fn list(&self) -> Result<Vec<u8>> {
        let names = self.names()?;
        let files: Vec<_> = names.iter().filter_map(|name| name.strip_prefix(&self.prefix)).collect();
        serde_json::to_vec(&files).map_err(|_| Error::Invalid("the index's files cannot be listed".into()))
    }
}

impl SealedDirectory {
    pub(super) fn new(files: &Arc<IndexFiles>) -> Self {
        Self { files: Arc::clone(files), noted: Noted::default() }
    }

    pub(super) fn noted(&self) -> Noted {
        self.noted.clone()
    }

    fn read_error(&self, path: &Path, error: Error) -> OpenReadError {
        let absent = matches!(error, Error::NotFound(_));
        let noted = self.noted.note(error);
        if absent {
            OpenReadError::FileDoesNotExist(path.into())
        } else {
            OpenReadError::wrap_io_error(noted, path.into())
        }
    }
}

impl std::fmt::Debug for SealedDirectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedDirectory")
    }
}

impl Directory for SealedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let open = || {
            let size = |file: &SealedFile| usize::try_from(file.size()).map_err(|_| Error::Seal("a file is too large"));
            let file = self.files.open(path)?;
            Ok(Handle { size: size(&file)?, name: self.files.name(path)?.into(), directory: self.clone(), file })
        };
        open().map(|handle| Arc::new(handle) as Arc<dyn FileHandle>).map_err(|error| self.read_error(path, error))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        let delete = || {
            let name = self.files.name(path)?;
            self.files.cache.forget(&name);
            self.files.blobs.delete(&name)
        };
        delete()
            .map_err(|error| DeleteError::IoError { io_error: Arc::new(self.noted.note(error)), filepath: path.into() })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        let size = self.files.name(path).and_then(|name| self.files.blobs.size(&name));
        size.map(|size| size.is_some()).map_err(|error| self.read_error(path, error))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let failed = |error| OpenWriteError::wrap_io_error(self.noted.note(error), path.into());
        // A file of that name can only be what a crash left: names are random, or count up from the last commit.
        let writer = self.files.create(path).map_err(failed)?;
        Ok(BufWriter::new(Box::new(Sink { writer: Some(writer), noted: self.noted.clone() })))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let read = || {
            if path == Path::new(MANAGED) {
                return self.files.list();
            }
            SealedFile::read_whole(&*self.files.blobs, &self.files.name(path)?, &self.files.key)
        };
        read().map_err(|error| self.read_error(path, error))
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        if path == Path::new(MANAGED) {
            return Ok(());
        }
        let write = || {
            let mut writer = self.files.create(path)?;
            writer.append(data)?;
            writer.finish()
        };
        write().map(|_| ()).map_err(|error| self.noted.note(error))
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        let locks = &self.files.locks;
        let mut held = locks.held.lock().unwrap_or_else(PoisonError::into_inner);
        while held.contains(&lock.filepath) {
            if !lock.is_blocking {
                return Err(LockError::LockBusy);
            }
            held = locks.freed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        held.insert(lock.filepath.clone());
        Ok(Box::new(Held(Arc::clone(locks), lock.filepath.clone())).into())
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        // Readers are reloaded by hand after a commit.
        Ok(WatchHandle::empty())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
        self.0.freed.notify_all();
    }
}

/// A file being read, chunk by chunk through the index's cache.
struct Handle {
    directory: SealedDirectory,
    file: SealedFile,
    name: Arc<str>,
    size: usize,
}

impl Handle {
    fn chunk(&self, index: usize) -> io::Result<super::cache::Chunk> {
        let cache = &self.directory.files.cache;
        cache
            .get(&self.name, index as u64, || self.file.chunk(index as u64))
            .map_err(|error| self.directory.noted.note(error))
    }
}

impl FileHandle for Handle {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.size {
            return Err(self.directory.noted.note(Error::Invalid("the index reads beyond a file".into())));
        }
        if range.is_empty() {
            return Ok(OwnedBytes::empty());
        }
        let (first, last) = (range.start / CHUNK, (range.end - 1) / CHUNK);
        if first == last {
            return Ok(
                OwnedBytes::new(self.chunk(first)?).slice(range.start - first * CHUNK..range.end - first * CHUNK)
            );
        }
        if last - first < CACHED {
            let mut plain = Vec::with_capacity((last - first + 1) * CHUNK);
            for index in first..=last {
                plain.extend_from_slice(&self.chunk(index)?);
            }
            return Ok(OwnedBytes::new(plain).slice(range.start - first * CHUNK..range.end - first * CHUNK));
        }
        let plain = self.file.read(range.start as u64..range.end as u64);
        plain.map(OwnedBytes::new).map_err(|error| self.directory.noted.note(error))
    }
}

impl HasLen for Handle {
    fn len(&self) -> usize {
        self.size
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.file.fmt(f)
    }
}

/// A file being written, which appears when it is terminated.
struct Sink {
    writer: Option<SealedWriter>,
    noted: Noted,
}

impl Sink {
    fn closed() -> Error {
        Error::Invalid("the index writes to a finished file".into())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.as_mut().ok_or_else(Self::closed).and_then(|writer| writer.append(bytes));
        written.map(|()| bytes.len()).map_err(|error| self.noted.note(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for Sink {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        let finished = self.writer.take().ok_or_else(Self::closed).and_then(SealedWriter::finish);
        finished.map(|_| ()).map_err(|error| self.noted.note(error))
    }
}
