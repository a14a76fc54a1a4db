//! One suite for the store, run on SQLite in memory, SQLite in a file, and PostgreSQL.

mod closures;
mod groups;
mod outage;
mod postgres;
mod registry;
mod upgrade;
mod upkeep;

use std::sync::{Arc, Condvar, Mutex};

use super::migrate::Migration;
use super::{Database, Store, StoreConfig};
use crate::keys::Keys;
use crate::testing::postgres::TestDatabase;
use crate::testing::{SeededChance, StillClock};
use crate::value::params;
use crate::{Actor, Purpose, Result, Scope, Tx, Vault, WorkspaceId};

/// A statement of the tests, kept out of the program's registry.
macro_rules! test_sql {
    ($reach:ident, $text:literal) => {{
        static STATEMENT: $crate::statement::Statement =
            $crate::statement::Statement::new($text, $crate::statement::Reach::$reach, file!(), line!());
        &STATEMENT
    }};
}
use test_sql;

const TABLES: &[Migration] = &[Migration {
    name: "0001_things.sql",
    text: "
        CREATE TABLE counters (workspace_id TEXT NOT NULL, name TEXT NOT NULL, value BIGINT NOT NULL,
            PRIMARY KEY (workspace_id, name));
        CREATE TABLE things (workspace_id TEXT NOT NULL, id TEXT NOT NULL, value BIGINT NOT NULL, x DOUBLE PRECISION,
            b BOOLEAN, c BYTEA, t TEXT, PRIMARY KEY (workspace_id, id));
        CREATE TABLE jobs (id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, value BIGINT NOT NULL);
    ",
}];

/// An engine to try, with what keeps it alive.
struct Bench {
    vault: Vault,
    engine: &'static str,
    database: Database,
    postgres: Option<TestDatabase>,
    _folder: Option<tempfile::TempDir>,
}

const ENGINES: [&str; 4] = ["memory", "inline", "file", "postgres"];

impl Bench {
    fn open(engine: &'static str) -> Self {
        let folder = (engine == "file").then(|| tempfile::tempdir().unwrap());
        let postgres = (engine == "postgres").then(TestDatabase::create);
        let database = match (&folder, &postgres) {
            (Some(folder), _) => Database::File(folder.path().join("vault.db")),
            (_, Some(postgres)) => Database::Postgres(postgres.url.clone()),
            _ => Database::Memory,
        };
        let vault = open(&database, engine == "inline");
        Self { vault, engine, database, postgres, _folder: folder }
    }

    async fn value(&self, workspace: WorkspaceId, id: &'static str) -> Option<i64> {
        self.vault.read(&scope(workspace), move |tx| value(tx, id)).await.unwrap()
    }
}

fn open(database: &Database, inline: bool) -> Vault {
    let config = StoreConfig { database: database.clone(), inline };
    over(Store::open_with(&config, TABLES, 0).unwrap())
}

fn over(store: Store) -> Vault {
    Vault::over(
        store,
        keys(),
        Arc::new(StillClock::at(1_000)),
        Arc::new(SeededChance::new(7)),
        Arc::new(crate::blobs::MemoryBlobs::default()),
    )
}

fn keys() -> Arc<Keys> {
    let keys = Keys::in_memory(Arc::new(StillClock::at(0)), Arc::new(SeededChance::new(1))).unwrap();
    // As in life: a workspace without keys would be looked for in custody before each closure.
    for number in [1, 2] {
        keys.create_workspace(workspace(number)).unwrap();
    }
    Arc::new(keys)
}

/// Runs a test on every engine, one after the other.
async fn on_each(engines: &[&'static str], test: impl AsyncFn(&Bench)) {
    for engine in engines {
        let bench = Bench::open(engine);
        test(&bench).await;
        bench.vault.close().await;
    }
}

fn workspace(number: u128) -> WorkspaceId {
    format!("wsp_{number:032x}").parse().unwrap()
}

fn scope(workspace: WorkspaceId) -> Scope {
    Scope::new(workspace, Actor::Platform, Purpose::Administration)
}

fn value(tx: &Tx<'_>, id: &str) -> Result<Option<i64>> {
    let sql = test_sql!(Workspace, "SELECT value FROM things WHERE workspace_id = $1 AND id = $2");
    tx.maybe(sql, params![id], |row| row.get(0))
}

fn insert(tx: &Tx<'_>, id: &str, value: i64) -> Result<u64> {
    tx.run(test_sql!(Workspace, "INSERT INTO things (workspace_id, id, value) VALUES ($1, $2, $3)"), params![id, value])
}

/// Adds one, by reading and writing, as a careless closure would.
fn increment(tx: &Tx<'_>, id: &str) -> Result<i64> {
    let next = value(tx, id)?.unwrap_or(0) + 1;
    tx.run(
        test_sql!(Workspace, "UPDATE things SET value = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, next],
    )?;
    Ok(next)
}

/// The counter whose row serialises a workspace's writes on PostgreSQL.
fn found(tx: &Tx<'_>) -> Result<u64> {
    tx.run(test_sql!(Workspace, "INSERT INTO counters (workspace_id, name, value) VALUES ($1, 'facts', 0)"), &[])
}

/// Something a closure waits for on its database thread.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let shut = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(shut, |open| !*open).unwrap());
    }

    fn is_open(&self) -> bool {
        *self.0.0.lock().unwrap()
    }
}
