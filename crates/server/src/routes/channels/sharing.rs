//! What the owner of an account allows to leave the workspace, where its provider's terms keep it within: theirs to say, not an
//! administrator's.

use axum::extract::State;
use connect::Connector;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::{ChannelId, channels};

use super::{Id, view};
use crate::app::Shared;
use crate::auth::{Allowed, Caller, ManageChannels};
use crate::order::Order;
use crate::problem::{ApiError, Code, Json};
use crate::views::{ChannelView, SHARING_WORDS};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(allow, end))
}

/// What is allowed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SharingOrder {
    /// The version of the words that the member was shown: `sharing.words_version` of the channel.
    words_version: String,
}

/// Allows that webhooks carry what is read in this channel's account. Only the member who signed in to it can, in a session: to all
/// others it is `403 not_mailbox_owner`, whatever their role. Who allowed what, and when, is kept and shown with the channel.
#[utoipa::path(post, operation_id = "channels_sharing_allow", path = "/channels/{id}/sharing", tag = "channels",
    params(("id" = String, Path)), request_body = SharingOrder,
    responses((status = 201, body = ChannelView), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn allow(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(id): Id<ChannelId>,
    order: Order<SharingOrder>,
) -> Result<(StatusCode, Json<ChannelView>), ApiError> {
    let (kind, _) = app.vault.read(allowed.scope(), move |tx| channels::kind_and_state(tx, id)).await?;
    if !connect::channels::by_kind(&kind).is_some_and(Connector::limited_use) {
        return Err(ApiError::conflict(Code::NotSupported, "No terms of its provider keep what is read there."));
    }
    // A token may be in the hands of the very system that is to be told.
    if allowed.caller.session.is_none() {
        return Err(ApiError::new(
            Code::Forbidden,
            "This takes a session: sign in. A bearer token does not include it.",
        ));
    }
    if order.body.words_version != SHARING_WORDS {
        return Err(ApiError::conflict(Code::Conflict, "These are other words now. Read them again, and decide anew."));
    }
    let act = move |tx: &vault::Tx<'_>| {
        channels::allow_sharing(tx, id, SHARING_WORDS)?;
        Ok((201, id.to_string()))
    };
    order.key.once(&app, allowed.scope(), act).await?;
    Ok((StatusCode::CREATED, Json(view(&app, allowed.scope(), id).await?)))
}

/// Ends it: what is read there stays in the workspace from now on. Whoever signed in to the account can, and whoever manages
/// channels.
#[utoipa::path(delete, operation_id = "channels_sharing_end", path = "/channels/{id}/sharing", tag = "channels",
    params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn end(State(app): State<Shared>, caller: Caller, Id(id): Id<ChannelId>) -> Result<StatusCode, ApiError> {
    match app.vault.write(&caller.scope, move |tx| channels::end_sharing(tx, id)).await {
        // Nothing of theirs.
        Err(vault::Error::Forbidden(_)) => Err(ApiError::not_found()),
        ended => Ok(ended.map(|()| StatusCode::NO_CONTENT)?),
    }
}
