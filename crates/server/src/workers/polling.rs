//! Accounts that are asked what came. One worker of one node asks a channel's account at a time, by the lease of its job; what it
//! says is kept with where to go on in one transaction, which also says when it is asked again.

use connect::{Connector, Ctx, Polled, Reply, SendError, Verified};
use vault::channels::{self, ChannelState};
use vault::jobs::{self, ClaimedJob, JobKind};
use vault::polls::{self, Standing};
use vault::{ChannelId, Millis, Scope, Tx};

use super::connecting::NoFiles;
use super::jobs::LEASE;
use crate::app::Shared;
use crate::outbound::drive;
use crate::telemetry::PollResult;

/// How often an account that has more is asked before other jobs have their turn.
const ROUNDS: usize = 4;
/// The first pause after a failure that may pass, in milliseconds; it doubles…
const FIRST_PAUSE: Millis = 5_000;
/// …up to this.
const LONGEST_PAUSE: Millis = 5 * 60_000;
/// How long until an account is asked again whose provider tells of news, in milliseconds: what it did not tell is found then.
const TOLD: Millis = 5 * 60_000;
/// Of what is found a hint came no longer ago than this, in milliseconds, or it did not come.
const HEARD_WITHIN: Millis = TOLD + 60_000;
/// The longest that an account waits because it was asked too often, in milliseconds.
const LONGEST_THROTTLE: Millis = 24 * 3_600_000;
/// After so many failures in a row members are told: some five minutes.
const TOLD_AFTER: i64 = 7;

/// Has a channel's account asked now, because something says that there is news: a mailbox changed, somebody wants to know. It may
/// be called as often as one likes, and for a channel that is not there any more.
///
/// # Errors
/// What the database says.
pub async fn wake(app: &Shared, scope: &Scope, channel: ChannelId) -> vault::Result<()> {
    match app.vault.write(scope, move |tx| polls::wake(tx, channel)).await {
        Err(vault::Error::NotFound(_)) => Ok(()),
        woken => woken,
    }
}

/// Asks the account of a job's channel until it has no more.
pub(super) async fn poll(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    tokio::select! {
        biased;
        done = ask(app, scope, job) => done,
        error = super::jobs::hold(app, scope, job) => Err(error),
    }
}

/// What one asking came to.
enum Came {
    /// There is more now.
    More,
    /// The job is over, for now or for good.
    Done,
}

async fn ask(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let channel = job.subject_id()?;
    for _ in 0..ROUNDS {
        let Some((connector, standing)) = asked(app, scope, channel).await? else { return end(app, scope, job).await };
        let account = app.account(&standing.account, connector.spec());
        let cursor = standing.cursor.as_deref();
        let step = |ctx: &Ctx, replies: &[Reply]| connector.poll(ctx, &account, cursor, replies);
        let said = drive(&*app.outbound, &NoFiles, &channel.to_string(), || app.ctx(), step).await;
        app.metrics.poll(connector.spec().kind, counted(&said));
        let came = match said {
            Ok(polled) => keep(app, scope, job, (connector, standing, polled)).await?,
            Err(error) => failed(app, scope, job, (channel, error)).await?,
        };
        match came {
            Came::More if !*app.stopping.borrow() => {}
            Came::More => break,
            Came::Done => return Ok(()),
        }
    }
    let (job, now) = (job.clone(), app.now());
    app.vault.write(scope, move |tx| jobs::done_until(tx, &job, now)).await
}

