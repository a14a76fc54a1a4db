//! What outside witnesses signed of audit checkpoints, kept in custody beside them.

use super::Keys;
use crate::{Result, WorkspaceId};

impl Keys {
    /// Keeps a witness' signature of a checkpoint.
    pub(crate) fn keep_cosignature(
        &self,
        workspace: WorkspaceId,
        number: i64,
        witness: &str,
        line: &str,
    ) -> Result<()> {
        self.custody.keep_cosignature(workspace, number, witness, line)
    }

    /// What witnesses signed of the checkpoints after a number, up to another: number, the witness' key, and the line.
    pub(crate) fn cosignatures(
        &self,
        workspace: WorkspaceId,
        after: i64,
        through: i64,
    ) -> Result<Vec<(i64, String, String)>> {
        self.custody.cosignatures(workspace, after, through)
    }

    /// The newest checkpoint that a witness signed; 0: none.
    pub(crate) fn last_cosigned(&self, workspace: WorkspaceId, witness: &str) -> Result<i64> {
        self.custody.last_cosigned(workspace, witness)
    }

    /// The number of the checkpoint that covers exactly so many entries.
    pub(crate) fn checkpoint_of_size(&self, workspace: WorkspaceId, size: i64) -> Result<Option<i64>> {
        self.custody.checkpoint_of_size(workspace, size)
    }
}
