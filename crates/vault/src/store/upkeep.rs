//! Care for an open database beside its closures: what `doctor` asks, what erasure wipes, what a backup copies.
//!
//! Each of these opens a connection of its own, so closures go on meanwhile.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Database, Held, Log, Store, postgres, sqlite};
use crate::backup::Pending;
use crate::{Error, Millis, Result};

impl Store {
    /// What is wrong with the database or its settings, in words for the operator; empty if nothing is.
    pub(crate) async fn examine(&self) -> Result<Vec<String>> {
        match self.database.clone() {
            Database::Memory => Ok(Vec::new()),
            Database::File(path) => aside(move || sqlite::examine(&path)).await,
            Database::Postgres(url) => aside(move || postgres::examine(&url)).await,
        }
    }

    /// Every table, and whether row-level security guards it as it was made; `None` on an engine that has none.
    pub(crate) async fn protection(&self) -> Result<Option<Vec<(String, bool)>>> {
        match self.database.clone() {
            Database::Memory | Database::File(_) => Ok(None),
            Database::Postgres(url) => aside(move || postgres::protection(&url)).await.map(Some),
        }
    }

    /// Whether it is a server's.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    /// Makes deleted rows physically gone: SQLite's log is emptied into the file, whose freed bytes `secure_delete` has
    /// overwritten; PostgreSQL's tables are vacuumed.
    pub(crate) async fn scrub(&self, tables: &'static [&'static str]) -> Result<()> {
        match self.database.clone() {
            Database::Memory => Ok(()),
            Database::File(path) => {
                let log = self.log.clone();
                aside(move || sqlite::empty_log(&path, log.as_deref())).await
            }
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

impl Store {
    /// The keeping of the log, for a database in a file.
    pub(crate) fn log(&self) -> Option<&Arc<Log>> {
        self.log.as_ref()
    }

    /// The file of a database in one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.database {
            Database::File(path) => Some(path),
            Database::Memory | Database::Postgres(_) => None,
        }
    }
}

/// Copies all pages of a database in a file to a new one, as of the moment at which `at` is called. Blocks.
pub(crate) fn copy_pages<T>(
    database: &Path,
    log: &Log,
    target: &Path,
    at: impl FnOnce(&mut Held<'_>) -> Result<T>,
) -> Result<T> {
    sqlite::copy_pages(database, log, target, at)
}

/// Looks through a database that was laid down, brings its schema up to date, and notes what has to be done before it is served.
pub(crate) fn lay_down(file: &Path, pending: &Pending, now: Millis) -> Result<()> {
    sqlite::lay_down(file, pending, now)
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Engine("upkeep panicked".into()))?
}
