//! Contacts that are one person: merged, and split again.

use axum::extract::{FromRequestParts, Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::{ContactId, MergeId, audit, merges};

use super::{Id, id};
use crate::app::Shared;
use crate::auth::{Allowed, ReadContacts, WriteContacts};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::{ListView, MergeView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, merge)).routes(routes!(split))
}

/// Who is to be merged into the contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeOrder {
    contact_id: String,
}

/// The contact and the merge that a path names. What is malformed names nothing.
struct Named(ContactId, MergeId);

impl FromRequestParts<Shared> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((contact, merge)) = path.map_err(|_| ApiError::not_found())?;
        let contact = contact.parse().map_err(|_| ApiError::not_found())?;
        Ok(Self(contact, merge.parse().map_err(|_| ApiError::not_found())?))
    }
}

/// The merges by which a contact came to be what it is, newest first. Those that were undone are not listed.
#[utoipa::path(get, operation_id = "merges_list", path = "/contacts/{id}/merges", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ListView<MergeView>), (status = 401), (status = 403), (status = 404)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadContacts>,
    Id(contact): Id<ContactId>,
) -> Result<Json<ListView<MergeView>>, ApiError> {
    let found = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            let found = merges::list(tx, contact)?;
            audit::record(tx, "merges.read", &contact.to_string())?;
            Ok(found)
        })
        .await?;
    Ok(Json(ListView::whole(found.into_iter().map(Into::into).collect())))
}

/// Merges another contact into this one: from now on both ids show this one, with the identities, conversations and consents
/// of both. 200 if they are one already.
#[utoipa::path(post, operation_id = "merges_create", path = "/contacts/{id}/merges", tag = "contacts", params(("id" = String, Path)), request_body = MergeOrder,
    responses((status = 200, body = MergeView), (status = 201, body = MergeView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn merge(
    State(app): State<Shared>,
    allowed: Allowed<WriteContacts>,
    Id(contact): Id<ContactId>,
    order: Order<MergeOrder>,
) -> Result<Response, ApiError> {
    let merged = id::<ContactId>("contact_id", Some(&order.body.contact_id))?.ok_or_else(ApiError::not_found)?;
    let (status, made) = order
        .key
        .once(&app, allowed.scope(), move |tx| {
            let (id, new) = merges::merge(tx, contact, merged)?;
            if new {
                audit::record(tx, "contact.merged", &id.to_string())?;
            }
            Ok((if new { 201 } else { 200 }, id.to_string()))
        })
        .await?;
    let id: MergeId = made.parse()?;
    let view = app.vault.read(allowed.scope(), move |tx| merges::view(tx, id)).await?;
    Ok((StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED), Json(MergeView::from(view))).into_response())
}

/// Undoes a merge: who was merged is a contact of its own again, with all that had been merged into it and all that came since.
#[utoipa::path(delete, operation_id = "merges_split", path = "/contacts/{id}/merges/{merge}", tag = "contacts",
    params(("id" = String, Path), ("merge" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn split(
    State(app): State<Shared>,
    allowed: Allowed<WriteContacts>,
    Named(contact, merge): Named,
) -> Result<StatusCode, ApiError> {
    app.vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            if merges::split(tx, contact, merge)? {
                audit::record(tx, "contact.split", &merge.to_string())?;
            }
            Ok(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
