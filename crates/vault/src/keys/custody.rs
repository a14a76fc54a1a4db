//! The custody store: wrapped keys, the deletion ledger and audit checkpoints, in a database of its own that never rolls
//! back. Only its newest copy is backed up; restoring joins old data to newest custody.
//!
//! [`Custody`] knows the few statements; a [`Ground`] runs them on SQLite or PostgreSQL.

mod copying;
#[cfg(any(test, feature = "testing"))]
mod kept;
mod ledger;
mod postgres;
mod sqlite;
mod turns;
mod witnessed;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use copying::LedgerMark;
pub(super) use copying::{Rows, open as open_custody};
#[cfg(any(test, feature = "testing"))]
pub use kept::KeptCustody;
pub use ledger::Checkpoint;
pub(crate) use ledger::{Deed, Line};
pub use turns::AuditKey;

use crate::id::KeyId;
use crate::{Error, Millis, Result, WorkspaceId};

/// Where the custody store is. No `Debug`: a URL may hold a password.
#[derive(Clone, Default)]
pub enum CustodyAt {
    /// In memory, for tests and the simulation.
    #[default]
    Memory,
    /// A SQLite file of its own.
    File(PathBuf),
    /// A PostgreSQL database of its own, by URL. It must not be restored together with the data.
    Postgres(String),
    /// In memory, beside a simulated machine that loses its power.
    #[cfg(any(test, feature = "testing"))]
    Kept(KeptCustody),
}

/// A bound or read value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Value {
    Text(String),
    Int(i64),
    Bytes(#[serde(with = "copying::hexadecimal")] Vec<u8>),
}

/// A statement with its values: `$1…$n`, in words that both engines have.
struct Step {
    text: &'static str,
    values: Vec<Value>,
}

/// An engine under the custody store.
trait Ground: Send + Sync {
    /// Runs all steps in one transaction, durable when this returns; how many rows each changed. No two transactions run at
    /// once, so that what a step asks for still holds when it is committed.
    fn commit(&self, steps: Vec<Step>) -> Result<Vec<u64>>;
    /// Runs a query.
    fn rows(&self, step: Step) -> Result<Vec<Vec<Value>>>;
    /// After rows were put in with their numbers: those to come go on from there.
    fn filled(&self) -> Result<()> {
        Ok(())
    }
    /// Makes sure that what was deleted is no longer in the engine's files.
    fn scrub(&self) -> Result<()>;
}

/// The schema, once per engine: `{serial}` is a counter that is never given twice.
const SCHEMA: [&str; 8] = [
    "CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, kind TEXT NOT NULL, \
     wrapped BYTEA NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX IF NOT EXISTS keys_one ON keys (workspace_id, kind) WHERE kind <> 'contact'",
    "CREATE TABLE IF NOT EXISTS ledger (seq {serial}, at BIGINT NOT NULL, workspace_id TEXT NOT NULL, \
     kind TEXT NOT NULL, subject_hash BYTEA NOT NULL, detail TEXT NOT NULL)",
    // What is final is said once, so that a repeated step adds nothing.
    "CREATE UNIQUE INDEX IF NOT EXISTS ledger_once ON ledger (workspace_id, kind, subject_hash) \
     WHERE kind IN ('contact.erased', 'identity.erased', 'key.destroyed')",
    "CREATE TABLE IF NOT EXISTS audit_checkpoints (workspace_id TEXT NOT NULL, number BIGINT NOT NULL, \
     size BIGINT NOT NULL, root BYTEA NOT NULL, previous BYTEA NOT NULL, at BIGINT NOT NULL, \
     signature BYTEA NOT NULL, peaks BYTEA NOT NULL, PRIMARY KEY (workspace_id, number))",
    // From which checkpoint on which key signs; none while the first does.
    "CREATE TABLE IF NOT EXISTS audit_keys (workspace_id TEXT NOT NULL, generation BIGINT NOT NULL, \
     first_number BIGINT NOT NULL, public_key BYTEA NOT NULL, handover BYTEA NOT NULL, \
     PRIMARY KEY (workspace_id, generation))",
    // What outside witnesses signed of checkpoints: each a line of the note.
    "CREATE TABLE IF NOT EXISTS audit_cosignatures (workspace_id TEXT NOT NULL, number BIGINT NOT NULL, \
     witness TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (workspace_id, number, witness))",
    // Who wraps the keys of all owners anew: one at a time.
    "CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, lease_until BIGINT NOT NULL)",
];

/// A wrapped key.
pub(super) struct Wrapped {
    pub(super) id: KeyId,
    pub(super) kind: String,
    pub(super) bytes: Vec<u8>,
}

/// The custody store.
pub(super) struct Custody {
    ground: Box<dyn Ground>,
}

impl Custody {
    pub(super) fn open(at: &CustodyAt) -> Result<Self> {
        let ground: Box<dyn Ground> = match at {
            CustodyAt::Memory => Box::new(sqlite::Sqlite::open(None)?),
            CustodyAt::File(path) => Box::new(sqlite::Sqlite::open(Some(path))?),
            CustodyAt::Postgres(url) => Box::new(postgres::Postgres::open(url)?),
            #[cfg(any(test, feature = "testing"))]
            CustodyAt::Kept(kept) => Box::new(kept.clone()),
        };
        Ok(Self { ground })
    }

