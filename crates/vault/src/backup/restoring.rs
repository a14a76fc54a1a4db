//! Restoring, first half: the data as of a moment is laid down, beside the newest custody. It is not served yet: [`super::finishing`]
//! makes it forget what was erased since.
//!
//! Everything is refused that is not certainly right: a place that holds data, another root key, a backup that is not whole, and a
//! ledger of deletions that is missing, cut, forked or older than the backup knows it.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chain::{self, Chain, Manifest};
use super::custody::{self, Copy, Newest};
use super::place::Place;
use super::record::Pending;
use super::taking::remove;
use super::{ELSEWHERE, UNFINISHED, broken, segment};
use crate::blobs::{BlobStore, DiskBlobs};
use crate::keys::{self, CustodyAt, Key, Keys, RootKey};
use crate::open::{CUSTODY_FILE, DATABASE_FILE};
use crate::store;
use crate::{Chance, Clock, Error, Millis, Result};

/// Custody that is being laid down.
const UNFINISHED_CUSTODY: &str = "custody.db.restoring";

/// What is restored, and from where.
pub struct Restoring {
    /// Where the backup is.
    pub from: Place,
    /// Where custody's copy is.
    pub custody_from: Place,
    /// As of which moment; the newest if `None`.
    pub at: Option<Millis>,
    /// The root key.
    pub root: Arc<dyn RootKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub chance: Arc<dyn Chance>,
}

/// Where it is restored to.
pub struct RestoredTo {
    /// The data folder.
    pub data: PathBuf,
    /// A PostgreSQL database that is empty; SQLite in the folder if `None`.
    pub database: Option<String>,
    /// Custody's own PostgreSQL database; in the folder if `None`.
    pub custody: Option<String>,
    /// Where files lie, if not in the folder.
    pub blobs: Option<Arc<dyn BlobStore>>,
}

/// What was laid down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Its chain.
    pub chain: String,
    /// The moment as of which it is, at the latest.
    pub at: Millis,
    /// How many files.
    pub files: usize,
    /// Whether custody was there already and was kept.
    pub custody_kept: bool,
    /// A backup of which custody knows, but which was not found: it was never finished, or removed.
    pub missed: bool,
}

/// What is to be laid down.
pub(super) struct Chosen {
    pub(super) chain: Chain,
    pub(super) at: Millis,
    /// The manifest that reaches the moment.
    upto: usize,
}

/// Lays the data down. Blocks.
///
/// # Errors
/// `not_empty`, `backup_broken`, `ledger_missing`, `ledger_older`, `ledger_forked`, [`Error::Seal`] for another root key; nothing
/// can be served then.
pub fn restore(what: &Restoring, to: &RestoredTo) -> Result<Restored> {
    require_empty(to)?;
    let custody = to.custody.clone().map_or_else(|| CustodyAt::File(to.data.join(CUSTODY_FILE)), CustodyAt::Postgres);
    let copy = custody::read(&what.custody_from, &*what.root)?;
    let custody_kept = lay_custody(&custody, copy.as_ref(), to)?;
    let root = Box::new(SharedRoot(Arc::clone(&what.root)));
    let keys = Keys::open(root, &custody, Arc::clone(&what.clock), Arc::clone(&what.chance))?;
    let (chosen, key) = choose(what, &keys)?;
    let missed = require_newest(what, &key, copy.as_ref())?;
    let draft = to.data.join(UNFINISHED);
    match &to.database {
        None => lay_sqlite(&what.from, &key, &chosen, &draft)?,
        Some(_) => return Err(Error::Invalid(ELSEWHERE.into())),
    }
    let disk;
    let files: &dyn BlobStore = if let Some(elsewhere) = &to.blobs {
        &**elsewhere
    } else {
        disk = DiskBlobs::open(&to.data)?;
        &disk
    };
    let wanted = chosen.chain.files(chosen.at);
    for (file, part) in &wanted {
        what.from.give_back(part, files, file)?;
    }
    store::lay_down(&draft, &chosen.pending(), what.clock.now())?;
    settle(&draft, &to.data)?;
    Ok(Restored { chain: chosen.chain.id.clone(), at: chosen.at, files: wanted.len(), custody_kept, missed })
}

/// A root key that others hold, too.
pub(super) struct SharedRoot(pub(super) Arc<dyn RootKey>);

impl RootKey for SharedRoot {
    fn wrap(&self, context: &[u8], key: &[u8], chance: [u8; 32]) -> Result<Vec<u8>> {
        self.0.wrap(context, key, chance)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        self.0.unwrap(context, wrapped)
    }
}

/// Refuses a folder that holds data, and tidies away what a restore left that was interrupted.
fn require_empty(to: &RestoredTo) -> Result<()> {
    let database = to.data.join(DATABASE_FILE);
    let blobs = to.data.join("blobs/files");
    let is_filled = |folder: &Path| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    let draft = to.data.join(UNFINISHED);
    let interrupted = draft.exists();
    let full = to.database.is_none() && database.exists() || to.blobs.is_none() && is_filled(&blobs) && !interrupted;
    if full {
        let folder = to.data.display();
        let words = format!("{folder} holds data already: name an empty folder, or move the data in it away");
        return Err(Error::conflict("not_empty", words));
    }
    fs::DirBuilder::new().recursive(true).create(&to.data)?;
    for end in ["", "-wal", "-shm", "-journal"] {
        remove(&to.data.join(format!("{UNFINISHED}{end}")))?;
        remove(&to.data.join(format!("{UNFINISHED_CUSTODY}{end}")))?;
    }
    // Begun: until it has its name, nobody serves what is there.
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?.sync_all()?;
    Ok(())
}

