//! Taking a backup: a whole one, or what came since the last.
//!
//! In this order, so that a backup which dies in the middle leaves the one before as it was: what belongs to it, the copy of
//! custody, and last its manifest, without which all else is nobody's.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use super::chain::{self, Chain, File, Manifest, hash_of, new_id};
use super::custody::{self, Newest};
use super::place::{Part, Place, seal};
use super::spool::{Spool, private_folder};
use super::{DAY_MS, FOLDER, expiry};
use crate::keys::{Key, LedgerMark};
use crate::store::{Held, copy_pages};
use crate::{Error, Millis, Result, Vault};

/// Bytes of a part of the base.
const PART: usize = 8 << 20;
/// Files that are no files of anybody: they can be built anew.
const LEFT_OUT: &str = "index/";

/// Who took nothing along for so long does not go on with its chain.
const FORGOTTEN: Millis = 2 * DAY_MS;

/// Where backups go, and how long they stay.
#[derive(Clone)]
pub struct Destination {
    /// Where the data goes.
    pub data: Place,
    /// Where custody goes: to another place, better.
    pub custody: Place,
    /// For how many days.
    pub keep_days: u32,
    /// Whether to begin a chain even where one can be continued.
    pub whole: bool,
}

/// A backup that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its chain.
    pub chain: String,
    /// Its number in the chain: 1 is a whole one.
    pub number: u64,
    /// From which moment on …
    pub from: Millis,
    /// … and up to which its chain can be restored.
    pub until: Millis,
    /// How many bytes were written.
    pub bytes: u64,
    /// How many chains were removed because they are past the term.
    pub expired: usize,
}

/// A backup on its way.
struct Taking<'a> {
    vault: &'a Vault,
    to: &'a Destination,
    key: Key,
    bytes: u64,
}

/// Takes a backup of a vault over SQLite. Blocks.
pub(super) fn take(vault: &Vault, to: &Destination, database: &Path) -> Result<Taken> {
    let mut taking = Taking { vault, to, key: vault.keys().backup_key()?, bytes: 0 };
    let newest = taking.newest()?;
    let continued = match &newest {
        Some(chain) if !to.whole => taking.go_on(chain)?,
        _ => None,
    };
    let (manifest, before) = match (continued, &newest) {
        (Some(manifest), Some(chain)) => (manifest, Some(chain)),
        _ => (taking.base(database)?, None),
    };
    taking.finish(manifest, before, newest.as_ref())
}

