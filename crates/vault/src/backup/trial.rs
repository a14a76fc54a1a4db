//! Trying a backup: it is restored into a folder beside the data, with its own copy of custody, and looked through as a restore
//! would be served: schema, ledger, audit logs, every file, every sealed cell.

use std::path::Path;
use std::sync::Arc;

use super::place::Place;
use super::restoring::{Restoring, SharedRoot, choose, lay_sqlite};
use super::spool::private_folder;
use super::{FOLDER, custody};
use crate::blobs::MemoryBlobs;
use crate::keys::{CustodyAt, Keys};
use crate::node::Node;
use crate::open::{CUSTODY_FILE, DATABASE_FILE};
use crate::rotation::{self, Seen};
use crate::sign_in::SessionTerms;
use crate::store::{self, Database, Store, StoreConfig};
use crate::{Actor, Error, Millis, Purpose, Result, Scope, Vault};

/// The folder of a trial, in that of backups.
const TRIAL: &str = "trial";
/// Rows that are looked at together.
const PAGE: i64 = 500;

/// A backup that was tried and found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Its chain.
    pub chain: String,
    /// Which backup of it.
    pub number: u64,
    /// Up to which moment it reaches.
    pub reaches: Millis,
    /// How many workspaces it has.
    pub workspaces: usize,
    /// How many files, each with the bytes that were written.
    pub files: usize,
    /// How many sealed cells open.
    pub cells: u64,
    /// How many do not, because their keys were destroyed.
    pub gone: u64,
}

/// What was laid down for a trial.
struct Laid {
    vault: Vault,
    tried: Tried,
}

impl Vault {
    /// Restores the newest backup of a place for a trial, and looks through it. What was laid down for that is removed.
    ///
    /// # Errors
    /// Whatever a restore refuses; `backup_damaged` where something in it is not what was written.
    pub async fn try_backup(&self, from: Place, custody_from: Place) -> Result<Tried> {
        let Some(file) = self.store().file() else { return Err(Error::Invalid(super::ELSEWHERE.into())) };
        let folder = file.with_file_name(FOLDER).join(TRIAL);
        clear(&folder)?;
        let place = folder.clone();
        let laid = self.off_thread(move |vault| lay(vault, from, custody_from, &place)).await;
        let tried = match laid {
            Ok(Laid { vault, tried }) => {
                let tried = vault.looked_through(tried).await;
                vault.close().await;
                tried
            }
            Err(error) => Err(error),
        };
        clear(&folder)?;
        tried
    }

    async fn looked_through(&self, mut tried: Tried) -> Result<Tried> {
        self.finish_restore().await?;
        for workspace in self.workspace_ids().await? {
            let scope = Scope::new(workspace, Actor::Operator, Purpose::Administration);
            if !self.verify_audit(&scope).await?.is_sound() {
                return Err(damaged("an audit log in it was altered"));
            }
            let seen = self.cells(&scope).await?;
            if seen.damaged > 0 {
                return Err(damaged("sealed cells in it do not open although their keys are there"));
            }
            tried.workspaces += 1;
            tried.cells += seen.opened;
            tried.gone += seen.gone;
        }
        Ok(tried)
    }

    /// Opens every sealed cell of a workspace.
    async fn cells(&self, scope: &Scope) -> Result<Seen> {
        let (mut sum, mut next) = (Seen::default(), Some((0, Vec::new())));
        while let Some(from) = next {
            let (seen, on) = self.read(scope, move |tx| rotation::look(tx, &from, PAGE)).await?;
            sum.opened += seen.opened;
            sum.gone += seen.gone;
            sum.damaged += seen.damaged;
            next = on;
        }
        Ok(sum)
    }
}

/// Lays a backup down in a folder, with the custody that was copied with it.
fn lay(vault: &Vault, from: Place, custody_from: Place, folder: &Path) -> Result<Laid> {
    private_folder(folder)?;
    let (root, clock, chance) = (vault.keys().root(), Arc::clone(vault.clock()), Arc::clone(vault.chance()));
    let copy = custody::read(&custody_from, &*root)?.ok_or_else(custody::missing)?;
    let at = CustodyAt::File(folder.join(CUSTODY_FILE));
    copy.fill(&at)?;
    let keys = Keys::open(Box::new(SharedRoot(Arc::clone(&root))), &at, Arc::clone(&clock), Arc::clone(&chance))?;
    let what = Restoring { from, custody_from, at: None, root, clock: Arc::clone(&clock), chance: Arc::clone(&chance) };
    let (chosen, key) = choose(&what, &keys)?;
    let database = folder.join(DATABASE_FILE);
    lay_sqlite(&what.from, &key, &chosen, &database)?;
    store::lay_down(&database, &chosen.pending(), clock.now())?;
    let files = chosen.chain.files(chosen.at);
    files.values().try_for_each(|part| what.from.verify(part))?;
    let tried = Tried {
        chain: chosen.chain.id.clone(),
        number: chosen.chain.manifests.len() as u64,
        reaches: chosen.at,
        workspaces: 0,
        files: files.len(),
        cells: 0,
        gone: 0,
    };
    let store = Store::open(&StoreConfig { database: Database::File(database), inline: true }, clock.now())?;
    let (node, terms, blobs) = (Node::passing(&*chance), SessionTerms::default(), Arc::new(MemoryBlobs::default()));
    Ok(Laid { vault: Vault::over_as(node, terms, store, Arc::new(keys), clock, chance, blobs), tried })
}

fn damaged(what: &str) -> Error {
    Error::conflict("backup_damaged", format!("the backup was restored for a trial, and is not good: {what}"))
}

fn clear(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
