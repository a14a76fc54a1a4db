//! Keys that give way to new ones, and how far that has come. Everything stays readable meanwhile.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::rotation::{self, Rotation, What};
use vault::{ContactId, RotationId};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, ManageWorkspace};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::{ListView, time};

/// How many rotations are listed.
const LISTED: i64 = 100;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, order)).routes(routes!(read))
}

/// Which keys are to give way.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyRotationOrder {
    /// `contact`, `content`, `evidence`, `index`, `workspace` or `audit`.
    what: String,
    /// Whose keys, for `contact`: all of them, on every channel.
    contact_id: Option<String>,
}

/// A rotation of keys.
#[derive(Serialize, ToSchema)]
pub struct KeyRotationView {
    id: String,
    what: String,
    contact_id: Option<String>,
    /// `sealing`, `checking`, `destroying` or `done`. Everything is readable in every one of them.
    state: String,
    /// What was sealed anew so far: values, files of the index, or keys under the workspace key.
    cells: i64,
    started_at: String,
    /// When the old keys were destroyed.
    completed_at: Option<String>,
}

impl KeyRotationView {
    /// Whether the old keys are destroyed.
    pub fn is_done(&self) -> bool {
        self.completed_at.is_some()
    }
}

impl From<Rotation> for KeyRotationView {
    fn from(rotation: Rotation) -> Self {
        Self {
            id: rotation.id.to_string(),
            what: rotation.what.as_str().to_owned(),
            contact_id: rotation.what.contact().map(|contact| contact.to_string()),
            state: rotation.state.as_str().to_owned(),
            cells: rotation.cells,
            started_at: time(rotation.started_at),
            completed_at: rotation.completed_at.map(time),
        }
    }
}

/// Lets keys give way to new ones: from now on the new ones seal, what is there is sealed anew, and then the old ones are
/// destroyed. A rotation of the same keys that is under way is returned as it is.
#[utoipa::path(post, operation_id = "key_rotations_order", path = "/key-rotations", tag = "keys", request_body = KeyRotationOrder,
    responses((status = 202, body = KeyRotationView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn order(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
    order: Order<KeyRotationOrder>,
) -> Result<Response, ApiError> {
    let contact = order.body.contact_id.as_deref().map(str::parse::<ContactId>).transpose()?;
    let what = What::parse(&order.body.what, contact)
        .map_err(|error| ApiError::field(if contact.is_some() { "contact_id" } else { "what" }, error.to_string()))?;
    let begin = move |tx: &vault::Tx<'_>| Ok((202, rotation::begin(tx, what)?.to_string()));
    let (status, id) = order.key.once(&app, allowed.scope(), begin).await?;
    let id: RotationId = id.parse()?;
    let rotation = app.vault.read(allowed.scope(), move |tx| rotation::view(tx, id)).await?;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::ACCEPTED);
    Ok((status, Json(KeyRotationView::from(rotation))).into_response())
}

/// The workspace's newest rotations, at most a hundred.
#[utoipa::path(get, operation_id = "key_rotations_list", path = "/key-rotations", tag = "keys",
    responses((status = 200, body = ListView<KeyRotationView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
) -> Result<Json<ListView<KeyRotationView>>, ApiError> {
    let rotations = app.vault.read(allowed.scope(), |tx| rotation::list(tx, LISTED)).await?;
    Ok(Json(ListView::whole(rotations.into_iter().map(Into::into).collect())))
}

/// How far a rotation has come.
#[utoipa::path(get, operation_id = "key_rotations_read", path = "/key-rotations/{id}", tag = "keys", params(("id" = String, Path)),
    responses((status = 200, body = KeyRotationView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<ManageWorkspace>,
    Id(id): Id<RotationId>,
) -> Result<Json<KeyRotationView>, ApiError> {
    Ok(Json(app.vault.read(allowed.scope(), move |tx| rotation::view(tx, id)).await?.into()))
}