    /// Adds keys, all or none; how many were taken. None is, unless `under`, the workspace key that wrapped them, is its
    /// owner's newest (`None`: unless the owner has none yet). So nothing comes under a key that gave way, even if that was
    /// long ago and it is gone. One of a kind that may exist once gives way to the one that is there.
    pub(super) fn add(
        &self,
        owner: Option<WorkspaceId>,
        under: Option<KeyId>,
        keys: Vec<Wrapped>,
        now: Millis,
    ) -> Result<u64> {
        let steps = keys.into_iter().map(|key| Step {
            text: "INSERT INTO keys (workspace_id, id, kind, wrapped, created_at) SELECT $1, $2, $3, $4, $5 \
                   WHERE $6 = COALESCE((SELECT id FROM keys WHERE workspace_id = $1 AND kind <> 'contact' \
                   AND (kind = 'workspace' OR substr(kind, 1, 10) = 'workspace.') \
                   ORDER BY length(kind) DESC, kind DESC LIMIT 1), '') ON CONFLICT DO NOTHING",
            values: vec![
                text_of(owner),
                Value::Text(key.id.to_string()),
                Value::Text(key.kind),
                Value::Bytes(key.bytes),
                Value::Int(now),
                Value::Text(under.map(|id| id.to_string()).unwrap_or_default()),
            ],
        });
        Ok(self.ground.commit(steps.collect())?.into_iter().sum())
    }

    /// A contact's key, unless it was destroyed.
    pub(super) fn contact_key(&self, workspace: WorkspaceId, id: KeyId) -> Result<Option<Vec<u8>>> {
        let mut rows = self.ground.rows(Step {
            text: "SELECT wrapped FROM keys WHERE workspace_id = $1 AND id = $2 AND kind = 'contact'",
            values: vec![text_of(Some(workspace)), Value::Text(id.to_string())],
        })?;
        rows.pop().map(|row| Reader(row.into_iter()).bytes()).transpose()
    }

    /// All keys of an owner that are no contact's: a handful.
    pub(super) fn ring(&self, owner: Option<WorkspaceId>) -> Result<Vec<Wrapped>> {
        let rows = self.ground.rows(Step {
            text: "SELECT id, kind, wrapped FROM keys WHERE workspace_id = $1 AND kind <> 'contact'",
            values: vec![text_of(owner)],
        })?;
        let read = |row: Vec<Value>| {
            let mut row = Reader(row.into_iter());
            Ok(Wrapped { id: row.key_id()?, kind: row.text()?, bytes: row.bytes()? })
        };
        rows.into_iter().map(read).collect()
    }

    /// Which workspace a key belongs to, if it is one's and no contact's.
    pub(super) fn owner(&self, id: KeyId) -> Result<Option<WorkspaceId>> {
        let rows = self.ground.rows(Step {
            text: "SELECT workspace_id FROM keys WHERE id = $1 AND kind <> 'contact' AND workspace_id <> ''",
            values: vec![Value::Text(id.to_string())],
        })?;
        rows.into_iter().next().map(|row| Reader(row.into_iter()).text()?.parse()).transpose()
    }

    /// Destroys keys: their lines and their deletion are one transaction, then their bytes leave the files. Neither is, where
    /// the owner must have a key of the kind `beside` and has none. How many were destroyed now.
    pub(super) fn destroy(
        &self,
        owner: Option<WorkspaceId>,
        beside: Option<&str>,
        keys: &[(KeyId, Line)],
        now: Millis,
    ) -> Result<u64> {
        let beside = Value::Text(beside.unwrap_or_default().to_owned());
        let lines = keys.iter().map(|(_, line)| line_step(owner, line.clone(), &beside, now));
        let deletions = keys.iter().map(|(id, _)| Step {
            text: "DELETE FROM keys WHERE workspace_id = $1 AND id = $2 AND ($3 = '' OR EXISTS \
                   (SELECT 1 FROM keys b WHERE b.workspace_id = $1 AND b.kind = $3 AND b.kind <> 'contact'))",
            values: vec![text_of(owner), Value::Text(id.to_string()), beside.clone()],
        });
        let changed = self.ground.commit(lines.chain(deletions).collect())?;
        self.ground.scrub()?;
        Ok(changed.into_iter().skip(keys.len()).sum())
    }

    /// Adds lines to the ledger, all or none.
    pub(super) fn record(&self, owner: Option<WorkspaceId>, lines: Vec<Line>, now: Millis) -> Result<()> {
        let in_any_case = Value::Text(String::new());
        let steps = lines.into_iter().map(|line| line_step(owner, line, &in_any_case, now));
        self.ground.commit(steps.collect()).map(|_| ())
    }

