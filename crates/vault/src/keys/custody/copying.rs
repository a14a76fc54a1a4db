//! Custody as a whole: copied out for a backup, and filled again from the copy. And how far the ledger is, by which a
//! custody that went back in time is found out.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Custody, CustodyAt, Reader, Step, Value};
use crate::{Error, Result};

/// Rows that are read at once.
const PAGE: i64 = 1_000;

/// How far a ledger is: as many lines up to this number, with this hash over all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LedgerMark {
    /// How many lines.
    pub(crate) lines: i64,
    /// The number of the last.
    pub(crate) last: i64,
    /// SHA-256, each over the one before and a line, in hexadecimal; empty where there is no line.
    pub(crate) hash: String,
}

/// A table of custody, in the order in which it is copied: keys come last, so that no key is in a copy whose ledger does not
/// know yet that it was destroyed.
struct Sheet {
    name: &'static str,
    /// `$1` and `$2` are the first two columns of the last row before, `$3` how many.
    select: &'static str,
    insert: &'static str,
}

const SHEETS: [Sheet; 5] = [
    Sheet {
        name: "ledger",
        select: "SELECT seq, at, workspace_id, kind, subject_hash, detail FROM ledger \
                 WHERE seq > $1 AND CAST($2 AS BIGINT) = $2 ORDER BY seq LIMIT $3",
        insert: "INSERT INTO ledger (seq, at, workspace_id, kind, subject_hash, detail) {overriding} \
                 VALUES ($1, $2, $3, $4, $5, $6)",
    },
    Sheet {
        name: "audit_checkpoints",
        select: "SELECT workspace_id, number, size, root, previous, at, signature, peaks FROM audit_checkpoints \
                 WHERE workspace_id > $1 OR (workspace_id = $1 AND number > $2) ORDER BY workspace_id, number LIMIT $3",
        insert: "INSERT INTO audit_checkpoints (workspace_id, number, size, root, previous, at, signature, peaks) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    },
    Sheet {
        name: "audit_keys",
        select: "SELECT workspace_id, generation, first_number, public_key, handover FROM audit_keys \
                 WHERE workspace_id > $1 OR (workspace_id = $1 AND generation > $2) ORDER BY workspace_id, generation LIMIT $3",
        insert: "INSERT INTO audit_keys (workspace_id, generation, first_number, public_key, handover) \
                 VALUES ($1, $2, $3, $4, $5)",
    },
    // A checkpoint may have several: the first column tells them apart, and is not kept.
    Sheet {
        name: "audit_cosignatures",
        select: "SELECT workspace_id || ' ' || witness, number, workspace_id, witness, line FROM audit_cosignatures \
                 WHERE workspace_id || ' ' || witness > $1 OR (workspace_id || ' ' || witness = $1 AND number > $2) \
                 ORDER BY 1, 2 LIMIT $3",
        insert: "INSERT INTO audit_cosignatures (workspace_id, number, witness, line) \
                 SELECT $3, CAST($2 AS BIGINT), $4, $5 WHERE CAST($1 AS TEXT) <> ''",
    },
    Sheet {
        name: "keys",
        select: "SELECT id, created_at, workspace_id, kind, wrapped FROM keys \
                 WHERE id > $1 AND CAST($2 AS BIGINT) = $2 ORDER BY id LIMIT $3",
        insert: "INSERT INTO keys (id, created_at, workspace_id, kind, wrapped) VALUES ($1, $2, $3, $4, $5)",
    },
];

impl Sheet {
    /// Before the first row.
    fn beginning(&self) -> [Value; 2] {
        let first = if self.name == "ledger" { Value::Int(i64::MIN) } else { Value::Text(String::new()) };
        [first, Value::Int(i64::MIN)]
    }
}

/// Some rows of one table, as a copy keeps them.
#[derive(Serialize, Deserialize)]
pub(in crate::keys) struct Rows {
    sheet: String,
    rows: Vec<Vec<Value>>,
}

impl Custody {
    /// Hands all rows out, some at a time.
    pub(in crate::keys) fn copy_out(&self, mut each: impl FnMut(&Rows) -> Result<()>) -> Result<()> {
        for sheet in &SHEETS {
            let mut from = sheet.beginning();
            loop {
                let [first, second] = from;
                let rows =
                    self.ground.rows(Step { text: sheet.select, values: vec![first, second, Value::Int(PAGE)] })?;
                let Some([first, second, ..]) = rows.last().map(Vec::as_slice) else { break };
                from = [first.clone(), second.clone()];
                each(&Rows { sheet: sheet.name.to_owned(), rows })?;
            }
        }
        Ok(())
    }

    /// Fills an empty custody, all or nothing.
    pub(in crate::keys) fn fill(&self, all: Vec<Rows>) -> Result<()> {
        let mut steps = Vec::new();
        for Rows { sheet, rows } in all {
            let Some(sheet) = SHEETS.iter().find(|known| known.name == sheet) else {
                return Err(Error::Invalid("the copy of custody was made by a newer program".into()));
            };
            steps.extend(rows.into_iter().map(|values| Step { text: sheet.insert, values }));
        }
        self.ground.commit(steps)?;
        self.ground.filled()
    }

    /// Whether there is no key at all.
    pub(in crate::keys) fn is_empty(&self) -> Result<bool> {
        let rows = self.ground.rows(Step { text: "SELECT id FROM keys LIMIT 1", values: Vec::new() })?;
        Ok(rows.is_empty())
    }

    /// How far the ledger is up to a line's number, counted on from a mark.
    pub(in crate::keys) fn ledger_mark(&self, from: LedgerMark, until: i64) -> Result<LedgerMark> {
        let (mut mark, sheet) = (from, &SHEETS[0]);
        loop {
            let values = vec![Value::Int(mark.last), Value::Int(0), Value::Int(PAGE)];
            let rows = self.ground.rows(Step { text: sheet.select, values })?;
            if rows.is_empty() {
                return Ok(mark);
            }
            for row in rows {
                let last = Reader(vec![row.first().cloned().unwrap_or(Value::Int(i64::MAX))].into_iter()).int()?;
                if last > until {
                    return Ok(mark);
                }
                mark = LedgerMark { lines: mark.lines.saturating_add(1), last, hash: hash(&mark.hash, &row) };
            }
        }
    }
}

/// Bytes in text.
pub(super) mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in super::super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(deserializer)?).map_err(|_| D::Error::custom("no hexadecimal digits"))
    }
}

/// The hash over a line and all before it.
fn hash(before: &str, row: &[Value]) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(before.as_bytes());
    for value in row {
        match value {
            Value::Text(text) => part(text.as_bytes()),
            Value::Int(value) => part(&value.to_be_bytes()),
            Value::Bytes(bytes) => part(bytes),
        }
    }
    hex::encode(hash.finalize())
}

/// Opens a custody that may be empty, and says whether it is.
pub(in crate::keys) fn open(at: &CustodyAt) -> Result<(Custody, bool)> {
    let custody = Custody::open(at)?;
    let empty = custody.is_empty()?;
    Ok((custody, empty))
}
