//! Statements on an open SQLite transaction.

use std::cell::Cell;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, params_from_iter};

use crate::statement::Statement;
use crate::tx::Session;
use crate::value::{Param, Row};
use crate::{Error, Result};

/// One closure's view of the open transaction.
pub(super) struct SqliteSession<'c> {
    connection: &'c Connection,
    writable: bool,
    failed: Cell<bool>,
    statements: Cell<usize>,
}

impl<'c> SqliteSession<'c> {
    pub(super) fn new(connection: &'c Connection, writable: bool) -> Self {
        Self { connection, writable, failed: Cell::new(false), statements: Cell::new(0) }
    }

    /// How many statements ran.
    pub(super) fn statements(&self) -> usize {
        self.statements.get()
    }

    fn prepare(&self, statement: &'static Statement) -> Result<CachedStatement<'c>> {
        if self.failed.get() {
            return Err(Error::Engine("an earlier statement of this closure failed".into()));
        }
        self.statements.set(self.statements.get() + 1);
        let prepared =
            self.connection.prepare_cached(statement.sqlite()).map_err(|error| self.fail(statement, &error))?;
        if !self.writable && !prepared.readonly() {
            self.failed.set(true);
            return Err(at(statement, "a read transaction cannot write"));
        }
        Ok(prepared)
    }

    fn fail(&self, statement: &Statement, error: &rusqlite::Error) -> Error {
        self.failed.set(true);
        at(statement, &words(error))
    }
}

impl Session for SqliteSession<'_> {
    fn execute(&self, statement: &'static Statement, params: &[Param<'_>]) -> Result<u64> {
        let mut prepared = self.prepare(statement)?;
        let changed = prepared.execute(params_from_iter(params)).map_err(|error| self.fail(statement, &error))?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn query(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut prepared = self.prepare(statement)?;
        let mut rows = prepared.query(params_from_iter(params)).map_err(|error| self.fail(statement, &error))?;
        while let Some(row) = rows.next().map_err(|error| self.fail(statement, &error))? {
            each(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    fn failed(&self) -> bool {
        self.failed.get()
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Real(value) => ValueRef::Real(*value),
            Self::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Owned(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

fn at(statement: &Statement, words: &str) -> Error {
    Error::Engine(format!("{words} ({}:{})", statement.file, statement.line))
}

/// An error outside any registered statement.
pub(super) fn failure(error: &rusqlite::Error) -> Error {
    Error::Engine(words(error))
}

/// SQLite's own messages name tables, columns and constraints, never values; the driver's conversion errors could, and are not repeated.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, Some(message)) => format!("SQLite {}: {message}", code.extended_code),
        rusqlite::Error::SqliteFailure(code, None) => format!("SQLite {}", code.extended_code),
        rusqlite::Error::SqlInputError { error, msg, .. } => format!("SQLite {}: {msg}", error.extended_code),
        rusqlite::Error::InvalidParameterCount(given, needed) => {
            format!("{given} parameters given, {needed} needed")
        }
        rusqlite::Error::ExecuteReturnedResults => "a statement that returns rows must be queried".into(),
        _ => "SQLite driver error".into(),
    }
}
