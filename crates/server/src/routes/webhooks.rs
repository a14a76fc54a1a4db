//! Webhooks: other systems that are told what happens (<https://www.standardwebhooks.com>).

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use connect::standard_webhooks;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::webhooks::{self, WebhookChange};
use vault::{DeliveryId, Personal, Scope, WebhookId};

use super::{Id, PageQuery};
use crate::app::Shared;
use crate::auth::{Allowed, ManageWebhooks};
use crate::order::{Key, Order};
use crate::problem::{ApiError, Json, Query};
use crate::views::{DeliveryView, ListView, NewWebhookView, WebhookView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(change, delete))
        .routes(routes!(deliveries))
        .routes(routes!(replay))
}

/// A webhook to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookOrder {
    /// Where events are posted to: https, or http to a host that the operator allowed.
    url: String,
    /// Types of event (`message.created`, …) as `GET /events` names them; none: all.
    #[serde(default)]
    types: Vec<String>,
}

/// What changes about a webhook. What is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookPatch {
    url: Option<String>,
    types: Option<Vec<String>>,
    /// `on` or `off`. Switched on again, it is told of what happens from then on.
    state: Option<String>,
}

/// The workspace's webhooks, oldest first. There are at most 20.
#[utoipa::path(get, operation_id = "webhooks_list", path = "/webhooks", tag = "webhooks",
    responses((status = 200, body = ListView<WebhookView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ManageWebhooks>,
) -> Result<Json<ListView<WebhookView>>, ApiError> {
    let webhooks = app.vault.read(allowed.scope(), webhooks::list).await?;
    Ok(Json(ListView::whole(webhooks.into_iter().map(Into::into).collect())))
}

/// Makes a webhook, which is told of what happens from now on. The secret that signs its posts is shown in this answer only.
#[utoipa::path(post, operation_id = "webhooks_create", path = "/webhooks", tag = "webhooks", request_body = WebhookOrder,
    responses((status = 201, body = NewWebhookView), (status = 401), (status = 403), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<ManageWebhooks>,
    order: Order<WebhookOrder>,
) -> Result<Response, ApiError> {
    let (url, types) = (Personal::new(order.body.url), order.body.types);
    let act = move |tx: &vault::Tx<'_>| {
        let secret = standard_webhooks::generate(tx.chance());
        let secret = Personal::new(secret.expose().to_owned());
        Ok((201, webhooks::create(tx, &url, &secret, &types)?.to_string()))
    };
    let (_, made) = order.key.once(&app, allowed.scope(), act).await?;
    let id: WebhookId = made.parse()?;
    let shown = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        Ok(NewWebhookView::of(webhooks::view(tx, id)?, webhooks::secret(tx, id)?))
    };
    Ok((StatusCode::CREATED, Json(app.vault.read(allowed.scope(), shown).await?)).into_response())
}

/// Changes a webhook, or switches it on or off.
#[utoipa::path(patch, operation_id = "webhooks_change", path = "/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path)), request_body = WebhookPatch,
    responses((status = 200, body = WebhookView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<ManageWebhooks>,
    Id(id): Id<WebhookId>,
    Json(patch): Json<WebhookPatch>,
) -> Result<Json<WebhookView>, ApiError> {
    let on = match patch.state.as_deref() {
        None => None,
        Some("on") => Some(true),
        Some("off") => Some(false),
        Some(_) => return Err(ApiError::field("state", "is `on` or `off`")),
    };
    let change = WebhookChange { url: patch.url.map(Personal::new), types: patch.types, on };
    app.vault.write(allowed.scope(), move |tx| webhooks::update(tx, id, &change)).await?;
    let webhook = app.vault.read(allowed.scope(), move |tx| webhooks::view(tx, id)).await?;
    Ok(Json(webhook.into()))
}

/// Deletes a webhook. What waits for it is not posted any more.
#[utoipa::path(delete, operation_id = "webhooks_delete", path = "/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path)), responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn delete(
    State(app): State<Shared>,
    allowed: Allowed<ManageWebhooks>,
    Id(id): Id<WebhookId>,
) -> Result<StatusCode, ApiError> {
    app.vault.write(allowed.scope(), move |tx| webhooks::remove(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was posted to a webhook, newest first: ids and what came of them, for seven days.
#[utoipa::path(get, operation_id = "webhooks_deliveries", path = "/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path), PageQuery),
    responses((status = 200, body = ListView<DeliveryView>), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn deliveries(
    State(app): State<Shared>,
    allowed: Allowed<ManageWebhooks>,
    Id(id): Id<WebhookId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListView<DeliveryView>>, ApiError> {
    let (cursor, limit) = (page.cursor()?, page.limit()?);
    let read = move |tx: &vault::Tx<'_>| webhooks::deliveries(tx, id, cursor.as_ref(), limit);
    Ok(Json(ListView::of(app.vault.read(allowed.scope(), read).await?, DeliveryView::from)))
}

/// Posts a delivery once more, with the id it had. What it says is how things are now. 409 while the webhook is off.
#[utoipa::path(post, operation_id = "webhooks_replay", path = "/webhooks/{id}/deliveries/{delivery}/replay", tag = "webhooks",
    params(("id" = String, Path), ("delivery" = String, Path)),
    responses((status = 202, body = DeliveryView), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn replay(
    State(app): State<Shared>,
    allowed: Allowed<ManageWebhooks>,
    Path((webhook, delivery)): Path<(String, String)>,
    key: Key,
) -> Result<Response, ApiError> {
    let id = |_| ApiError::not_found();
    let webhook: WebhookId = webhook.parse().map_err(id)?;
    let delivery: DeliveryId = delivery.parse().map_err(id)?;
    let act = move |tx: &vault::Tx<'_>| {
        webhooks::replay(tx, webhook, delivery)?;
        Ok((202, delivery.to_string()))
    };
    key.once(&app, allowed.scope(), act).await?;
    let view = view_delivery(&app, allowed.scope(), webhook, delivery).await?;
    Ok((StatusCode::ACCEPTED, Json(view)).into_response())
}

async fn view_delivery(
    app: &Shared,
    scope: &Scope,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<DeliveryView, ApiError> {
    Ok(app.vault.read(scope, move |tx| webhooks::delivery(tx, webhook, id)).await?.into())
}
