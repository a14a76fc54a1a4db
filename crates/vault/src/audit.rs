//! The audit log: one leaf per act, written in the transaction of the act, and one per request that reads.
//!
//! A [`leaf`] holds a hash of what happened. When an entry's term ends, words and salts go and the leaf stays, and when whom it
//! names is erased, that name goes alone ([`forget`]); the Merkle tree over the leaves ([`crate::merkle`]) can still be
//! verified. Entries hold ids and words of the program only, never content.
//!
//! [`checkpoint`] signs the tree's root into custody once a minute, as a [`note`]; [`report`] holds log and checkpoints against
//! each other.

mod checkpoint;
mod export;
mod fault;
mod forget;
mod leaf;
mod lines;
#[cfg(test)]
mod mutations;
pub mod note;
pub mod offline;
mod prove;
mod report;
#[cfg(test)]
mod tests;
pub mod tiles;
mod witness;

pub use crate::keys::{AuditKey, Checkpoint};
pub use checkpoint::origin;
pub use export::AuditLines;
pub use fault::Fault;
#[cfg(test)]
pub(crate) use forget::KNOWN as FORGOTTEN_TABLES;
pub use forget::expire;
pub(crate) use forget::{forget, forget_at_once, sweep};
pub use report::AuditReport;
pub use witness::WitnessRequest;

use crate::jobs::{self, JobKind};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::{Actor, Cursor, Error, Millis, Page, Result, Right, Tx};
use leaf::{Condition, Stored};

/// Longest subject, in bytes.
const SUBJECT_MAX: usize = 200;

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the workspace, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// `member`, `platform`, `channel`, `visitor`, `operator`.
    pub actor_kind: String,
    /// Which one; empty where there is only one.
    pub actor_id: String,
    /// What for.
    pub purpose: String,
    /// What was done (`member.created`).
    pub act: String,
    /// To what: an id. Empty once whom it names was erased, as is then the id of a visitor who acted.
    pub subject: String,
    /// Whether its words have expired. All of the above but `seq` and `at` is then empty.
    pub expired: bool,
}

/// Which entries to list. Empty: all of them.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this actor.
    pub actor_id: Option<String>,
    /// Of this act.
    pub act: Option<String>,
    /// About this subject.
    pub subject: Option<String>,
    /// Not before.
    pub from: Option<Millis>,
    /// Before.
    pub until: Option<Millis>,
}

/// What verifying a stretch of the log found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Entries whose leaf was computed anew and matched.
    pub intact: u64,
    /// Those of them whose subject was wiped when it was erased.
    pub forgotten: u64,
    /// Entries whose words have expired: only the tree vouches for their leaf.
    pub expired: u64,
    /// Numbers whose entry was altered or is missing.
    pub broken: Vec<i64>,
    /// The last number looked at.
    pub through: i64,
    /// Whether that was the end of the log.
    pub complete: bool,
}

impl Actor {
    /// The stored and shown word for what kind of actor this is.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Member(..) => "member",
            Self::Platform => "platform",
            Self::Channel(_) => "channel",
            Self::Visitor(..) => leaf::VISITOR,
            Self::Operator => "operator",
        }
    }

    /// Its id: the member's, the channel's, the visiting contact's; empty for platform and operator.
    pub fn id(&self) -> String {
        match self {
            Self::Member(member, _) => member.to_string(),
            Self::Channel(channel) => channel.to_string(),
            Self::Visitor(_, contact) => contact.to_string(),
            Self::Platform | Self::Operator => String::new(),
        }
    }
}

/// Writes an entry for the scope's actor and purpose; its number. `act` is a dot-named word (`contact.read`), `subject`
/// an id or a short list of words, never content.
///
/// # Errors
/// [`Error::Invalid`] if the subject looks like anything but ids.
pub fn record(tx: &Tx<'_>, act: &'static str, subject: &str) -> Result<i64> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
    if subject.len() > SUBJECT_MAX || !subject.bytes().all(plain) {
        return Err(Error::Invalid("the subject of an audit entry is an id".into()));
    }
    let scope = tx.scope()?;
    let entry = Entry {
        seq: next_number(tx)?,
        at: tx.now(),
        actor_kind: scope.actor().kind().into(),
        actor_id: scope.actor().id(),
        purpose: scope.purpose().as_str().into(),
        act: act.into(),
        subject: subject.into(),
        expired: false,
    };
    let stored = Stored::new(scope.workspace(), entry, tx.chance(), tx.chance());
    insert(tx, &stored)?;
    let workspace = scope.workspace().to_string();
    jobs::enqueue(tx, JobKind::AuditTree, &workspace, tx.now() + checkpoint::PAUSE_MS)?;
    Ok(stored.entry.seq)
}

fn insert(tx: &Tx<'_>, stored: &Stored) -> Result<()> {
    let Stored { entry, salt, subject_salt, subject_hash, leaf } = stored;
    tx.run(
        sql!(
            "INSERT INTO audit (workspace_id, seq, at, actor_kind, actor_id, purpose, act, subject, salt, leaf, \
             subject_salt, subject_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        params![
            entry.seq,
            entry.at,
            &entry.actor_kind,
            &entry.actor_id,
            &entry.purpose,
            &entry.act,
            &entry.subject,
            salt.as_deref(),
            &leaf[..],
            subject_salt.as_deref(),
            subject_hash.as_deref()
        ],
    )?;
    Ok(())
}

