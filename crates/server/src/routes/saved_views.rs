//! Saved views of the inbox.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::saved_views::{self, NewView, SavedView, ViewChange};
use vault::{Personal, Right, ViewId};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, Caller, ReadConversations};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::{ListView, SavedViewView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, delete))
}

/// A view to be saved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ViewOrder {
    /// One line of 1 to 200 characters.
    name: String,
    /// Whether everybody sees it. Sharing takes the right to write in conversations.
    #[serde(default)]
    shared: bool,
    /// Parameters of `GET /conversations`, each as it stands in the query: `status`, `assignee` (`me` is whoever looks), `team`,
    /// `label` (a name; it follows when the label is renamed), `channel`, `contact`, `q`, `mentioned`, `unread`, `priority`,
    /// `sort`. Each value is 1 to 500 characters.
    filter: BTreeMap<String, String>,
    /// 0 to 1,000,000; after all of the caller's others if not given.
    position: Option<i64>,
}

/// What changes about a view. What is not named stays; a filter is replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ViewPatch {
    name: Option<String>,
    shared: Option<bool>,
    filter: Option<BTreeMap<String, String>>,
    position: Option<i64>,
}

/// The caller's own views and those that are shared, by position. A member has at most 200.
#[utoipa::path(get, operation_id = "views_list", path = "/views", tag = "views",
    responses((status = 200, body = ListView<SavedViewView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
) -> Result<Json<ListView<SavedViewView>>, ApiError> {
    let views = app.vault.read(allowed.scope(), saved_views::list).await?;
    Ok(Json(ListView::whole(views.into_iter().map(|view| shown(&allowed.caller, view)).collect())))
}

/// Saves a view.
#[utoipa::path(post, operation_id = "views_create", path = "/views", tag = "views", request_body = ViewOrder,
    responses((status = 201, body = SavedViewView), (status = 401), (status = 403), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    order: Order<ViewOrder>,
) -> Result<Response, ApiError> {
    let ViewOrder { name, shared, filter, position } = order.body;
    let new = NewView { name: Personal::new(name), shared, filter: Personal::new(filter), position };
    let act = move |tx: &vault::Tx<'_>| Ok((201, saved_views::create(tx, &new)?.to_string()));
    let (_, made) = order.key.once(&app, allowed.scope(), act).await?;
    Ok((StatusCode::CREATED, Json(view(&app, &allowed.caller, made.parse()?).await?)).into_response())
}

/// Changes a view: one's own, or a shared one by whoever manages the workspace.
#[utoipa::path(patch, operation_id = "views_change", path = "/views/{id}", tag = "views", params(("id" = String, Path)),
    request_body = ViewPatch,
    responses((status = 200, body = SavedViewView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(id): Id<ViewId>,
    Json(patch): Json<ViewPatch>,
) -> Result<Json<SavedViewView>, ApiError> {
    let ViewPatch { name, shared, filter, position } = patch;
    let change = ViewChange { name: name.map(Personal::new), shared, filter: filter.map(Personal::new), position };
    app.vault.write(allowed.scope(), move |tx| saved_views::update(tx, id, &change)).await?;
    Ok(Json(view(&app, &allowed.caller, id).await?))
}

/// Deletes a view: one's own, or a shared one by whoever manages the workspace.
#[utoipa::path(delete, operation_id = "views_delete", path = "/views/{id}", tag = "views", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn delete(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(id): Id<ViewId>,
) -> Result<StatusCode, ApiError> {
    app.vault.write(allowed.scope(), move |tx| saved_views::remove(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn view(app: &Shared, caller: &Caller, id: ViewId) -> Result<SavedViewView, ApiError> {
    let view = app.vault.read(&caller.scope, move |tx| saved_views::view(tx, id)).await?;
    Ok(shown(caller, view))
}

fn shown(caller: &Caller, view: SavedView) -> SavedViewView {
    let changeable = view.member == caller.member || caller.role.may(Right::ManageWorkspace);
    SavedViewView::of(view, changeable)
}
