//! SQLite: one writer thread that commits what waits as one transaction, and a small pool of readers.

mod base;
mod log;
#[cfg(any(test, feature = "testing"))]
mod powered;
mod session;
mod upkeep;
mod wal;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::frozen::FROZEN;
use super::migrate::{HISTORY, Migration, pending};
use super::queue::Queue;
use super::work::Work;
use super::{Access, Signals, dialect};
use crate::{Error, Millis, Result};
pub(super) use base::{copy_pages, lay_down};
pub(crate) use log::{Held, Log};
#[cfg(any(test, feature = "testing"))]
pub(crate) use powered::Disk;
#[cfg(any(test, feature = "testing"))]
pub(super) use powered::Powered;
use session::failure;
pub(super) use upkeep::{copy, empty_log, examine};
pub(crate) use wal::{Commit, Mark};
pub(super) use writer::Writer;

/// Reader threads of a database in a file.
const READERS: usize = 3;
/// Prepared statements kept per connection: more than the program has.
const STATEMENTS: usize = 2048;

/// Durable at commit, deleted bytes overwritten, nothing in temporary files, nothing trusted from the schema.
const PRAGMAS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -32768;
";
/// From so many pages on the engine moves its log into the database, where nobody keeps it.
const AUTOCHECKPOINT: u32 = 4000;
/// How long a connection waits for another program (the command line) that writes at this moment.
const BUSY: std::time::Duration = std::time::Duration::from_secs(10);

/// Opens the writing connection and brings the schema up to date. `None`: in memory.
pub(super) fn open(
    path: Option<&Path>,
    log: Option<Arc<Log>>,
    migrations: &[Migration],
    now: Millis,
) -> Result<Writer> {
    if let Some(path) = path {
        make_private(path)?;
    }
    if let Some(log) = &log {
        log.resume();
    }
    let connection = connect(path, true)?;
    let mut writer = Writer::new(connection, log);
    writer.migrate(migrations, now)?;
    Ok(writer)
}

/// Makes an empty file only its owner may read; SQLite gives its companions the same rights.
fn make_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    Ok(())
}

fn connect(path: Option<&Path>, writable: bool) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = match path {
        Some(path) => Connection::open_with_flags(path, flags),
        None => Connection::open_in_memory_with_flags(flags),
    };
    let connection = opened.map_err(|error| failure(&error))?;
    connection.busy_timeout(BUSY).map_err(|error| failure(&error))?;
    // One plan per statement. Otherwise SQLite parses and plans anew whenever a value is bound that its planner looked at,
    // which is nearly always: a third of the time of everything.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(|error| failure(&error))?;
    connection.execute_batch(PRAGMAS).map_err(|error| failure(&error))?;
    connection
        .execute_batch(&format!("PRAGMA wal_autocheckpoint = {AUTOCHECKPOINT}"))
        .map_err(|error| failure(&error))?;
    if !writable {
        connection.execute_batch("PRAGMA query_only = ON").map_err(|error| failure(&error))?;
    }
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Brings the schema up to date.
fn migrate(connection: &mut Connection, migrations: &[Migration], now: Millis) -> Result<()> {
    apply(connection, migrations, now).map_err(|error| match error {
        Refused::Schema(error) => error,
        Refused::Engine(error) => failure(&error),
    })
}

enum Refused {
    Schema(Error),
    Engine(rusqlite::Error),
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

fn apply(connection: &mut Connection, migrations: &[Migration], now: Millis) -> Result<(), Refused> {
    connection.execute_batch(&dialect::sqlite(HISTORY))?;
    // The lock comes before the look, so two programs that start at once apply each file once.
    loop {
        let step = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let applied =
            step.query_row("SELECT COALESCE(MAX(version), 0) FROM schema_migrations", [], |row| row.get(0))?;
        let pending = pending(migrations, applied).map_err(Refused::Schema)?;
        let Some((version, migration)) = pending.first() else {
            freeze(&step)?;
            return Ok(step.commit()?);
        };
        for statement in dialect::statements(migration.text) {
            step.execute_batch(&dialect::sqlite(&statement))?;
        }
        step.execute(
            "INSERT INTO schema_migrations (version, name, applied_at) VALUES (?1, ?2, ?3)",
            (version, migration.name, now),
        )?;
        step.commit()?;
    }
}

/// Nothing becomes another in the tables that are only added to.
fn freeze(connection: &Connection) -> rusqlite::Result<()> {
    for frozen in &FROZEN {
        let mut found = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns: Vec<String> =
            found.query_map([frozen.table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        if !columns.is_empty() {
            connection.execute_batch(&frozen.trigger(&columns))?;
        }
    }
    Ok(())
}

/// The threads of an open database and their queues.
pub(super) struct Threads {
    writer: Arc<Queue>,
    /// A database in memory has one connection, so its reads wait in the writer's queue.
    readers: Option<Arc<Queue>>,
}

impl Threads {
    pub(super) fn start(mut writer: Writer, path: Option<&Path>, signals: &Signals) -> Result<Self> {
        let queue = Arc::new(Queue::default());
        let readers = path.map(|path| Self::start_readers(path, signals)).transpose()?;
        let (source, signals) = (Arc::clone(&queue), signals.clone());
        spawn("vault-writer", move || {
            while let Some(first) = source.take() {
                writer.commit(first, || source.take_waiting(), &signals);
            }
            // Before anybody is told that this thread has ended.
            drop(writer);
        })?;
        Ok(Self { writer: queue, readers })
    }

    fn start_readers(path: &Path, signals: &Signals) -> Result<Arc<Queue>> {
        let queue = Arc::new(Queue::default());
        for _ in 0..READERS {
            let (source, running) = (Arc::clone(&queue), signals.running.clone());
            let connection = connect(Some(path), false)?;
            spawn("vault-reader", move || {
                let _running = running;
                while let Some(work) = source.take() {
                    writer::read(&connection, work);
                }
            })?;
        }
        Ok(queue)
    }

    pub(super) fn submit(&self, work: Box<dyn Work>) -> Result<(), Box<dyn Work>> {
        match (work.access(), &self.readers) {
            (Access::Read, Some(readers)) => readers.push(work),
            (Access::Read, None) | (Access::Write, _) => self.writer.push(work),
        }
    }

    pub(super) fn close(&self) {
        self.writer.close();
        if let Some(readers) = &self.readers {
            readers.close();
        }
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<()> {
    std::thread::Builder::new().name(name.into()).spawn(body)?;
    Ok(())
}

/// No threads: whoever submits a closure runs it.
pub(super) struct Inline(Mutex<Option<Writer>>);

impl Inline {
    pub(super) fn new(writer: Writer) -> Self {
        Self(Mutex::new(Some(writer)))
    }

    pub(super) fn run(&self, work: Box<dyn Work>, signals: &Signals) -> Result<(), Box<dyn Work>> {
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (writer.as_mut(), work.access()) {
            (None, _) => return Err(work),
            (Some(writer), Access::Read) => writer::read(writer.connection(), work),
            (Some(writer), Access::Write) => writer.commit(work, || None, signals),
        }
        Ok(())
    }

    pub(super) fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
