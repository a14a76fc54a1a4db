//! Backups: all data, encrypted, incremental, and to be had back as of any moment of the last weeks.
//!
//! A backup is a chain: a base, which is the whole database as of one moment, and then what was committed since, each commit
//! with its moment. Files are copied once, because they never change; the full-text index is left out, because it can be built
//! anew. A manifest per backup names what belongs to it. Everything is sealed under a key of the installation's own, and no key is
//! in it: custody is copied apart, its newest copy alone is kept, and restoring joins old data to newest custody (D-4).
//!
//! Read [`place`] (where it lies), [`segment`] and [`spool`] (commits, and where they wait for the next backup), [`chain`] (manifests,
//! and what is found of them), [`taking`], [`custody`], [`expiry`], then [`restoring`] and [`finishing`] (the way back), [`trial`] (trying it), [`record`] (what is
//! remembered of it).

mod chain;
mod custody;
mod expiry;
mod finishing;
mod place;
mod record;
mod restoring;
mod segment;
mod spool;
mod taking;
#[cfg(test)]
mod tests;
mod trial;

pub use finishing::Finished;
pub use place::Place;
pub(crate) use record::Pending;
pub use record::{Act, Outcome, Record};
pub use restoring::{Restored, RestoredTo, Restoring, restore};
pub(crate) use segment::Gathered;
pub(crate) use spool::{Settled, Spool};
pub use taking::{Destination, Taken};
pub use trial::Tried;

use crate::{Error, Millis, Result, Vault};

/// The folder beside the data in which backups are prepared.
pub(crate) const FOLDER: &str = "backup";
/// A database that is being laid down; it gets its name when it is whole.
pub(crate) const UNFINISHED: &str = "parloir.db.restoring";

pub(crate) const DAY_MS: Millis = 24 * 3_600_000;

/// What is said where there is nothing to copy.
const ELSEWHERE: &str = "only a SQLite database in a file is backed up by this program; PostgreSQL has tools of its own (see docs/backup.md)";

/// A refusal of a backup that is not what was written.
fn broken(name: &str, what: &str) -> Error {
    Error::conflict("backup_broken", format!("the backup is not whole: {name} {what}"))
}

impl Vault {
    /// Takes a backup: a whole one, or what came since the last. One at a time over all nodes.
    ///
    /// # Errors
    /// `backup_under_way` while another is; [`Error::Invalid`] for a database that is not backed up by this program; whatever is
    /// wrong with the place. The backup before stays as it was.
    pub async fn back_up(&self, to: Destination) -> Result<Taken> {
        self.off_thread(move |vault| {
            let holder = format!("{}{}", vault.holder_start(), hex::encode(&vault.chance().draw()[..16]));
            vault.keys().one_backup(&holder, || match vault.store().file() {
                Some(file) => taking::take(vault, &to, file),
                None => Err(Error::Invalid(ELSEWHERE.into())),
            })
        })
        .await
    }
}
