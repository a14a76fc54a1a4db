//! What happens between requests: received requests become messages, orders become calls, jobs get done. Each worker is a
//! `step` that does what is due now, and a loop that calls it when a commit wakes it or time has passed.

mod asking;
mod closing;
pub mod connecting;
mod departing;
mod ending;
pub mod erasure;
mod fetching;
mod heir;
mod inbox;
mod jobs;
mod mailboxes;
pub mod outbox;
pub mod polling;
mod posting;
mod proving;
mod pushing;
mod refreshing;
mod renewing;
mod rotation;
mod sweeping;
mod telling;
mod templates;
mod watching;
mod witnessing;

use std::future::Future;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::task::JoinSet;
use vault::Wake;

use crate::app::Shared;

/// A worker looks by itself after this long, in case a wake was lost.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a worker waits after a failure of the database before it tries again.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// Starts all workers; they end when the program stops, each after finishing what it holds.
pub fn start(app: &Shared) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    workers.spawn(heir::run(app.clone()));
    workers.spawn(inbox::run(app.clone()));
    workers.spawn(outbox::run(app.clone()));
    workers.spawn(jobs::run(app.clone()));
    workers.spawn(jobs::run_outside(app.clone()));
    workers.spawn(jobs::run_posts(app.clone()));
    workers.spawn(telling::run(app.clone()));
    if app.outbound.watches() {
        workers.spawn(mailboxes::run(app.clone()));
    }
    workers
}

/// Starts the worker of jobs alone: for a command that waits for one.
pub fn start_jobs(app: &Shared) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    workers.spawn(heir::run(app.clone()));
    workers.spawn(jobs::run(app.clone()));
    workers
}

/// Calls `step` until it has nothing to do, then waits for a wake that concerns it, for `LOOK_EVERY`, or for the end.
async fn whenever<F, Fut>(app: &Shared, concerns: fn(Wake) -> bool, mut step: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = vault::Result<usize>>,
{
    let mut wakes = app.vault.wakes();
    let mut stopping = app.stopping.subscribe();
    while !*stopping.borrow() {
        match step().await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(vault::Error::Closed) => return,
            Err(error) => {
                tracing::error!(%error, "a worker's step failed and will be tried again");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
        tokio::select! {
            biased;
            () = woken(&mut wakes, concerns) => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Resolves at a wake that concerns the worker, or when some were missed. All that came so far count as one: the look that
/// follows sees what all of them are about.
async fn woken(wakes: &mut Receiver<Wake>, concerns: fn(Wake) -> bool) {
    loop {
        match wakes.recv().await {
            Ok(wake) if !concerns(wake) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => {
                while matches!(wakes.try_recv(), Ok(_) | Err(TryRecvError::Lagged(_))) {}
                return;
            }
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
