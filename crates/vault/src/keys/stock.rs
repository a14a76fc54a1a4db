//! Contacts' keys. They are made ahead and committed to custody before any is used, so that no transaction spans both
//! stores: a rolled-back transaction wastes a key, and no committed one can lose its key.
//!
//! What is left of the stock when the program ends is not used again. It costs some 200 bytes a key, and an unused key
//! says nothing.

use std::collections::HashMap;

use super::cache::Cache;
use super::ring::key_name;
use super::{Held, Key, Keys, envelope, locked};
use crate::id::KeyId;
use crate::{Result, WorkspaceId};

/// How many keys are made at once.
const BATCH: usize = 256;
/// Below this many, more are made before the next transaction.
const LOW: usize = 32;
/// How many used keys stay in memory, halved.
const HALF: usize = 16 * 1024;

const CONTACT: &str = "contact";

/// Contact keys in memory.
pub(super) struct Stock {
    unused: HashMap<WorkspaceId, Vec<Held>>,
    used: Cache<KeyId, Key>,
}

impl Default for Stock {
    fn default() -> Self {
        Self { unused: HashMap::new(), used: Cache::new(HALF) }
    }
}

impl Stock {
    pub(super) fn forget(&mut self, id: KeyId) {
        self.used.remove(id);
    }

    fn left(&self, workspace: WorkspaceId) -> usize {
        self.unused.get(&workspace).map_or(0, Vec::len)
    }

    fn take(&mut self, workspace: WorkspaceId) -> Option<Held> {
        let held = self.unused.get_mut(&workspace)?.pop()?;
        self.used.put(held.id, held.key.clone());
        Some(held)
    }
}

impl Keys {
    /// Makes sure that a transaction of this workspace finds keys for new contacts. Nearly always free; otherwise one
    /// commit in custody. Called before a writing closure, outside its transaction.
    pub(crate) fn ensure_stock(&self, workspace: WorkspaceId) -> Result<()> {
        if locked(&self.stock).left(workspace) >= LOW {
            return Ok(());
        }
        let ring = self.ring(Some(workspace))?;
        let fresh: Vec<Held> = (0..BATCH).map(|_| self.fresh()).collect();
        let wrap = |held| self.wrapped(&ring.workspace.key, Some(workspace), CONTACT, held);
        let wrapped = fresh.iter().map(wrap).collect::<Result<_>>()?;
        self.custody.add(Some(workspace), wrapped, self.clock.now())?;
        locked(&self.stock).unused.entry(workspace).or_default().extend(fresh);
        Ok(())
    }

    /// Whether this workspace drew keys before and few are left. One that never drew any needs none made ahead.
    pub(crate) fn is_running_low(&self, workspace: WorkspaceId) -> bool {
        locked(&self.stock).unused.get(&workspace).is_some_and(|held| held.len() < LOW)
    }

    /// A key that nothing is sealed under yet. If none is left, this waits for custody to take more.
    pub(crate) fn draw(&self, workspace: WorkspaceId) -> Result<(KeyId, Key)> {
        loop {
            if let Some(Held { id, key }) = locked(&self.stock).take(workspace) {
                return Ok((id, key));
            }
            self.ensure_stock(workspace)?;
        }
    }

    /// A contact's key; `None` if it was destroyed. Never enough by itself: the caller has found it un-erased in the
    /// snapshot of its transaction.
    pub(crate) fn contact_key(&self, workspace: WorkspaceId, id: KeyId) -> Result<Option<Key>> {
        if let Some(key) = locked(&self.stock).used.get(id) {
            return Ok(Some(key));
        }
        let Some(wrapped) = self.custody.contact_key(workspace, id)? else { return Ok(None) };
        let ring = self.ring(Some(workspace))?;
        let key = envelope::unwrap(&ring.workspace.key, &key_name(CONTACT, Some(workspace), id), &wrapped)?;
        let key = Key::from_bytes(&key)?;
        locked(&self.stock).used.put(id, key.clone());
        Ok(Some(key))
    }
}