/// Entries, newest first.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ReadAudit`].
pub fn list(tx: &Tx<'_>, filter: &Filter, cursor: Option<&Cursor>, limit: usize) -> Result<Page<Entry>> {
    tx.scope()?.require(Right::ReadAudit)?;
    let entries = tx.all(
        sql!(
            "SELECT seq, at, actor_kind, actor_id, purpose, act, subject, salt IS NULL FROM audit \
             WHERE workspace_id = $1 AND seq < $2 AND at >= $3 AND at < $4 \
             AND ($5 = '' OR actor_id = $5) AND ($6 = '' OR act = $6) AND ($7 = '' OR subject = $7) \
             ORDER BY seq DESC LIMIT $8"
        ),
        params![
            cursor.map_or(i64::MAX, |cursor| cursor.key),
            filter.from.unwrap_or(i64::MIN),
            filter.until.unwrap_or(i64::MAX),
            filter.actor_id.as_deref().unwrap_or(""),
            filter.act.as_deref().unwrap_or(""),
            filter.subject.as_deref().unwrap_or(""),
            i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX)
        ],
        entry,
    )?;
    Ok(Page::from_overfull(entries, limit, |entry| Cursor { key: entry.seq, id: String::new() }))
}

/// Computes the leaves after a number anew, at most `limit` of them, and compares; also finds numbers that are gone. It
/// sees what was altered by hand; what was altered with a leaf to fit, only [`crate::Vault::verify_audit`] sees.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ReadAudit`].
pub fn verify(tx: &Tx<'_>, after: i64, limit: usize) -> Result<Verified> {
    tx.scope()?.require(Right::ReadAudit)?;
    let entries = checked(tx, after, limit)?;
    let mut found = Verified { through: after, complete: entries.len() < limit, ..Verified::default() };
    for entry in entries {
        found.note_gap(entry.seq);
        match entry.condition {
            Condition::Intact => found.intact += 1,
            Condition::Forgotten => {
                found.intact += 1;
                found.forgotten += 1;
            }
            Condition::Expired => found.expired += 1,
            Condition::Altered => found.broken.push(entry.seq),
        }
        found.through = entry.seq;
    }
    if found.complete {
        found.note_gap(last_number(tx)?.saturating_add(1));
    }
    Ok(found)
}

/// An entry whose leaf was computed anew.
struct Checked {
    seq: i64,
    at: Millis,
    leaf: Vec<u8>,
    condition: Condition,
    /// Whether the leaf vouches for the time.
    timed: bool,
}

/// Entries after a number, in order, at most `limit`.
fn checked(tx: &Tx<'_>, after: i64, limit: usize) -> Result<Vec<Checked>> {
    let workspace = tx.workspace()?;
    let check = |stored: Stored| Checked {
        seq: stored.entry.seq,
        at: stored.entry.at,
        condition: stored.condition(workspace),
        timed: stored.proves_its_time(),
        leaf: stored.leaf,
    };
    Ok(stored(tx, after, limit)?.into_iter().map(check).collect())
}

/// Entries after a number with all that belongs to their leaves, in order, at most `limit`.
fn stored(tx: &Tx<'_>, after: i64, limit: usize) -> Result<Vec<Stored>> {
    tx.all(
        sql!(
            "SELECT seq, at, actor_kind, actor_id, purpose, act, subject, salt IS NULL, salt, leaf, subject_salt, \
             subject_hash FROM audit WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"
        ),
        params![after, i64::try_from(limit).unwrap_or(i64::MAX)],
        |row| {
            Ok(Stored {
                entry: entry(row)?,
                salt: row.get(8)?,
                leaf: row.get(9)?,
                subject_salt: row.get(10)?,
                subject_hash: row.get(11)?,
            })
        },
    )
}

/// Numbers and leaves after a number, in order, at most `limit`: what the tree is built from.
pub fn leaves(tx: &Tx<'_>, after: i64, limit: usize) -> Result<Vec<(i64, Vec<u8>)>> {
    tx.all(
        sql!("SELECT seq, leaf FROM audit WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"),
        params![after, i64::try_from(limit).unwrap_or(i64::MAX)],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

impl Verified {
    /// Notes the first number of a gap before `seq`.
    fn note_gap(&mut self, seq: i64) {
        if seq > self.through + 1 {
            self.broken.push(self.through + 1);
        }
    }
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    Ok(Entry {
        seq: row.get(0)?,
        at: row.get(1)?,
        actor_kind: row.get(2)?,
        actor_id: row.get(3)?,
        purpose: row.get(4)?,
        act: row.get(5)?,
        subject: row.get(6)?,
        expired: row.get(7)?,
    })
}

fn next_number(tx: &Tx<'_>) -> Result<i64> {
    tx.maybe(
        sql!("UPDATE counters SET value = value + 1 WHERE workspace_id = $1 AND name = 'audit' RETURNING value"),
        params![],
        |row| row.get(0),
    )?
    .ok_or(Error::NotFound("workspace"))
}

fn last_number(tx: &Tx<'_>) -> Result<i64> {
    tx.maybe(sql!("SELECT value FROM counters WHERE workspace_id = $1 AND name = 'audit'"), params![], |row| {
        row.get(0)
    })?
    .ok_or(Error::NotFound("workspace"))
}

/// Sees to it that a number which a checkpoint covers is not given again. After a restore the entries that the backup
/// did not have yet are then missing, as they are, and those that come are sound.
pub(crate) fn go_on_after(tx: &Tx<'_>, number: i64) -> Result<()> {
    tx.run(
        sql!("UPDATE counters SET value = $2 WHERE workspace_id = $1 AND name = 'audit' AND value < $2"),
        params![number],
    )?;
    Ok(())
}
