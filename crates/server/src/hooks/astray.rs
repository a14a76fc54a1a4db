//! Requests to the hook of a channel that is disconnected, or whose secret is wrong, where the provider knows no other hook: one hook
//! may serve many channels of an app, of many workspaces, and must not fall silent for all of them with the one it was named after.

use axum::extract::Request;
use axum::response::Response;
use connect::{Answer, Connector, Raw};
use futures_util::future::try_join_all;
use vault::ChannelId;

use super::{Refused, failed, of_accounts, offer, read, refusal, said};
use crate::app::Shared;
use crate::problem::ApiError;
use crate::telemetry::HookResult;

/// Answers a request to the hook of a channel that is not admitted.
pub(super) async fn answer(app: &Shared, channel: &str, path: String, request: Request) -> Response {
    let Some((former, connector)) = former(app, channel).await else { return refusal(app, "none", nobody()) };
    match read(app, path, request).await {
        Ok(raw) if connector.for_whole_app(&raw) => for_app(app, former, connector, &raw).await,
        Ok(raw) => pass_on(app, connector, &raw, nobody()).await,
        Err(refused) => refusal(app, connector.spec().kind, refused),
    }
}

/// As of a hook that there never was.
pub(super) fn nobody() -> Refused {
    (HookResult::NotFound, ApiError::not_found())
}

/// The connector of a channel that was disconnected.
async fn former(app: &Shared, channel: &str) -> Option<(ChannelId, &'static dyn Connector)> {
    let channel: ChannelId = channel.parse().ok()?;
    let kind = app.vault.disconnected_kind(channel).await.inspect_err(|error| {
        tracing::error!(%channel, %error, "a hook could not be looked up");
    });
    Some((channel, connect::channels::by_kind(&kind.ok()??)?))
}

/// Offers what is meant for a whole app to the channels that have it in common with the one that was disconnected, and answers as
/// they do: whoever asked follows there what becomes of it.
async fn for_app(app: &Shared, former: ChannelId, connector: &'static dyn Connector, raw: &Raw) -> Response {
    let kind = connector.spec().kind;
    match answered_by_any(app, former, raw).await {
        Ok(answer) => match answer.or_else(|| connector.departed(raw, &app.hook_url(former))) {
            Some(answer) => {
                app.metrics.hook(kind, HookResult::Accepted);
                said(answer)
            }
            None => refusal(app, kind, nobody()),
        },
        Err(refused) => refusal(app, kind, refused),
    }
}

async fn answered_by_any(app: &Shared, former: ChannelId, raw: &Raw) -> Result<Option<Answer>, Refused> {
    let found = app.vault.channels_of_former_app(former).await.map_err(failed)?;
    let answers = try_join_all(found.into_iter().map(|channel| offer(app, channel, raw))).await?;
    Ok(answers.into_iter().flatten().next())
}

/// Offers a request to every channel for whose account it says to be: each keeps its own part, if its own secret verifies it.
/// Refused as it would have been, if none does.
pub(super) async fn pass_on(
    app: &Shared,
    connector: &'static dyn Connector,
    raw: &Raw,
    otherwise: Refused,
) -> Response {
    let kind = connector.spec().kind;
    match kept_by_any(app, connector, raw).await {
        Ok(true) => {
            app.metrics.hook(kind, HookResult::Accepted);
            said(Answer::ok())
        }
        Ok(false) => refusal(app, kind, otherwise),
        Err(refused) => refusal(app, kind, refused),
    }
}

async fn kept_by_any(app: &Shared, connector: &'static dyn Connector, raw: &Raw) -> Result<bool, Refused> {
    let found = of_accounts(app, connector, raw).await?;
    let kept = try_join_all(found.into_iter().map(|channel| offer(app, channel, raw))).await?;
    Ok(kept.iter().any(Option::is_some))
}
