//! A secret that its provider exchanges for a newer one, without a member: once a day, long before it ends, so that an outage of
//! weeks does not matter. The account is proven with the newer one, which also has its deliveries sent here again should the
//! provider have ended them meanwhile.

use connect::{Connector, SendError};
use vault::channels::{self, ChannelAccount, ChannelSecret, ChannelState, REAUTHORISE};
use vault::jobs::{self, ClaimedJob, JobKind};
use vault::{ChannelId, Millis, Scope};

use super::connecting::{self, NoFiles};
use super::ending::done;
use crate::app::Shared;
use crate::outbound::drive;

/// How long between two exchanges, in milliseconds: a secret must be a day old for it.
const EVERY: Millis = 25 * 3_600_000;

/// Asks for the first exchange where a channel has such a secret: whenever its credentials are proven.
pub(super) fn plan(tx: &vault::Tx<'_>, connector: &'static dyn Connector, id: ChannelId) -> vault::Result<()> {
    if connector.refreshed().is_none() {
        return Ok(());
    }
    jobs::enqueue(tx, JobKind::RenewTokens, &id.to_string(), tx.now() + EVERY)
}

/// Exchanges the secret of a job's channel, and keeps what came before anything is called with it.
pub(super) async fn refresh(
    app: &Shared,
    scope: &Scope,
    job: &ClaimedJob,
    (connector, kept): (&'static dyn Connector, &ChannelAccount),
) -> vault::Result<()> {
    let (id, Some(key)) = (kept.channel, connector.refreshed()) else { return done(app, scope, job, None).await };
    let account = app.account(kept, connector.spec());
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.refresh(ctx, &account, replies);
    match drive(&*app.outbound, &NoFiles, &id.to_string(), || app.ctx(), step).await {
        Ok(newer) => {
            let before = kept.secrets.get(key).cloned().unwrap_or_default();
            let value = ChannelSecret::new(newer.expose());
            let keep = move |tx: &vault::Tx<'_>| channels::keep_renewed(tx, id, key, &before, &value).map(|_| ());
            app.vault.write(scope, keep).await?;
            if let Err(connecting::Failure::Vault(error)) = connecting::prove(app, scope, id).await {
                return Err(error);
            }
        }
        Err(SendError::Reauthorise) => {
            let state = ChannelState::NeedsAttention;
            app.vault.write(scope, move |tx| channels::set_state(tx, id, state, Some(REAUTHORISE))).await?;
            // Entering another secret asks for it again.
            return done(app, scope, job, None).await;
        }
        Err(error) => {
            tracing::info!(channel = %id, %error, "a secret could not be exchanged for a newer one and is tried tomorrow");
        }
    }
    done(app, scope, job, Some(app.now() + EVERY)).await
}
