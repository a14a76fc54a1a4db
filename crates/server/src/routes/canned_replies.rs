//! Canned replies.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::canned_replies::{self, CannedReplyChange, NewCannedReply};
use vault::{CannedReplyId, Personal, Scope, TeamId};

use super::{Id, id, maybe_null};
use crate::app::Shared;
use crate::auth::{Allowed, ReadDirectory, WriteConversations};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::{CannedReplyView, ListView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, delete))
}

/// A reply to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CannedReplyOrder {
    /// 1 to 40 characters without spaces; no two have the same, in any case of letters. A leading `/` is left out.
    shortcut: String,
    /// 1 to 10,000 characters. Variables: see `CannedReplyView`; others in `{{…}}` are refused.
    text: String,
    team_id: Option<String>,
}

/// What changes about one. What is not named stays; null makes it everybody's.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "null and not named are different orders")]
struct CannedReplyPatch {
    shortcut: Option<String>,
    text: Option<String>,
    #[serde(default, deserialize_with = "maybe_null")]
    #[schema(value_type = Option<String>)]
    team_id: Option<Option<String>>,
}

/// All canned replies, by shortcut. There are at most 1,000.
#[utoipa::path(get, operation_id = "canned_replies_list", path = "/canned-replies", tag = "canned replies",
    responses((status = 200, body = ListView<CannedReplyView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
) -> Result<Json<ListView<CannedReplyView>>, ApiError> {
    let replies = app.vault.read(allowed.scope(), canned_replies::list).await?;
    Ok(Json(ListView::whole(replies.into_iter().map(Into::into).collect())))
}

/// Keeps a reply. 409 `already_exists` if there is one with that shortcut.
#[utoipa::path(post, operation_id = "canned_replies_create", path = "/canned-replies", tag = "canned replies", request_body = CannedReplyOrder,
    responses((status = 201, body = CannedReplyView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    order: Order<CannedReplyOrder>,
) -> Result<Response, ApiError> {
    let new = NewCannedReply {
        shortcut: Personal::new(order.body.shortcut),
        text: Personal::new(order.body.text),
        team: id::<TeamId>("team_id", order.body.team_id.as_deref())?,
    };
    let act = move |tx: &vault::Tx<'_>| Ok((201, canned_replies::create(tx, &new)?.to_string()));
    let (_, made) = order.key.once(&app, allowed.scope(), act).await?;
    Ok((StatusCode::CREATED, Json(view(&app, allowed.scope(), made.parse()?).await?)).into_response())
}

/// Changes a canned reply.
#[utoipa::path(patch, operation_id = "canned_replies_change", path = "/canned-replies/{id}", tag = "canned replies",
    params(("id" = String, Path)), request_body = CannedReplyPatch,
    responses((status = 200, body = CannedReplyView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(reply): Id<CannedReplyId>,
    Json(patch): Json<CannedReplyPatch>,
) -> Result<Json<CannedReplyView>, ApiError> {
    let change = CannedReplyChange {
        shortcut: patch.shortcut.map(Personal::new),
        text: patch.text.map(Personal::new),
        team: patch.team_id.map(|team| id("team_id", team.as_deref())).transpose()?,
    };
    app.vault.write(allowed.scope(), move |tx| canned_replies::update(tx, reply, &change)).await?;
    Ok(Json(view(&app, allowed.scope(), reply).await?))
}

/// Deletes a canned reply.
#[utoipa::path(delete, operation_id = "canned_replies_delete", path = "/canned-replies/{id}", tag = "canned replies",
    params(("id" = String, Path)), responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn delete(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(id): Id<CannedReplyId>,
) -> Result<StatusCode, ApiError> {
    app.vault.write(allowed.scope(), move |tx| canned_replies::remove(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn view(app: &Shared, scope: &Scope, id: CannedReplyId) -> Result<CannedReplyView, ApiError> {
    Ok(app.vault.read(scope, move |tx| canned_replies::view(tx, id)).await?.into())
}
