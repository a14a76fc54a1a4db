//! The deterministic simulation: the whole program with its providers in one thread, from one seed. A seed makes a world
//! ([`scene`]), in which people do things ([`deeds`], [`people`], [`members`]) while providers, the network, the clock and the
//! machine do their worst; then all grows calm ([`calm`]), and what the program has is held against what was done ([`check`]).
//!
//! `PARLOIR_DEV_SEEDS` says how many seeds are run (500 if it says nothing), `PARLOIR_DEV_SEED` that one is run, with its story.
//! See docs/simulation.md.

mod calm;
mod check;
mod deeds;
mod departures;
mod dice;
mod enclosed;
mod families;
mod filing;
mod inside;
mod keeper;
mod label;
mod later;
mod ledger;
mod listeners;
mod members;
mod office;
mod outside;
mod parcel;
mod people;
mod planted;
mod program;
mod providers;
mod rules;
mod run;
mod scene;
mod seeds;
mod story;
mod time;
mod watch;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use simulator::Simulator;
use vault::Scope;

use dice::Dice;
use ledger::Ledger;
use listeners::Listener;
use program::Program;
use providers::Provider;
use story::Story;
use time::WorldTime;

/// A world.
pub(crate) struct Sim {
    time: Arc<WorldTime>,
    story: Story,
    program: Program,
    simulator: Simulator,
    script: Dice,
    network: Dice,
    crashes: Dice,
    ledger: Mutex<Ledger>,
    /// Whether things go wrong now.
    stormy: AtomicBool,
    /// How many requests of members are under way.
    busy: AtomicUsize,
    /// How many of the program's calls are under way.
    calls: AtomicUsize,
    crashed: AtomicUsize,
    /// One merge or split after the other.
    families: tokio::sync::Mutex<()>,
    /// Other systems that are told what happens.
    listeners: Mutex<Vec<Listener>>,
    workspaces: OnceLock<Vec<Workspace>>,
    channels: OnceLock<Vec<Channel>>,
}

/// A workspace with its members' tokens.
struct Workspace {
    name: &'static str,
    scope: Scope,
    owner: String,
    agent: String,
}

/// A channel and who is behind it.
struct Channel {
    /// In the story.
    name: String,
    workspace: usize,
    /// Known once it is connected.
    id: OnceLock<String>,
    provider: Arc<dyn Provider>,
}

impl Channel {
    fn id(&self) -> &str {
        self.id.get().map_or("", String::as_str)
    }
}

impl Sim {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stormy(&self) -> bool {
        self.stormy.load(Ordering::Relaxed)
    }

    fn workspaces(&self) -> &[Workspace] {
        self.workspaces.get().map_or(&[], Vec::as_slice)
    }

    fn channels(&self) -> &[Channel] {
        self.channels.get().map_or(&[], Vec::as_slice)
    }

    /// Something takes its time, from `least` to `most` milliseconds.
    async fn takes(&self, least: u64, most: u64) {
        tokio::time::sleep(Duration::from_millis(self.network.between(least, most))).await;
    }

    /// Lets somebody do something beside everybody else.
    fn beside(self: &Arc<Self>, deed: impl Future<Output = ()> + Send + 'static) {
        self.busy.fetch_add(1, Ordering::Relaxed);
        let sim = Arc::clone(self);
        tokio::spawn(async move {
            deed.await;
            sim.busy.fetch_sub(1, Ordering::Relaxed);
        });
    }

    fn note_crash(&self) {
        self.crashed.fetch_add(1, Ordering::Relaxed);
    }
}
