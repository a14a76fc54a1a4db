//! Teams.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::teams::{self, TeamChange};
use vault::{MemberId, Personal, Scope, TeamId};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, ManageMembers, ReadDirectory};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::{ListView, TeamView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, delete))
}

/// A team to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamOrder {
    /// One line of 1 to 200 characters; no two teams have the same, in any case of letters.
    name: String,
    #[serde(default)]
    member_ids: Vec<String>,
}

/// What changes about a team. What is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamPatch {
    name: Option<String>,
    /// All members from now on.
    member_ids: Option<Vec<String>>,
}

/// The workspace's teams, by name. There are at most 200.
#[utoipa::path(get, operation_id = "teams_list", path = "/teams", tag = "teams",
    responses((status = 200, body = ListView<TeamView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
) -> Result<Json<ListView<TeamView>>, ApiError> {
    let teams = app.vault.read(allowed.scope(), teams::list).await?;
    Ok(Json(ListView::whole(teams.into_iter().map(Into::into).collect())))
}

/// Makes a team. 409 `already_exists` if there is one of that name.
#[utoipa::path(post, operation_id = "teams_create", path = "/teams", tag = "teams", request_body = TeamOrder,
    responses((status = 201, body = TeamView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<ManageMembers>,
    order: Order<TeamOrder>,
) -> Result<Response, ApiError> {
    let (name, members) = (Personal::new(order.body.name), members(&order.body.member_ids)?);
    let act = move |tx: &vault::Tx<'_>| Ok((201, teams::create(tx, &name, &members)?.to_string()));
    let (_, made) = order.key.once(&app, allowed.scope(), act).await?;
    Ok((StatusCode::CREATED, Json(view(&app, allowed.scope(), made.parse()?).await?)).into_response())
}

/// Changes a team.
#[utoipa::path(patch, operation_id = "teams_change", path = "/teams/{id}", tag = "teams", params(("id" = String, Path)),
    request_body = TeamPatch,
    responses((status = 200, body = TeamView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<ManageMembers>,
    Id(id): Id<TeamId>,
    Json(patch): Json<TeamPatch>,
) -> Result<Json<TeamView>, ApiError> {
    let members = patch.member_ids.as_deref().map(members).transpose()?;
    let change = TeamChange { name: patch.name.map(Personal::new), members };
    app.vault.write(allowed.scope(), move |tx| teams::update(tx, id, &change)).await?;
    Ok(Json(view(&app, allowed.scope(), id).await?))
}

/// Deletes a team. Its conversations are no team's from then on, and its canned replies everybody's. Of the conversations the
/// hundred last active are told as `conversation.updated`; whoever shows others reads them anew on `workplace.updated`.
#[utoipa::path(delete, operation_id = "teams_delete", path = "/teams/{id}", tag = "teams", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn delete(
    State(app): State<Shared>,
    allowed: Allowed<ManageMembers>,
    Id(id): Id<TeamId>,
) -> Result<StatusCode, ApiError> {
    app.vault.write(allowed.scope(), move |tx| teams::remove(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn members(ids: &[String]) -> Result<Vec<MemberId>, ApiError> {
    let wrong = |_| ApiError::field("member_ids", "not an id of this kind");
    ids.iter().map(|id| id.parse().map_err(wrong)).collect()
}

async fn view(app: &Shared, scope: &Scope, id: TeamId) -> Result<TeamView, ApiError> {
    Ok(app.vault.read(scope, move |tx| teams::view(tx, id)).await?.into())
}
