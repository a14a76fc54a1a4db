//! Labels.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::labels::{self, LabelChange};
use vault::{LabelId, Personal, Scope};

use super::{Id, maybe_null};
use crate::app::Shared;
use crate::auth::{Allowed, ManageWorkspace, ReadDirectory, WriteConversations};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::{LabelView, ListView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, delete))
}

/// A label to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LabelOrder {
    /// One line of 1 to 60 characters; no two labels have the same, in any case of letters.
    name: String,
    /// A tone of the app, `0` to `5`, or null.
    colour: Option<String>,
}

/// What changes about a label. What is not named stays; null takes the colour away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "null and not named are different orders")]
struct LabelPatch {
    name: Option<String>,
    #[serde(default, deserialize_with = "maybe_null")]
    #[schema(value_type = Option<String>)]
    colour: Option<Option<String>>,
}

/// The workspace's labels, by name. There are at most 1,000.
#[utoipa::path(get, operation_id = "labels_list", path = "/labels", tag = "labels",
    responses((status = 200, body = ListView<LabelView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
) -> Result<Json<ListView<LabelView>>, ApiError> {
    let labels = app.vault.read(allowed.scope(), labels::list).await?;
    Ok(Json(ListView::whole(labels.into_iter().map(Into::into).collect())))
}

/// Makes a label. 409 `already_exists` if there is one of that name. Naming a new one in `PATCH /conversations/{id}` makes it
/// too.
#[utoipa::path(post, operation_id = "labels_create", path = "/labels", tag = "labels", request_body = LabelOrder,
    responses((status = 201, body = LabelView), (status = 401), (status = 403), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    order: Order<LabelOrder>,
) -> Result<Response, ApiError> {
    let (name, colour) = (Personal::new(order.body.name), order.body.colour);
    let act = move |tx: &vault::Tx<'_>| Ok((201, labels::create(tx, &name, colour.as_deref())?.to_string()));
    let (_, made) = order.key.once(&app, allowed.scope(), act).await?;
    Ok((StatusCode::CREATED, Json(view(&app, allowed.scope(), made.parse()?).await?)).into_response())
}

/// Changes a label. Conversations that have it show it under its new name, and saved views that ask for it go on doing so.
#[utoipa::path(patch, operation_id = "labels_change", path = "/labels/{id}", tag = "labels", params(("id" = String, Path)),
    request_body = LabelPatch,
    responses((status = 200, body = LabelView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
    Id(id): Id<LabelId>,
    Json(patch): Json<LabelPatch>,
) -> Result<Json<LabelView>, ApiError> {
    let change = LabelChange { name: patch.name.map(Personal::new), colour: patch.colour };
    app.vault.write(allowed.scope(), move |tx| labels::update(tx, id, &change)).await?;
    Ok(Json(view(&app, allowed.scope(), id).await?))
}

/// Deletes a label, and takes it off all conversations. Of those the hundred last active are told as `conversation.updated`;
/// whoever shows others reads them anew on `workplace.updated`.
#[utoipa::path(delete, operation_id = "labels_delete", path = "/labels/{id}", tag = "labels", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn delete(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
    Id(id): Id<LabelId>,
) -> Result<StatusCode, ApiError> {
    app.vault.write(allowed.scope(), move |tx| labels::remove(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn view(app: &Shared, scope: &Scope, id: LabelId) -> Result<LabelView, ApiError> {
    Ok(app.vault.read(scope, move |tx| labels::view(tx, id)).await?.into())
}
