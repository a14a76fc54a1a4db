//! The key hierarchy: root → workspace → contact, and the custody store that never rolls back.
//!
//! Read [`root`] (what the operator keeps), [`ring`] (a workspace's few keys), [`stock`] (contacts' many keys), [`day`]
//! (keys that live a day), [`signing`] (of the audit log), [`custody`] (where the wrapped ones are), [`envelope`] (how anything is sealed),
//! [`roots`] (another root or workspace key for all of it), [`alone`] (one such rotation at a time), [`backups`] (what a backup
//! needs of them).

mod alone;
mod backups;
mod cache;
mod custody;
mod day;
mod envelope;
mod evidence;
mod ring;
mod root;
mod roots;
mod signing;
mod stock;
#[cfg(test)]
mod tests;
mod vapid;
mod witnessed;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

pub(crate) use backups::{fill_custody, is_custody_empty, open_copy_key};
#[cfg(any(test, feature = "testing"))]
pub use custody::KeptCustody;
pub use custody::{AuditKey, Checkpoint, CustodyAt};
pub(crate) use custody::{Deed, LedgerMark, Line};
pub(crate) use ring::Family;
pub use root::{EnvRootKey, FileRootKey, RootKey};
pub use roots::{RootState, TwoRootKeys};

use crate::id::{Identifier, KeyId};
use crate::sealing::Place;
use crate::{Chance, Clock, Result, WorkspaceId};
use custody::Custody;
use ring::Rings;
use stock::Stock;

/// A 256-bit key, wiped when dropped.
#[derive(Clone, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub(crate) struct Key([u8; 32]);

impl Key {
    /// The key itself, for a cipher.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let bytes = bytes.try_into().map_err(|_| crate::Error::Seal("a key has the wrong length"))?;
        Ok(Self(bytes))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// A key with its id.
#[derive(Clone)]
struct Held {
    id: KeyId,
    key: Key,
}

/// The keys of an installation: unwrapped ones in memory, wrapped ones in custody. Its functions may block on custody, and
/// none is asynchronous: most calls are answered from memory.
pub(crate) struct Keys {
    root: RwLock<Arc<dyn RootKey>>,
    custody: Custody,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    rings: Mutex<Rings>,
    stock: Mutex<Stock>,
    today: Mutex<Option<(i64, Held)>>,
}

impl Keys {
    /// Opens custody with the root key, making what is missing.
    ///
    /// # Errors
    /// [`crate::Error::Seal`] if custody was made with another root key.
    pub(crate) fn open(
        root: Box<dyn RootKey>,
        at: &CustodyAt,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Result<Self> {
        let custody = Custody::open(at)?;
        let keys = Self {
            root: RwLock::new(Arc::from(root)),
            custody,
            clock,
            chance,
            rings: Mutex::default(),
            stock: Mutex::default(),
            today: Mutex::default(),
        };
        // A wrong root key is found at start, not at the first message.
        keys.ring(None)?;
        Ok(keys)
    }

    /// Keys that live as long as the program: for tests.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn in_memory(clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Result<Self> {
        let root = EnvRootKey::from_text(&hex::encode(chance.draw()))?;
        Self::open(Box::new(root), &CustodyAt::Memory, clock, chance)
    }

