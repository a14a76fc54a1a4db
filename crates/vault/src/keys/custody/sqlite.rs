//! Custody in a SQLite file: every commit is synced, deleted bytes are overwritten, and the log is cut after a destruction.

use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};

use super::{Ground, SCHEMA, Step, Value, malformed};
use crate::{Error, Result};

const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
    PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;";

/// One connection: custody is asked seldom, keys are cached.
pub(super) struct Sqlite(Mutex<Connection>);

impl Sqlite {
    /// Opens the file, or a database in memory.
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let opened = match path {
            Some(path) => {
                make_private(path)?;
                Connection::open(path)
            }
            None => Connection::open_in_memory(),
        };
        let connection = opened.map_err(|error| failure(&error))?;
        prepare(&connection).map_err(|error| failure(&error))?;
        Ok(Self(Mutex::new(connection)))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no half transaction: an open one is rolled back when it is dropped.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_private(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    Ok(())
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch(PRAGMAS)?;
    for text in SCHEMA {
        let text = text
            .replace("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT")
            .replace("BYTEA", "BLOB")
            .replace("BIGINT", "INTEGER");
        connection.execute_batch(&text)?;
    }
    Ok(())
}

impl Ground for Sqlite {
    fn commit(&self, steps: Vec<Step>) -> Result<Vec<u64>> {
        run_all(&mut self.connection(), &steps).map_err(|error| failure(&error))
    }

    fn rows(&self, step: Step) -> Result<Vec<Vec<Value>>> {
        let rows = read_all(&self.connection(), &step).map_err(|error| failure(&error))?;
        rows.into_iter().map(|row| row.into_iter().collect()).collect()
    }

    fn scrub(&self) -> Result<()> {
        let busy = self
            .connection()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
            .map_err(|error| failure(&error))?;
        // Another program (a backup) reads the log: whoever destroys comes again.
        if busy == 0 { Ok(()) } else { Err(Error::Engine("custody is being read: its log could not be cut".into())) }
    }
}

fn run_all(connection: &mut Connection, steps: &[Step]) -> rusqlite::Result<Vec<u64>> {
    let transaction = connection.transaction()?;
    let mut changed = Vec::with_capacity(steps.len());
    for step in steps {
        let values = rusqlite::params_from_iter(&step.values);
        changed.push(
            transaction.prepare_cached(&step.text.replace('$', "?").replace("{overriding}", ""))?.execute(values)?
                as u64,
        );
    }
    transaction.commit()?;
    Ok(changed)
}

fn read_all(connection: &Connection, step: &Step) -> rusqlite::Result<Vec<Vec<Result<Value>>>> {
    let mut statement = connection.prepare_cached(&step.text.replace('$', "?"))?;
    let columns = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| (0..columns).map(|index| row.get_ref(index).map(value_of)).collect();
    statement.query_map(rusqlite::params_from_iter(&step.values), read)?.collect()
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value_of(value: ValueRef<'_>) -> Result<Value> {
    match value {
        ValueRef::Integer(value) => Ok(Value::Int(value)),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec()).map(Value::Text).map_err(|_| malformed()),
        ValueRef::Null | ValueRef::Real(_) => Err(malformed()),
    }
}

/// The driver's code only: its messages can quote statements.
fn failure(error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(code) => Error::Engine(format!("custody: {code:?}")),
        None => Error::Engine("custody: a statement and its values do not fit".into()),
    }
}
