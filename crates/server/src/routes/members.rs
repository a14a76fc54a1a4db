//! Members: who they are, inviting them, changing what they may.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::members::{self, MemberChange, MemberState, NewMember};
use vault::{MemberId, Personal, Role, Scope, audit, invitations};

use super::{Id, PageQuery};
use crate::app::Shared;
use crate::auth::{Allowed, ManageMembers, ReadDirectory};
use crate::order::{Key, Order};
use crate::problem::{ApiError, Json, Query};
use crate::views::{ListView, MemberView, time};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, invite)).routes(routes!(change)).routes(routes!(invite_again))
}

/// Somebody to be invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberOrder {
    /// What they will sign in with.
    email: String,
    /// What others see: one line of 1 to 200 characters.
    name: String,
    /// `owner`, `admin`, `agent`, `viewer`, `privacy` or `auditor`. Only an owner makes owners.
    role: String,
}

/// What changes about a member. What is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberPatch {
    name: Option<String>,
    /// As of `MemberOrder`.
    role: Option<String>,
    /// `active` or `suspended`.
    state: Option<String>,
}

/// A member who was invited, with the way in.
#[derive(Serialize, ToSchema)]
struct InvitedView {
    #[serde(flatten)]
    member: MemberView,
    /// Shown in this answer and never again: null where a request was repeated with its key. Make a new one then.
    invitation: Option<InvitationView>,
}

/// The way in.
#[derive(Serialize, ToSchema)]
struct InvitationView {
    /// To be handed to whoever is invited. What it opens stands behind the `#`, so no server's log keeps it.
    url: String,
    /// Seven days from now. It can be used once.
    expires_at: String,
}

/// The workspace's members, oldest first.
#[utoipa::path(get, operation_id = "members_list", path = "/members", tag = "members", params(PageQuery),
    responses((status = 200, body = ListView<MemberView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListView<MemberView>>, ApiError> {
    let (cursor, limit) = (page.cursor()?, usize::try_from(page.limit()?).unwrap_or(1));
    let list = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        audit::record(tx, "members.listed", "members")?;
        members::list(tx, cursor.as_ref(), limit)
    };
    let members = app.vault.write(allowed.scope(), list).await?;
    Ok(Json(ListView::of(members, Into::into)))
}

/// Invites somebody. No mail is sent: hand them the link. 409 `already_exists` if a member has that address.
#[utoipa::path(post, operation_id = "members_invite", path = "/members", tag = "members", request_body = MemberOrder,
    responses((status = 201, body = InvitedView), (status = 401), (status = 403), (status = 409), (status = 422)))]
async fn invite(
    State(app): State<Shared>,
    allowed: Allowed<ManageMembers>,
    order: Order<MemberOrder>,
) -> Result<Response, ApiError> {
    let new = NewMember {
        email: Personal::new(order.body.email),
        name: Personal::new(order.body.name),
        role: role(&order.body.role)?,
        password_hash: None,
    };
    let token = app.vault.draw_invitation();
    let drawn = token.clone();
    let act = move |tx: &vault::Tx<'_>| Ok((201, invitations::invite(tx, &new, &drawn)?.to_string()));
    let (_, made) = order.key.once(&app, allowed.scope(), act).await?;
    Ok((StatusCode::CREATED, Json(invited(&app, allowed.scope(), made.parse()?, token).await?)).into_response())
}

/// Invites a member anew who has not accepted yet; the link before opens nothing any more. 409 for who has joined already or
/// is suspended.
#[utoipa::path(post, operation_id = "members_invite_again", path = "/members/{id}/invitation", tag = "members", params(("id" = String, Path)),
    responses((status = 201, body = InvitedView), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn invite_again(
    State(app): State<Shared>,
    allowed: Allowed<ManageMembers>,
    Id(id): Id<MemberId>,
    key: Key,
) -> Result<Response, ApiError> {
    let token = app.vault.draw_invitation();
    let drawn = token.clone();
    let act = move |tx: &vault::Tx<'_>| {
        invitations::renew(tx, id, &drawn)?;
        Ok((201, id.to_string()))
    };
    key.once(&app, allowed.scope(), act).await?;
    Ok((StatusCode::CREATED, Json(invited(&app, allowed.scope(), id, token).await?)).into_response())
}

/// Changes a member. Who is suspended loses sessions, tokens and invitation at once, and keeps what is assigned to them. Only
/// an owner changes owners, and the last active owner stays (409).
#[utoipa::path(patch, operation_id = "members_change", path = "/members/{id}", tag = "members", params(("id" = String, Path)),
    request_body = MemberPatch,
    responses((status = 200, body = MemberView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<ManageMembers>,
    Id(id): Id<MemberId>,
    Json(patch): Json<MemberPatch>,
) -> Result<Json<MemberView>, ApiError> {
    let change = MemberChange {
        name: patch.name.map(Personal::new),
        role: patch.role.as_deref().map(role).transpose()?,
        state: patch.state.as_deref().map(state).transpose()?,
    };
    app.vault.write(allowed.scope(), move |tx| members::update(tx, id, &change)).await?;
    Ok(Json(app.vault.read(allowed.scope(), move |tx| members::view(tx, id)).await?.into()))
}

fn role(text: &str) -> Result<Role, ApiError> {
    text.parse().map_err(|_| ApiError::field("role", "one of owner, admin, agent, viewer, privacy, auditor"))
}

fn state(text: &str) -> Result<MemberState, ApiError> {
    match text {
        "active" => Ok(MemberState::Active),
        "suspended" => Ok(MemberState::Suspended),
        _ => Err(ApiError::field("state", "active or suspended")),
    }
}

/// A member with the invitation of a token, if that is theirs: it is not where the request was answered before.
async fn invited(app: &Shared, scope: &Scope, id: MemberId, token: Personal<String>) -> Result<InvitedView, ApiError> {
    let asked = token.clone();
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        Ok((members::view(tx, id)?, invitations::until(tx, id, &asked)?))
    };
    let (member, until) = app.vault.read(scope, read).await?;
    let invitation = until.map(|until| InvitationView {
        url: format!("{}/#/join/{}", app.public_url, token.into_revealed()),
        expires_at: time(until),
    });
    Ok(InvitedView { member: member.into(), invitation })
}
