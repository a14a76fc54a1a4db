//! The database engines behind one face: closures go in, durable answers come out.
//!
//! Read [`work`] (what a closure is here), then [`sqlite`] and [`postgres`] (how each engine commits them in groups),
//! then [`migrate`] (how a schema comes to be).

mod dialect;
mod frozen;
mod migrate;
mod postgres;
mod queue;
mod sqlite;
#[cfg(test)]
mod tests;
mod upkeep;
mod work;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Semaphore, broadcast, watch};

use crate::{Error, Millis, Result, Wake};

pub(crate) use migrate::MIGRATIONS;
pub(crate) use postgres::{Anything, Connector, Whole};
#[cfg(any(test, feature = "testing"))]
pub(crate) use sqlite::Disk;
pub(crate) use sqlite::{Commit, Held, Log, Mark as LogMark};
pub(crate) use upkeep::{copy_pages, lay_down};
pub(crate) use work::{Failure, Setting, Task, Work, waiting_for};

/// How many closures may wait or run at once; more wait before they enter.
const ROOM: usize = 4096;
/// How many wakes a slow listener may lag behind before it misses some. A wake may be lost: listeners also look by themselves.
const WAKES: usize = 1024;

/// Which database an installation uses. No `Debug`: a URL may hold a password.
#[derive(Clone, Default)]
pub enum Database {
    /// SQLite in memory: gone when the vault is dropped.
    #[default]
    Memory,
    /// SQLite in a file, which is made if it is missing.
    File(PathBuf),
    /// PostgreSQL, by URL or keyword string.
    Postgres(String),
}

/// How to open the store.
#[derive(Clone, Default)]
pub struct StoreConfig {
    /// Which database.
    pub database: Database,
    /// Closures run at once on the calling thread, and no thread is started (SQLite only): for the deterministic simulation.
    pub inline: bool,
}

/// What a closure is going to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Only read, from one snapshot.
    Read,
    /// Change things.
    Write,
}

/// An open database.
pub(crate) struct Store {
    engine: Engine,
    database: Database,
    room: Arc<Semaphore>,
    signals: Signals,
    threads: watch::Receiver<()>,
    log: Option<Arc<Log>>,
}

enum Engine {
    Inline(sqlite::Inline),
    Sqlite(sqlite::Threads),
    Postgres(postgres::Threads),
    #[cfg(any(test, feature = "testing"))]
    Powered(sqlite::Powered),
}

/// What the database threads tell the outside.
#[derive(Clone)]
struct Signals {
    wakes: broadcast::Sender<Wake>,
    commits: Arc<AtomicU64>,
    /// Held by every thread; when all have dropped it, all have ended.
    running: watch::Sender<()>,
}

impl Signals {
    fn committed(&self, wakes: Vec<Wake>) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        for wake in wakes {
            // Nobody listening is fine: whoever waits also looks by himself.
            let _ = self.wakes.send(wake);
        }
    }
}

impl Store {
    /// Opens the database and brings its schema up to date.
    pub(crate) fn open(config: &StoreConfig, now: Millis) -> Result<Self> {
        Self::open_with(config, MIGRATIONS, now)
    }

    /// The same, for a database in a file whose log can be kept for backups.
    pub(crate) fn open_keeping(config: &StoreConfig, log: Option<Arc<Log>>, now: Millis) -> Result<Self> {
        Self::open_all(config, log, MIGRATIONS, now)
    }

    /// Opens the database with given migrations.
    pub(crate) fn open_with(config: &StoreConfig, migrations: &[migrate::Migration], now: Millis) -> Result<Self> {
        Self::open_all(config, None, migrations, now)
    }

