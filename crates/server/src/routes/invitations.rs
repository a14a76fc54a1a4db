//! Invitations, as whoever was invited meets them: without credentials, by the token of the link.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, State};
use axum::response::Response;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::invitations::Invitation;

use super::sessions::{MeView, throttle};
use super::{profile, sessions};
use crate::app::Shared;
use crate::device;
use crate::problem::{ApiError, Json};
use crate::proxies;
use crate::views::time;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(preview)).routes(routes!(accept))
}

/// The way in, as it stands behind the `#` of the link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InvitationToken {
    token: String,
}

/// An acceptance.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acceptance {
    token: String,
    /// The password of whoever accepts: at least 10 characters, at most 1,024 bytes.
    password: String,
}

/// Who is invited, and where to.
#[derive(Serialize, ToSchema)]
struct InvitationPreview {
    /// The workspace's name.
    workspace: String,
    name: String,
    email: String,
    /// As of `MemberView`.
    role: String,
    expires_at: String,
}

/// Shows who is invited where to, before they accept. 404 for a token that was used, replaced, withdrawn, is too old or never
/// was one.
#[utoipa::path(post, operation_id = "invitations_preview", path = "/invitations/preview", tag = "members", security(()), request_body = InvitationToken,
    responses((status = 200, body = InvitationPreview), (status = 404), (status = 422), (status = 429)))]
async fn preview(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(order): Json<InvitationToken>,
) -> Result<Json<InvitationPreview>, ApiError> {
    let client = proxies::client(&app.settings.trusted_proxies, peer, &headers);
    let invitation = standing(&app, &order.token, client).await?;
    let (workspace, member) = app.vault.invited(&invitation).await?;
    Ok(Json(InvitationPreview {
        workspace: workspace.name.into_revealed(),
        name: member.name.into_revealed(),
        email: member.email.into_revealed(),
        role: member.role.as_str().to_owned(),
        expires_at: time(invitation.expires_at),
    }))
}

/// Accepts an invitation with a password of one's own, and signs in: sets the cookie as `POST /session` does. An invitation is
/// accepted once; 404 as of the preview.
#[utoipa::path(post, operation_id = "invitations_accept", path = "/invitations/accept", tag = "members", security(()), request_body = Acceptance,
    responses((status = 200, body = MeView), (status = 404), (status = 422), (status = 429)))]
async fn accept(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(order): Json<Acceptance>,
) -> Result<Response, ApiError> {
    let client = proxies::client(&app.settings.trusted_proxies, peer, &headers);
    let invitation = standing(&app, &order.token, client).await?;
    let hash = profile::hashed(&app, &order.password).await?;
    let candidate = app.vault.accept_invitation(&invitation, hash).await?;
    sessions::signed_in(&app, &candidate, device::of(&headers)).await
}

/// The invitation of a token. Guesses are slowed down as those at passwords are.
async fn standing(app: &Shared, token: &str, client: Option<IpAddr>) -> Result<Invitation, ApiError> {
    throttle(app, token, client)?;
    let invitation = app.vault.invitation(token).await?.ok_or_else(ApiError::not_found)?;
    app.sign_in().succeeded(token, client);
    Ok(invitation)
}