/// Uses the custody that is there, or fills one from the copy; whether it was there.
fn lay_custody(at: &CustodyAt, copy: Option<&Copy>, to: &RestoredTo) -> Result<bool> {
    let is_file = matches!(at, CustodyAt::File(path) if !path.exists());
    if !is_file && !keys::is_custody_empty(at)? {
        return Ok(true);
    }
    let copy = copy.ok_or_else(custody::missing)?;
    let CustodyAt::File(path) = at else {
        copy.fill(at)?;
        return Ok(false);
    };
    let draft = to.data.join(UNFINISHED_CUSTODY);
    copy.fill(&CustodyAt::File(draft.clone()))?;
    for end in ["-wal", "-shm"] {
        remove(&path.with_file_name(format!("{CUSTODY_FILE}{end}")))?;
    }
    // Closed, its log is part of it.
    fs::rename(&draft, path)?;
    Ok(false)
}

/// Which chain and how far, and the key it is sealed under.
pub(super) fn choose(what: &Restoring, keys: &Keys) -> Result<(Chosen, Key)> {
    let key = keys.known_backup_key()?.ok_or_else(|| {
        Error::conflict("ledger_older", "custody is from before the first backup: bring the newest custody")
    })?;
    let mut ids = chain::ids(&what.from)?;
    if ids.is_empty() {
        return Err(Error::conflict("backup_missing", "there is no backup in this place"));
    }
    ids.retain(|id| what.at.is_none_or(|at| chain::made_at(id).is_some_and(|made| made <= at)));
    let id = ids.pop().ok_or_else(|| Error::conflict("backup_missing", "no backup reaches that far back"))?;
    let chain = Chain::load(&what.from, &key, &id)?;
    for manifest in &chain.manifests {
        keys.require_ledger(&manifest.ledger)?;
    }
    let at = what.at.unwrap_or(Millis::MAX).min(chain.last()?.until);
    let upto = chain.manifests.iter().position(|manifest| manifest.until >= at);
    let upto = upto.unwrap_or(chain.manifests.len().saturating_sub(1));
    Ok((Chosen { chain, at, upto }, key))
}

/// Refuses a place from which backups were taken away that custody knows of, unless a moment is asked for; whether one is
/// missing all the same. The very last may have died before it was finished.
fn require_newest(what: &Restoring, key: &Key, copy: Option<&Copy>) -> Result<bool> {
    let Some(copy) = copy else { return Ok(false) };
    let coming = is_there(what, key, &copy.coming)?;
    let Some(newest) = copy.newest.as_ref().filter(|_| !coming) else { return Ok(!coming) };
    if what.at.is_some() || is_there(what, key, newest)? {
        return Ok(true);
    }
    let words = format!(
        "the last backup that custody knows of (number {} of the chain {}) is missing or another one: name the moment that you want \
         (--at) to restore what there is",
        newest.number, newest.chain
    );
    Err(Error::conflict("backup_broken", words))
}

/// Whether a backup is in its place.
fn is_there(what: &Restoring, key: &Key, backup: &Newest) -> Result<bool> {
    let chain = match Chain::load(&what.from, key, &backup.chain) {
        Err(Error::Conflict { .. }) => return Ok(false),
        loaded => loaded?,
    };
    let number = usize::try_from(backup.number).unwrap_or(usize::MAX);
    Ok(match chain.manifests.get(number) {
        Some(next) => next.before == backup.hash,
        None => chain.manifests.len() == number && chain.hash == backup.hash,
    })
}

/// Lays a SQLite database down: the base, and then every commit up to the moment.
pub(super) fn lay_sqlite(from: &Place, key: &Key, chosen: &Chosen, target: &Path) -> Result<()> {
    let first = chosen.chain.first()?;
    if first.engine != "sqlite" {
        return Err(Error::conflict(
            "other_engine",
            "this is a backup of a PostgreSQL database: name one (--database)",
        ));
    }
    let mut file =
        fs::OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(target)?;
    for part in &first.base {
        file.write_all(&from.open(part, key)?)?;
    }
    let page_size = page_size(&file).ok_or_else(|| broken(&first.name(), "has no database in its base"))?;
    'all: for segment in chosen.manifests().flat_map(|manifest| &manifest.log) {
        let name = &segment.part.name;
        let plain = from.open(&segment.part, key)?;
        match segment::replay(&plain, page_size, chosen.at, &mut file)? {
            Some(true) => {}
            Some(false) => break 'all,
            None => return Err(broken(name, "is malformed")),
        }
    }
    Ok(file.sync_all()?)
}

impl Chosen {
    /// What whoever serves this has to do first.
    pub(super) fn pending(&self) -> Pending {
        let ledger = self.manifests().last().map(|manifest| manifest.ledger.clone()).unwrap_or_default();
        Pending { chain: self.chain.id.clone(), number: self.upto as u64 + 1, at: self.at, ledger }
    }

    /// The manifests up to the moment.
    fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.chain.manifests.iter().take(self.upto + 1)
    }
}

/// From a database's first page.
fn page_size(file: &File) -> Option<u32> {
    let mut bytes = [0; 2];
    std::os::unix::fs::FileExt::read_exact_at(file, &mut bytes, 16).ok()?;
    match u16::from_be_bytes(bytes) {
        1 => Some(65_536),
        0 => None,
        size => Some(size.into()),
    }
}

/// Gives the database its name.
fn settle(draft: &Path, data: &Path) -> Result<()> {
    File::open(draft)?.sync_all()?;
    fs::rename(draft, data.join(DATABASE_FILE))?;
    Ok(File::open(data)?.sync_all()?)
}
