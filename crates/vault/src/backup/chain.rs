//! Chains: a manifest per backup, each bound to the one before, and what is found of them in a place.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::broken;
use super::place::{Part, Place, open};
use super::spool::Segment;
use crate::keys::{Key, LedgerMark};
use crate::{Error, Millis, Result};

/// The form of manifests that this program writes.
const VERSION: u32 = 1;

/// A file as it is in a backup, and what it is called where files lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct File {
    pub(super) file: String,
    pub(super) part: Part,
}

/// What belongs to one backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) version: u32,
    /// `sqlite` or `postgres`.
    pub(super) engine: String,
    pub(super) chain: String,
    /// Its number in the chain, from 1 without gaps.
    pub(super) number: u64,
    /// The moment as of which the base is.
    pub(super) base_at: Millis,
    /// Up to which moment it reaches.
    pub(super) until: Millis,
    /// The parts of the base in their order; of the first manifest alone.
    pub(super) base: Vec<Part>,
    /// What was committed since the manifest before.
    pub(super) log: Vec<Segment>,
    /// Files that the manifest before did not have.
    pub(super) files: Vec<File>,
    /// Files that it had and that are gone.
    pub(super) gone: Vec<String>,
    /// How far the ledger of deletions was.
    pub(super) ledger: LedgerMark,
    /// SHA-256 over the sealed manifest before, in hexadecimal; empty for the first.
    pub(super) before: String,
}

impl Manifest {
    pub(super) fn name(&self) -> String {
        manifest_name(&self.chain, self.number)
    }

    pub(super) fn new(engine: &str, chain: &str, base_at: Millis) -> Self {
        Self {
            version: VERSION,
            engine: engine.to_owned(),
            chain: chain.to_owned(),
            number: 1,
            base_at,
            until: base_at,
            base: Vec::new(),
            log: Vec::new(),
            files: Vec::new(),
            gone: Vec::new(),
            ledger: LedgerMark::default(),
            before: String::new(),
        }
    }

    /// The one after another, with nothing in it yet.
    pub(super) fn after(chain: &Chain) -> Result<Self> {
        let last = chain.last()?;
        let (base, log, files, gone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (number, before) = (last.number.saturating_add(1), chain.hash.clone());
        Ok(Self { number, base, log, files, gone, before, ..last.clone() })
    }
}

/// A chain as it was found, whole.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) id: String,
    pub(super) manifests: Vec<Manifest>,
    /// SHA-256 over the last manifest as it lies there.
    pub(super) hash: String,
}

fn manifest_name(chain: &str, number: u64) -> String {
    format!("chains/{chain}/manifests/{number:010}")
}

/// A chain's id: when its base was made, and chance.
pub(super) fn new_id(at: Millis, chance: [u8; 32]) -> String {
    format!("{at:014}-{}", hex::encode(&chance[..4]))
}

/// When a chain's base was made, from its id.
pub(super) fn made_at(id: &str) -> Option<Millis> {
    id.split_once('-')?.0.parse().ok()
}

pub(super) fn hash_of(sealed: &[u8]) -> String {
    hex::encode(Sha256::digest(sealed))
}

/// The ids of all chains that have a manifest, oldest first.
pub(super) fn ids(place: &Place) -> Result<Vec<String>> {
    let mut ids = BTreeSet::new();
    for name in place.list("chains/")? {
        if let Some(("manifests", id)) = name.strip_prefix("chains/").and_then(|rest| {
            let (id, rest) = rest.split_once('/')?;
            Some((rest.split_once('/')?.0, id))
        }) {
            ids.insert(id.to_owned());
        }
    }
    Ok(ids.into_iter().collect())
}

impl Chain {
    /// Reads a chain and looks whether it is whole.
    ///
    /// # Errors
    /// `backup_broken` where a manifest is missing, altered, moved or another chain's.
    pub(super) fn load(place: &Place, key: &Key, id: &str) -> Result<Self> {
        let names = place.list(&format!("chains/{id}/manifests/"))?;
        let mut chain = Self { id: id.to_owned(), manifests: Vec::new(), hash: String::new() };
        let mut segments = 0;
        for (at, name) in (1_u64..).zip(&names) {
            let expected = manifest_name(id, at);
            if *name != expected {
                return Err(broken(&expected, "is missing"));
            }
            let sealed = place.bytes(name)?.ok_or_else(|| broken(name, "is missing"))?;
            let manifest = read(name, &open(name, key, &sealed)?)?;
            if (manifest.chain.as_str(), manifest.number) != (id, at) || manifest.before != chain.hash {
                return Err(broken(name, "does not follow the manifest before it"));
            }
            for segment in &manifest.log {
                segments += 1;
                if segment.number != segments {
                    return Err(broken(&segment.part.name, "is not the next in its order"));
                }
            }
            chain.hash = hash_of(&sealed);
            chain.manifests.push(manifest);
        }
        if chain.manifests.is_empty() {
            return Err(broken(&manifest_name(id, 1), "is missing"));
        }
        Ok(chain)
    }

    pub(super) fn first(&self) -> Result<&Manifest> {
        self.manifests.first().ok_or(Error::NotFound("backup"))
    }

    pub(super) fn last(&self) -> Result<&Manifest> {
        self.manifests.last().ok_or(Error::NotFound("backup"))
    }

    /// The files that were there at a moment or came soon after, by the names they have where files lie.
    pub(super) fn files(&self, at: Millis) -> BTreeMap<String, Part> {
        let mut files = BTreeMap::new();
        let mut until = Millis::MIN;
        for manifest in &self.manifests {
            if until > at {
                break;
            }
            if manifest.until <= at {
                for gone in &manifest.gone {
                    files.remove(gone);
                }
            }
            files.extend(manifest.files.iter().map(|file| (file.file.clone(), file.part.clone())));
            until = manifest.until;
        }
        files
    }
}

fn read(name: &str, plain: &[u8]) -> Result<Manifest> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let version = serde_json::from_slice::<Versioned>(plain).map_err(|_| broken(name, "cannot be read"))?.version;
    if version > VERSION {
        return Err(Error::conflict(
            "backup_newer",
            format!("the backup was made by a newer program (form {version} of {VERSION}): run that one"),
        ));
    }
    serde_json::from_slice(plain).map_err(|_| broken(name, "cannot be read"))
}
