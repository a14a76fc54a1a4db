//! A machine on which the program is started again and again: what a crash leaves of it is its database, its custody and
//! its files, all in memory. All else is a run's own and goes with its [`Power`].

use std::io::Write;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;

use super::planted::Planted;
use super::power::Power;
use crate::blobs::{BlobStore, BlobWriter, MemoryBlobs};
pub use crate::keys::KeptCustody;
use crate::keys::{CustodyAt, Keys};
use crate::node::Node;
use crate::sign_in::SessionTerms;
use crate::store::{Disk, Store};
use crate::{Chance, Clock, EnvRootKey, Millis, Result, Vault};

/// A pause that a closure takes before it runs, and after it has: so that tasks interleave in many ways.
pub type Rhythm = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How many contact keys are made at a time, and below how many: few, so that a world runs out of them in the middle of things.
const FEW_KEYS: usize = 6;
const LEAST_KEYS: usize = 2;

/// What outlives a crash. A clone is the same machine.
#[derive(Clone)]
pub struct Machine {
    database: Disk,
    custody: KeptCustody,
    files: MemoryBlobs,
    root: String,
    node: [u8; 8],
}

/// One run of the program on a machine.
pub struct Run {
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Its chance.
    pub chance: Arc<dyn Chance>,
    /// Its power.
    pub power: Power,
    /// Its rhythm.
    pub rhythm: Rhythm,
    /// The bug it has.
    pub planted: Option<Planted>,
}

impl Machine {
    /// An empty machine.
    ///
    /// # Errors
    /// What the database engine says.
    pub fn new(chance: &dyn Chance, now: Millis) -> Result<Self> {
        let mut node = [0; 8];
        node.copy_from_slice(&chance.draw()[..8]);
        Ok(Self {
            database: Disk::new(now)?,
            custody: KeptCustody::new()?,
            files: MemoryBlobs::default(),
            root: hex::encode(chance.draw()),
            node,
        })
    }

    /// Starts a run. One whose power is on must have ended before.
    ///
    /// # Errors
    /// What opening a vault says.
    pub fn start(&self, run: Run) -> Result<Vault> {
        let Run { clock, chance, power, rhythm, planted } = run;
        let root = Box::new(EnvRootKey::from_text(&self.root)?);
        let custody = CustodyAt::Kept(self.custody.under(&power));
        let keys = Arc::new(Keys::open(root, &custody, Arc::clone(&clock), Arc::clone(&chance))?);
        keys.keep_few(FEW_KEYS, LEAST_KEYS);
        let store = Store::powered(self.database.clone(), power.clone());
        let blobs = Arc::new(PoweredBlobs { files: self.files.clone(), power });
        let node = Node::started_again(self.node, &*chance);
        let vault = Vault::over_as(node, SessionTerms::default(), store, keys, clock, chance, blobs);
        vault.simulate(rhythm, planted);
        Ok(vault)
    }
}

/// Files that are written only while there is power.
struct PoweredBlobs {
    files: MemoryBlobs,
    power: Power,
}

struct PoweredWriter {
    inner: Box<dyn BlobWriter>,
    power: Power,
}

impl PoweredBlobs {
    fn lit(&self) -> Result<()> {
        if self.power.is_on() { Ok(()) } else { Err(crate::Error::Closed) }
    }
}

impl BlobStore for PoweredBlobs {
    fn create(&self, name: &str) -> Result<Box<dyn BlobWriter>> {
        self.lit()?;
        Ok(Box::new(PoweredWriter { inner: self.files.create(name)?, power: self.power.clone() }))
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        self.lit()?;
        self.files.size(name)
    }

    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>> {
        self.lit()?;
        self.files.read(name, range)
    }

    fn delete(&self, name: &str) -> Result<()> {
        self.lit()?;
        self.files.delete(name)
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>> {
        self.lit()?;
        self.files.list(prefix)
    }
}

impl Write for PoweredWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl BlobWriter for PoweredWriter {
    fn finish(self: Box<Self>) -> Result<()> {
        if !self.power.begin("file") {
            return Err(crate::Error::Closed);
        }
        self.inner.finish()?;
        if self.power.end("file") { Ok(()) } else { Err(crate::Error::Closed) }
    }
}
