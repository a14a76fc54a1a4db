//! The tokens by which an account is called are renewed before they end, and what the provider gave is kept before anything is
//! called with it.

use connect::oauth::{TOKENS, Tokens};
use connect::{Connector, SendError};
use vault::channels::{self, ChannelAccount, ChannelSecret, ChannelState, REAUTHORISE};
use vault::jobs::{self, ClaimedJob, JobKind};
use vault::{ChannelId, Millis, Scope, Tx};

use super::connecting::{self, NoFiles};
use super::ending::{done, retry};
use super::refreshing;
use crate::app::Shared;
use crate::outbound::drive;

/// How long before its end a token is renewed, in milliseconds.
const AHEAD: Millis = 5 * 60_000;
/// No account is renewed more often than this, however short its tokens live, in milliseconds.
const LEAST: Millis = 30_000;

/// Renews the tokens of a job's channel, if they end soon or are taken no longer.
pub(super) async fn renew(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let id: ChannelId = job.subject_id()?;
    let Some((kept, stopped)) = account(app, scope, id).await? else { return done(app, scope, job, None).await };
    let Some(connector) = connect::channels::by_kind(&kept.kind) else { return done(app, scope, job, None).await };
    let account = app.account(&kept, connector.spec());
    if connector.refreshed().is_some() {
        return refreshing::refresh(app, scope, job, (connector, &kept)).await;
    }
    let Some(present) = Tokens::of(&account) else { return done(app, scope, job, None).await };
    if !stopped && present.until_ms - AHEAD > app.now() {
        return done(app, scope, job, Some(present.until_ms - AHEAD)).await;
    }
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.renew(ctx, &account, replies);
    match drive(&*app.outbound, &NoFiles, &id.to_string(), || app.ctx(), step).await {
        Ok(tokens) => {
            let until = tokens.until_ms;
            keep(app, scope, (&kept, stopped), &tokens).await?;
            if stopped && let Err(connecting::Failure::Vault(error)) = connecting::prove(app, scope, id).await {
                return Err(error);
            }
            done(app, scope, job, Some((until - AHEAD).max(app.now() + LEAST))).await
        }
        Err(SendError::Retry(_)) => retry(app, scope, job, None).await,
        Err(SendError::Throttled(after) | SendError::RecipientThrottled(after)) => {
            let after = i64::try_from(after).unwrap_or(LEAST).clamp(1, 3_600_000);
            retry(app, scope, job, Some(app.now() + after)).await
        }
        Err(SendError::Refused { code, .. } | SendError::Stopped { code, .. }) => stop(app, scope, job, &code).await,
        Err(SendError::Unsupported) => done(app, scope, job, None).await,
        // A worker that was taken for dead may have renewed them just now, and not yet kept what came.
        Err(SendError::Reauthorise) if job.attempt < 3 => retry(app, scope, job, None).await,
        Err(SendError::Reauthorise | SendError::OptedOut | SendError::OptedOutOf(_) | SendError::WindowClosed) => {
            stop(app, scope, job, REAUTHORISE).await
        }
    }
}

/// The account, and whether its provider takes its credentials no longer; `None` if it was disconnected meanwhile.
async fn account(app: &Shared, scope: &Scope, id: ChannelId) -> vault::Result<Option<(ChannelAccount, bool)>> {
    let read = move |tx: &Tx<'_>| -> vault::Result<_> {
        let stopped = channels::is_stopped_for(tx, id, REAUTHORISE)?;
        Ok((channels::account(tx, id)?, stopped))
    };
    match app.vault.read(scope, read).await {
        Ok(found) => Ok(Some(found)),
        Err(vault::Error::Conflict { .. } | vault::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps what came, unless somebody has signed in anew meanwhile: then that is newer. What was renewed because it was not taken is
/// counted, as it may not be taken again.
async fn keep(
    app: &Shared,
    scope: &Scope,
    (kept, stopped): (&ChannelAccount, bool),
    tokens: &Tokens,
) -> vault::Result<()> {
    let (id, before) = (kept.channel, kept.secrets.get(TOKENS).cloned().unwrap_or_default());
    let value = ChannelSecret::new(tokens.to_secret().expose());
    let keep = move |tx: &Tx<'_>| -> vault::Result<()> {
        if channels::keep_renewed(tx, id, TOKENS, &before, &value)? && stopped {
            channels::note_renewal(tx, id)?;
        }
        Ok(())
    };
    app.vault.write(scope, keep).await
}

/// A member has something to do; signing in anew asks for this job again.
async fn stop(app: &Shared, scope: &Scope, job: &ClaimedJob, code: &str) -> vault::Result<()> {
    let (job, code) = (job.clone(), code.to_owned());
    app.vault
        .write(scope, move |tx| {
            channels::set_state(tx, job.subject_id()?, ChannelState::NeedsAttention, Some(&code))?;
            jobs::done(tx, &job)
        })
        .await
}

/// Asks for the job where a channel has tokens: whenever its credentials are proven, so that it is never missing. It is due when they
/// are to be renewed, or are not taken; just renewed ones that are not taken either are not renewed at once again.
pub(super) async fn plan(
    app: &Shared,
    scope: &Scope,
    connector: &dyn Connector,
    kept: &ChannelAccount,
) -> vault::Result<()> {
    if connector.sign_in().is_none() || !kept.secrets.contains_key(TOKENS) {
        return Ok(());
    }
    let id = kept.channel;
    let due = Tokens::of(&app.account(kept, connector.spec())).map_or(0, |present| present.until_ms - AHEAD);
    let plan = move |tx: &Tx<'_>| -> vault::Result<()> {
        jobs::enqueue(tx, JobKind::RenewTokens, &id.to_string(), due.max(tx.now()))?;
        if channels::is_stopped_for(tx, id, REAUTHORISE)? { channels::renew_soon(tx, id) } else { Ok(()) }
    };
    app.vault.write(scope, plan).await
}