    /// Lines after `seq`, oldest first, with their counters.
    pub(super) fn lines(&self, workspace: WorkspaceId, after: i64, limit: i64) -> Result<Vec<(i64, Line)>> {
        let rows = self.ground.rows(Step {
            text: "SELECT seq, kind, subject_hash, detail FROM ledger WHERE workspace_id = $1 AND seq > $2 \
                   ORDER BY seq LIMIT $3",
            values: vec![text_of(Some(workspace)), Value::Int(after), Value::Int(limit)],
        })?;
        let read = |row: Vec<Value>| {
            let mut row = Reader(row.into_iter());
            Ok((row.int()?, Line { deed: Deed::of(&row.text()?)?, subject: row.bytes()?, detail: row.text()? }))
        };
        rows.into_iter().map(read).collect()
    }

    /// Keeps a checkpoint; one that has its number already stays, and one that another key has to sign is not taken.
    pub(super) fn keep_checkpoint(
        &self,
        workspace: WorkspaceId,
        generation: i64,
        checkpoint: &Checkpoint,
    ) -> Result<()> {
        let step = Step {
            text: "INSERT INTO audit_checkpoints (workspace_id, number, size, root, previous, at, signature, peaks) \
                   SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE NOT EXISTS (SELECT 1 FROM audit_keys \
                   WHERE workspace_id = $1 AND first_number <= $2 AND generation > $9) ON CONFLICT DO NOTHING",
            values: vec![
                text_of(Some(workspace)),
                Value::Int(checkpoint.number),
                Value::Int(checkpoint.size),
                Value::Bytes(checkpoint.root.clone()),
                Value::Bytes(checkpoint.previous.clone()),
                Value::Int(checkpoint.at),
                Value::Bytes(checkpoint.signature.clone()),
                Value::Bytes(checkpoint.peaks.clone()),
                Value::Int(generation),
            ],
        };
        self.ground.commit(vec![step]).map(|_| ())
    }

    /// A workspace's checkpoints after a number, oldest first.
    pub(super) fn checkpoints(&self, workspace: WorkspaceId, after: i64, limit: i64) -> Result<Vec<Checkpoint>> {
        let rows = self.ground.rows(Step {
            text: "SELECT number, size, root, previous, at, signature, peaks FROM audit_checkpoints \
                   WHERE workspace_id = $1 AND number > $2 ORDER BY number LIMIT $3",
            values: vec![text_of(Some(workspace)), Value::Int(after), Value::Int(limit)],
        })?;
        rows.into_iter().map(checkpoint_of).collect()
    }

    /// A workspace's newest checkpoint.
    pub(super) fn last_checkpoint(&self, workspace: WorkspaceId) -> Result<Option<Checkpoint>> {
        let mut rows = self.ground.rows(Step {
            text: "SELECT number, size, root, previous, at, signature, peaks FROM audit_checkpoints \
                   WHERE workspace_id = $1 ORDER BY number DESC LIMIT 1",
            values: vec![text_of(Some(workspace))],
        })?;
        rows.pop().map(checkpoint_of).transpose()
    }

    #[cfg(test)]
    pub(super) fn tamper(&self, text: &'static str) {
        self.ground.commit(vec![Step { text, values: Vec::new() }]).unwrap();
    }
}

fn checkpoint_of(row: Vec<Value>) -> Result<Checkpoint> {
    let mut row = Reader(row.into_iter());
    Ok(Checkpoint {
        number: row.int()?,
        size: row.int()?,
        root: row.bytes()?,
        previous: row.bytes()?,
        at: row.int()?,
        signature: row.bytes()?,
        peaks: row.bytes()?,
    })
}

/// Adds a line; where a key of the kind `beside` must be there, only if it is.
fn line_step(owner: Option<WorkspaceId>, line: Line, beside: &Value, now: Millis) -> Step {
    Step {
        text: "INSERT INTO ledger (at, workspace_id, kind, subject_hash, detail) SELECT $1, $2, $3, $4, $5 \
               WHERE $6 = '' OR EXISTS (SELECT 1 FROM keys WHERE workspace_id = $2 AND kind = $6 AND kind <> 'contact') \
               ON CONFLICT DO NOTHING",
        values: vec![
            Value::Int(now),
            text_of(owner),
            Value::Text(line.deed.word().to_owned()),
            Value::Bytes(line.subject),
            Value::Text(line.detail),
            beside.clone(),
        ],
    }
}

/// How an owner is written: the installation is the empty text.
pub(super) fn owner_text(owner: Option<WorkspaceId>) -> String {
    owner.map_or_else(String::new, |workspace| workspace.to_string())
}

fn text_of(owner: Option<WorkspaceId>) -> Value {
    Value::Text(owner_text(owner))
}

fn malformed() -> Error {
    Error::Engine("the custody store holds something that this program cannot read".into())
}

/// Reads a row from left to right.
struct Reader(std::vec::IntoIter<Value>);

impl Reader {
    fn text(&mut self) -> Result<String> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(malformed()),
        }
    }

    fn int(&mut self) -> Result<i64> {
        match self.0.next() {
            Some(Value::Int(value)) => Ok(value),
            _ => Err(malformed()),
        }
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        match self.0.next() {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            _ => Err(malformed()),
        }
    }

    fn key_id(&mut self) -> Result<KeyId> {
        self.text()?.parse()
    }
}