    /// The root key in use.
    pub(crate) fn root(&self) -> Arc<dyn RootKey> {
        Arc::clone(&self.root.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Seals a cell. `chance` is fresh.
    #[expect(clippy::unused_self, reason = "callers reach sealing through the keys they hold")]
    pub(crate) fn seal(
        &self,
        key: &Key,
        id: KeyId,
        place: Place<'_>,
        chance: [u8; 32],
        plain: &[u8],
    ) -> Result<Vec<u8>> {
        envelope::seal_cell(key, id, place, chance, plain)
    }

    /// Opens a cell.
    #[expect(clippy::unused_self, reason = "callers reach sealing through the keys they hold")]
    pub(crate) fn open_cell(&self, key: &Key, id: KeyId, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
        envelope::open_cell(key, id, place, sealed)
    }

    /// The key that a cell says it is sealed under.
    #[expect(clippy::unused_self, reason = "callers reach sealing through the keys they hold")]
    pub(crate) fn key_of(&self, sealed: &[u8]) -> Result<KeyId> {
        envelope::key_of(sealed)
    }

    /// A keyed hash of a workspace's value: 32 bytes. Equal domain and value give equal hashes in this workspace alone.
    pub(crate) fn blind(&self, workspace: WorkspaceId, domain: &str, value: &str) -> Result<Vec<u8>> {
        self.blinded(Some(workspace), domain, value.as_bytes())
    }

    /// A keyed hash over the whole installation, for what is looked up before a workspace is known (e-mail addresses at
    /// sign-in, tokens).
    pub(crate) fn blind_installation(&self, domain: &str, value: &str) -> Result<Vec<u8>> {
        self.blinded(None, domain, value.as_bytes())
    }

    fn blinded(&self, owner: Option<WorkspaceId>, domain: &str, value: &[u8]) -> Result<Vec<u8>> {
        let key = self.blind_key(owner)?;
        Ok(envelope::hash(key.bytes(), &[domain.as_bytes(), value]).to_vec())
    }

    /// Destroys keys of a workspace, here and in custody. Keys that are gone already are no error. Other nodes may still
    /// have them in memory, where they do not suffice: opening asks the database too.
    pub(crate) fn destroy(&self, workspace: WorkspaceId, ids: &[KeyId]) -> Result<()> {
        let mut doomed = Vec::with_capacity(ids.len());
        for id in ids {
            doomed.push((*id, self.line(workspace, Deed::KeyDestroyed, id.to_string().as_bytes())?));
        }
        self.custody.destroy(Some(workspace), None, &doomed, self.clock.now())?;
        let mut stock = locked(&self.stock);
        for id in ids {
            stock.forget(*id);
        }
        Ok(())
    }

    /// A ledger line about a value, which becomes a keyed hash of its own domain.
    pub(crate) fn line(&self, workspace: WorkspaceId, deed: Deed, value: &[u8]) -> Result<Line> {
        let subject = self.blinded(Some(workspace), "ledger", value)?;
        Ok(Line { deed, subject, detail: String::new() })
    }

    /// Adds lines to the ledger, durable when this returns. Final ones that are there already are not repeated.
    pub(crate) fn record(&self, workspace: WorkspaceId, lines: Vec<Line>) -> Result<()> {
        self.custody.record(Some(workspace), lines, self.clock.now())
    }

    /// The ledger after `seq`, oldest first: what a restored database must be made to respect.
    pub(crate) fn ledger(&self, workspace: WorkspaceId, after: i64, limit: i64) -> Result<Vec<(i64, Line)>> {
        self.custody.lines(workspace, after, limit)
    }

    /// A workspace's checkpoints after a number, oldest first.
    pub(crate) fn checkpoints(&self, workspace: WorkspaceId, after: i64, limit: i64) -> Result<Vec<Checkpoint>> {
        self.custody.checkpoints(workspace, after, limit)
    }

    /// A workspace's newest checkpoint.
    pub(crate) fn last_checkpoint(&self, workspace: WorkspaceId) -> Result<Option<Checkpoint>> {
        self.custody.last_checkpoint(workspace)
    }

    /// Does to custody what only somebody with a hand in its files could.
    #[cfg(test)]
    pub(crate) fn tamper_with_custody(&self, text: &'static str) {
        self.custody.tamper(text);
    }

    fn fresh(&self) -> Held {
        let mut random = [0; 10];
        random.copy_from_slice(&self.chance.draw()[..10]);
        let millis = u64::try_from(self.clock.now()).unwrap_or(0);
        let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Held { id: KeyId::from_uuid(uuid), key: Key(self.chance.draw()) }
    }
}

/// Locks what holds only keys: a panic elsewhere leaves none of it torn.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
