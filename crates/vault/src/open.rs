//! Opening an installation's vault: root key, custody, database, files and search, in that order.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::backup::{self, Spool};
use crate::blobs::{BlobStore, DiskBlobs, MemoryBlobs};
use crate::keys::{CustodyAt, Keys, RootKey};
use crate::node::Node;
use crate::sign_in::SessionTerms;
use crate::store::{Database, Log, Store, StoreConfig};
use crate::{Chance, Clock, Error, Result, Vault};

/// Where an installation's data is and what opens it.
pub struct Opening {
    /// The folder that holds everything of an embedded installation; `None`: all in memory.
    pub data: Option<PathBuf>,
    /// A PostgreSQL URL; SQLite in the folder if `None`.
    pub database: Option<String>,
    /// A PostgreSQL URL of custody's own database; beside the data if `None`.
    pub custody: Option<String>,
    /// Where files lie, if not in the folder (or, without one, in memory).
    pub blobs: Option<Arc<dyn BlobStore>>,
    /// The root key.
    pub root: Box<dyn RootKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub chance: Arc<dyn Chance>,
    /// How long members stay signed in.
    pub sessions: SessionTerms,
    /// Closures run on the calling thread (SQLite only): for the simulation.
    pub inline: bool,
}

/// The data file of an embedded installation.
pub const DATABASE_FILE: &str = "parloir.db";
/// The custody file of an embedded installation.
pub const CUSTODY_FILE: &str = "custody.db";
/// The root key of an embedded installation, unless the settings say otherwise.
pub const ROOT_KEY_FILE: &str = "root.key";

impl Vault {
    /// Opens a vault, making on the first start what is missing.
    ///
    /// # Errors
    /// [`crate::Error::Seal`] for another root key than the one it was made with; whatever is wrong with folder or database.
    pub fn open(opening: Opening) -> Result<Self> {
        let Opening { data, database, custody, blobs, root, clock, chance, sessions, inline } = opening;
        let at = custody.map_or_else(|| custody_beside(data.as_deref()), CustodyAt::Postgres);
        let keys = Arc::new(Keys::open(root, &at, Arc::clone(&clock), Arc::clone(&chance))?);
        let database = database.map_or_else(|| database_in(data.as_deref()), Database::Postgres);
        if let Some(folder) = &data {
            require_finished(folder)?;
        }
        let log = log_of(&database, &keys, &clock, &chance)?;
        let store = Store::open_keeping(&StoreConfig { database, inline }, log, clock.now())?;
        let blobs: Arc<dyn BlobStore> = match (blobs, &data) {
            (Some(elsewhere), _) => elsewhere,
            (None, Some(folder)) => Arc::new(DiskBlobs::open(folder)?),
            (None, None) => Arc::new(MemoryBlobs::default()),
        };
        let node = match &data {
            Some(folder) => Node::of(folder, &*chance)?,
            None => Node::passing(&*chance),
        };
        Ok(Self::over_as(node, sessions, store, keys, clock, chance, blobs))
    }
}

/// Refuses a folder in which a restore was interrupted: what is there is not whole.
fn require_finished(folder: &Path) -> Result<()> {
    if folder.join(backup::UNFINISHED).exists() {
        let words = "a restore into this folder was interrupted: run parloir restore again, with the same words";
        return Err(Error::conflict("restore_interrupted", words));
    }
    Ok(())
}

/// The log of a database in a file, kept on with where a backup was taken before.
fn log_of(
    database: &Database,
    keys: &Keys,
    clock: &Arc<dyn Clock>,
    chance: &Arc<dyn Chance>,
) -> Result<Option<Arc<Log>>> {
    let Database::File(path) = database else { return Ok(None) };
    let folder = path.with_file_name(backup::FOLDER);
    let spool = match keys.known_backup_key()? {
        Some(key) => Spool::resume(&folder, key, Arc::clone(chance)),
        None => None,
    };
    Ok(Some(Arc::new(Log::new(path.clone(), Arc::clone(clock), spool))))
}

fn custody_beside(data: Option<&Path>) -> CustodyAt {
    data.map_or(CustodyAt::Memory, |folder| CustodyAt::File(folder.join(CUSTODY_FILE)))
}

fn database_in(data: Option<&Path>) -> Database {
    data.map_or(Database::Memory, |folder| Database::File(folder.join(DATABASE_FILE)))
}
