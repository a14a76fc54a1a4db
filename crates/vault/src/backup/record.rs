//! What is remembered of backups, of restores, and of restores that were tried.

use super::DAY_MS;
use crate::keys::LedgerMark;
use crate::statement::installation_sql;
use crate::value::{params, word};
use crate::{BackupId, Error, Millis, Result, Tx, Vault};

/// For how many days.
const KEPT_DAYS: Millis = 30;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A backup was taken.
    Backup,
    /// A backup was restored for a trial, and looked through.
    Trial,
    /// The data was restored.
    Restore,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It failed; the log says why.
    Failed,
    /// It has to be finished before anything is served.
    Pending,
}

const ACTS: [(Act, &str); 3] = [(Act::Backup, "backup"), (Act::Trial, "trial"), (Act::Restore, "restore")];
const OUTCOMES: [(Outcome, &str); 3] =
    [(Outcome::Done, "done"), (Outcome::Failed, "failed"), (Outcome::Pending, "pending")];

impl Act {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        ACTS.iter().find(|(act, _)| *act == self).map_or("", |(_, word)| word)
    }
}

impl std::str::FromStr for Act {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = ACTS.iter().find(|(_, word)| *word == text).map(|(act, _)| *act);
        found.ok_or_else(|| Error::Invalid("no such act".into()))
    }
}

impl Outcome {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        OUTCOMES.iter().find(|(outcome, _)| *outcome == self).map_or("", |(_, word)| word)
    }
}

impl std::str::FromStr for Outcome {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = OUTCOMES.iter().find(|(_, word)| *word == text).map(|(outcome, _)| *outcome);
        found.ok_or_else(|| Error::Invalid("no such outcome".into()))
    }
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What was done.
    pub act: Act,
    /// What came of it.
    pub outcome: Outcome,
    /// Which chain; empty where none came about.
    pub chain: String,
    /// Which backup of it.
    pub number: i64,
    /// The moment up to which it reaches.
    pub reaches: Millis,
    /// How many bytes were written or looked through.
    pub bytes: i64,
    /// When it began …
    pub begun_at: Millis,
    /// … and ended.
    pub ended_at: Millis,
}

/// A restore that has to be finished.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) chain: String,
    pub(crate) number: u64,
    /// As of which moment the data is.
    pub(crate) at: Millis,
    /// How far the ledger was, at least.
    pub(crate) ledger: LedgerMark,
}

impl Vault {
    /// The last of an act, if there was any.
    pub async fn last_backup(&self, act: Act) -> Result<Option<Record>> {
        self.read_installation(move |tx| last(tx, act)).await
    }

    /// Notes what was done.
    pub async fn note_backup(&self, record: Record) -> Result<()> {
        self.write_installation(move |tx| note(tx, &record)).await
    }
}

fn last(tx: &Tx<'_>, act: Act) -> Result<Option<Record>> {
    let newest = installation_sql!(
        "SELECT act, outcome, chain_id, number, reaches_at, bytes, begun_at, ended_at FROM backups WHERE act = $1 \
         ORDER BY begun_at DESC, id DESC LIMIT 1"
    );
    tx.maybe(newest, params![act.as_str()], |row| {
        Ok(Record {
            act: word(row, 0)?,
            outcome: word(row, 1)?,
            chain: row.text(2)?,
            number: row.get(3)?,
            reaches: row.get(4)?,
            bytes: row.get(5)?,
            begun_at: row.get(6)?,
            ended_at: row.get(7)?,
        })
    })
}

fn note(tx: &Tx<'_>, record: &Record) -> Result<()> {
    tx.run(
        installation_sql!(
            "INSERT INTO backups (id, act, outcome, chain_id, number, reaches_at, bytes, begun_at, ended_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        params![
            tx.id::<BackupId>(),
            record.act.as_str(),
            record.outcome.as_str(),
            &record.chain,
            record.number,
            record.reaches,
            record.bytes,
            record.begun_at,
            record.ended_at
        ],
    )?;
    tx.run(
        installation_sql!("DELETE FROM backups WHERE begun_at < $1 AND outcome <> 'pending'"),
        params![tx.now() - KEPT_DAYS * DAY_MS],
    )?;
    Ok(())
}

/// The restore that has to be finished.
pub(super) fn pending(tx: &Tx<'_>) -> Result<Option<Pending>> {
    let open = installation_sql!(
        "SELECT chain_id, number, reaches_at, ledger_lines, ledger_last, ledger_hash FROM backups \
         WHERE act = 'restore' AND outcome = 'pending' ORDER BY begun_at DESC LIMIT 1"
    );
    tx.maybe(open, params![], |row| {
        let hash: Vec<u8> = row.get(5)?;
        let ledger = LedgerMark { lines: row.get(3)?, last: row.get(4)?, hash: hex::encode(hash) };
        let number = u64::try_from(row.get::<i64>(1)?).unwrap_or(0);
        Ok(Pending { chain: row.text(0)?, number, at: row.get(2)?, ledger })
    })
}

/// Everything about a restore is done.
pub(super) fn finished(tx: &Tx<'_>) -> Result<()> {
    tx.run(
        installation_sql!(
            "UPDATE backups SET outcome = 'done', ended_at = $1 WHERE act = 'restore' AND outcome = 'pending'"
        ),
        params![tx.now()],
    )?;
    Ok(())
}
