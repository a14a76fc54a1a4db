//! Connecting a channel: its credentials are proven, its hook is registered, and the channel says how that went.

use std::collections::BTreeMap;
use std::time::Duration;

use connect::{Authorized, Capability, Connector, SendError};
use vault::channels::{self, ChannelAccount, ChannelState};
use vault::jobs::{self, JobKind};
use vault::{ChannelId, Personal, Scope};

use crate::app::Shared;
use crate::files::Door;
use crate::outbound::drive;
use crate::problem::ApiError;

/// How long whoever connects a channel waits for its provider.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long until a provider that could not be reached is tried again, in milliseconds.
const AGAIN_AFTER: i64 = 30_000;

/// Proves a channel's credentials now, as whoever connects it waits. A provider that does not answer in time is tried
/// again by a job.
pub async fn connect(app: &Shared, scope: &Scope, id: ChannelId) -> Result<(), ApiError> {
    let proof = tokio::time::timeout(PATIENCE, prove(app, scope, id)).await;
    let proven = match proof {
        Ok(Ok(())) => true,
        Ok(Err(Failure::Later)) | Err(_) => false,
        Ok(Err(Failure::Vault(error))) => return Err(error.into()),
    };
    let due = app.now() + AGAIN_AFTER;
    app.vault
        .write(scope, move |tx| -> vault::Result<_> {
            if proven {
                // What had to be tried again has been.
                return jobs::cancel(tx, JobKind::ConnectChannel, &id.to_string());
            }
            channels::set_state(tx, id, ChannelState::NeedsAttention, Some("unreachable"))?;
            jobs::enqueue(tx, JobKind::ConnectChannel, &id.to_string(), due)
        })
        .await?;
    Ok(())
}

/// Why a channel is not yet proven.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the provider cannot be reached")]
    Later,
    #[error(transparent)]
    Vault(#[from] vault::Error),
}

/// Proves a channel's credentials and notes the result.
pub(super) async fn prove(app: &Shared, scope: &Scope, id: ChannelId) -> Result<(), Failure> {
    let platform = app.vault.platform_scope(scope).ok_or(vault::Error::Forbidden("connecting a channel"))?;
    let kept = app.vault.read(&platform, move |tx| channels::account(tx, id)).await?;
    let Some(connector) = connect::channels::by_kind(&kept.kind) else { return Err(Failure::Later) };
    let account = app.account(&kept, connector.spec());
    let door = Door::sending(&app.vault, &platform);
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.authorize(ctx, &account, replies);
    let proof = drive(&*app.outbound, &door, &id.to_string(), || app.ctx(), step).await;
    match note(proof) {
        Noted::Ready(details) => {
            app.vault
                .write(&platform, move |tx| -> vault::Result<_> {
                    channels::set_account(tx, id, &Personal::new(details.clone()))?;
                    note_standing(tx, id, &details)?;
                    if connector.spec().capabilities.contains(&Capability::Template) {
                        jobs::enqueue(tx, JobKind::SyncTemplates, &id.to_string(), tx.now())?;
                    }
                    channels::set_state(tx, id, ChannelState::Ready, None)
                })
                .await?;
            Ok(())
        }
        Noted::Attention(reason) => {
            app.vault
                .write(&platform, move |tx| channels::set_state(tx, id, ChannelState::NeedsAttention, Some(&reason)))
                .await?;
            Ok(())
        }
        Noted::Later => Err(Failure::Later),
    }
}

/// What was learned of the account's standing, where the connector says so: `quality`, `daily_recipients`, and the
/// `portfolio` whose channels share that bound.
fn note_standing(tx: &vault::Tx<'_>, id: ChannelId, learned: &BTreeMap<String, String>) -> vault::Result<()> {
    let daily = learned.get("daily_recipients").and_then(|bound| bound.parse().ok());
    channels::set_portfolio(tx, id, learned.get("portfolio").map(String::as_str))?;
    match channels::note_news(tx, id, learned.get("quality").map(String::as_str), daily, tx.now()) {
        // A word that is none is not worth refusing the channel for.
        Ok(_) | Err(vault::Error::Invalid(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

enum Noted {
    Ready(BTreeMap<String, String>),
    Attention(String),
    Later,
}

fn note(proof: Result<Authorized, SendError>) -> Noted {
    match proof {
        Ok(proven) => {
            let mut account = proven.learned;
            account.extend([("id".to_owned(), proven.account), ("label".to_owned(), proven.label)]);
            Noted::Ready(account)
        }
        Err(SendError::Unsupported) => Noted::Ready(BTreeMap::new()),
        Err(SendError::Reauthorise) => Noted::Attention("reauthorise".to_owned()),
        Err(SendError::Refused { code, .. } | SendError::Stopped { code, .. }) => Noted::Attention(code),
        Err(SendError::OptedOut | SendError::OptedOutOf(_) | SendError::WindowClosed) => {
            Noted::Attention("refused".to_owned())
        }
        Err(SendError::Retry(_) | SendError::Throttled(_) | SendError::RecipientThrottled(_)) => Noted::Later,
    }
}

/// Asks the provider of a disconnected channel to forget the hook. Its secrets are gone from the vault, so this happens
/// now or not at all; a hook that stays registered is refused here.
pub fn revoke(app: &Shared, last: &ChannelAccount) {
    let Some(connector) = connect::channels::by_kind(&last.kind) else { return };
    let account = app.account(last, connector.spec());
    let app = app.clone();
    tokio::spawn(async move { revoke_now(&app, connector, &account).await });
}

async fn revoke_now(app: &Shared, connector: &'static dyn Connector, account: &connect::Account) {
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.revoke(ctx, account, replies);
    let gone = drive(&*app.outbound, &NoFiles, &account.channel, || app.ctx(), step).await;
    if let Err(error) = gone
        && error != SendError::Unsupported
    {
        tracing::warn!(channel = account.channel, "the provider could not be told to forget the hook");
    }
}

/// A door to no files: disconnecting sends none.
pub struct NoFiles;

impl crate::outbound::BlobDoor for NoFiles {
    fn open<'a>(
        &'a self,
        _: &'a connect::BlobHandle,
    ) -> futures_util::future::BoxFuture<'a, std::io::Result<(u64, crate::outbound::Bytestream)>> {
        Box::pin(std::future::ready(Err(std::io::ErrorKind::Unsupported.into())))
    }

    fn store(
        &self,
        _: crate::outbound::Bytestream,
        _: u64,
    ) -> futures_util::future::BoxFuture<'_, std::io::Result<crate::outbound::StoredBlob>> {
        Box::pin(std::future::ready(Err(std::io::ErrorKind::Unsupported.into())))
    }
}
