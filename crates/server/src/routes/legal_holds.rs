//! Legal holds: what must not be removed, why, and until when.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::holds::{self, NewHold, Subject};
use vault::{HoldId, Personal, audit};

use super::{Id, cursor, id, instant, limit};
use crate::app::Shared;
use crate::auth::{Allowed, ManageRetention};
use crate::order::Order;
use crate::problem::{ApiError, Json, Query};
use crate::views::{HoldView, ListView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, set)).routes(routes!(read, lift))
}

/// Which holds.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct HoldQuery {
    /// Only those that stand now.
    active: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// A hold to be set: on a contact, on a conversation, or (`on` is `workspace`) on everything.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HoldOrder {
    /// `contact`, `conversation` or `workspace`.
    on: String,
    /// Where it is on a contact.
    contact_id: Option<String>,
    /// Where it is on a conversation.
    conversation_id: Option<String>,
    /// Why: the case, the authority, the order. At most 2,000 characters.
    reason: String,
    /// When it ends by itself; null: when it is lifted.
    ends_at: Option<String>,
}

impl HoldOrder {
    fn subject(&self) -> Result<Subject, ApiError> {
        let contact = id("contact_id", self.contact_id.as_deref())?;
        let conversation = id("conversation_id", self.conversation_id.as_deref())?;
        match (self.on.as_str(), contact, conversation) {
            ("contact", Some(contact), None) => Ok(Subject::Contact(contact)),
            ("conversation", None, Some(conversation)) => Ok(Subject::Conversation(conversation)),
            ("workspace", None, None) => Ok(Subject::Workspace),
            _ => Err(ApiError::field(
                "on",
                "`contact` with `contact_id`, `conversation` with `conversation_id`, or `workspace` with neither",
            )),
        }
    }
}

/// The workspace's legal holds, newest first.
#[utoipa::path(get, operation_id = "legal_holds_list", path = "/legal-holds", tag = "privacy", params(HoldQuery),
    responses((status = 200, body = ListView<HoldView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ManageRetention>,
    Query(query): Query<HoldQuery>,
) -> Result<Json<ListView<HoldView>>, ApiError> {
    let limit = usize::try_from(limit(query.limit)?).unwrap_or(1);
    let (cursor, active) = (cursor(query.cursor.as_deref())?, query.active.unwrap_or(false));
    let page = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            audit::record(tx, "holds.listed", "holds")?;
            holds::list(tx, active, cursor.as_ref(), limit)
        })
        .await?;
    Ok(Json(ListView::of(page, |hold| HoldView::of(hold, app.now()))))
}

/// Sets a legal hold: what it covers is neither erased nor swept while it stands.
#[utoipa::path(post, operation_id = "legal_holds_set", path = "/legal-holds", tag = "privacy", request_body = HoldOrder,
    responses((status = 201, body = HoldView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn set(
    State(app): State<Shared>,
    allowed: Allowed<ManageRetention>,
    order: Order<HoldOrder>,
) -> Result<Response, ApiError> {
    let on = order.body.subject()?;
    let ends_at = order.body.ends_at.as_deref().map(|text| instant("ends_at", text)).transpose()?;
    let new = NewHold { on, reason: Personal::new(order.body.reason), ends_at };
    let act = move |tx: &vault::Tx<'_>| Ok((201, holds::set(tx, &new)?.to_string()));
    let (_, made) = order.key.once(&app, allowed.scope(), act).await?;
    let id: HoldId = made.parse()?;
    let hold = app.vault.read(allowed.scope(), move |tx| holds::view(tx, id)).await?;
    Ok((StatusCode::CREATED, Json(HoldView::of(hold, app.now()))).into_response())
}

/// One legal hold.
#[utoipa::path(get, operation_id = "legal_holds_read", path = "/legal-holds/{id}", tag = "privacy", params(("id" = String, Path)),
    responses((status = 200, body = HoldView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<ManageRetention>,
    Id(id): Id<HoldId>,
) -> Result<Json<HoldView>, ApiError> {
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let hold = holds::view(tx, id)?;
        audit::record(tx, "hold.read", &id.to_string())?;
        Ok(hold)
    };
    let hold = app.vault.write(allowed.scope(), read).await?;
    Ok(Json(HoldView::of(hold, app.now())))
}

/// Lifts a legal hold: what it stopped goes on by itself. It stays in the list, with when and by whom it was lifted.
#[utoipa::path(delete, operation_id = "legal_holds_lift", path = "/legal-holds/{id}", tag = "privacy", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn lift(
    State(app): State<Shared>,
    allowed: Allowed<ManageRetention>,
    Id(id): Id<HoldId>,
) -> Result<StatusCode, ApiError> {
    app.vault.write(allowed.scope(), move |tx| holds::lift(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
