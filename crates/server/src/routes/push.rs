//! Web push: by which of their browsers members are told that there is something to look at.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::{Personal, PushSubscriptionId, push};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, ReadConversations};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::{ListView, PushKeyView, PushSubscriptionView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(key)).routes(routes!(list, create)).routes(routes!(delete))
}

/// A browser that is to be told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PushSubscriptionOrder {
    /// `endpoint` of the browser's `PushSubscription`. Its keys are not needed: nothing is ever said in a push.
    endpoint: String,
    /// Whether it is told of new messages in conversations that nobody is assigned to, too.
    #[serde(default)]
    unassigned: bool,
}

/// By what push services know this installation. It stays the same for as long as the installation lives.
#[utoipa::path(get, operation_id = "push_key", path = "/push/key", tag = "push",
    responses((status = 200, body = PushKeyView), (status = 401), (status = 403)))]
async fn key(State(app): State<Shared>, _allowed: Allowed<ReadConversations>) -> Result<Json<PushKeyView>, ApiError> {
    let point = app.vault.off_thread(vault::Vault::push_key).await?;
    Ok(Json(PushKeyView::of(&point)))
}

/// The caller's browsers, oldest first. There are at most 20.
#[utoipa::path(get, operation_id = "push_subscriptions_list", path = "/push/subscriptions", tag = "push",
    responses((status = 200, body = ListView<PushSubscriptionView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
) -> Result<Json<ListView<PushSubscriptionView>>, ApiError> {
    let subscriptions = app.vault.read(allowed.scope(), push::list).await?;
    Ok(Json(ListView::whole(subscriptions.into_iter().map(Into::into).collect())))
}

/// Tells a browser of the caller from now on: at most once a minute, and without a word of what happened. It is told of a new
/// message in a conversation that is assigned to the caller, of a note that names the caller, of a conversation that
/// somebody assigns to the caller, and, where the caller may manage channels, of a channel that worked and needs attention. An
/// address that is known already is the caller's from then on, with a new id.
#[utoipa::path(post, operation_id = "push_subscriptions_create", path = "/push/subscriptions", tag = "push",
    request_body = PushSubscriptionOrder,
    responses((status = 201, body = PushSubscriptionView), (status = 401), (status = 403), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    order: Order<PushSubscriptionOrder>,
) -> Result<Response, ApiError> {
    let (endpoint, unassigned) = (Personal::new(order.body.endpoint), order.body.unassigned);
    let act = move |tx: &vault::Tx<'_>| Ok((201, push::subscribe(tx, &endpoint, unassigned)?.to_string()));
    let (_, made) = order.key.once(&app, allowed.scope(), act).await?;
    let id: PushSubscriptionId = made.parse()?;
    let view = app.vault.read(allowed.scope(), move |tx| push::view(tx, id)).await?;
    Ok((StatusCode::CREATED, Json(PushSubscriptionView::from(view))).into_response())
}

/// Tells a browser of the caller no more.
#[utoipa::path(delete, operation_id = "push_subscriptions_delete", path = "/push/subscriptions/{id}", tag = "push",
    params(("id" = String, Path)), responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn delete(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(id): Id<PushSubscriptionId>,
) -> Result<StatusCode, ApiError> {
    app.vault.write(allowed.scope(), move |tx| push::unsubscribe(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
