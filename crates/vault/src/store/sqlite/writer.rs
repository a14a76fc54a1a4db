//! Group commit: a savepoint per closure, one durable commit for all that wait, then all the answers.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::log::{Held, Log};
use super::session::{SqliteSession, failure};
use crate::store::migrate::Migration;
use crate::store::work::{Failure, Verdict, Work, answer_all};
use crate::store::{Access, Signals};
use crate::{Error, Millis, Result};

/// A commit takes at most this many closures…
const CLOSURES: usize = 256;
/// …and no further one after this many statements (some ten milliseconds), so the first does not wait long for its answer.
const BUDGET: usize = 512;
/// How long whoever closes waits for readers that do not end.
const CLOSING: Duration = Duration::from_secs(1);

/// The one connection that writes.
pub(in crate::store) struct Writer {
    connection: Connection,
    log: Option<Arc<Log>>,
    /// Whether the engine leaves its log alone, because it is kept.
    by_hand: bool,
}

impl Writer {
    pub(super) fn new(connection: Connection, log: Option<Arc<Log>>) -> Self {
        Self { connection, log, by_hand: false }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Brings the schema up to date.
    pub(super) fn migrate(&mut self, migrations: &[Migration], now: Millis) -> Result<()> {
        let log = self.log.clone();
        let mut held = log.as_ref().map(|log| log.hold());
        self.mind(held.as_ref().is_some_and(Held::is_keeping));
        super::migrate(&mut self.connection, migrations, now)?;
        if let Some(held) = &mut held {
            held.committed(&self.connection);
        }
        Ok(())
    }

    /// Commits a closure and what `more` has waiting, then answers them.
    pub(super) fn commit(
        &mut self,
        first: Box<dyn Work>,
        more: impl FnMut() -> Option<Box<dyn Work>>,
        signals: &Signals,
    ) {
        let log = self.log.clone();
        let mut held = log.as_ref().map(|log| log.hold());
        self.mind(held.as_ref().is_some_and(Held::is_keeping));
        let mut batch = vec![first];
        let done = self.fill(&mut batch, more).and_then(|()| self.execute("COMMIT"));
        match done {
            Ok(()) => {
                signals.committed(answer_all(batch, None));
                if let Some(held) = &mut held {
                    held.committed(&self.connection);
                }
            }
            Err(error) => {
                // On a full disk SQLite may have rolled back by itself; asking again is then refused, harmlessly.
                let _ = self.execute("ROLLBACK");
                tracing::error!(%error, closures = batch.len(), "a commit failed");
                answer_all(batch, Some(&Failure::from(error)));
            }
        }
    }

    /// Has the engine move its log into the database by itself, unless it is kept.
    fn mind(&mut self, keeping: bool) {
        if self.by_hand == keeping {
            return;
        }
        let pages = if keeping { 0 } else { super::AUTOCHECKPOINT };
        let told = self.connection.query_row(&format!("PRAGMA wal_autocheckpoint = {pages}"), [], |_| Ok(()));
        self.by_hand = keeping && told.is_ok();
    }

    /// Runs closures until nothing waits or the commit is large enough. An error is the whole batch's.
    pub(super) fn fill(
        &self,
        batch: &mut Vec<Box<dyn Work>>,
        mut more: impl FnMut() -> Option<Box<dyn Work>>,
    ) -> Result<()> {
        self.execute("BEGIN IMMEDIATE")?;
        let mut statements = 0;
        let mut next = 0;
        while let Some(work) = batch.get_mut(next) {
            statements += if next == 0 { self.run_first(work.as_mut())? } else { self.run(work.as_mut())? };
            next += 1;
            if next < CLOSURES && statements < BUDGET {
                batch.extend(more());
            }
        }
        Ok(())
    }

    /// The first closure needs no savepoint, for which SQLite would copy each page that it changes: nothing is before it
    /// that would have to stay.
    fn run_first(&self, work: &mut dyn Work) -> Result<usize> {
        let (verdict, statements) = self.run_within(work)?;
        if verdict != Verdict::Keep {
            self.execute("ROLLBACK")?;
            self.execute("BEGIN IMMEDIATE")?;
        }
        Ok(statements)
    }

    fn run(&self, work: &mut dyn Work) -> Result<usize> {
        self.execute("SAVEPOINT closure")?;
        let (verdict, statements) = self.run_within(work)?;
        if verdict != Verdict::Keep {
            self.execute("ROLLBACK TO closure")?;
        }
        self.execute("RELEASE closure")?;
        Ok(statements)
    }

    fn run_within(&self, work: &mut dyn Work) -> Result<(Verdict, usize)> {
        let session = SqliteSession::new(&self.connection, work.access() == Access::Write);
        let verdict = work.run(&session);
        if self.connection.is_autocommit() {
            // A full disk or a failed read makes SQLite roll everything back, the closures before this one too.
            return Err(Error::Engine("SQLite gave up the transaction (disk full or unreadable)".into()));
        }
        Ok((verdict, session.statements()))
    }

    pub(super) fn execute(&self, text: &str) -> Result<()> {
        execute(&self.connection, text)
    }

    /// Undoes what is not committed, if anything is open.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn undo(&self) {
        if !self.connection.is_autocommit() {
            let _ = self.execute("ROLLBACK");
        }
    }
}

/// The last that this process does: all that was committed is kept, and the engine's log is empty, so that the next start
/// sees that nobody wrote in between.
impl Drop for Writer {
    fn drop(&mut self) {
        let Some(log) = self.log.clone() else { return };
        let mut held = log.hold();
        if held.is_keeping() {
            let _ = self.connection.busy_timeout(CLOSING);
            if let Err(error) = held.empty(&self.connection) {
                tracing::debug!(%error, "the database's log could not be emptied");
            }
        }
    }
}

fn execute(connection: &Connection, text: &str) -> Result<()> {
    let done = connection.prepare_cached(text).and_then(|mut statement| statement.execute(()));
    done.map(|_| ()).map_err(|error| failure(&error))
}

/// Runs a closure on one snapshot and answers it.
pub(super) fn read(connection: &Connection, mut work: Box<dyn Work>) {
    let outcome = execute(connection, "BEGIN DEFERRED").map(|()| {
        work.run(&SqliteSession::new(connection, false));
    });
    let _ = execute(connection, "ROLLBACK");
    let failed = outcome.err().map(Failure::from);
    work.answer(failed);
}