    fn open_all(
        config: &StoreConfig,
        log: Option<Arc<Log>>,
        migrations: &[migrate::Migration],
        now: Millis,
    ) -> Result<Self> {
        let (running, threads) = watch::channel(());
        let signals = Signals { wakes: broadcast::Sender::new(WAKES), commits: Arc::default(), running };
        let engine = match (&config.database, config.inline) {
            (Database::Postgres(_), true) => return Err(Error::Engine("only SQLite runs inline".into())),
            (Database::Postgres(url), false) => Self::open_postgres(url, migrations, now, &signals)?,
            (Database::Memory, inline) => {
                let writer = sqlite::open(None, None, migrations, now)?;
                Self::open_sqlite(writer, None, inline, &signals)?
            }
            (Database::File(path), inline) => {
                let writer = sqlite::open(Some(path), log.clone(), migrations, now)?;
                Self::open_sqlite(writer, Some(path.as_path()), inline, &signals)?
            }
        };
        // Only the threads keep `running`; this copy must not.
        let signals = Signals { running: watch::Sender::new(()), ..signals };
        let (database, room) = (config.database.clone(), Arc::new(Semaphore::new(ROOM)));
        Ok(Self { engine, database, room, signals, threads, log })
    }

    fn open_sqlite(
        writer: sqlite::Writer,
        path: Option<&std::path::Path>,
        inline: bool,
        signals: &Signals,
    ) -> Result<Engine> {
        Ok(if inline {
            Engine::Inline(sqlite::Inline::new(writer))
        } else {
            Engine::Sqlite(sqlite::Threads::start(writer, path, signals)?)
        })
    }

    fn open_postgres(url: &str, migrations: &[migrate::Migration], now: Millis, signals: &Signals) -> Result<Engine> {
        let connector = postgres::connector(url)?;
        postgres::migrate(&connector, migrations, now)?;
        postgres::Threads::start(&connector, signals).map(Engine::Postgres)
    }

    /// Over a database that outlives this store, as long as there is power.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn powered(disk: Disk, power: crate::testing::power::Power) -> Self {
        let (running, threads) = watch::channel(());
        drop(running);
        let signals =
            Signals { wakes: broadcast::Sender::new(WAKES), commits: Arc::default(), running: watch::Sender::new(()) };
        let engine = Engine::Powered(sqlite::Powered::new(disk, power));
        let room = Arc::new(Semaphore::new(ROOM));
        Self { engine, database: Database::Memory, room, signals, threads, log: None }
    }

    /// Whether closures run on the calling thread.
    pub(crate) fn is_inline(&self) -> bool {
        match &self.engine {
            Engine::Inline(_) => true,
            Engine::Sqlite(_) | Engine::Postgres(_) => false,
            #[cfg(any(test, feature = "testing"))]
            Engine::Powered(_) => true,
        }
    }

    /// A place in the queue; waits while it is full.
    pub(crate) async fn room(&self) -> Result<tokio::sync::OwnedSemaphorePermit> {
        Arc::clone(&self.room).acquire_owned().await.map_err(|_| Error::Closed)
    }

    /// How many closures wait or run.
    pub(crate) fn busy(&self) -> usize {
        ROOM.saturating_sub(self.room.available_permits())
    }

    /// Hands a closure over. It is answered when it is durable, or at once if the store is closed.
    pub(crate) fn submit(&self, work: Box<dyn Work>) {
        let refused = match &self.engine {
            Engine::Inline(inline) => inline.run(work, &self.signals),
            Engine::Sqlite(threads) => threads.submit(work),
            Engine::Postgres(threads) => threads.submit(work),
            #[cfg(any(test, feature = "testing"))]
            Engine::Powered(powered) => return powered.run(work, &self.signals),
        };
        if let Err(work) = refused {
            work.answer(Some(work::Failure::Closed));
        }
    }

    /// Wakes published after commits from now on.
    pub(crate) fn wakes(&self) -> broadcast::Receiver<Wake> {
        self.signals.wakes.subscribe()
    }

    /// How many commits were made durable so far.
    pub(crate) fn commits(&self) -> u64 {
        self.signals.commits.load(Ordering::Relaxed)
    }

    /// Lets nothing more in, serves what waits, and returns when all threads have ended.
    pub(crate) async fn close(&self) {
        self.stop();
        let mut threads = self.threads.clone();
        while threads.changed().await.is_ok() {}
    }

    fn stop(&self) {
        self.room.close();
        match &self.engine {
            Engine::Inline(inline) => inline.close(),
            Engine::Sqlite(threads) => threads.close(),
            Engine::Postgres(threads) => threads.close(),
            #[cfg(any(test, feature = "testing"))]
            Engine::Powered(_) => {}
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.stop();
    }
}