impl Taking<'_> {
    /// The newest chain. One that is broken is not gone on with.
    fn newest(&self) -> Result<Option<Chain>> {
        let Some(id) = chain::ids(&self.to.data)?.pop() else { return Ok(None) };
        match Chain::load(&self.to.data, &self.key, &id) {
            Ok(chain) => Ok(Some(chain)),
            Err(error @ Error::Conflict { .. }) => {
                tracing::warn!(%error, "the last backup cannot be gone on with; the next one is a whole one");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Takes along what was committed since; `None` where that was not kept, or the chain is long enough.
    fn go_on(&mut self, chain: &Chain) -> Result<Option<Manifest>> {
        let now = self.vault.clock().now();
        // Older chains go when their base is past the term: so there are always some to go back to.
        let term = DAY_MS.saturating_mul(Millis::from(self.to.keep_days));
        if now.saturating_sub(chain.first()?.base_at) > term / 6 {
            return Ok(None);
        }
        let Some(log) = self.vault.store().log() else { return Ok(None) };
        let mut held = log.hold();
        if held.chain() != Some(chain.id.as_str()) {
            return Ok(None);
        }
        let until = held.finish();
        let Some(spool) = held.spool() else { return Ok(None) };
        let known = chain.manifests.iter().map(|manifest| manifest.log.len() as u64).sum::<u64>();
        // A backup that died after its manifest was there did not let go of what it took.
        spool.let_go(known)?;
        let waiting = spool.waiting().to_vec();
        if waiting.first().is_some_and(|first| first.number != known + 1) {
            return Ok(None);
        }
        drop(held);
        let mut manifest = Manifest { until: until.max(chain.last()?.until), ..Manifest::after(chain)? };
        for segment in waiting {
            let sealed = match log.hold().spool() {
                Some(spool) => spool.read(&segment)?,
                None => return Ok(None),
            };
            self.put(&segment.part.name, &sealed)?;
            manifest.log.push(segment);
        }
        Ok(Some(manifest))
    }

    /// Begins a chain with the whole database. What is committed from then on is kept for the next backup, unless it is being
    /// kept for a chain in another place.
    fn base(&mut self, database: &Path) -> Result<Manifest> {
        let log = self.vault.store().log().ok_or_else(|| Error::Invalid("this database is not copied".into()))?;
        let folder = database.with_file_name(FOLDER);
        private_folder(&folder)?;
        let copy = folder.join("base");
        remove(&copy)?;
        let (vault, key) = (self.vault, self.key.clone());
        let is_free = self.is_free(&mut log.hold())?;
        let (id, at) = copy_pages(database, log, &copy, |held| {
            let at = vault.clock().now();
            let id = new_id(at, vault.chance().draw());
            if is_free {
                held.begin(|mark| Spool::begin(&folder, key, std::sync::Arc::clone(vault.chance()), &id, mark))?;
            }
            Ok((id, at))
        })?;
        let mut manifest = Manifest::new("sqlite", &id, at);
        let mut file = std::fs::File::open(&copy)?;
        loop {
            let mut plain = Vec::new();
            file.by_ref().take(PART as u64).read_to_end(&mut plain)?;
            if plain.is_empty() {
                break;
            }
            let name = format!("chains/{id}/base/{:06}", manifest.base.len() + 1);
            let sealed = seal(&name, &self.key, self.vault.chance().draw(), &plain)?;
            manifest.base.push(self.put(&name, &sealed)?);
        }
        remove(&copy)?;
        Ok(manifest)
    }

    /// Whether what is committed from now on may be kept for a new chain here: it is not, while it is for a chain in another place
    /// that goes on taking it along.
    fn is_free(&self, held: &mut Held<'_>) -> Result<bool> {
        let Some(id) = held.chain().map(str::to_owned) else { return Ok(true) };
        let waits_since = held.spool().and_then(|spool| spool.waiting().first().map(|first| first.first_at));
        let forgotten = waits_since.is_some_and(|since| self.vault.clock().now() - since > FORGOTTEN);
        Ok(forgotten || self.to.whole || chain::ids(&self.to.data)?.contains(&id))
    }

    fn put(&mut self, name: &str, sealed: &[u8]) -> Result<Part> {
        self.bytes += sealed.len() as u64;
        self.to.data.put(name, sealed)
    }

    /// Files, custody, the manifest; then what is past the term goes.
    fn finish(mut self, mut manifest: Manifest, before: Option<&Chain>, newest: Option<&Chain>) -> Result<Taken> {
        self.files(&mut manifest, before)?;
        let keys = self.vault.keys();
        // Counted anew for a chain's first, so that a ledger that was altered is found out now and then.
        let from =
            before.map_or_else(|| Ok(LedgerMark::default()), |chain| chain.last().map(|last| last.ledger.clone()))?;
        manifest.ledger = keys.ledger_mark(from)?;
        let last = newest.map(|chain| {
            let number = chain.manifests.len() as u64;
            Newest { chain: chain.id.clone(), number, hash: chain.hash.clone() }
        });
        let now = self.vault.clock().now();
        let name = manifest.name();
        let plain = serde_json::to_vec(&manifest).map_err(|error| Error::Engine(error.to_string()))?;
        let sealed = seal(&name, &self.key, self.vault.chance().draw(), &plain)?;
        let Manifest { chain, number, .. } = manifest.clone();
        let known = (last, Newest { chain, number, hash: hash_of(&sealed) });
        self.bytes += custody::copy(keys, &**self.vault.chance(), &self.to.custody, known, now)?;
        self.put(&name, &sealed)?;
        self.let_go(&manifest)?;
        let term = DAY_MS.saturating_mul(Millis::from(self.to.keep_days));
        let expired = expiry::expire(&self.to.data, &self.key, &manifest.chain, now.saturating_sub(term))?;
        let Manifest { chain, number, base_at, until, .. } = manifest;
        Ok(Taken { chain, number, from: base_at, until, bytes: self.bytes, expired })
    }

    /// The log need not keep what is in the backup.
    fn let_go(&self, manifest: &Manifest) -> Result<()> {
        let Some(log) = self.vault.store().log() else { return Ok(()) };
        let mut held = log.hold();
        let ours = held.chain() == Some(manifest.chain.as_str());
        match (manifest.log.last(), held.spool()) {
            (Some(last), Some(spool)) if ours => spool.let_go(last.number),
            _ => Ok(()),
        }
    }

    /// Copies files that the backup does not have, and notes which went.
    fn files(&mut self, manifest: &mut Manifest, before: Option<&Chain>) -> Result<()> {
        let had = before.map(|chain| chain.files(Millis::MAX)).unwrap_or_default();
        let known = if before.is_some() { BTreeMap::new() } else { self.known()? };
        let mut there: Vec<String> = self.vault.blobs().list("")?;
        there.retain(|name| !name.starts_with(LEFT_OUT));
        manifest.gone = had.keys().filter(|name| there.binary_search(name).is_err()).cloned().collect();
        for file in there.into_iter().filter(|file| !had.contains_key(file)) {
            let part = match known.get(&file) {
                Some(part) => Some(part.clone()),
                None => self.to.data.take_in(&**self.vault.blobs(), &file, &format!("files/{file}"))?,
            };
            // One that went at this moment is in no backup.
            let Some(part) = part else { continue };
            if !known.contains_key(&file) {
                self.bytes += part.size;
            }
            manifest.files.push(File { file, part });
        }
        Ok(())
    }

    /// The files that other chains of the place have.
    fn known(&self) -> Result<BTreeMap<String, Part>> {
        let mut known = BTreeMap::new();
        for id in chain::ids(&self.to.data)? {
            if let Ok(chain) = Chain::load(&self.to.data, &self.key, &id) {
                let files = chain.manifests.into_iter().flat_map(|manifest| manifest.files);
                known.extend(files.map(|file| (file.file, file.part)));
            }
        }
        Ok(known)
    }
}

pub(super) fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
