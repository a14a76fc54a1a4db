//! What limits the use of a contact's data: a restriction (GDPR Art. 18) and an objection (Art. 21).

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::uses::Purpose;
use vault::{ContactId, Personal, limitations};

use super::{Id, contacts};
use crate::app::Shared;
use crate::auth::{Allowed, ManageConsents};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::ContactView;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(restrict, unrestrict)).routes(routes!(object, withdraw))
}

/// A restriction to be noted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RestrictionOrder {
    /// Why: what the contact contests or needs. At most 2,000 characters.
    reason: Option<String>,
}

/// An objection to be noted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ObjectionOrder {
    /// `marketing`, `profiling`, `analytics`; all of them if not given.
    purposes: Option<Vec<String>>,
    /// What the contact said. At most 2,000 characters.
    reason: Option<String>,
}

/// Restricts what is done with a contact's data: only a member's own reply is sent from now on, and nothing else uses it.
#[utoipa::path(post, operation_id = "contacts_restrict", path = "/contacts/{id}/restriction", tag = "privacy", params(("id" = String, Path)), request_body = RestrictionOrder,
    responses((status = 200, body = ContactView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn restrict(
    State(app): State<Shared>,
    allowed: Allowed<ManageConsents>,
    Id(id): Id<ContactId>,
    order: Order<RestrictionOrder>,
) -> Result<Json<ContactView>, ApiError> {
    let reason = order.body.reason.map(Personal::new);
    let act = move |tx: &vault::Tx<'_>| {
        limitations::restrict(tx, id, reason.as_ref())?;
        Ok((200, id.to_string()))
    };
    order.key.once(&app, allowed.scope(), act).await?;
    Ok(Json(contacts::view(&app, allowed.scope(), id, None).await?))
}

/// Lifts a restriction.
#[utoipa::path(delete, operation_id = "contacts_unrestrict", path = "/contacts/{id}/restriction", tag = "privacy", params(("id" = String, Path)),
    responses((status = 200, body = ContactView), (status = 401), (status = 403), (status = 404)))]
async fn unrestrict(
    State(app): State<Shared>,
    allowed: Allowed<ManageConsents>,
    Id(id): Id<ContactId>,
) -> Result<Json<ContactView>, ApiError> {
    app.vault.write(allowed.scope(), move |tx| limitations::unrestrict(tx, id)).await?;
    Ok(Json(contacts::view(&app, allowed.scope(), id, None).await?))
}

/// Notes that a contact objects to uses that rest on a legitimate interest, and to advertising: they stop at once, on all queues.
#[utoipa::path(post, operation_id = "contacts_object", path = "/contacts/{id}/objection", tag = "privacy", params(("id" = String, Path)), request_body = ObjectionOrder,
    responses((status = 200, body = ContactView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn object(
    State(app): State<Shared>,
    allowed: Allowed<ManageConsents>,
    Id(id): Id<ContactId>,
    order: Order<ObjectionOrder>,
) -> Result<Json<ContactView>, ApiError> {
    let purposes = match order.body.purposes {
        None => Purpose::ALL.to_vec(),
        Some(words) => words.iter().map(|word| purpose(word)).collect::<Result<Vec<_>, _>>()?,
    };
    let reason = order.body.reason.map(Personal::new);
    let act = move |tx: &vault::Tx<'_>| {
        limitations::object(tx, id, &purposes, reason.as_ref())?;
        Ok((200, id.to_string()))
    };
    order.key.once(&app, allowed.scope(), act).await?;
    Ok(Json(contacts::view(&app, allowed.scope(), id, None).await?))
}

fn purpose(word: &str) -> Result<Purpose, ApiError> {
    Purpose::of(word).ok_or_else(|| ApiError::field("purposes", "each is `marketing`, `profiling` or `analytics`"))
}

/// Notes that a contact objects no more.
#[utoipa::path(delete, operation_id = "contacts_withdraw_objection", path = "/contacts/{id}/objection", tag = "privacy", params(("id" = String, Path)),
    responses((status = 200, body = ContactView), (status = 401), (status = 403), (status = 404)))]
async fn withdraw(
    State(app): State<Shared>,
    allowed: Allowed<ManageConsents>,
    Id(id): Id<ContactId>,
) -> Result<Json<ContactView>, ApiError> {
    app.vault.write(allowed.scope(), move |tx| limitations::withdraw_objection(tx, id)).await?;
    Ok(Json(contacts::view(&app, allowed.scope(), id, None).await?))
}
