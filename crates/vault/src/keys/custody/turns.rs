//! What custody does for a rotation: pages of keys, keys wrapped anew, and the public halves of keys that signed.

use super::{Custody, Reader, Step, Value, Wrapped, malformed, text_of};
use crate::id::KeyId;
use crate::{Millis, Result, WorkspaceId};

/// The public half of a key that signs a workspace's audit log, from one checkpoint on. What it states and how it is
/// verified is in [`crate::audit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditKey {
    /// 1 for the first, counting up.
    pub generation: i64,
    /// The number of the first checkpoint that it signs.
    pub first: i64,
    /// Ed25519.
    pub public_key: [u8; 32],
    /// The key before, over [`AuditKey::statement`]; empty for the first.
    pub handover: Vec<u8>,
}

impl Custody {
    /// Keys of an owner, of all kinds, in the order of their ids.
    pub(in crate::keys) fn page(&self, owner: Option<WorkspaceId>, after: &str, limit: i64) -> Result<Vec<Wrapped>> {
        let rows = self.ground.rows(Step {
            text: "SELECT id, kind, wrapped FROM keys WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3",
            values: vec![text_of(owner), Value::Text(after.to_owned()), Value::Int(limit)],
        })?;
        rows.into_iter().map(|row| wrapped(&mut Reader(row.into_iter()))).collect()
    }

    /// Keys of all owners that the root wraps, in the order of their ids.
    pub(in crate::keys) fn parents(&self, after: &str, limit: i64) -> Result<Vec<(Option<WorkspaceId>, Wrapped)>> {
        let rows = self.ground.rows(Step {
            text: "SELECT workspace_id, id, kind, wrapped FROM keys WHERE kind <> 'contact' AND id > $1 \
                   AND (kind = 'workspace' OR substr(kind, 1, 10) = 'workspace.') ORDER BY id LIMIT $2",
            values: vec![Value::Text(after.to_owned()), Value::Int(limit)],
        })?;
        let read = |row: Vec<Value>| {
            let mut row = Reader(row.into_iter());
            let owner = row.text()?;
            let owner = if owner.is_empty() { None } else { Some(owner.parse()?) };
            Ok((owner, wrapped(&mut row)?))
        };
        rows.into_iter().map(read).collect()
    }

    /// Puts keys wrapped anew in place of what they were, all or none; one that changed or went meanwhile stays so.
    pub(in crate::keys) fn replace(
        &self,
        owner: Option<WorkspaceId>,
        keys: Vec<(KeyId, Vec<u8>, Vec<u8>)>,
    ) -> Result<()> {
        let steps = keys.into_iter().map(|(id, before, after)| Step {
            text: "UPDATE keys SET wrapped = $4 WHERE workspace_id = $1 AND id = $2 AND wrapped = $3",
            values: vec![text_of(owner), Value::Text(id.to_string()), Value::Bytes(before), Value::Bytes(after)],
        });
        self.ground.commit(steps.collect()).map(|_| ())
    }

    /// Gives a lease to whoever asks, or lets its holder keep it, until a time; whether that was done. It is not, while somebody
    /// else has it, unless that was an earlier start of the same node ([`crate::node`]).
    pub(in crate::keys) fn lease(&self, name: &str, holder: &str, now: Millis, until: Millis) -> Result<bool> {
        let step = Step {
            text: "INSERT INTO leases (name, holder, lease_until) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE \
                   SET holder = excluded.holder, lease_until = excluded.lease_until WHERE leases.lease_until <= $4 \
                   OR leases.holder = excluded.holder OR (substr(leases.holder, 1, 16) = substr(excluded.holder, 1, 16) \
                   AND substr(leases.holder, 1, 32) <> substr(excluded.holder, 1, 32))",
            values: vec![
                Value::Text(name.to_owned()),
                Value::Text(holder.to_owned()),
                Value::Int(until),
                Value::Int(now),
            ],
        };
        Ok(self.ground.commit(vec![step])?.into_iter().sum::<u64>() > 0)
    }

    /// Gives a lease back.
    pub(in crate::keys) fn give_back(&self, name: &str, holder: &str) -> Result<()> {
        let step = Step {
            text: "DELETE FROM leases WHERE name = $1 AND holder = $2",
            values: vec![Value::Text(name.to_owned()), Value::Text(holder.to_owned())],
        };
        self.ground.commit(vec![step]).map(|_| ())
    }

    /// The public halves of a workspace's signing keys, oldest first; none if its first still signs.
    pub(in crate::keys) fn audit_keys(&self, workspace: WorkspaceId) -> Result<Vec<AuditKey>> {
        let rows = self.ground.rows(Step {
            text: "SELECT generation, first_number, public_key, handover FROM audit_keys WHERE workspace_id = $1 \
                   ORDER BY generation",
            values: vec![text_of(Some(workspace))],
        })?;
        let read = |row: Vec<Value>| {
            let mut row = Reader(row.into_iter());
            Ok(AuditKey {
                generation: row.int()?,
                first: row.int()?,
                public_key: row.bytes()?.try_into().map_err(|_| malformed())?,
                handover: row.bytes()?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Lets keys sign from their first checkpoint on. One whose first checkpoint was signed by another meanwhile is not
    /// taken; whether all are there now.
    pub(in crate::keys) fn add_audit_keys(&self, workspace: WorkspaceId, keys: &[AuditKey]) -> Result<bool> {
        let steps = keys.iter().map(|key| Step {
            text: "INSERT INTO audit_keys (workspace_id, generation, first_number, public_key, handover) \
                   SELECT $1, $2, $3, $4, $5 WHERE CAST($2 AS BIGINT) = 1 OR NOT EXISTS \
                   (SELECT 1 FROM audit_checkpoints WHERE workspace_id = $1 AND number >= $3) ON CONFLICT DO NOTHING",
            values: vec![
                text_of(Some(workspace)),
                Value::Int(key.generation),
                Value::Int(key.first),
                Value::Bytes(key.public_key.to_vec()),
                Value::Bytes(key.handover.clone()),
            ],
        });
        self.ground.commit(steps.collect())?;
        let there = self.audit_keys(workspace)?;
        Ok(keys.iter().all(|key| there.contains(key)))
    }
}

fn wrapped(row: &mut Reader) -> Result<Wrapped> {
    Ok(Wrapped { id: row.key_id()?, kind: row.text()?, bytes: row.bytes()? })
}
