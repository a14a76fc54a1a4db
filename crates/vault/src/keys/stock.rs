//! Contacts' keys. They are made ahead and committed to custody before any is used, so that no transaction spans both
//! stores: a rolled-back transaction wastes a key, and no committed one can lose its key.
//!
//! What is left of the stock when the program ends is not used again. It costs some 200 bytes a key, and an unused key
//! says nothing.

use std::collections::HashMap;

use super::cache::Cache;
use super::ring::{Ring, key_name};
use super::{Held, Key, Keys, locked};
use crate::id::KeyId;
use crate::{Error, Result, WorkspaceId};

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
    /// How many are made at once, and below how many.
    batch: usize,
    low: usize,
}

impl Default for Stock {
    fn default() -> Self {
        Self { unused: HashMap::new(), used: Cache::new(HALF), batch: BATCH, low: LOW }
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
        let batch = {
            let stock = locked(&self.stock);
            if stock.left(workspace) >= stock.low {
                return Ok(());
            }
            stock.batch
        };
        let mut ring = self.ring(Some(workspace))?;
        loop {
            let fresh: Vec<Held> = (0..batch).map(|_| self.fresh()).collect();
            if self.entrust(&ring, Some(workspace), fresh.iter().map(|held| (CONTACT, held)))? > 0 {
                locked(&self.stock).unused.entry(workspace).or_default().extend(fresh);
                return Ok(());
            }
            // Another node has made the workspace's next key since this one last looked.
            ring = self.reload(Some(workspace))?;
        }
    }

    /// Whether this workspace drew keys before and few are left. One that never drew any needs none made ahead.
    pub(crate) fn is_running_low(&self, workspace: WorkspaceId) -> bool {
        let stock = locked(&self.stock);
        stock.unused.get(&workspace).is_some_and(|held| held.len() < stock.low)
    }

    /// Makes few keys at a time, so that a simulated world runs out of them again and again.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn keep_few(&self, batch: usize, low: usize) {
        let mut stock = locked(&self.stock);
        (stock.batch, stock.low) = (batch, low);
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

    /// Whether custody has a contact's key, whatever is still in memory.
    pub(crate) fn has_contact_key(&self, workspace: WorkspaceId, id: KeyId) -> Result<bool> {
        Ok(self.custody.contact_key(workspace, id)?.is_some())
    }

    /// A contact's key; `None` if it was destroyed. Never enough by itself: the caller has found it un-erased in the
    /// snapshot of its transaction.
    pub(crate) fn contact_key(&self, workspace: WorkspaceId, id: KeyId) -> Result<Option<Key>> {
        if let Some(key) = locked(&self.stock).used.get(id) {
            return Ok(Some(key));
        }
        let place = key_name(CONTACT, Some(workspace), id);
        let unwrap = |ring: &Ring| match self.custody.contact_key(workspace, id)? {
            Some(wrapped) => ring.unwrap(&place, &wrapped).map(|(key, _)| Some(key)),
            None => Ok(None),
        };
        let key = match unwrap(&*self.ring(Some(workspace))?) {
            Err(Error::Seal(_)) => unwrap(&*self.reload(Some(workspace))?)?,
            unwrapped => unwrapped?,
        };
        let Some(key) = key else { return Ok(None) };
        locked(&self.stock).used.put(id, key.clone());
        Ok(Some(key))
    }
}
