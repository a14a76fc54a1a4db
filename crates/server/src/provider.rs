//! Asking a channel's provider something while whoever wants to know waits for it: to have a template looked at, or to change
//! what people see of the business there.

use std::time::Duration;

use connect::{Account, Capability, Connector, Ctx, Reply, SendError, Step};
use vault::channels::{self, ChannelState};
use vault::jobs::{self, JobKind};
use vault::{ChannelId, Scope, Tx};

use crate::app::Shared;
use crate::files::Door;
use crate::outbound::drive;
use crate::problem::{ApiError, Code};

/// How long it is waited for a provider. A file may go along.
const PATIENCE: Duration = Duration::from_secs(45);
/// How long a caller is told to wait where the provider is too busy, in seconds at most.
const LONGEST_WAIT: u64 = 3_600;

/// A channel whose provider can be asked.
pub struct Line {
    /// The channel.
    pub channel: ChannelId,
    /// What speaks with its provider.
    pub connector: &'static dyn Connector,
    account: Account,
    scope: Scope,
}

impl Line {
    /// To the provider of a channel that can do something.
    ///
    /// # Errors
    /// 404 for no such channel, 409 for one that is off, or that cannot do it.
    pub async fn to(app: &Shared, scope: &Scope, channel: ChannelId, needs: Capability) -> Result<Self, ApiError> {
        let (kind, _) = app.vault.read(scope, move |tx| channels::kind_and_state(tx, channel)).await?;
        let connector = connect::channels::by_kind(&kind);
        let connector = connector
            .filter(|it| it.spec().capabilities.contains(&needs))
            .ok_or_else(|| ApiError::conflict(Code::NotSupported, "This kind of channel cannot do that."))?;
        let scope = app.vault.platform_scope(scope).ok_or_else(ApiError::forbidden)?;
        let kept = app.vault.read(&scope, move |tx| channels::account(tx, channel)).await?;
        let account = app.account(&kept, connector.spec());
        Ok(Self { channel, connector, account, scope })
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// What the connector says; [`SendError::Retry`] where the provider takes too long: nobody knows then what it did.
    pub async fn ask<T>(
        &self,
        app: &Shared,
        mut step: impl FnMut(&'static dyn Connector, &Ctx, &Account, &[Reply]) -> Step<T>,
    ) -> Result<T, SendError> {
        let door = Door::sending(&app.vault, &self.scope);
        let step = |ctx: &Ctx, replies: &[Reply]| step(self.connector, ctx, &self.account, replies);
        let account = self.channel.to_string();
        let asked = drive(&*app.outbound, &door, &account, || app.ctx(), step);
        let late = |_| Err(SendError::Retry("the provider takes too long".to_owned()));
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(late)
    }

    /// What the caller is told. Whether the account as a whole works no more is proven, and not taken from one call that was
    /// refused: what is sent needs other rights than what a member asks for here.
    pub async fn failure(&self, app: &Shared, error: SendError) -> ApiError {
        let channel = self.channel;
        let noted = match &error {
            SendError::Reauthorise => app.vault.write(&self.scope, move |tx| needs_signing_in(tx, channel)).await,
            SendError::Stopped { .. } => {
                let prove =
                    move |tx: &Tx<'_>| jobs::enqueue(tx, JobKind::ConnectChannel, &channel.to_string(), tx.now());
                app.vault.write(&self.scope, prove).await
            }
            _ => Ok(()),
        };
        if let Err(error) = noted {
            return error.into();
        }
        told(error)
    }
}

fn needs_signing_in(tx: &Tx<'_>, channel: ChannelId) -> vault::Result<()> {
    channels::set_state(tx, channel, ChannelState::NeedsAttention, Some(channels::REAUTHORISE))
}

fn told(error: SendError) -> ApiError {
    match error {
        SendError::Retry(_) => ApiError::unavailable(),
        SendError::Throttled(wait) | SendError::RecipientThrottled(wait) => {
            ApiError::too_many(wait.div_ceil(1_000).clamp(1, LONGEST_WAIT))
        }
        SendError::Reauthorise => ApiError::conflict(
            Code::ChannelOff,
            "The provider takes the channel's credentials no longer. Enter new ones in its settings.",
        ),
        SendError::Stopped { why, .. } => ApiError::conflict(Code::ChannelOff, why),
        SendError::Refused { why, .. } => ApiError::conflict(Code::ProviderRefused, why),
        error @ (SendError::OptedOut | SendError::OptedOutOf(_) | SendError::WindowClosed) => {
            ApiError::conflict(Code::ProviderRefused, error.to_string())
        }
        SendError::Unsupported => ApiError::conflict(Code::NotSupported, "This kind of channel cannot do that."),
    }
}
