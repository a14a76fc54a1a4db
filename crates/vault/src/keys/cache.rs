//! A bounded map that keeps what was used lately: two generations, of which the older is dropped when the younger is full.

use std::collections::HashMap;
use std::hash::Hash;

/// At most `2 × half` entries.
pub(super) struct Cache<K, V> {
    half: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash + Copy, V: Clone> Cache<K, V> {
    pub(super) fn new(half: usize) -> Self {
        Self { half, young: HashMap::new(), old: HashMap::new() }
    }

    pub(super) fn get(&mut self, key: K) -> Option<V> {
        if let Some(value) = self.young.get(&key) {
            return Some(value.clone());
        }
        let value = self.old.remove(&key)?;
        self.put(key, value.clone());
        Some(value)
    }

    pub(super) fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    pub(super) fn remove(&mut self, key: K) {
        self.young.remove(&key);
        self.old.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    #[test]
    fn it_is_bounded_and_keeps_what_is_used() {
        let mut cache = Cache::new(4);
        for key in 0..100 {
            cache.put(key, key);
            assert_eq!(cache.get(0), Some(0), "used all the time");
            assert!(cache.young.len() + cache.old.len() <= 8);
        }
        assert_eq!(cache.get(50), None);
        cache.remove(0);
        assert_eq!(cache.get(0), None);
    }
}
