//! Erasure of a contact, and how far it has come.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::erase::{self, Erasure};
use vault::{ContactId, ErasureId};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, EraseContacts};
use crate::order::Key;
use crate::problem::{ApiError, Json};
use crate::views::time;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(order)).routes(routes!(delete)).routes(routes!(read))
}

/// An erasure and what came of it.
#[derive(Serialize, ToSchema)]
pub struct ErasureView {
    id: String,
    /// `unreadable`, `removing`, `remote` or `done`. The content is unreadable in every one of them.
    state: String,
    /// Rows removed, by table.
    erased: BTreeMap<String, i64>,
    /// What law keeps.
    kept: Vec<KeptView>,
    /// What became of it at providers.
    remote: Vec<RemoteView>,
    requested_at: String,
    completed_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct KeptView {
    what: String,
    ground: String,
    until: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct RemoteView {
    system: String,
    state: String,
}

impl From<Erasure> for ErasureView {
    fn from(erasure: Erasure) -> Self {
        Self {
            id: erasure.id.to_string(),
            state: erasure.state.as_str().to_owned(),
            erased: erasure.erased,
            kept: erasure
                .kept
                .into_iter()
                .map(|kept| KeptView {
                    what: kept.what.to_owned(),
                    ground: kept.ground.to_owned(),
                    until: kept.until.map(time),
                })
                .collect(),
            remote: erasure
                .remote
                .into_iter()
                .map(|remote| RemoteView { system: remote.system, state: remote.state.as_str().to_owned() })
                .collect(),
            requested_at: time(erasure.requested_at),
            completed_at: erasure.completed_at.map(time),
        }
    }
}

/// Erases a contact: unreadable at once, then removed everywhere.
#[utoipa::path(post, operation_id = "erasures_order", path = "/contacts/{id}/erasure", tag = "contacts", params(("id" = String, Path)),
    responses((status = 202, body = ErasureView), (status = 401), (status = 403), (status = 404)))]
async fn order(
    State(app): State<Shared>,
    allowed: Allowed<EraseContacts>,
    Id(contact): Id<ContactId>,
    key: Key,
) -> Result<Response, ApiError> {
    begin(&app, &allowed, contact, key).await
}

/// Erases a contact: the same as `POST /contacts/{id}/erasure`.
#[utoipa::path(delete, operation_id = "erasures_delete", path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 202, body = ErasureView), (status = 401), (status = 403), (status = 404)))]
async fn delete(
    State(app): State<Shared>,
    allowed: Allowed<EraseContacts>,
    Id(contact): Id<ContactId>,
    key: Key,
) -> Result<Response, ApiError> {
    begin(&app, &allowed, contact, key).await
}

async fn begin(
    app: &Shared,
    allowed: &Allowed<EraseContacts>,
    contact: ContactId,
    key: Key,
) -> Result<Response, ApiError> {
    let (_, id) = key.once(app, allowed.scope(), move |tx| Ok((202, erase::begin(tx, contact)?.to_string()))).await?;
    let id: ErasureId = id.parse()?;
    let erasure = app.vault.read(allowed.scope(), move |tx| erase::view(tx, id)).await?;
    Ok((StatusCode::ACCEPTED, Json(ErasureView::from(erasure))).into_response())
}

/// How far an erasure has come.
#[utoipa::path(get, operation_id = "erasures_read", path = "/erasures/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ErasureView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<EraseContacts>,
    Id(id): Id<ErasureId>,
) -> Result<Json<ErasureView>, ApiError> {
    Ok(Json(app.vault.read(allowed.scope(), move |tx| erase::view(tx, id)).await?.into()))
}
