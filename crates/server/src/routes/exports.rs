//! Exports of a contact: ordered, fetched by a member, or by the person themselves with a link that works once.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::exports::{self, Offer};
use vault::{ContactId, ExportId, Purpose, Tx};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, ExportContacts};
use crate::export::pour;
use crate::order::Key;
use crate::problem::{ApiError, Json};
use crate::views::time;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(order)).routes(routes!(fetch)).routes(routes!(link))
}

/// An export that was ordered.
#[derive(Serialize, ToSchema)]
struct ExportView {
    id: String,
    contact_id: String,
    ordered_at: String,
    /// Until then the archive is written for whoever fetches it.
    expires_at: String,
}

impl From<Offer> for ExportView {
    fn from(offer: Offer) -> Self {
        Self {
            id: offer.id.to_string(),
            contact_id: offer.contact.to_string(),
            ordered_at: time(offer.ordered_at),
            expires_at: time(offer.expires_at),
        }
    }
}

/// A link for the person themselves.
#[derive(Serialize, ToSchema)]
struct ExportLinkView {
    /// To be sent to the person, and to nobody else: whoever opens it first has the archive. It is told once.
    url: String,
    expires_at: String,
}

/// Orders an export of all that is kept of a contact. Nothing is stored: the archive is written whenever it is fetched, for a week.
#[utoipa::path(post, operation_id = "exports_order", path = "/contacts/{id}/export", tag = "contacts", params(("id" = String, Path)),
    responses((status = 201, body = ExportView), (status = 401), (status = 403), (status = 404)))]
async fn order(
    State(app): State<Shared>,
    allowed: Allowed<ExportContacts>,
    Id(contact): Id<ContactId>,
    key: Key,
) -> Result<Response, ApiError> {
    let act = move |tx: &Tx<'_>| Ok((201, exports::order(tx, contact)?.to_string()));
    let (_, made) = key.once(&app, allowed.scope(), act).await?;
    let id: ExportId = made.parse()?;
    let offer = app.vault.read(allowed.scope(), move |tx| exports::view(tx, id)).await?;
    Ok((StatusCode::CREATED, Json(ExportView::from(offer))).into_response())
}

/// The archive: a ZIP of JSON, CSV, the files, and pages that any browser shows.
#[utoipa::path(get, operation_id = "exports_fetch", path = "/exports/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/zip"), (status = 401), (status = 403), (status = 404)))]
async fn fetch(
    State(app): State<Shared>,
    allowed: Allowed<ExportContacts>,
    Id(id): Id<ExportId>,
) -> Result<Response, ApiError> {
    let offer = app.vault.read(allowed.scope(), move |tx| exports::view(tx, id)).await?;
    let scope = allowed.scope().for_purpose(Purpose::Administration);
    Ok(archive(pour(&app, scope, Some(offer.contact), |_| async {})))
}

/// Makes the link by which the person themselves fetches the archive, once. One that was made before works no more.
#[utoipa::path(post, operation_id = "exports_link", path = "/exports/{id}/link", tag = "contacts", params(("id" = String, Path)),
    responses((status = 201, body = ExportLinkView), (status = 401), (status = 403), (status = 404)))]
async fn link(
    State(app): State<Shared>,
    allowed: Allowed<ExportContacts>,
    Id(id): Id<ExportId>,
) -> Result<Response, ApiError> {
    let ticket = app.vault.write(allowed.scope(), move |tx| exports::ticket(tx, id)).await?;
    let url = crate::archive::address(&app, ticket.ticket.reveal());
    Ok((StatusCode::CREATED, Json(ExportLinkView { url, expires_at: time(ticket.expires_at) })).into_response())
}

/// An archive as an answer, which a browser saves and never shows.
pub(crate) fn archive(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"archive.zip\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    (headers.map(|(name, value)| (name, HeaderValue::from_static(value))), body).into_response()
}
