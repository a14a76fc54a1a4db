//! Blobs that lie far away, with those of the full-text index kept nearby: in the data folder, as sealed as they are there.
//!
//! A search reads a few pieces of many files, and each would be a request. Only files that never change under their name are kept,
//! so a copy is right as long as the original is there, and that is asked again every few minutes: what an erasure removed far
//! away leaves here too. At most so many bytes are kept; what was used longest ago goes first. A copy that cannot be made or
//! read is no failure: then the original is read.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use vault::blobs::{BlobStore, BlobWriter};
use vault::search::never_changes;
use vault::{Clock, Error, Millis, Result};

/// How long an original that was there is taken to be there.
const SURE: Millis = 10 * 60_000;
/// How long a copy stays that nobody uses.
const UNUSED: Millis = 60 * 60_000;
const SWEEP: Duration = Duration::from_mins(10);
/// Bytes fetched at a time.
const STEP: u64 = 8 << 20;
/// What the name of a copy begins with that is not whole yet. No blob's name has a `=`.
const DRAFT: &str = "=draft-";

/// A store with copies nearby.
pub(super) struct Nearby {
    far: Arc<dyn BlobStore>,
    copies: Arc<Copies>,
}

/// The copies.
struct Copies {
    folder: PathBuf,
    most: u64,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    copies: HashMap<String, Copy>,
    bytes: u64,
    drafts: u64,
}

#[derive(Clone, Copy)]
struct Copy {
    size: u64,
    used: Millis,
    /// When the original was last there; 0 if that is not known.
    seen: Millis,
}

/// A copy that is not whole yet; dropped, it leaves nothing.
struct Draft {
    copies: Arc<Copies>,
    file: File,
    path: PathBuf,
    size: u64,
}

impl Nearby {
    /// Keeps copies of `far` in a folder, at most so many bytes. Those of an earlier run are still good.
    pub(super) fn open(far: Arc<dyn BlobStore>, folder: &Path, most: u64, clock: Arc<dyn Clock>) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let copies = Copies { folder: folder.to_owned(), most, clock, state: Mutex::default() };
        copies.take_stock()?;
        let copies = Arc::new(copies);
        let swept = Arc::downgrade(&copies);
        std::thread::Builder::new().name("nearby".to_owned()).spawn(move || sweep_now_and_then(&swept))?;
        Ok(Self { far, copies })
    }

    /// The copy of a blob, if there is one of which the original is still there.
    fn copy(&self, name: &str) -> Result<Option<(File, u64)>> {
        let Some(copy) = self.copies.used(name) else { return Ok(None) };
        let now = self.copies.clock.now();
        if now - copy.seen > SURE {
            match self.far.size(name) {
                Ok(Some(size)) if size == copy.size => self.copies.seen(name, now),
                Ok(_) => {
                    self.copies.remove(name);
                    return Ok(None);
                }
                // While the storage does not answer, what is here still serves.
                Err(_) if copy.seen > 0 => {}
                Err(error) => return Err(error),
            }
        }
        if let Ok(file) = File::open(self.copies.path(name)) {
            return Ok(Some((file, copy.size)));
        }
        self.copies.remove(name);
        Ok(None)
    }

    /// Fetches a blob whole; `None` if it is better left where it is.
    fn fetch(&self, name: &str) -> Result<Option<(File, u64)>> {
        let size = self.far.size(name)?.ok_or(Error::NotFound("file"))?;
        if size > self.copies.most / 2 {
            return Ok(None);
        }
        let Ok(mut draft) = self.copies.draft() else { return Ok(None) };
        let mut at = 0;
        while at < size {
            let piece = self.far.read(name, at..size.min(at + STEP))?;
            if piece.is_empty() || draft.write_all(&piece).is_err() {
                return Ok(None);
            }
            at += piece.len() as u64;
        }
        draft.keep(name);
        Ok(File::open(self.copies.path(name)).ok().map(|file| (file, size)))
    }
}

impl BlobStore for Nearby {
    fn create(&self, name: &str) -> Result<Box<dyn BlobWriter>> {
        let far = self.far.create(name)?;
        if !never_changes(name) {
            return Ok(far);
        }
        // What a crash left under this name is another file.
        self.copies.remove(name);
        Ok(Box::new(Both { far, near: self.copies.draft().ok(), name: name.to_owned() }))
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        if never_changes(name)
            && let Some((_, size)) = self.copy(name)?
        {
            return Ok(Some(size));
        }
        self.far.size(name)
    }

    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>> {
        if !never_changes(name) {
            return self.far.read(name, range);
        }
        let kept = match self.copy(name)? {
            Some(kept) => Some(kept),
            None => self.fetch(name)?,
        };
        match kept.and_then(|(file, size)| part(&file, range.start.min(size)..range.end.min(size)).ok()) {
            Some(bytes) => Ok(bytes),
            None => self.far.read(name, range),
        }
    }

