//! The end of a workspace: ordered, looked at, taken back; and the archive of all of it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::ending::{self, Ending, Order, USUAL_DAYS};
use vault::{Personal, Purpose, Scope, workspaces};

use super::exports::archive;
use crate::app::Shared;
use crate::auth::{Allowed, ManageOwners, ManageWorkspace};
use crate::export::pour;
use crate::problem::{ApiError, Json};
use crate::views::time;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(order, cancel)).routes(routes!(whole))
}

/// The end of the workspace, as it was ordered.
#[derive(Serialize, ToSchema)]
pub(super) struct EndingView {
    ordered_at: String,
    /// From then on all of it goes; until then the order can be taken back.
    ends_at: String,
    /// Nobody wants an export first. Otherwise it does not begin before somebody had the whole archive.
    without_export: bool,
    /// When somebody last had the whole archive, if that was after the order.
    exported_at: Option<String>,
    /// When it began: it cannot be taken back any more.
    begun_at: Option<String>,
}

impl From<Ending> for EndingView {
    fn from(ending: Ending) -> Self {
        Self {
            ordered_at: time(ending.ordered_at),
            ends_at: time(ending.ends_at),
            without_export: ending.without_export,
            exported_at: ending.exported_at.map(time),
            begun_at: ending.begun_at.map(time),
        }
    }
}

/// What is ordered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndingOrder {
    /// The workspace's name, exactly: so that no other is meant.
    name: String,
    /// After how many days it begins: 7 to 90, 30 where nothing is said.
    days: Option<i64>,
    /// Nobody wants an export first. Otherwise it waits until somebody had the whole archive.
    #[serde(default)]
    without_export: bool,
}

/// Orders the end of the workspace: after the countdown all that it keeps of its contacts goes, for good. Owners alone may.
#[utoipa::path(post, operation_id = "workspace_end", path = "/workspace/ending", tag = "workspace", request_body = EndingOrder,
    responses((status = 202, body = EndingView), (status = 401), (status = 403), (status = 409), (status = 422)))]
async fn order(
    State(app): State<Shared>,
    allowed: Allowed<ManageOwners>,
    Json(order): Json<EndingOrder>,
) -> Result<Response, ApiError> {
    let order = Order {
        name: Personal::new(order.name),
        days: order.days.unwrap_or(USUAL_DAYS),
        without_export: order.without_export,
    };
    app.vault.write(allowed.scope(), move |tx| ending::order(tx, &order)).await?;
    let ending = app.vault.read(allowed.scope(), ending::view).await?.map(EndingView::from);
    Ok((StatusCode::ACCEPTED, Json(ending)).into_response())
}

/// Takes the order back. `409 workspace_ended` once the end has begun.
#[utoipa::path(delete, operation_id = "workspace_end_cancel", path = "/workspace/ending", tag = "workspace",
    responses((status = 204), (status = 401), (status = 403), (status = 409)))]
async fn cancel(State(app): State<Shared>, allowed: Allowed<ManageOwners>) -> Result<StatusCode, ApiError> {
    app.vault.write(allowed.scope(), ending::cancel).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Everything of the workspace, as it is now: a ZIP of JSON, CSV and the files. It is written while it is fetched, and stored nowhere.
#[utoipa::path(get, operation_id = "workspace_archive", path = "/workspace/archive", tag = "workspace",
    responses((status = 200, content_type = "application/zip"), (status = 401), (status = 403)))]
async fn whole(State(app): State<Shared>, allowed: Allowed<ManageWorkspace>) -> Result<Response, ApiError> {
    let scope = allowed.scope().for_purpose(Purpose::Administration);
    // Whoever may not read it is told before the archive begins.
    app.vault.read(&scope, workspaces::view).await?;
    let ended = {
        let (app, scope) = (app.clone(), scope.clone());
        move |fetched: bool| async move {
            if fetched {
                note(&app, &scope).await;
            }
        }
    };
    Ok(archive(pour(&app, scope, None, ended)))
}

/// That somebody had all of it is what the end of the workspace waits for.
async fn note(app: &Shared, scope: &Scope) {
    if let Err(error) = app.vault.write(scope, ending::note_exported).await {
        tracing::warn!(%error, "that the workspace was exported could not be noted");
    }
}
