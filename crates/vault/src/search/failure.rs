//! Why an index did not do what was asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Error;

/// Why an index did not do what was asked. Messages hold nothing of the index's content.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Files are missing, damaged or from another version: an empty folder takes its place, and everything is indexed anew.
    #[error("the search index must be rebuilt: {0}")]
    MustRebuild(&'static str),
    /// The store failed; the index is as some commit left it. Try again later.
    #[error("search index: {0}")]
    Store(#[source] Error),
}

const MISSING: &str = "a file is missing";

impl SearchError {
    /// Whether a file was not there, which may be so for a moment while another node merges.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::MustRebuild(why) if *why == MISSING)
    }
}

impl From<Error> for SearchError {
    /// What a failure below means for the index.
    fn from(error: Error) -> Self {
        let noted = Noted::default();
        noted.note(error);
        noted.error()
    }
}

impl From<SearchError> for Error {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::MustRebuild(_) => Self::conflict("index_damaged", error.to_string()),
            SearchError::Store(error) => error,
        }
    }
}

/// What went wrong first below the engine, which passes on only that something did.
#[derive(Clone, Default)]
pub(super) struct Noted(Arc<Mutex<Option<Cause>>>);

#[derive(Clone)]
enum Cause {
    /// A file is not there.
    Missing,
    /// A file does not open.
    Damaged,
    /// The store failed.
    Store(std::io::ErrorKind, String),
}

impl Noted {
    /// Notes a failure and makes of it what the engine understands.
    pub(super) fn note(&self, error: Error) -> std::io::Error {
        let (cause, kind) = match &error {
            Error::NotFound(_) => (Cause::Missing, std::io::ErrorKind::NotFound),
            Error::Io(io) => (Cause::Store(io.kind(), io.to_string()), io.kind()),
            Error::Seal(_) | Error::Invalid(_) => (Cause::Damaged, std::io::ErrorKind::InvalidData),
            other => (Cause::Store(std::io::ErrorKind::Other, other.to_string()), std::io::ErrorKind::Other),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(cause);
        std::io::Error::new(kind, error)
    }

    /// Runs the engine, which may also panic over what it reads, and says why it failed.
    pub(super) fn guard<T>(&self, act: impl FnOnce() -> tantivy::Result<T>) -> Result<T, SearchError> {
        match catch_unwind(AssertUnwindSafe(act)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) | Err(_) => Err(self.error()),
        }
    }

    fn error(&self) -> SearchError {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(Cause::Missing) => SearchError::MustRebuild(MISSING),
            Some(Cause::Damaged) => SearchError::MustRebuild("a file is damaged"),
            Some(Cause::Store(kind, message)) => SearchError::Store(std::io::Error::new(kind, message).into()),
            None => SearchError::MustRebuild("the engine cannot read it"),
        }
    }
}
