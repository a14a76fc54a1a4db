//! The workspace itself.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::workspaces::{self, Workspace};
use vault::{Personal, Scope};

use crate::app::Shared;
use crate::auth::{Allowed, Caller, ManageWorkspace};
use crate::problem::{ApiError, Json};
use crate::views::time;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read, change))
}

/// A workspace.
#[derive(Serialize, ToSchema)]
struct WholeWorkspaceView {
    id: String,
    name: String,
    /// Where its data lives (`eu`). It is chosen when the workspace is made.
    region: String,
    created_at: String,
}

/// What changes about the workspace.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WorkspacePatch {
    /// One line of 1 to 200 characters.
    name: String,
}

/// The caller's workspace.
#[utoipa::path(get, operation_id = "workspace_read", path = "/workspace", tag = "workspace",
    responses((status = 200, body = WholeWorkspaceView), (status = 401)))]
async fn read(State(app): State<Shared>, caller: Caller) -> Result<Json<WholeWorkspaceView>, ApiError> {
    view(&app, &caller.scope).await
}

/// Renames the workspace.
#[utoipa::path(patch, operation_id = "workspace_change", path = "/workspace", tag = "workspace", request_body = WorkspacePatch,
    responses((status = 200, body = WholeWorkspaceView), (status = 401), (status = 403), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
    Json(patch): Json<WorkspacePatch>,
) -> Result<Json<WholeWorkspaceView>, ApiError> {
    let name = Personal::new(patch.name);
    app.vault.write(allowed.scope(), move |tx| workspaces::rename(tx, &name)).await?;
    view(&app, allowed.scope()).await
}

async fn view(app: &Shared, scope: &Scope) -> Result<Json<WholeWorkspaceView>, ApiError> {
    let Workspace { id, region, name, created_at } = app.vault.read(scope, workspaces::view).await?;
    Ok(Json(WholeWorkspaceView {
        id: id.to_string(),
        name: name.into_revealed(),
        region,
        created_at: time(created_at),
    }))
}
