//! The opened chunks of one index, as many as its share of memory allows; the least recently used go first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::blobs::CHUNK;

/// An opened chunk.
pub(super) type Chunk = Arc<[u8]>;

/// Opened chunks by file and number.
pub(super) struct ChunkCache {
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tick: u64,
    chunks: HashMap<(Arc<str>, u64), (u64, Chunk)>,
}

impl ChunkCache {
    /// A cache of at most so many bytes, though always of one chunk.
    pub(super) fn new(bytes: usize) -> Self {
        Self { most: (bytes / CHUNK).max(1), state: Mutex::default() }
    }

    /// The chunk, from the cache or as `open` makes it.
    pub(super) fn get<E>(
        &self,
        file: &Arc<str>,
        index: u64,
        open: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Chunk, E> {
        let key = (Arc::clone(file), index);
        if let Some(chunk) = self.touch(&key) {
            return Ok(chunk);
        }
        let chunk: Chunk = open()?.into();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tick += 1;
        let tick = state.tick;
        state.chunks.insert(key, (tick, Arc::clone(&chunk)));
        if state.chunks.len() > self.most {
            state.drop_oldest();
        }
        Ok(chunk)
    }

    fn touch(&self, key: &(Arc<str>, u64)) -> Option<Chunk> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tick += 1;
        let tick = state.tick;
        let (used, chunk) = state.chunks.get_mut(key)?;
        *used = tick;
        Some(Arc::clone(chunk))
    }

    /// Forgets a file.
    pub(super) fn forget(&self, file: &str) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).chunks.retain(|(name, _), _| &**name != file);
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).chunks.clear();
    }
}

impl State {
    fn drop_oldest(&mut self) {
        // A scan over some hundred entries is nothing against opening the chunk that made it necessary.
        let oldest = self.chunks.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| key.clone());
        if let Some(key) = oldest {
            self.chunks.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, CHUNK, ChunkCache};

    #[test]
    fn the_least_recently_used_chunk_goes_first() {
        let cache = ChunkCache::new(2 * CHUNK);
        let file: Arc<str> = "a".into();
        let get = |index, byte| cache.get(&file, index, || Ok::<_, ()>(vec![byte])).expect("opened")[0];
        assert_eq!((get(0, 1), get(1, 2), get(0, 9)), (1, 2, 1));
        assert_eq!(get(2, 3), 3);
        assert_eq!((get(0, 9), get(1, 8)), (1, 8), "chunk 1 had to be opened again");
        cache.forget("a");
        assert_eq!(get(1, 7), 7);
    }
}
