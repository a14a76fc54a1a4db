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
        self.open_generation(workspace, (1, key), now)
    }

    /// The same, with the key of a generation: each has a folder of its own.
    pub(crate) fn open_generation(
        &self,
        workspace: WorkspaceId,
        (generation, key): (i64, &[u8; 32]),
        now: Millis,
    ) -> Arc<WorkspaceIndex> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = open.get(&workspace)
            && index.files.has_key(key)
        {
            index.used.fetch_max(now, Ordering::Relaxed);
            return Arc::clone(index);
        }
        while open.len() >= self.limits.open.max(1) && close_oldest(&mut open) {}
        let index = Arc::new(WorkspaceIndex::new(self.files(workspace, generation, key), now));
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

    /// Removes a workspace's index with all its files. The next write begins anew.
    pub fn clear(&self, workspace: WorkspaceId) -> Result<(), SearchError> {
        let index = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&workspace).cloned();
        // A key is not needed to remove.
        let index = index.unwrap_or_else(|| Arc::new(WorkspaceIndex::new(self.files(workspace, 1, &[0; 32]), 0)));
        let _one = index.writing.lock().unwrap_or_else(PoisonError::into_inner);
        index.close_reader();
        index.files.clear().map_err(SearchError::Store)
    }

    /// Copies a workspace's index into the folder of another generation, under its key; how many files. Nobody may write
    /// the index meanwhile; whatever is in that folder, which a crash may have left, goes first.
    pub(crate) fn copy(
        &self,
        workspace: WorkspaceId,
        from: (i64, &[u8; 32]),
        (generation, key): (i64, &[u8; 32]),
        now: Millis,
    ) -> Result<usize, SearchError> {
        let index = self.open_generation(workspace, from, now);
        let _one = index.writing.lock().unwrap_or_else(PoisonError::into_inner);
        index.files.copy_to(&self.files(workspace, generation, key)).map_err(SearchError::Store)
    }

    /// Removes the folder of a generation that is no longer in use. A key is not needed to remove.
    pub(crate) fn remove(&self, workspace: WorkspaceId, generation: i64) -> Result<(), SearchError> {
        self.files(workspace, generation, &[0; 32]).clear().map_err(SearchError::Store)
    }

    fn files(&self, workspace: WorkspaceId, generation: i64, key: &[u8; 32]) -> IndexFiles {
        let prefix = match generation {
            ..=1 => format!("index/{workspace}/"),
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
