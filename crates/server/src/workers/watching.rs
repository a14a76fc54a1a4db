//! Providers that can tell us of news are asked to, and to go on with it before it ends. What they tell is a hint
//! ([`vault::channels::told`]): without it an account is asked as often as ever, so nothing of that is a reason to trouble a member.
//!
//! Where everything comes by the hook because the account is subscribed to our app, or has our address, that is seen to each day: it can
//! end without a word, and then nothing comes. If it is refused, or a human has the deliveries sent elsewhere, the channel needs
//! attention; what is elsewhere only a member takes back.

use connect::{Connector, SendError};
use vault::channels::{self, ChannelAccount, ChannelState};
use vault::jobs::{self, ClaimedJob, JobKind};
use vault::{ChannelId, Millis, Scope, Tx};

use super::connecting::NoFiles;
use super::ending::{REFUSED, done, needs_attention, retry};
use crate::app::Shared;
use crate::outbound::drive;

/// How often a subscription is made anew, in milliseconds.
const DAILY: Millis = 24 * 3_600_000;
/// No watch is looked after more often than this, in milliseconds.
const LEAST: Millis = 60_000;

/// Asks for the job where a channel's provider can tell, or was asked to by settings it had before: whenever it is proven. A
/// subscription was made by then.
pub(super) fn plan(tx: &Tx<'_>, connector: &dyn Connector, account: &connect::Account) -> vault::Result<()> {
    if connector.subscribes() {
        return jobs::enqueue(tx, JobKind::WatchAccount, &account.channel, tx.now() + DAILY);
    }
    if connector.can_watch(account) || !account.watch.is_empty() {
        return jobs::enqueue(tx, JobKind::WatchAccount, &account.channel, tx.now());
    }
    Ok(())
}

/// Has the provider of a job's channel tell, until it is looked after again.
pub(super) async fn watch(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let id: ChannelId = job.subject_id()?;
    let Some(kept) = account(app, scope, id).await? else { return done(app, scope, job, None).await };
    let Some(connector) = connect::channels::by_kind(&kept.kind) else { return done(app, scope, job, None).await };
    let account = app.account(&kept, connector.spec());
    if connector.subscribes() {
        return subscribe(app, scope, job, (id, connector, &account)).await;
    }
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.watch(ctx, &account, replies);
    match drive(&*app.outbound, &NoFiles, &id.to_string(), || app.ctx(), step).await {
        Ok(watch) => keep(app, scope, job, watch).await,
        Err(SendError::Retry(_)) => retry(app, scope, job, None).await,
        Err(SendError::Throttled(after) | SendError::RecipientThrottled(after)) => {
            let after = i64::try_from(after).unwrap_or(REFUSED).clamp(LEAST, REFUSED);
            retry(app, scope, job, Some(app.now() + after)).await
        }
        // Signing in anew has the channel proven, and so asks for this job again.
        Err(SendError::Reauthorise | SendError::Unsupported) => done(app, scope, job, None).await,
        Err(SendError::Refused { code, .. } | SendError::Stopped { code, .. }) => {
            tracing::info!(channel = %id, code, "a provider does not tell of news, and its account is asked instead");
            done(app, scope, job, Some(app.now() + REFUSED)).await
        }
        Err(SendError::OptedOut | SendError::OptedOutOf(_) | SendError::WindowClosed) => {
            done(app, scope, job, Some(app.now() + REFUSED)).await
        }
    }
}

/// The account; `None` if it was disconnected meanwhile.
async fn account(app: &Shared, scope: &Scope, id: ChannelId) -> vault::Result<Option<ChannelAccount>> {
    match app.vault.read(scope, move |tx| channels::account(tx, id)).await {
        Ok(found) => Ok(Some(found)),
        Err(vault::Error::Conflict { .. } | vault::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps what the provider said, and says in the same transaction when it is looked after again. A channel that was disconnected
/// meanwhile keeps nothing; what its provider still tells is refused, and ends by itself.
async fn keep(app: &Shared, scope: &Scope, job: &ClaimedJob, watch: Option<connect::Watch>) -> vault::Result<()> {
    let (job, least) = (job.clone(), app.now() + LEAST);
    let write = move |tx: &Tx<'_>| -> vault::Result<()> {
        let kept = watch.as_ref().map(|watch| (watch.state.as_str(), watch.until_ms));
        match channels::keep_watch(tx, job.subject_id()?, kept) {
            Err(vault::Error::Conflict { code: "channel_off", .. }) => return jobs::done(tx, &job),
            kept => kept?,
        }
        match &watch {
            Some(watch) => jobs::done_until(tx, &job, watch.again_ms.max(least)),
            None => jobs::done(tx, &job),
        }
    };
    app.vault.write(scope, write).await
}

/// Subscribes a job's channel once more, if it works as far as is known: one that does not is subscribed when it is proven.
async fn subscribe(
    app: &Shared,
    scope: &Scope,
    job: &ClaimedJob,
    (id, connector, account): (ChannelId, &'static dyn Connector, &connect::Account),
) -> vault::Result<()> {
    let again = Some(app.now() + DAILY);
    if app.vault.read(scope, move |tx| channels::kind_and_state(tx, id)).await?.1 != ChannelState::Ready {
        return done(app, scope, job, again).await;
    }
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.subscribe(ctx, account, replies);
    let code = match drive(&*app.outbound, &NoFiles, &id.to_string(), || app.ctx(), step).await {
        Ok(()) => return done(app, scope, job, again).await,
        Err(SendError::Retry(_)) => return retry(app, scope, job, None).await,
        Err(SendError::Throttled(after) | SendError::RecipientThrottled(after)) => {
            let after = i64::try_from(after).unwrap_or(DAILY).clamp(LEAST, DAILY);
            return retry(app, scope, job, Some(app.now() + after)).await;
        }
        Err(SendError::Reauthorise) => channels::REAUTHORISE.to_owned(),
        Err(SendError::Refused { code, .. } | SendError::Stopped { code, .. }) => code,
        Err(SendError::Unsupported | SendError::OptedOut | SendError::OptedOutOf(_) | SendError::WindowClosed) => {
            return done(app, scope, job, None).await;
        }
    };
    stop(app, scope, job, (id, code)).await
}

/// The channel needs attention: nothing may come here any more.
async fn stop(app: &Shared, scope: &Scope, job: &ClaimedJob, (id, code): (ChannelId, String)) -> vault::Result<()> {
    let job = job.clone();
    let write = move |tx: &Tx<'_>| -> vault::Result<()> {
        needs_attention(tx, id, &code)?;
        jobs::done_until(tx, &job, tx.now() + DAILY)
    };
    app.vault.write(scope, write).await
}
