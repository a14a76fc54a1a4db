//! Where one is signed in, and ending that.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::{SessionId, sign_in};

use super::Id;
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{ApiError, Json};
use crate::views::{ListView, time};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, revoke_others)).routes(routes!(revoke))
}

/// A session of the caller's.
#[derive(Serialize, ToSchema)]
struct SessionView {
    id: String,
    /// Whether this request came by it.
    current: bool,
    /// In what it was opened, by what the browser said of itself then: `Firefox`, `Chrome`, `Edge`, `Safari`, …; null where
    /// that is not known.
    browser: Option<String>,
    /// `Windows`, `macOS`, `Linux`, `Android`, `iOS`, …; null where that is not known.
    system: Option<String>,
    created_at: String,
    /// To the minute.
    seen_at: String,
    /// At the latest.
    expires_at: String,
}

/// Where the caller is signed in, the latest first. Tokens are listed apart.
#[utoipa::path(get, operation_id = "sessions_list", path = "/sessions", tag = "session",
    responses((status = 200, body = ListView<SessionView>), (status = 401)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<Json<ListView<SessionView>>, ApiError> {
    let current = caller.session.as_ref().and_then(|session| sign_in::id_of(&session.token));
    let sessions = app.vault.read(&caller.scope, move |tx| sign_in::sessions(tx, caller.member)).await?;
    let view = |session: sign_in::SessionView| SessionView {
        id: session.id.to_string(),
        current: current == Some(session.id),
        browser: session.device.browser,
        system: session.device.system,
        created_at: time(session.created_at),
        seen_at: time(session.seen_at),
        expires_at: time(session.expires_at),
    };
    Ok(Json(ListView::whole(sessions.into_iter().map(view).collect())))
}

/// Ends one session of the caller's at once.
#[utoipa::path(delete, operation_id = "sessions_revoke", path = "/sessions/{id}", tag = "session", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 404)))]
async fn revoke(State(app): State<Shared>, caller: Caller, Id(id): Id<SessionId>) -> Result<StatusCode, ApiError> {
    app.vault.write(&caller.scope, move |tx| sign_in::revoke(tx, caller.member, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions of the caller's but the one this request came by.
#[utoipa::path(delete, operation_id = "sessions_revoke_others", path = "/sessions", tag = "session",
    responses((status = 204), (status = 401)))]
async fn revoke_others(State(app): State<Shared>, caller: Caller) -> Result<StatusCode, ApiError> {
    let token = caller.session.map(|session| session.token);
    app.vault.write(&caller.scope, move |tx| sign_in::revoke_others(tx, caller.member, token.as_deref())).await?;
    Ok(StatusCode::NO_CONTENT)
}
