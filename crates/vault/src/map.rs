//! The data map: what every table holds, how it hangs on a workspace and a contact, and what becomes of it.
//!
//! Retention, erasure, export, the Art. 30 record and tests run from [`MAP`]. A table, sealed column or free text of the
//! real schema that the map does not know fails a test.

mod category;
mod tables;
#[cfg(test)]
mod tests;
mod whereabouts;

pub use category::{Adjusting, Basis, Category, Class};
pub(crate) use tables::MAP;
#[cfg(test)]
pub(crate) use whereabouts::statements;
pub use whereabouts::{Kept as KeptIn, Part as StoredPart, Whereabouts, whereabouts};

use crate::statement::{Reach, Statement};
use crate::{Millis, Result, Tx};

/// Tables that belong to the installation: they hold ids, states, times, hashes and sealed bytes, and have no row-level
/// security, because they are read before a workspace is known (a token, a hook, a due job).
pub(crate) const INSTALLATION: &[&str] = &[
    "workspaces",
    "counters",
    "channel_directory",
    "logins",
    "sessions",
    "tokens",
    "invitations",
    "inbox",
    "outbox",
    "jobs",
    "site_directory",
    "backups",
];

/// What is known of one table.
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "retention, export and moving a workspace read it too; the tests hold it to the schema"
    )
)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Whether rows are the installation's or reached within a workspace only.
    pub(crate) reach: Reach,
    pub(crate) category: Category,
    pub(crate) class: Class,
    pub(crate) basis: Basis,
    /// The column from which the term counts; `None`: rows live as long as what they belong to.
    pub(crate) anchor: Option<&'static str>,
    /// A term in days of this table's own, shorter than its category's.
    pub(crate) days: Option<u32>,
    pub(crate) contact: Path,
    /// The primary key of a table with sealed columns, or whose rows are exported, without the workspace.
    pub(crate) key: &'static [&'static str],
    /// Those of its columns that name the row in the place of a sealed cell, joined by `/`.
    pub(crate) named: &'static [&'static str],
    /// Sealed columns, and under which key.
    pub(crate) sealed: &'static [(&'static str, Seal)],
    /// Columns of keyed hashes and salts.
    pub(crate) hashes: &'static [&'static str],
    /// Text columns that hold words of the program, codes or counts: no free text. Ids need not be listed.
    pub(crate) words: &'static [&'static str],
    /// What exists of a row elsewhere.
    pub(crate) copies: &'static [Copied],
    pub(crate) fate: Fate,
    /// How its rows come to their end where nobody is erased.
    pub(crate) ends: Ends,
    /// With which other rows its rows go: a column, and the table whose `id` it names.
    pub(crate) with: &'static [(&'static str, &'static str)],
    /// The column that names a row's conversation; the conversation's own id in its table.
    pub(crate) conversation: Option<&'static str>,
    /// Kinds of jobs whose subject is a row's id, which go with it.
    pub(crate) jobs: &'static [&'static str],
    /// A contact's profile stays while it has a row of which this holds: SQL over the row's columns.
    pub(crate) keeps: Option<&'static str>,
}

/// How a table's rows come to their end where nobody is erased.
#[derive(Clone, Copy)]
pub(crate) enum Ends {
    /// A term after the anchor.
    Term,
    /// The same, but only a row of which this holds: SQL over its columns, in which `$1` is the workspace.
    TermIf(&'static str),
    /// A term after the anchor, by a function of its noun.
    Own(Sweeper),
    /// With the rows that [`Table::with`] says; with its contact, where that says none.
    With,
    /// With the contract: what a workspace arranged stays until a member takes it away.
    Contract,
    /// With the work it is for, by whoever does that.
    Work,
}

/// Ends rows that are due, at most [`Due::limit`]; how many it were.
pub(crate) type Sweeper = fn(&Tx<'_>, &Due) -> Result<u64>;

/// What is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    /// What has its anchor at this moment or earlier.
    pub(crate) before: Millis,
    /// How many rows at most.
    pub(crate) limit: i64,
}

/// How a row hangs on a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// It concerns no contact.
    None,
    /// It is the contact.
    Own,
    /// This column names the contact.
    Column(&'static str),
    /// This column names a row of another table, which hangs on the contact.
    Through(&'static str, &'static str),
    /// A keyed hash of an identity, of which the contact cannot be told.
    Hash(&'static str),
    /// This column names something that may hang on a contact: an id among others.
    Subject(&'static str),
}

/// Under which key a column is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seal {
    /// The contact's profile key.
    Profile,
    /// The contact's key for the row's channel.
    Channel,
    /// The contact's key for the channel; the workspace's until a contact is known.
    ChannelOrWorkspace,
    /// The workspace's content key.
    Workspace,
    /// The workspace's evidence key.
    Evidence,
    /// A custody key of the day.
    Day,
}

/// What exists of a row elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copied {
    /// A file in the blob store, by the row's id.
    Blob,
    /// A document in the search index.
    Index,
    /// What the channel's provider keeps.
    Provider,
}

/// What erasing a contact does with a table's rows.
pub(crate) enum Fate {
    /// Nothing: no row concerns a contact.
    Untouched,
    /// Removed in the transaction of the tombstone. `$2` is the contact.
    AtOnce(&'static Statement),
    /// Removed in batches of 500 after the keys are destroyed. `$2` is the contact.
    Batches(&'static Statement),
    /// Emptied; what stays is an id and times.
    Tombstone,
    /// Kept, which the requester is told.
    Keep(Kept),
}

/// What outlives an erasure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// What it is, in plain words.
    pub(crate) what: &'static str,
    /// Why it may be kept.
    pub(crate) ground: &'static str,
}

impl Table {
    /// For how many days after its anchor a row is kept, where the law and the workspace say nothing else.
    pub(crate) fn days(&self) -> Option<u32> {
        self.days.or_else(|| self.category.days())
    }
}

/// What the record of processing says of one table.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "as of Table")]
pub struct Processing {
    pub table: &'static str,
    pub category: Category,
    pub class: Class,
    pub basis: Basis,
    /// The promise with its retention rule (`R-3`); empty for what only passes through.
    pub promise: &'static str,
    /// Days from the anchor by default; `None`: as long as needed.
    pub days: Option<u32>,
    /// Whether a workspace may change the term.
    pub adjustable: bool,
    /// Whether its rows concern contacts.
    pub of_contacts: bool,
}

/// The record of processing, table by table.
pub fn processing() -> impl Iterator<Item = Processing> {
    MAP.iter().map(|table| Processing {
        table: table.name,
        category: table.category,
        class: table.class,
        basis: table.basis,
        promise: table.category.promise(),
        days: table.days(),
        adjustable: table.category.adjustable(),
        of_contacts: table.contact != Path::None,
    })
}

/// A table of the map.
#[cfg(test)]
pub(crate) fn table(name: &str) -> Option<&'static Table> {
    MAP.iter().find(|table| table.name == name)
}
