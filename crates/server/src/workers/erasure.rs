//! Erasure beyond the first moment: rows, files and what providers hold.

use std::collections::BTreeMap;

use connect::{Erased, SendError};
use vault::erase::{self, Progress, RemoteState, Trace};
use vault::jobs::{self, ClaimedJob};
use vault::{ChannelId, ErasureId, Personal, Scope, channels};

use crate::app::Shared;
use crate::files::Door;
use crate::outbound::drive;

/// How soon an erasure that waits for the search index looks again, in milliseconds.
const WAIT: i64 = 300;

/// Goes on with the removal of rows.
pub(super) async fn rows(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let progress = app.vault.carry_on_erasure(scope, job.subject_id()?).await?;
    let (job, again) = (job.clone(), app.now() + WAIT);
    app.vault
        .write(scope, move |tx| match progress {
            Progress::Waiting => jobs::done_until(tx, &job, again),
            Progress::Removed => jobs::done(tx, &job),
        })
        .await
}

/// Asks each provider to delete what it holds.
pub(super) async fn remote(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let id: ErasureId = job.subject_id()?;
    let traces = app.vault.read(scope, move |tx| erase::traces(tx, id)).await?;
    let mut by_channel: BTreeMap<ChannelId, Vec<Trace>> = BTreeMap::new();
    for trace in traces {
        by_channel.entry(trace.channel).or_default().push(trace);
    }
    for (channel, traces) in by_channel {
        let state = ask(app, scope, channel, traces).await?;
        app.vault.write(scope, move |tx| erase::remote_done(tx, id, channel, state)).await?;
    }
    let job = job.clone();
    app.vault.write(scope, move |tx| jobs::done(tx, &job)).await
}

async fn ask(app: &Shared, scope: &Scope, channel: ChannelId, traces: Vec<Trace>) -> vault::Result<RemoteState> {
    let kept = match app.vault.read(scope, move |tx| channels::account(tx, channel)).await {
        Ok(kept) => kept,
        // Without credentials nobody can ask.
        Err(vault::Error::Conflict { .. } | vault::Error::NotFound(_)) => return Ok(RemoteState::Kept),
        Err(error) => return Err(error),
    };
    let Some(connector) = connect::channels::by_kind(&kept.kind) else { return Ok(RemoteState::Kept) };
    let account = app.account(&kept, connector.spec());
    let door = Door::sending(&app.vault, scope);
    let mut refused = 0;
    let asked = by_thread(traces, connector.erased_at_once());
    for trace in &asked {
        let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.erase(ctx, trace, &account, replies);
        match drive(&*app.outbound, &door, &channel.to_string(), || app.ctx(), step).await {
            Ok(Erased::Gone) => {}
            Ok(Erased::Cannot(_))
            | Err(
                SendError::Unsupported | SendError::Refused { .. } | SendError::OptedOut | SendError::OptedOutOf(_),
            ) => {
                refused += 1;
            }
            Err(error) => return Err(vault::Error::conflict("provider_unavailable", error.to_string())),
        }
    }
    Ok(match refused {
        0 => RemoteState::Gone,
        some if some < asked.len() => RemoteState::Partly,
        _ => RemoteState::Kept,
    })
}

/// One request per thread, with as many of its messages as one may have.
fn by_thread(traces: Vec<Trace>, most: usize) -> Vec<connect::Trace> {
    let mut threads: BTreeMap<Option<String>, Vec<(String, i64)>> = BTreeMap::new();
    for trace in traces {
        let thread = trace.thread.map(Personal::into_revealed);
        let remotes = trace.remotes.into_iter().map(|remote| (remote.into_revealed(), trace.at));
        threads.entry(thread).or_default().extend(remotes);
    }
    let cut = |(thread, remotes): (Option<String>, Vec<(String, i64)>)| {
        let parts = remotes.chunks(most.max(1)).map(<[_]>::to_vec).collect::<Vec<_>>();
        parts.into_iter().map(move |remotes| connect::Trace { thread: thread.clone(), remotes })
    };
    threads.into_iter().flat_map(cut).collect()
}
