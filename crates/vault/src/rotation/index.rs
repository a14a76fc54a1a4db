//! The search index under a new key: its files are immutable, so each is copied under the new key into a folder of its own,
//! while searches go on in the old one. The job that alone writes the index does it, so that none is written meanwhile; one
//! commit then turns to the new folder, and the old one goes when nobody can be searching in it.
//!
//! A job may lose its lease and not notice. So every attempt has a folder of its own, the first to finish turns to its own,
//! and any other finds that there is nothing left to turn and removes what it copied.

use super::place::{self, State, Stored};
use super::{What, set_generation};
use crate::finding::place as folders;
use crate::jobs::{self, JobKind};
use crate::keys::Family;
use crate::{Error, Millis, Result, RotationId, Scope, Tx, Vault};

/// How long a search may go on in the old folder.
const GRACE_MS: Millis = 10_000;

/// An index that is to move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moving {
    id: RotationId,
    /// The generation of the key that takes over.
    to: i64,
}

/// The move that a workspace's index has before it.
pub(crate) fn moving(tx: &Tx<'_>) -> Result<Option<Moving>> {
    let Some(id) = place::running(tx, What::Index)? else { return Ok(None) };
    let Some(Stored { rotation, target: to, .. }) = place::find(tx, id)? else { return Ok(None) };
    Ok((rotation.state == State::Sealing).then_some(Moving { id, to }))
}

impl Vault {
    /// Moves a workspace's index. Only in the job that writes it.
    pub(crate) async fn move_index(&self, scope: &Scope, moving: Moving) -> Result<()> {
        let Some(folder) = self.write(scope, move |tx| begin_folder(tx, moving)).await? else { return Ok(()) };
        let from = self.read(scope, folders::now).await?;
        let workspace = scope.workspace();
        let copied = self
            .off_thread(move |vault| {
                let key = |generation| vault.keys().family_key(workspace, Family::Index, generation);
                let ((_, old), (_, new)) = (key(from.generation)?, key(moving.to)?);
                let now = vault.clock().now();
                Ok(vault.search().copy(workspace, (from.folder, old.bytes()), (folder, new.bytes()), now)?)
            })
            .await;
        let files = match copied {
            Ok(files) => files,
            Err(damage @ Error::Conflict { code: "index_damaged", .. }) => {
                return self.rebuild_index(scope, from, Some(moving), damage).await;
            }
            Err(error) => return Err(error),
        };
        if self.write(scope, move |tx| turn(tx, moving, folder, files)).await? {
            return Ok(());
        }
        self.drop_folder(scope, folder).await
    }
}

/// A folder to copy into, if there still is something to copy.
pub(super) fn begin_folder(tx: &Tx<'_>, moving: Moving) -> Result<Option<i64>> {
    if is_before(tx, moving)? { folders::begin(tx).map(Some) } else { Ok(None) }
}

/// Whether a move is still to be made.
fn is_before(tx: &Tx<'_>, moving: Moving) -> Result<bool> {
    Ok(place::find(tx, moving.id)?.is_some_and(|row| row.rotation.state == State::Sealing))
}

/// Turns to a folder that was filled, unless another one was quicker; whether it did.
pub(super) fn turn(tx: &Tx<'_>, moving: Moving, folder: i64, files: usize) -> Result<bool> {
    if !is_before(tx, moving)? || !folders::turn_to(tx, folder)? {
        return Ok(false);
    }
    has_moved(tx, moving, files)?;
    Ok(true)
}

/// Notes that the index is under the new key: so many files.
pub(crate) fn has_moved(tx: &Tx<'_>, moving: Moving, files: usize) -> Result<()> {
    let Some(mut row) = place::find(tx, moving.id)? else { return Ok(()) };
    if row.rotation.state != State::Sealing {
        return Ok(());
    }
    set_generation(tx, Family::Index, moving.to)?;
    row.rotation.state = State::Destroying;
    row.rotation.cells = i64::try_from(files).unwrap_or(i64::MAX);
    row.due_at = tx.now() + GRACE_MS;
    jobs::enqueue(tx, JobKind::Rotate, &moving.id.to_string(), row.due_at)?;
    place::write(tx, &row)
}
