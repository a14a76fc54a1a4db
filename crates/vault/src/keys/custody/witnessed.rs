//! What outside witnesses signed of a workspace's checkpoints.

use super::{Custody, Reader, Step, Value, text_of};
use crate::{Result, WorkspaceId};

impl Custody {
    /// Keeps a witness' signature of a checkpoint; one that is there already stays.
    pub(in crate::keys) fn keep_cosignature(
        &self,
        workspace: WorkspaceId,
        number: i64,
        witness: &str,
        line: &str,
    ) -> Result<()> {
        let step = Step {
            text: "INSERT INTO audit_cosignatures (workspace_id, number, witness, line) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT DO NOTHING",
            values: vec![
                text_of(Some(workspace)),
                Value::Int(number),
                Value::Text(witness.to_owned()),
                Value::Text(line.to_owned()),
            ],
        };
        self.ground.commit(vec![step]).map(|_| ())
    }

    /// What witnesses signed of the checkpoints after a number, up to another: the checkpoint's number, the witness' key, and the
    /// line, in the order of numbers and keys.
    pub(in crate::keys) fn cosignatures(
        &self,
        workspace: WorkspaceId,
        after: i64,
        through: i64,
    ) -> Result<Vec<(i64, String, String)>> {
        let rows = self.ground.rows(Step {
            text: "SELECT number, witness, line FROM audit_cosignatures WHERE workspace_id = $1 AND number > $2 \
                   AND number <= $3 ORDER BY number, witness",
            values: vec![text_of(Some(workspace)), Value::Int(after), Value::Int(through)],
        })?;
        let read = |row: Vec<Value>| {
            let mut row = Reader(row.into_iter());
            Ok((row.int()?, row.text()?, row.text()?))
        };
        rows.into_iter().map(read).collect()
    }

    /// The newest checkpoint that a witness signed; 0: none.
    pub(in crate::keys) fn last_cosigned(&self, workspace: WorkspaceId, witness: &str) -> Result<i64> {
        let mut rows = self.ground.rows(Step {
            text: "SELECT number FROM audit_cosignatures WHERE workspace_id = $1 AND witness = $2 \
                   ORDER BY number DESC LIMIT 1",
            values: vec![text_of(Some(workspace)), Value::Text(witness.to_owned())],
        })?;
        rows.pop().map_or(Ok(0), |row| Reader(row.into_iter()).int())
    }

    /// The checkpoint that covers exactly so many entries.
    pub(in crate::keys) fn checkpoint_of_size(&self, workspace: WorkspaceId, size: i64) -> Result<Option<i64>> {
        let mut rows = self.ground.rows(Step {
            text: "SELECT number FROM audit_checkpoints WHERE workspace_id = $1 AND size = $2 ORDER BY number LIMIT 1",
            values: vec![text_of(Some(workspace)), Value::Int(size)],
        })?;
        rows.pop().map(|row| Reader(row.into_iter()).int()).transpose()
    }
}
