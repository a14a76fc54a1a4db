//! The daily sweep of a workspace: batch by batch, with pauses, so that whoever works notices nothing of it.

use std::time::Duration;

use vault::jobs::{self, ClaimedJob};
use vault::{Millis, Scope, WorkspaceId, retention};

use super::jobs::hold;
use crate::app::Shared;

/// How long a sweep rests after each batch at least.
const REST: Duration = Duration::from_millis(40);
/// How much longer for each closure that waits for the database.
const REST_PER_WAITING: Duration = Duration::from_millis(20);
/// As many are counted.
const WAITING_MOST: u32 = 25;
/// How soon a sweep that stopped because of the clock looks at it again, in milliseconds.
const CLOCK_AGAIN: Millis = 60 * 60_000;

/// How a sweep ended.
enum End {
    /// All that was due went.
    Done,
    /// The clock is not believed.
    Stopped,
    /// The program stops.
    Interrupted,
}

/// Sweeps a workspace and plans its next sweep, in the transaction that ends this one.
pub(super) async fn sweep(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let end = tokio::select! {
        end = batches(app, scope) => end?,
        error = hold(app, scope, job) => return Err(error),
    };
    let (workspace, job): (WorkspaceId, ClaimedJob) = (scope.workspace(), job.clone());
    app.vault
        .write(scope, move |tx| match end {
            End::Done => jobs::done_until(tx, &job, retention::next_slot(workspace, tx.now())),
            End::Stopped => jobs::done_until(tx, &job, tx.now().saturating_add(CLOCK_AGAIN)),
            // Whoever is there next goes on.
            End::Interrupted => jobs::put_off(tx, &job, tx.now()),
        })
        .await
}

async fn batches(app: &Shared, scope: &Scope) -> vault::Result<End> {
    let Some(mut sweep) = app.vault.begin_sweep(scope).await? else { return Ok(End::Stopped) };
    let mut stopping = app.stopping.subscribe();
    while app.vault.carry_on_sweep(scope, &mut sweep).await? {
        tokio::select! {
            biased;
            _ = stopping.changed() => return Ok(End::Interrupted),
            () = rest(app) => {}
        }
    }
    Ok(End::Done)
}

/// The pause after a batch: the longer, the more wait for the database.
pub(super) async fn rest(app: &Shared) {
    let waiting = u32::try_from(app.vault.busy()).unwrap_or(WAITING_MOST).min(WAITING_MOST);
    tokio::time::sleep(REST + REST_PER_WAITING * waiting).await;
}
