//! PostgreSQL: writer threads chosen by workspace, reader threads on snapshots, row-level security in every transaction.
//!
//! A workspace's closures all pass through one thread of a node, and its counter row is locked before any of them runs:
//! the counter's order is the commit order over all nodes, and writes of one workspace cannot deadlock with each other.

mod bind;
mod connect;
mod link;
mod reader;
mod roles;
mod schema;
mod session;
mod upkeep;
mod writer;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::migrate::Migration;
use super::queue::Queue;
use super::work::Work;
use super::{Access, Signals};
use crate::{Error, Millis, Result};
pub(crate) use connect::Connector;
use link::Link;

pub(super) use roles::protection;
pub(super) use upkeep::{examine, vacuum};

pub(crate) use bind::{Anything, Whole};

/// Writer threads: one workspace's row lock allows some 1,100 commits a second, so several help.
const WRITERS: usize = 4;
/// Reader threads.
const READERS: usize = 4;

/// Brings the schema and its protections up to date. The driver must not run on an async runtime's thread, so it has its own.
pub(super) fn migrate(connector: &Arc<Connector>, migrations: &[Migration], now: Millis) -> Result<()> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let mut client = connector.connect().map_err(|error| connect::refused(&error))?;
            roles::ensure(&mut client)?;
            schema::migrate(&mut client, migrations, now)?;
            roles::protect(&mut client)
        });
        thread.join().unwrap_or_else(|_| Err(Error::Engine("the migration panicked".into())))
    })
}

/// Reads a URL or keyword string.
pub(super) fn connector(url: &str) -> Result<Arc<Connector>> {
    Connector::parse(url).map(Arc::new)
}

/// The threads of an open database and their queues.
pub(super) struct Threads {
    writers: Vec<Arc<Queue>>,
    readers: Arc<Queue>,
}

impl Threads {
    pub(super) fn start(connector: &Arc<Connector>, signals: &Signals) -> Result<Self> {
        let writers = (0..WRITERS).map(|_| start_writer(connector, signals)).collect::<Result<Vec<_>>>()?;
        let readers = Arc::new(Queue::default());
        for _ in 0..READERS {
            start_reader(connector, &readers, signals)?;
        }
        Ok(Self { writers, readers })
    }

    pub(super) fn submit(&self, work: Box<dyn Work>) -> Result<(), Box<dyn Work>> {
        if work.access() == Access::Read {
            return self.readers.push(work);
        }
        let mut hasher = DefaultHasher::new();
        work.workspace().hash(&mut hasher);
        let chosen = usize::try_from(hasher.finish() % WRITERS as u64).unwrap_or(0);
        match self.writers.get(chosen) {
            Some(writer) => writer.push(work),
            None => Err(work),
        }
    }

    pub(super) fn close(&self) {
        self.writers.iter().for_each(|queue| queue.close());
        self.readers.close();
    }
}

fn start_writer(connector: &Arc<Connector>, signals: &Signals) -> Result<Arc<Queue>> {
    let queue = Arc::new(Queue::default());
    let (source, signals, mut link) = (Arc::clone(&queue), signals.clone(), Link::new(Arc::clone(connector)));
    std::thread::Builder::new().name("vault-writer".into()).spawn(move || {
        while let Some(first) = source.take() {
            let alike = source.take_alike(first.as_ref(), writer::CLOSURES - 1);
            writer::commit(&mut link, std::iter::once(first).chain(alike).collect(), &signals);
        }
    })?;
    Ok(queue)
}

fn start_reader(connector: &Arc<Connector>, queue: &Arc<Queue>, signals: &Signals) -> Result<()> {
    let (source, signals, mut link) = (Arc::clone(queue), signals.clone(), Link::new(Arc::clone(connector)));
    std::thread::Builder::new().name("vault-reader".into()).spawn(move || {
        let _running = signals;
        while let Some(work) = source.take() {
            reader::read(&mut link, work);
        }
    })?;
    Ok(())
}
