//! Erasure of a contact, and how far it has come.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::erase::{self, Asked, Erasure};
use vault::{ContactId, ErasureId, audit, holds};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, EraseContacts};
use crate::order::Key;
use crate::problem::{ApiError, Code, Json};
use crate::views::time;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(order)).routes(routes!(delete)).routes(routes!(read)).routes(routes!(evidence))
}

/// An erasure and what came of it.
#[derive(Serialize, ToSchema)]
pub struct ErasureView {
    id: String,
    /// `unreadable`, `removing`, `remote` or `done`: the content is unreadable in every one of them. `held`: a legal hold stands
    /// against it, and it begins by itself once none does.
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
    /// `pending`, `gone`, `partly` or `kept`.
    state: String,
    /// What is left there and why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
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
                .map(|remote| {
                    let state = remote.state.as_str().to_owned();
                    RemoteView { system: remote.system, state, reason: remote.reason }
                })
                .collect(),
            requested_at: time(erasure.requested_at),
            completed_at: erasure.completed_at.map(time),
        }
    }
}

/// Erases a contact: unreadable at once, then removed everywhere.
#[utoipa::path(post, operation_id = "erasures_order", path = "/contacts/{id}/erasure", tag = "contacts", params(("id" = String, Path)),
    responses((status = 202, body = ErasureView), (status = 401), (status = 403), (status = 404), (status = 409)))]
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
    responses((status = 202, body = ErasureView), (status = 401), (status = 403), (status = 404), (status = 409)))]
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
    let act = move |tx: &vault::Tx<'_>| {
        Ok(match erase::ask(tx, contact)? {
            Asked::Begun(id) => (202, id.to_string()),
            Asked::Held(id) => (409, id.to_string()),
        })
    };
    let (status, id) = key.once(app, allowed.scope(), act).await?;
    if status == 409 {
        return Err(held(&id));
    }
    let id: ErasureId = id.parse()?;
    let erasure = app.vault.read(allowed.scope(), move |tx| erase::view(tx, id)).await?;
    Ok((StatusCode::ACCEPTED, Json(ErasureView::from(erasure))).into_response())
}

/// The wish is kept, which whoever asks is told with the ground.
fn held(id: &str) -> ApiError {
    let detail = format!(
        "A legal hold keeps what this would remove: {}. The erasure {id} waits, and is carried out by itself once the hold is \
         lifted or has ended.",
        holds::GROUND
    );
    ApiError::conflict(Code::LegalHold, detail)
}

/// How far an erasure has come.
#[utoipa::path(get, operation_id = "erasures_read", path = "/erasures/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ErasureView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<EraseContacts>,
    Id(id): Id<ErasureId>,
) -> Result<Json<ErasureView>, ApiError> {
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let erasure = erase::view(tx, id)?;
        audit::record(tx, "erasure.read", &id.to_string())?;
        Ok(erasure)
    };
    Ok(Json(app.vault.write(allowed.scope(), read).await?.into()))
}

/// Signed evidence of an erasure: what went, when, and what is kept on which ground. `parloir prove --verify` verifies it without the
/// installation.
#[utoipa::path(get, operation_id = "erasures_evidence", path = "/erasures/{id}/evidence", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = serde_json::Value), (status = 401), (status = 403), (status = 404)))]
async fn evidence(
    State(app): State<Shared>,
    allowed: Allowed<EraseContacts>,
    Id(id): Id<ErasureId>,
) -> Result<Json<serde_json::Value>, ApiError> {
    Ok(Json(app.vault.erasure_evidence(allowed.scope(), id, env!("CARGO_PKG_VERSION")).await?))
}
