//! Consents of a contact.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use engine::consenting;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::consents::{self, NewConsent};
use vault::{ConsentId, ContactId, Personal, audit, workspaces};

use super::{Id, instant};
use crate::app::Shared;
use crate::auth::{Allowed, ManageConsents, ReadContacts};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::{ConsentView, ListView, ReceiptView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, give)).routes(routes!(withdraw)).routes(routes!(receipt))
}

/// A consent to be recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConsentOrder {
    /// What for (`marketing`).
    purpose: String,
    /// The kind of channel, or `any`.
    channel: String,
    /// `consent`, or `soft_opt_in`: that for marketing by e-mail alone.
    ground: String,
    text_version: String,
    /// The exact text that was agreed to, as it was shown; sealed.
    text: Option<String>,
    /// How it was collected (`form`, `conversation`, `import`).
    collected_by: String,
    /// When; now if not given.
    given_at: Option<String>,
    /// Whatever proves it; sealed.
    evidence: Option<String>,
}

/// A contact's consents, and those of contacts that were merged into it.
#[utoipa::path(get, operation_id = "consents_list", path = "/contacts/{id}/consents", tag = "consents", params(("id" = String, Path)),
    responses((status = 200, body = ListView<ConsentView>), (status = 401), (status = 403), (status = 404)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadContacts>,
    Id(contact): Id<ContactId>,
) -> Result<Json<ListView<ConsentView>>, ApiError> {
    let consents = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            vault::contacts::require(tx, contact)?;
            audit::record(tx, "consents.read", &contact.to_string())?;
            consents::of(tx, contact)
        })
        .await?;
    Ok(Json(ListView::whole(consents.into_iter().map(Into::into).collect())))
}

/// Records a consent.
#[utoipa::path(post, operation_id = "consents_give", path = "/contacts/{id}/consents", tag = "consents", params(("id" = String, Path)), request_body = ConsentOrder,
    responses((status = 201, body = ConsentView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn give(
    State(app): State<Shared>,
    allowed: Allowed<ManageConsents>,
    Id(contact): Id<ContactId>,
    order: Order<ConsentOrder>,
) -> Result<Response, ApiError> {
    let given_at =
        order.body.given_at.as_deref().map(|text| instant("given_at", text)).transpose()?.unwrap_or_else(|| app.now());
    let body = order.body;
    let new = NewConsent {
        contact,
        purpose: body.purpose,
        channel: body.channel,
        ground: body.ground,
        text_version: body.text_version,
        collected_by: body.collected_by,
        text: body.text.map(Personal::new),
        evidence: body.evidence.map(Personal::new),
        given_at,
    };
    let (status, id) =
        order.key.once(&app, allowed.scope(), move |tx| Ok((201, consenting::give(tx, &new)?.to_string()))).await?;
    let view = app
        .vault
        .read(allowed.scope(), move |tx| consents::of(tx, contact))
        .await?
        .into_iter()
        .find(|consent| consent.id.to_string() == id)
        .ok_or_else(ApiError::not_found)?;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED);
    Ok((status, Json(ConsentView::from(view))).into_response())
}

/// Withdraws a consent at once, on all queues.
#[utoipa::path(delete, operation_id = "consents_withdraw", path = "/consents/{id}", tag = "consents", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn withdraw(
    State(app): State<Shared>,
    allowed: Allowed<ManageConsents>,
    Id(id): Id<ConsentId>,
) -> Result<StatusCode, ApiError> {
    app.vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            consents::withdraw(tx, id)?;
            audit::record(tx, "consent.withdrawn", &id.to_string()).map(|_| ())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The receipt of a consent, as JSON-LD by ISO/IEC TS 27560: for the person who gave it.
#[utoipa::path(get, operation_id = "consents_receipt", path = "/consents/{id}/receipt", tag = "consents", params(("id" = String, Path)),
    responses((status = 200, body = ReceiptView, content_type = "application/ld+json"), (status = 401), (status = 403), (status = 404)))]
async fn receipt(
    State(app): State<Shared>,
    allowed: Allowed<ReadContacts>,
    Id(id): Id<ConsentId>,
) -> Result<Response, ApiError> {
    let view = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            let (consent, text) = consents::with_text(tx, id)?;
            audit::record(tx, "consents.read", &consent.contact.to_string())?;
            let controller = workspaces::view(tx)?;
            Ok(ReceiptView::of(consent, text, (controller.id.to_string(), controller.name), tx.now()))
        })
        .await?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/ld+json"));
    Ok(([kind], axum::Json(view)).into_response())
}
