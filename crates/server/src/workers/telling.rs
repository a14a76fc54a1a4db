//! What happened is told to who listens elsewhere, soon after it did.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use vault::{Wake, WorkspaceId};

use crate::app::Shared;

/// What happens within this time is told together.
const GATHER: Duration = Duration::from_millis(50);
/// How often it is looked whether somewhere something was not told: a wake may be lost.
const LOOK_EVERY: Duration = Duration::from_secs(30);

pub(super) async fn run(app: Shared) {
    let mut wakes = app.vault.wakes();
    let mut stopping = app.stopping.subscribe();
    let mut behind = untold(&app).await;
    while !*stopping.borrow() {
        round(&mut behind, |workspace| tell(&app, workspace)).await;
        if !behind.is_empty() {
            // Who came meanwhile has a turn in the next round.
            gather(&mut wakes, &mut behind);
            continue;
        }
        tokio::select! {
            biased;
            _ = stopping.changed() => {}
            woken = woken(&mut wakes) => match woken {
                Some(first) => {
                    tokio::time::sleep(GATHER).await;
                    behind.insert(first);
                    gather(&mut wakes, &mut behind);
                }
                None => behind = untold(&app).await,
            },
            () = tokio::time::sleep(LOOK_EVERY) => behind = untold(&app).await,
        }
    }
}

/// A turn for each: whoever has much to tell keeps nobody waiting for more than one turn. Who has more stays for the next round.
async fn round<F, Fut>(behind: &mut BTreeSet<WorkspaceId>, mut tell: F)
where
    F: FnMut(WorkspaceId) -> Fut,
    Fut: Future<Output = bool>,
{
    for workspace in std::mem::take(behind) {
        if tell(workspace).await {
            behind.insert(workspace);
        }
    }
}

/// Tells some of what happened in a workspace; whether there may be more.
async fn tell(app: &Shared, workspace: WorkspaceId) -> bool {
    match app.vault.tell(workspace).await {
        Ok(more) => more,
        Err(vault::Error::Closed) => false,
        Err(error) => {
            tracing::error!(%workspace, %error, "what happened could not be told on and will be tried again");
            false
        }
    }
}

async fn untold(app: &Shared) -> BTreeSet<WorkspaceId> {
    let found = app.vault.untold().await;
    found.map_or_else(
        |error| {
            tracing::error!(%error, "it could not be read what was not told yet");
            BTreeSet::new()
        },
        BTreeSet::from_iter,
    )
}

/// The workspace that has new facts; `None` if some wakes were missed.
async fn woken(wakes: &mut Receiver<Wake>) -> Option<WorkspaceId> {
    loop {
        match wakes.recv().await {
            Ok(Wake::Facts(workspace)) => return Some(workspace),
            Ok(Wake::Inbox | Wake::Outbox | Wake::Jobs) => {}
            Err(RecvError::Lagged(_)) => return None,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Others that were woken meanwhile. What is missed here is found by the next look.
fn gather(wakes: &mut Receiver<Wake>, behind: &mut BTreeSet<WorkspaceId>) {
    while let Ok(wake) = wakes.try_recv() {
        if let Wake::Facts(workspace) = wake {
            behind.insert(workspace);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn workspaces_take_turns() {
        let [busy, other]: [WorkspaceId; 2] =
            ["0", "1"].map(|digit| format!("wsp_{}", digit.repeat(32)).parse().unwrap());
        let (mut behind, mut told) = (BTreeSet::from([busy, other]), Vec::new());
        while !behind.is_empty() {
            round(&mut behind, |workspace| {
                told.push(workspace);
                let turns = told.iter().filter(|told| **told == workspace).count();
                std::future::ready(turns < if workspace == busy { 100 } else { 2 })
            })
            .await;
        }
        assert_eq!((&told[..4], told.len()), (&[busy, other, busy, other][..], 102));
    }
}
