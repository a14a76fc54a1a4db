//! The end of a workspace (D-3): batch by batch, with the sweep's pauses. The providers of its channels are told.

use vault::Scope;
use vault::jobs::{self, ClaimedJob};
use vault::retention::{EndOfWorkspace, WorkspaceEnd};

use super::connecting;
use super::jobs::hold;
use super::sweeping::rest;
use crate::app::Shared;

/// Ends it, as far as no hold covers it.
pub(super) async fn end(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let end = tokio::select! {
        end = batches(app, scope) => end?,
        error = hold(app, scope, job) => return Err(error),
    };
    let job = job.clone();
    app.vault
        .write(scope, move |tx| match end {
            WorkspaceEnd::Gone | WorkspaceEnd::Called => jobs::done(tx, &job),
            WorkspaceEnd::Waits(until) => jobs::done_until(tx, &job, until),
            // The program stops: whoever is there next goes on.
            WorkspaceEnd::More => jobs::put_off(tx, &job, tx.now()),
        })
        .await
}

async fn batches(app: &Shared, scope: &Scope) -> vault::Result<WorkspaceEnd> {
    let mut end = EndOfWorkspace::default();
    let mut stopping = app.stopping.subscribe();
    loop {
        let now = app.vault.carry_on_workspace_end(scope, &mut end).await?;
        for account in end.departed.drain(..) {
            connecting::revoke(app, &account);
        }
        if now != WorkspaceEnd::More {
            return Ok(now);
        }
        tokio::select! {
            biased;
            _ = stopping.changed() => return Ok(WorkspaceEnd::More),
            () = rest(app) => {}
        }
    }
}
