//! The end of what a disconnected channel brought: batch by batch, with the sweep's pauses.

use vault::jobs::{self, ClaimedJob};
use vault::retention::{ChannelEnd, EndOfChannel};
use vault::{ChannelId, Scope};

use super::jobs::hold;
use super::sweeping::rest;
use crate::app::Shared;

/// Ends it, as far as no hold covers it.
pub(super) async fn end(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let channel: ChannelId = job.subject_id()?;
    let end = tokio::select! {
        end = batches(app, scope, channel) => end?,
        error = hold(app, scope, job) => return Err(error),
    };
    let job = job.clone();
    app.vault
        .write(scope, move |tx| match end {
            ChannelEnd::Gone | ChannelEnd::Called => jobs::done(tx, &job),
            ChannelEnd::Waits(until) => jobs::done_until(tx, &job, until),
            // The program stops: whoever is there next goes on.
            ChannelEnd::More => jobs::put_off(tx, &job, tx.now()),
        })
        .await
}

async fn batches(app: &Shared, scope: &Scope, channel: ChannelId) -> vault::Result<ChannelEnd> {
    let mut end = EndOfChannel::of(channel);
    let mut stopping = app.stopping.subscribe();
    loop {
        let now = app.vault.carry_on_channel_end(scope, &mut end).await?;
        if now != ChannelEnd::More {
            return Ok(now);
        }
        tokio::select! {
            biased;
            _ = stopping.changed() => return Ok(ChannelEnd::More),
            () = rest(app) => {}
        }
    }
}
