//! Care for an open database beside its closures: what `doctor` asks, what erasure wipes, what a backup copies.
//!
//! Each of these opens a connection of its own, so closures go on meanwhile.

use std::path::PathBuf;

use super::{Database, Store, postgres, sqlite};
use crate::{Error, Result};

impl Store {
    /// What is wrong with the database or its settings, in words for the operator; empty if nothing is.
    pub(crate) async fn examine(&self) -> Result<Vec<String>> {
        match self.database.clone() {
            Database::Memory => Ok(Vec::new()),
            Database::File(path) => aside(move || sqlite::examine(&path)).await,
            Database::Postgres(url) => aside(move || postgres::examine(&url)).await,
        }
    }

    /// Makes deleted rows physically gone: SQLite's log is emptied into the file, whose freed bytes `secure_delete` has
    /// overwritten; PostgreSQL's tables are vacuumed.
    pub(crate) async fn scrub(&self, tables: &'static [&'static str]) -> Result<()> {
        match self.database.clone() {
            Database::Memory => Ok(()),
            Database::File(path) => aside(move || sqlite::empty_log(&path)).await,
            Database::Postgres(url) => aside(move || postgres::vacuum(&url, tables)).await,
        }
    }

    /// Copies a database in a file, as of one moment and without freed pages, to a new file that only its owner may read.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the other engines: PostgreSQL has tools of its own.
    pub(crate) async fn copy_to(&self, target: PathBuf) -> Result<()> {
        match self.database.clone() {
            Database::File(path) => aside(move || sqlite::copy(&path, &target)).await,
            Database::Memory => Err(Error::Invalid("a database in memory is not copied".into())),
            Database::Postgres(_) => {
                Err(Error::Invalid("PostgreSQL is backed up by its own tools (pg_dump, pgBackRest)".into()))
            }
        }
    }
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Engine("upkeep panicked".into()))?
}
