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
            Progress::Held(until) => jobs::done_until(tx, &job, until),
            Progress::Removed => jobs::done(tx, &job),
        })
        .await
}

/// Asks each provider to delete what it holds.
pub(super) async fn remote(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let id: ErasureId = job.subject_id()?;
    let read = move |tx: &vault::Tx<'_>| Ok::<_, vault::Error>((erase::traces(tx, id)?, erase::known(tx, id)?));
    let (traces, known) = app.vault.read(scope, read).await?;
    let mut by_channel: BTreeMap<ChannelId, Vec<Trace>> = BTreeMap::new();
    for trace in traces {
        by_channel.entry(trace.channel).or_default().push(trace);
    }
    for (channel, traces) in by_channel {
        let (state, why) = ask(app, scope, channel, (traces, &known)).await?;
        app.vault.write(scope, move |tx| erase::remote_done(tx, id, channel, state, why.as_deref())).await?;
    }
    let job = job.clone();
    app.vault.write(scope, move |tx| jobs::done(tx, &job)).await
}

/// What came of asking a channel's provider, and words for what is left there.
async fn ask(
    app: &Shared,
    scope: &Scope,
    channel: ChannelId,
    (traces, known): (Vec<Trace>, &[Personal<String>]),
) -> vault::Result<(RemoteState, Option<String>)> {
    let kept = match app.vault.read(scope, move |tx| channels::account(tx, channel)).await {
        Ok(kept) => kept,
        // Without credentials nobody can ask.
        Err(vault::Error::Conflict { .. } | vault::Error::NotFound(_)) => return Ok((RemoteState::Kept, None)),
        Err(error) => return Err(error),
    };
    let Some(connector) = connect::channels::by_kind(&kept.kind) else { return Ok((RemoteState::Kept, None)) };
    let account = app.account(&kept, connector.spec());
    let door = Door::sending(&app.vault, scope);
    let mut came = Vec::new();
    for trace in &by_thread(traces, known, connector.erased_at_once()) {
        let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.erase(ctx, trace, &account, replies);
        came.push(match drive(&*app.outbound, &door, &channel.to_string(), || app.ctx(), step).await {
            Ok(erased) => erased,
            // What a provider says of it may name the person.
            Err(
                SendError::Unsupported | SendError::Refused { .. } | SendError::OptedOut | SendError::OptedOutOf(_),
            ) => Erased::Cannot(String::new()),
            Err(error) => return Err(vault::Error::conflict("provider_unavailable", error.to_string())),
        });
    }
    Ok(outcome(&came))
}

/// What became of all parts together. Each reason is told once.
fn outcome(came: &[Erased]) -> (RemoteState, Option<String>) {
    let mut reasons: Vec<&str> = Vec::new();
    for erased in came {
        match erased {
            Erased::Partly(why) | Erased::Cannot(why) if !why.is_empty() && !reasons.contains(&why.as_str()) => {
                reasons.push(why);
            }
            Erased::Partly(_) | Erased::Cannot(_) | Erased::Gone => {}
        }
    }
    let is = |state: fn(&Erased) -> bool| !came.is_empty() && came.iter().all(state);
    let state = if came.is_empty() || is(|erased| matches!(erased, Erased::Gone)) {
        RemoteState::Gone
    } else if is(|erased| matches!(erased, Erased::Cannot(_))) {
        RemoteState::Kept
    } else {
        RemoteState::Partly
    };
    (state, Some(reasons.join(" ")).filter(|reasons| !reasons.is_empty()))
}

/// One request per thread, with as many of its messages as one may have.
fn by_thread(traces: Vec<Trace>, known: &[Personal<String>], most: usize) -> Vec<connect::Trace> {
    let known: Vec<String> = known.iter().map(|known| known.reveal().clone()).collect();
    let mut threads: BTreeMap<Option<String>, Vec<(String, i64)>> = BTreeMap::new();
    for trace in traces {
        let thread = trace.thread.map(Personal::into_revealed);
        let remotes = trace.remotes.into_iter().map(|remote| (remote.into_revealed(), trace.at));
        threads.entry(thread).or_default().extend(remotes);
    }
    let cut = |(thread, remotes): (Option<String>, Vec<(String, i64)>)| {
        let parts = remotes.chunks(most.max(1)).map(<[_]>::to_vec).collect::<Vec<_>>();
        let known = known.clone();
        parts.into_iter().map(move |remotes| connect::Trace { thread: thread.clone(), remotes, known: known.clone() })
    };
    threads.into_iter().flat_map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_at_a_provider_is_told_once() {
        let (partly, cannot) = (Erased::Partly("Some.".to_owned()), Erased::Cannot("None.".to_owned()));
        assert_eq!(outcome(&[Erased::Gone, Erased::Gone]), (RemoteState::Gone, None));
        assert_eq!(outcome(&[]), (RemoteState::Gone, None));
        let told = |words: &str| Some(words.to_owned());
        assert_eq!(outcome(&[cannot.clone(), cannot.clone()]), (RemoteState::Kept, told("None.")));
        assert_eq!(outcome(&[cannot.clone(), Erased::Gone]), (RemoteState::Partly, told("None.")));
        assert_eq!(outcome(&[partly.clone(), cannot]), (RemoteState::Partly, told("Some. None.")));
        assert_eq!(outcome(&[partly]), (RemoteState::Partly, told("Some.")));
    }
}
