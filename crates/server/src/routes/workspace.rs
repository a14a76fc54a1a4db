//! The workspace itself.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::workspaces::{self, Workspace};
use vault::{Personal, Scope, ending};

use super::ending::EndingView;
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
    /// By which country's law it answers its contacts: a code of two letters, by ISO 3166-1.
    country: Option<String>,
    /// It declares that it handles health data or other special categories (GDPR, Article 9).
    special_categories: bool,
    created_at: String,
    /// Its end, if that is ordered.
    ending: Option<EndingView>,
}

/// What changes about the workspace.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WorkspacePatch {
    /// One line of 1 to 200 characters.
    name: Option<String>,
    /// By which country's law it answers its contacts: a code of two letters, by ISO 3166-1; `null`: no country's.
    #[serde(default, deserialize_with = "super::maybe_null")]
    #[expect(clippy::option_option, reason = "null and not named are different orders")]
    country: Option<Option<String>>,
    /// Whether it handles health data or other special categories (GDPR, Article 9): then no channel can be connected whose
    /// provider forbids them (`409 channel_forbids` while one is).
    special_categories: Option<bool>,
}

/// The caller's workspace.
#[utoipa::path(get, operation_id = "workspace_read", path = "/workspace", tag = "workspace",
    responses((status = 200, body = WholeWorkspaceView), (status = 401)))]
async fn read(State(app): State<Shared>, caller: Caller) -> Result<Json<WholeWorkspaceView>, ApiError> {
    view(&app, &caller.scope).await
}

/// Changes what the workspace is called, by which country's law it answers, and what it declares of its data.
#[utoipa::path(patch, operation_id = "workspace_change", path = "/workspace", tag = "workspace", request_body = WorkspacePatch,
    responses((status = 200, body = WholeWorkspaceView), (status = 401), (status = 403), (status = 409), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
    Json(patch): Json<WorkspacePatch>,
) -> Result<Json<WholeWorkspaceView>, ApiError> {
    let (name, country, special) = (patch.name.map(Personal::new), patch.country, patch.special_categories);
    let change = move |tx: &vault::Tx<'_>| {
        if let Some(name) = &name {
            workspaces::rename(tx, name)?;
        }
        country.as_ref().map_or(Ok(()), |country| workspaces::settle(tx, country.as_deref()))?;
        special.map_or(Ok(()), |special| engine::declared::special_categories(tx, special))
    };
    app.vault.write(allowed.scope(), change).await?;
    view(&app, allowed.scope()).await
}

async fn view(app: &Shared, scope: &Scope) -> Result<Json<WholeWorkspaceView>, ApiError> {
    let read = |tx: &vault::Tx<'_>| Ok::<_, vault::Error>((workspaces::view(tx)?, ending::view(tx)?));
    let (workspace, ending) = app.vault.read(scope, read).await?;
    let Workspace { id, region, country, special_categories, name, created_at } = workspace;
    Ok(Json(WholeWorkspaceView {
        id: id.to_string(),
        name: name.into_revealed(),
        region,
        country,
        special_categories,
        created_at: time(created_at),
        ending: ending.map(EndingView::from),
    }))
}