/// How far the account was asked, with its connector; `None` if the channel is disconnected, or of a kind that is not asked.
async fn asked(
    app: &Shared,
    scope: &Scope,
    channel: ChannelId,
) -> vault::Result<Option<(&'static dyn Connector, Standing)>> {
    let standing = match app.vault.read(scope, move |tx| polls::standing(tx, channel)).await {
        Ok(standing) => standing,
        Err(vault::Error::Conflict { .. } | vault::Error::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let connector = connect::channels::by_kind(&standing.account.kind);
    Ok(connector.filter(|connector| connector.spec().limits.asked_ms() > 0).map(|connector| (connector, standing)))
}

async fn end(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let job = job.clone();
    app.vault.write(scope, move |tx| jobs::done(tx, &job)).await
}

/// Keeps what was said, and says in the same transaction when the account is asked again.
async fn keep(
    app: &Shared,
    scope: &Scope,
    job: &ClaimedJob,
    (connector, standing, polled): (&'static dyn Connector, Standing, Polled),
) -> vault::Result<Came> {
    let Polled { requests, cursor, more } = polled;
    let moved = standing.cursor.as_deref() != Some(cursor.as_str());
    let bodies: Vec<Vec<u8>> = requests.iter().map(Verified::to_inbox).collect();
    // Who has more and does not move would be asked for ever.
    let again = more && moved;
    let (job, turn) = (job.clone(), standing.turn);
    let (due, due_if_told) = (next(app, connector.spec().limits.asked_ms()), next(app, TOLD.unsigned_abs()));
    let channel: ChannelId = job.subject_id()?;
    let write = move |tx: &Tx<'_>| -> vault::Result<Came> {
        if (moved || !bodies.is_empty()) && polls::keep(tx, turn, &cursor, &bodies)?.is_none() {
            // The channel was changed meanwhile: it is asked as it is now.
            return Ok(Came::More);
        }
        recovered(tx, channel)?;
        if again && jobs::renew(tx, &job, LEASE)? {
            return Ok(Came::More);
        }
        let told = channels::is_told(tx, channel, !bodies.is_empty(), HEARD_WITHIN)?;
        jobs::done_until(tx, &job, if told { due_if_told } else { due })?;
        Ok(Came::Done)
    };
    app.vault.write(scope, write).await
}

/// When an account is asked again that has said all: a little earlier than it must be, so that many do not come at once.
fn next(app: &Shared, every_ms: u64) -> Millis {
    let every = Millis::try_from(every_ms).unwrap_or(LONGEST_THROTTLE);
    let early = every / 8 * Millis::from(app.ctx().chance[0]) / 255;
    app.now().saturating_add(every - early)
}

/// An account that did not answer for long answers again: whether the channel works with all that belongs to it is proven, not
/// believed.
fn recovered(tx: &Tx<'_>, channel: ChannelId) -> vault::Result<()> {
    if channels::is_stopped_for(tx, channel, super::connecting::UNREACHABLE)? {
        jobs::enqueue(tx, JobKind::ConnectChannel, &channel.to_string(), tx.now())?;
    }
    Ok(())
}

/// It could not be asked: later, or once a member has done something about it.
async fn failed(
    app: &Shared,
    scope: &Scope,
    job: &ClaimedJob,
    (channel, error): (ChannelId, SendError),
) -> vault::Result<Came> {
    let code = match error {
        SendError::Throttled(after) | SendError::RecipientThrottled(after) => {
            let pause = Millis::try_from(after).unwrap_or(LONGEST_THROTTLE).clamp(1_000, LONGEST_THROTTLE);
            return later(app, scope, job, (channel, pause, false)).await;
        }
        SendError::Retry(_) => {
            let told = job.attempt >= TOLD_AFTER;
            return later(app, scope, job, (channel, pause(job.attempt, app.ctx().chance[0]), told)).await;
        }
        SendError::Reauthorise => channels::REAUTHORISE.to_owned(),
        SendError::Stopped { code, .. } | SendError::Refused { code, .. } => code,
        SendError::OptedOut | SendError::OptedOutOf(_) | SendError::WindowClosed | SendError::Unsupported => {
            "refused".to_owned()
        }
    };
    tracing::warn!(%channel, code, "an account cannot be asked until a member does something about it");
    let job = job.clone();
    let write = move |tx: &Tx<'_>| -> vault::Result<Came> {
        needs_attention(tx, channel, &code)?;
        // Connecting it again has it asked again.
        jobs::done(tx, &job)?;
        Ok(Came::Done)
    };
    app.vault.write(scope, write).await
}

async fn later(
    app: &Shared,
    scope: &Scope,
    job: &ClaimedJob,
    (channel, pause, told): (ChannelId, Millis, bool),
) -> vault::Result<Came> {
    tracing::info!(%channel, attempt = job.attempt, pause, "an account could not be asked and is asked again later");
    let (job, due) = (job.clone(), app.now().saturating_add(pause));
    let write = move |tx: &Tx<'_>| -> vault::Result<Came> {
        if told && channels::kind_and_state(tx, channel)?.1 == ChannelState::Ready {
            needs_attention(tx, channel, super::connecting::UNREACHABLE)?;
        }
        jobs::put_off(tx, &job, due)?;
        Ok(Came::Done)
    };
    app.vault.write(scope, write).await
}

/// A connector's code that is no plain word is told without it.
fn needs_attention(tx: &Tx<'_>, channel: ChannelId, code: &str) -> vault::Result<()> {
    match channels::set_state(tx, channel, ChannelState::NeedsAttention, Some(code)) {
        Err(vault::Error::Invalid(_)) => {
            channels::set_state(tx, channel, ChannelState::NeedsAttention, Some("refused"))
        }
        set => set,
    }
}

/// Doubling, of which the last quarter is left to chance.
fn pause(attempt: i64, chance: u8) -> Millis {
    let doublings = u32::try_from(attempt.clamp(1, 16) - 1).unwrap_or(0);
    let full = (FIRST_PAUSE << doublings).min(LONGEST_PAUSE);
    full - full / 4 * Millis::from(chance) / 255
}

fn counted(said: &Result<Polled, SendError>) -> PollResult {
    match said {
        Ok(polled) if polled.requests.is_empty() => PollResult::Nothing,
        Ok(_) => PollResult::News,
        Err(SendError::Retry(_)) => PollResult::Unanswered,
        Err(SendError::Throttled(_) | SendError::RecipientThrottled(_)) => PollResult::Throttled,
        Err(_) => PollResult::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_members_are_told_after_minutes() {
        let pauses: Vec<Millis> = (1..10).map(|attempt| pause(attempt, 0)).collect();
        assert_eq!(pauses, [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
        assert_eq!(pause(i64::MAX, 255), 225_000);
        let until_told: Millis = (1..TOLD_AFTER).map(|attempt| pause(attempt, 0)).sum();
        assert!((240_000..=360_000).contains(&until_told), "{until_told}");
    }
}
