//! The search index under a new key: its files are immutable, so each is copied under the new key into a folder of its own,
//! while searches go on in the old one. The job that alone writes the index does it, so that none is written meanwhile; one
//! commit then turns to the new folder, and the old one goes when nobody can be searching in it.

use super::place::{self, State, Stored};
use super::{What, generation, set_generation};
use crate::jobs::{self, JobKind};
use crate::keys::Family;
use crate::{Millis, Result, RotationId, Scope, Tx, Vault, WorkspaceId};

/// How long a search may go on in the old folder.
const GRACE_MS: Millis = 10_000;

/// An index that is to move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moving {
    id: RotationId,
    from: i64,
    to: i64,
}

/// The move that a workspace's index has before it.
pub(crate) fn moving(tx: &Tx<'_>) -> Result<Option<Moving>> {
    let Some(id) = place::running(tx, What::Index)? else { return Ok(None) };
    let Some(Stored { rotation, target: to, .. }) = place::find(tx, id)? else { return Ok(None) };
    let from = generation(tx, Family::Index)?;
    Ok((rotation.state == State::Sealing).then_some(Moving { id, from, to }))
}

impl Vault {
    /// Moves a workspace's index. Only in the job that writes it.
    pub(crate) async fn move_index(&self, scope: &Scope, moving: Moving) -> Result<()> {
        let (workspace, Moving { id, from, to }) = (scope.workspace(), moving);
        let files = self
            .off_thread(move |vault| {
                let key = |generation| vault.keys().family_key(workspace, Family::Index, generation);
                let ((_, old), (_, new)) = (key(from)?, key(to)?);
                let now = vault.clock().now();
                Ok(vault.search().copy(workspace, (from, old.bytes()), (to, new.bytes()), now)?)
            })
            .await?;
        self.write(scope, move |tx| {
            let Some(mut row) = place::find(tx, id)? else { return Ok(()) };
            if row.rotation.state != State::Sealing {
                return Ok(());
            }
            set_generation(tx, Family::Index, to)?;
            row.rotation.state = State::Destroying;
            row.rotation.cells = i64::try_from(files).unwrap_or(i64::MAX);
            row.due_at = tx.now() + GRACE_MS;
            jobs::enqueue(tx, JobKind::Rotate, &id.to_string(), row.due_at)?;
            place::write(tx, &row)
        })
        .await
    }
}

/// Removes the folders of generations before one.
pub(super) fn remove_before(vault: &Vault, workspace: WorkspaceId, target: i64) -> Result<()> {
    for generation in 1..target {
        vault.search().remove(workspace, generation)?;
    }
    Ok(())
}
