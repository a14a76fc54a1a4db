//! The audit log.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::audit::{self, Entry, Filter};

use super::{cursor, limit};
use crate::app::Shared;
use crate::auth::{Allowed, ReadAudit};
use crate::problem::{ApiError, Json, Query};
use crate::views::{ListView, time};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    /// Who acted.
    actor: Option<String>,
    /// What was done (`contact.read`).
    act: Option<String>,
    /// On what.
    subject: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// One act.
#[derive(Serialize, ToSchema)]
struct EntryView {
    seq: i64,
    at: String,
    actor: ActorView,
    purpose: String,
    act: String,
    subject: String,
}

#[derive(Serialize, ToSchema)]
struct ActorView {
    kind: String,
    id: String,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self {
            seq: entry.seq,
            at: time(entry.at),
            actor: ActorView { kind: entry.actor_kind, id: entry.actor_id },
            purpose: entry.purpose,
            act: entry.act,
            subject: entry.subject,
        }
    }
}

/// Every access to personal data and every change, newest first.
#[utoipa::path(get, operation_id = "audit_list", path = "/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = ListView<EntryView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadAudit>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<ListView<EntryView>>, ApiError> {
    let (limit, cursor) = (usize::try_from(limit(query.limit)?).unwrap_or(1), cursor(query.cursor.as_deref())?);
    let filter = Filter { actor_id: query.actor, act: query.act, subject: query.subject, ..Filter::default() };
    let page = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            audit::record(tx, "audit.read", "audit")?;
            audit::list(tx, &filter, cursor.as_ref(), limit)
        })
        .await?;
    Ok(Json(ListView::of(page, Into::into)))
}
