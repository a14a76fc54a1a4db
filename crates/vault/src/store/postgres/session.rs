//! Statements on an open PostgreSQL transaction.

use std::cell::{Cell, RefCell};

use postgres::types::ToSql;

use super::link::Connection;
use crate::statement::Statement;
use crate::tx::Session;
use crate::value::{Param, Row};
use crate::{Error, Result};

/// One closure's view of the open transaction.
pub(super) struct PgSession<'c> {
    connection: RefCell<&'c mut Connection>,
    failed: Cell<bool>,
}

impl<'c> PgSession<'c> {
    pub(super) fn new(connection: &'c mut Connection) -> Self {
        Self { connection: RefCell::new(connection), failed: Cell::new(false) }
    }

    /// Runs one exchange with the server; the connection is free again when it returns.
    fn exchange<T>(
        &self,
        statement: &'static Statement,
        exchange: impl FnOnce(&mut postgres::Client, &postgres::Statement) -> Result<T, postgres::Error>,
    ) -> Result<T> {
        if self.failed.get() {
            return Err(Error::Engine("an earlier statement of this closure failed".into()));
        }
        let mut connection = self.connection.borrow_mut();
        let prepared = connection.prepare(statement);
        let outcome = prepared.and_then(|prepared| exchange(&mut connection.client, &prepared));
        outcome.map_err(|error| {
            self.failed.set(true);
            match connection.trouble(&error) {
                Error::Engine(words) => Error::Engine(format!("{words} ({}:{})", statement.file, statement.line)),
                other => other,
            }
        })
    }
}

impl Session for PgSession<'_> {
    fn execute(&self, statement: &'static Statement, params: &[Param<'_>]) -> Result<u64> {
        self.exchange(statement, |client, prepared| client.execute(prepared, &borrowed(params)))
    }

    fn query(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let rows = self.exchange(statement, |client, prepared| client.query(prepared, &borrowed(params)))?;
        rows.iter().try_for_each(|row| each(&Row::Postgres(row)))
    }

    fn failed(&self) -> bool {
        self.failed.get()
    }
}

fn borrowed<'a>(params: &'a [Param<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}
