//! The indexes in use: few stay open, and idle ones go.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use super::directory::IndexFiles;
use super::failure::SearchError;
use super::index::WorkspaceIndex;
use crate::blobs::BlobStore;
use crate::{Chance, Millis, WorkspaceId};

/// How much memory indexes may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Indexes kept open at a time (more, while more are in use).
    pub open: usize,
    /// Opened chunks kept per index, in bytes.
    pub cache: usize,
}

/// The indexes of all workspaces.
pub struct SearchIndexes {
    blobs: Arc<dyn BlobStore>,
    chance: Arc<dyn Chance>,
    limits: Limits,
    open: Mutex<HashMap<WorkspaceId, Arc<WorkspaceIndex>>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { open: 32, cache: 4 << 20 }
    }
}

impl SearchIndexes {
    /// Over a store; nothing is read yet.
    pub fn new(blobs: Arc<dyn BlobStore>, chance: Arc<dyn Chance>, limits: Limits) -> Self {
        Self { blobs, chance, limits, open: Mutex::default() }
    }

    /// A workspace's index, with its first index key. It need not exist yet. With another key than it was written under,
    /// using it says that it must be rebuilt.
    pub fn open(&self, workspace: WorkspaceId, key: &[u8; 32], now: Millis) -> Arc<WorkspaceIndex> {
        self.open_folder(workspace, (0, key), now)
    }

    /// The same, in one of the workspace's folders, of which 0 is the first.
    pub(crate) fn open_folder(
        &self,
        workspace: WorkspaceId,
        (folder, key): (i64, &[u8; 32]),
        now: Millis,
    ) -> Arc<WorkspaceIndex> {
        let files = self.files(workspace, folder, key);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = open.get(&workspace)
            && index.files.are_those(&files)
        {
            index.used.fetch_max(now, Ordering::Relaxed);
            return Arc::clone(index);
        }
        while open.len() >= self.limits.open.max(1) && close_oldest(&mut open) {}
        let index = Arc::new(WorkspaceIndex::new(files, now));
        open.insert(workspace, Arc::clone(&index));
        index
    }

    /// Closes the indexes not used since a moment, unless somebody holds them; how many.
    pub fn close_idle(&self, since: Millis) -> usize {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let before = open.len();
        open.retain(|_, index| index.used.load(Ordering::Relaxed) >= since || Arc::strong_count(index) > 1);
        before - open.len()
    }

    /// Copies a workspace's index into another of its folders, under that one's key; how many files. Nobody may write the
    /// index meanwhile; whatever is in that folder goes first.
    pub(crate) fn copy(
        &self,
        workspace: WorkspaceId,
        from: (i64, &[u8; 32]),
        (folder, key): (i64, &[u8; 32]),
        now: Millis,
    ) -> Result<usize, SearchError> {
        let index = self.open_folder(workspace, from, now);
        let _one = index.writing.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(index.files.copy_to(&self.files(workspace, folder, key))?)
    }

    /// Removes a folder with all its files. A key is not needed to remove.
    pub(crate) fn remove(&self, workspace: WorkspaceId, folder: i64) -> Result<(), SearchError> {
        self.files(workspace, folder, &[0; 32]).clear().map_err(SearchError::Store)
    }

    fn files(&self, workspace: WorkspaceId, folder: i64, key: &[u8; 32]) -> IndexFiles {
        let prefix = match folder {
            0 => format!("index/{workspace}/"),
            later => format!("index/{workspace}.{later}/"),
        };
        IndexFiles::new(Arc::clone(&self.blobs), Arc::clone(&self.chance), key, prefix, self.limits.cache)
    }
}

/// Closes the index that was used longest ago of those that nobody holds; whether there was one. One that is held must
/// stay: opened a second time it would have a second writer.
fn close_oldest(open: &mut HashMap<WorkspaceId, Arc<WorkspaceIndex>>) -> bool {
    let idle = open.iter().filter(|(_, index)| Arc::strong_count(index) == 1);
    let oldest = idle.min_by_key(|(_, index)| index.used.load(Ordering::Relaxed)).map(|(workspace, _)| *workspace);
    oldest.is_some_and(|workspace| open.remove(&workspace).is_some())
}
