//! Connecting a channel: its credentials are proven, its hook is registered, and the channel says how that went.

use std::collections::BTreeMap;
use std::time::Duration;

use connect::{Authorized, Capability, Connector, SendError};
use vault::channels::{self, ChannelAccount, ChannelState};
use vault::jobs::{self, JobKind};
use vault::{ChannelId, Personal, Scope, polls};

use crate::app::Shared;
use crate::files::Door;
use crate::outbound::drive;
use crate::problem::ApiError;

/// How long whoever connects a channel waits for its provider.
const PATIENCE: Duration = Duration::from_secs(12);
/// Why a channel does not work whose provider does not answer.
pub(super) const UNREACHABLE: &str = "unreachable";
/// How long until a provider that could not be reached is tried again, in milliseconds.
const AGAIN_AFTER: i64 = 30_000;
/// How often at most a channel is proven that is changed while it is.
const TRIES: usize = 3;

/// Proves a channel's credentials now, as whoever connects it waits. A provider that does not answer in time is tried
/// again by a job. What a job was asked to look at meanwhile it looks at all the same: that is newer than what was proven here.
pub async fn connect(app: &Shared, scope: &Scope, id: ChannelId) -> Result<(), ApiError> {
    let platform = app.vault.platform_scope(scope).ok_or_else(ApiError::forbidden)?;
    let version = app.vault.read(&platform, move |tx| channels::version(tx, id)).await?;
    let proof = tokio::time::timeout(PATIENCE, prove(app, scope, id)).await;
    match proof {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(Failure::Later)) | Err(_) => {}
        Ok(Err(Failure::Vault(error))) => return Err(error.into()),
    }
    let due = app.now() + AGAIN_AFTER;
    app.vault
        .write(scope, move |tx| -> vault::Result<_> {
            if channels::is_version(tx, id, version)? {
                channels::set_state(tx, id, ChannelState::NeedsAttention, Some(UNREACHABLE))?;
            }
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

/// Proves a channel's credentials and notes the result. Only what was proven of the channel as it is counts: where it was changed
/// meanwhile, it is proven anew.
pub(super) async fn prove(app: &Shared, scope: &Scope, id: ChannelId) -> Result<(), Failure> {
    let platform = app.vault.platform_scope(scope).ok_or(vault::Error::Forbidden("connecting a channel"))?;
    for _ in 0..TRIES {
        if prove_once(app, &platform, id).await? {
            return Ok(());
        }
    }
    Err(Failure::Later)
}

/// The same; `false` if the channel was changed meanwhile, so that what came of it says nothing.
async fn prove_once(app: &Shared, platform: &Scope, id: ChannelId) -> Result<bool, Failure> {
    let began = app.now();
    let (version, kept) = app
        .vault
        .read(platform, move |tx| -> vault::Result<_> { Ok((channels::version(tx, id)?, channels::account(tx, id)?)) })
        .await?;
    let Some(connector) = connect::channels::by_kind(&kept.kind) else { return Err(Failure::Later) };
    super::renewing::plan(app, platform, connector, &kept).await?;
    app.vault.write(platform, move |tx| channels::note_app(tx, id, connector.app_secret())).await?;
    let account = app.account(&kept, connector.spec());
    let door = Door::sending(&app.vault, platform);
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.authorize(ctx, &account, replies);
    let noted = note(drive(&*app.outbound, &door, &id.to_string(), || app.ctx(), step).await);
    if matches!(noted, Noted::Later) {
        return Err(Failure::Later);
    }
    let before = kept.account.get("id").cloned();
    let proven = Proven { id, version, began, connector, account, before };
    Ok(app.vault.write(platform, move |tx| proven.write_down(tx, &noted)).await?)
}

/// What was looked at: a channel as it was at a version, from a moment on.
struct Proven {
    id: ChannelId,
    version: i64,
    began: vault::Millis,
    connector: &'static dyn Connector,
    /// By what it was looked at.
    account: connect::Account,
    /// Which account it was before, as its provider calls it.
    before: Option<String>,
}

impl Proven {
    /// Notes what came of it; `false`, and nothing noted, if the channel is another by now.
    fn write_down(&self, tx: &vault::Tx<'_>, noted: &Noted) -> vault::Result<bool> {
        if !channels::is_version(tx, self.id, self.version)? {
            return Ok(false);
        }
        match noted {
            Noted::Ready(details) => self.ready(tx, details)?,
            Noted::Attention(reason) => {
                channels::set_state(tx, self.id, ChannelState::NeedsAttention, Some(reason))?;
            }
            Noted::Later => {}
        }
        // What was to be tried again later has been; what was asked for meanwhile is due, and stays.
        jobs::cancel_later(tx, JobKind::ConnectChannel, &self.id.to_string())?;
        Ok(true)
    }

    fn ready(&self, tx: &vault::Tx<'_>, details: &BTreeMap<String, String>) -> vault::Result<()> {
        let id = self.id;
        channels::set_account(tx, id, &Personal::new(details.clone()))?;
        note_standing(tx, id, details)?;
        channels::note_proven(tx, id, self.began)?;
        if self.connector.spec().capabilities.contains(&Capability::Template) {
            jobs::enqueue(tx, JobKind::SyncTemplates, &id.to_string(), tx.now())?;
        }
        if self.connector.spec().limits.asked_ms() > 0 {
            ask_from(tx, id, (self.before.as_deref(), details.get("id").map(String::as_str)))?;
        }
        super::watching::plan(tx, self.connector, &self.account)?;
        if details.contains_key("app") {
            vault::deletions::look_again(tx, id)?;
        }
        super::refreshing::plan(tx, self.connector, id)?;
        channels::set_state(tx, id, ChannelState::Ready, None)
    }
}

/// Has a proven account asked what came: from where it was asked last, unless it is another one now.
fn ask_from(tx: &vault::Tx<'_>, id: ChannelId, (before, now): (Option<&str>, Option<&str>)) -> vault::Result<()> {
    if before.is_some() && now.is_some() && before != now {
        polls::forget(tx, id)?;
    }
    polls::wake(tx, id)
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
    if is_shared(app, connector, account).await {
        return;
    }
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.revoke(ctx, account, replies);
    let gone = drive(&*app.outbound, &NoFiles, &account.channel, || app.ctx(), step).await;
    if let Err(error) = gone
        && error != SendError::Unsupported
    {
        tracing::warn!(channel = account.channel, "the provider could not be told to forget the hook");
    }
}

/// Whether another channel, of whatever workspace, hangs on the same hook at the provider. What comes to the hook of a channel that is
/// gone is passed on to it. A provider that does not say which there are is not asked to forget a hook that may be theirs.
async fn is_shared(app: &Shared, connector: &'static dyn Connector, account: &connect::Account) -> bool {
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.beside(ctx, account, replies);
    let beside = match drive(&*app.outbound, &NoFiles, &account.channel, || app.ctx(), step).await {
        Ok(beside) if beside.is_empty() => return false,
        Ok(beside) => beside,
        Err(error) => {
            tracing::warn!(channel = account.channel, %error, "the provider does not say what else its hook is for");
            return true;
        }
    };
    match app.vault.channels_of_accounts(connector.spec().kind, beside).await {
        Ok(channels) => channels.iter().any(|channel| channel.to_string() != account.channel),
        Err(error) => {
            tracing::warn!(channel = account.channel, %error, "a hook stays that may be another channel's");
            true
        }
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
