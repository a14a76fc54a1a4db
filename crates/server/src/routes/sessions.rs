//! Signing in and out, and who one is.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::members::Preferences;
use vault::sign_in::{Device, LoginCandidate};
use vault::{MemberId, Scope, ending, members, sign_in, workspaces};

use super::second_factor;
use crate::app::Shared;
use crate::auth::{COOKIE, Caller};
use crate::device;
use crate::problem::{ApiError, Json};
use crate::proxies;
use crate::views::{MemberView, time};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(create, end)).routes(routes!(me))
}

/// What a member signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    password: String,
    /// Of the authenticator app, or one for recovery: where the answer without it was 401 `second_factor`.
    code: Option<String>,
}

/// Who one is.
#[derive(Serialize, ToSchema)]
pub(super) struct MeView {
    member: MemberView,
    workspace: WorkspaceView,
    /// The language of the app that the member chose: `en`, `it`, `es` or `de`; null: as the browser says.
    locale: Option<String>,
    /// What the app keeps for this member, under names of its own. Changed by `PATCH /me`.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    preferences: Preferences,
    /// Whether signing in takes a code besides the password.
    second_factor: bool,
    /// To be sent as `X-CSRF-Token` with every request that is not a GET; null for bearer tokens.
    csrf: Option<String>,
    /// In the demo: where the contact's phone is.
    demo: Option<PhoneView>,
}

#[derive(Serialize, ToSchema)]
struct WorkspaceView {
    id: String,
    name: String,
    /// From when on all of it goes, if its end is ordered.
    ends_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PhoneView {
    phone_url: String,
}

/// Signs in. Sets the cookie `parloir_session`. 401 `second_factor` asks for the same again with a code.
#[utoipa::path(post, operation_id = "sessions_create", path = "/session", tag = "session", security(()), request_body = Credentials,
    responses((status = 200, body = MeView), (status = 401), (status = 429)))]
async fn create(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Response, ApiError> {
    let client = proxies::client(&app.settings.trusted_proxies, peer, &headers);
    throttle(&app, &credentials.email, client)?;
    let candidates = app.vault.login_candidates(&credentials.email).await?;
    let candidate = matching(&app, &candidates, &credentials.password).await?.ok_or_else(ApiError::unauthorised)?;
    second_factor::ask(&app, candidate, credentials.code.as_deref()).await?;
    app.sign_in().succeeded(&credentials.email, client);
    signed_in(&app, candidate, device::of(&headers)).await
}

/// Opens a session for whoever has proven who they are: its cookie, and who they are.
pub(super) async fn signed_in(app: &Shared, candidate: &LoginCandidate, device: Device) -> Result<Response, ApiError> {
    let session = app.vault.open_session_on(candidate, device).await?;
    let csrf = session.csrf.reveal().clone();
    let view = describe(app, &session.scope, candidate.member(), Some(csrf)).await?;
    let cookie = set_cookie(app, session.token.reveal(), session.expires_at - app.now())?;
    Ok(([(header::SET_COOKIE, cookie)], Json(view)).into_response())
}

/// Counts an attempt of somebody, and of a network if it is known, or refuses it.
pub(super) fn throttle(app: &Shared, email: &str, address: Option<IpAddr>) -> Result<(), ApiError> {
    let now = app.now();
    app.sign_in().attempt(email, address, now).map_err(|wait| ApiError::too_many(wait.seconds))
}

/// The candidate whose password it is. Somebody unknown, or without a password, takes as long as somebody known.
async fn matching<'a>(
    app: &Shared,
    candidates: &'a [LoginCandidate],
    password: &str,
) -> Result<Option<&'a LoginCandidate>, ApiError> {
    let with_password = || candidates.iter().filter(|candidate| !candidate.password_hash().is_empty());
    for candidate in with_password() {
        if app.passwords.verify(password, candidate.password_hash()).await? {
            return Ok(Some(candidate));
        }
    }
    if with_password().next().is_none() {
        app.passwords.verify_nobody(password).await?;
    }
    Ok(None)
}

fn set_cookie(app: &Shared, token: &str, life_ms: i64) -> Result<HeaderValue, ApiError> {
    let secure = if app.public_url.starts_with("https://") { "; Secure" } else { "" };
    let seconds = life_ms.max(0) / 1_000;
    let text = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).map_err(|_| ApiError::internal("a session cookie could not be written"))
}

/// Signs out.
#[utoipa::path(delete, operation_id = "sessions_end", path = "/session", tag = "session", responses((status = 204), (status = 401)))]
async fn end(State(app): State<Shared>, caller: Caller) -> Result<Response, ApiError> {
    if let Some(session) = caller.session {
        app.vault.write(&caller.scope, move |tx| sign_in::close(tx, &session.token)).await?;
    }
    let cookie = set_cookie(&app, "", 0)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Who one is.
#[utoipa::path(get, operation_id = "sessions_me", path = "/me", tag = "session", responses((status = 200, body = MeView), (status = 401)))]
async fn me(State(app): State<Shared>, caller: Caller) -> Result<Json<MeView>, ApiError> {
    let csrf = caller.session.map(|session| session.csrf);
    Ok(Json(describe(&app, &caller.scope, caller.member, csrf).await?))
}

/// Who somebody is.
pub(super) async fn describe(
    app: &Shared,
    scope: &Scope,
    member: MemberId,
    csrf: Option<String>,
) -> Result<MeView, ApiError> {
    let own = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let factor = vault::second_factor::is_on(tx, member)?;
        Ok((members::view(tx, member)?, members::profile(tx)?, workspaces::view(tx)?, ending::view(tx)?, factor))
    };
    let (member, profile, workspace, ending, second_factor) = app.vault.read(scope, own).await?;
    Ok(MeView {
        member: member.into(),
        workspace: WorkspaceView {
            id: workspace.id.to_string(),
            name: workspace.name.into_revealed(),
            ends_at: ending.map(|ending| time(ending.ends_at)),
        },
        locale: profile.locale,
        preferences: profile.preferences.into_revealed(),
        second_factor,
        csrf,
        demo: app.demo.as_ref().map(|demo| PhoneView { phone_url: demo.phone_url.clone() }),
    })
}