    fn delete(&self, name: &str) -> Result<()> {
        self.copies.remove(name);
        self.far.delete(name)
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>> {
        self.far.list(prefix)
    }
}

fn part(file: &File, range: Range<u64>) -> io::Result<Vec<u8>> {
    let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, range.start)?;
    Ok(bytes)
}

impl Copies {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A blob's copy lies flat in the folder.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name.replace('/', "="))
    }

    /// Finds what an earlier run left.
    fn take_stock(&self) -> Result<()> {
        let now = self.clock.now();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let Ok(file) = entry.file_name().into_string() else { continue };
            if file.starts_with(DRAFT) {
                fs::remove_file(entry.path()).ok();
                continue;
            }
            let size = entry.metadata()?.len();
            self.add(&file.replace('=', "/"), Copy { size, used: now, seen: 0 });
        }
        Ok(())
    }

    fn add(&self, name: &str, copy: Copy) {
        let mut state = self.state();
        state.bytes += copy.size;
        if let Some(before) = state.copies.insert(name.to_owned(), copy) {
            state.bytes -= before.size;
        }
        while state.bytes > self.most {
            let oldest = state.copies.iter().min_by_key(|(_, copy)| copy.used).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { break };
            self.forget(&mut state, &oldest);
        }
    }

    /// The copy, which counts as used now.
    fn used(&self, name: &str) -> Option<Copy> {
        let now = self.clock.now();
        let mut state = self.state();
        let copy = state.copies.get_mut(name)?;
        copy.used = now;
        Some(*copy)
    }

    fn seen(&self, name: &str, now: Millis) {
        if let Some(copy) = self.state().copies.get_mut(name) {
            copy.seen = now;
        }
    }

    fn remove(&self, name: &str) {
        self.forget(&mut self.state(), name);
    }

    fn forget(&self, state: &mut State, name: &str) {
        if let Some(copy) = state.copies.remove(name) {
            state.bytes -= copy.size;
            fs::remove_file(self.path(name)).ok();
        }
    }

    /// Removes what nobody used for a while.
    fn sweep(&self) {
        let before = self.clock.now() - UNUSED;
        let mut state = self.state();
        let unused: Vec<_> =
            state.copies.iter().filter(|(_, copy)| copy.used < before).map(|(name, _)| name.clone()).collect();
        for name in &unused {
            self.forget(&mut state, name);
        }
    }

    fn draft(self: &Arc<Self>) -> io::Result<Draft> {
        let number = {
            let mut state = self.state();
            state.drafts += 1;
            state.drafts
        };
        let path = self.folder.join(format!("{DRAFT}{}-{number}", std::process::id()));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        Ok(Draft { copies: Arc::clone(self), file, path, size: 0 })
    }
}

fn sweep_now_and_then(copies: &Weak<Copies>) {
    loop {
        std::thread::sleep(SWEEP);
        let Some(copies) = copies.upgrade() else { return };
        copies.sweep();
    }
}

impl Draft {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Makes it the copy of a blob that is there.
    fn keep(self, name: &str) {
        // After a power cut, half of a file under its whole name would look like damage of the index.
        if self.file.sync_data().is_ok() && fs::rename(&self.path, self.copies.path(name)).is_ok() {
            let now = self.copies.clock.now();
            self.copies.add(name, Copy { size: self.size, used: now, seen: now });
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already if it was kept.
        fs::remove_file(&self.path).ok();
    }
}

/// A blob being written, there and here.
struct Both {
    far: Box<dyn BlobWriter>,
    near: Option<Draft>,
    name: String,
}

impl Write for Both {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.far.write(bytes)?;
        let copied = self.near.as_mut().map(|near| near.write_all(bytes.get(..written).unwrap_or_default()));
        if copied.is_some_and(|copied| copied.is_err()) {
            self.near = None;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.far.flush()
    }
}

impl BlobWriter for Both {
    fn finish(self: Box<Self>) -> Result<()> {
        let Self { far, near, name } = *self;
        far.finish()?;
        if let Some(draft) = near {
            draft.keep(&name);
        }
        Ok(())
    }
}
