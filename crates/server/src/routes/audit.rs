//! The audit log: its entries, its export, and what proves it in the formats of transparency logs
//! (<https://c2sp.org/tlog-tiles>), which hold hashes and nothing else.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;
use http::header;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::audit::tiles::Tile;
use vault::audit::{self, Entry, Filter};
use vault::{Cursor, Scope};

use super::{cursor, instant, limit};
use crate::app::Shared;
use crate::auth::{Allowed, ReadAudit};
use crate::problem::{ApiError, Json, Query};
use crate::views::{ListView, time};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(export))
        .routes(routes!(checkpoint))
        .routes(routes!(tiles))
        .routes(routes!(proof))
        // The same as `tiles`, at the place where clients of transparency logs look for it.
        .route("/audit/tile/{*path}", get(tile_at))
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
    /// From this moment on (RFC 3339).
    since: Option<String>,
    /// Before this moment (RFC 3339).
    until: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Which entries, and how they are written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    /// `jsonl`: the whole log, in lines that `parloir audit verify --from` verifies. `csv`: a table to read, newest first,
    /// of the entries that the rest of the query asks for.
    format: String,
    /// Who acted (`csv`).
    actor: Option<String>,
    /// What was done (`csv`).
    act: Option<String>,
    /// On what (`csv`).
    subject: Option<String>,
    /// From this moment on (RFC 3339; `csv`).
    since: Option<String>,
    /// Before this moment (RFC 3339; `csv`).
    until: Option<String>,
}

/// Which tile.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TileQuery {
    /// As tlog-tiles names it: `<level>/<index>[.p/<width>]`, or `entries/…` for the leaves.
    path: String,
}

/// Which entry.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ProofQuery {
    /// The entry's number.
    seq: i64,
}

/// One act.
#[derive(Serialize, ToSchema)]
struct EntryView {
    seq: i64,
    at: String,
    actor: ActorView,
    purpose: String,
    act: String,
    /// Empty once whom it names was erased.
    subject: String,
    /// Whether the words have expired: number and time are all that is left.
    expired: bool,
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
            expired: entry.expired,
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
    let filter = filter((query.actor, query.act, query.subject), query.since.as_deref(), query.until.as_deref())?;
    let page = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            audit::record(tx, "audit.read", "audit")?;
            audit::list(tx, &filter, cursor.as_ref(), limit)
        })
        .await?;
    Ok(Json(ListView::of(page, Into::into)))
}

fn filter(
    (actor_id, act, subject): (Option<String>, Option<String>, Option<String>),
    since: Option<&str>,
    until: Option<&str>,
) -> Result<Filter, ApiError> {
    let from = since.map(|text| instant("since", text)).transpose()?;
    let until = until.map(|text| instant("until", text)).transpose()?;
    Ok(Filter { actor_id, act, subject, from, until })
}

/// The log as a file. A copy that was exported keeps what is later forgotten: it belongs where only auditors reach it.
#[utoipa::path(get, operation_id = "audit_export", path = "/audit/export", tag = "audit", params(ExportQuery),
    responses((status = 200, content_type = "application/octet-stream"), (status = 401), (status = 403), (status = 422)))]
async fn export(
    State(app): State<Shared>,
    allowed: Allowed<ReadAudit>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, ApiError> {
    let narrowed =
        [&query.actor, &query.act, &query.subject, &query.since, &query.until].iter().any(|one| one.is_some());
    let filter = filter((query.actor, query.act, query.subject), query.since.as_deref(), query.until.as_deref())?;
    let csv = match &query.format[..] {
        "csv" => true,
        "jsonl" if narrowed => {
            return Err(ApiError::field("format", "jsonl is the whole log; only csv can be narrowed"));
        }
        "jsonl" => false,
        _ => return Err(ApiError::field("format", "jsonl or csv")),
    };
    let record = |tx: &vault::Tx<'_>| audit::record(tx, "audit.exported", "audit").map(|_| ());
    app.vault.write(allowed.scope(), record).await?;
    let (body, kind, name) = if csv {
        let table = Table { app, scope: allowed.scope().clone(), filter, cursor: None, begun: false, ended: false };
        let rows = stream::try_unfold(table, |mut table| async move {
            Ok::<_, vault::Error>(table.next().await?.map(|text| (Bytes::from(text), table)))
        });
        (Body::from_stream(rows), "text/csv; charset=utf-8; header=present", "audit.csv")
    } else {
        let lines = app.vault.audit_lines(allowed.scope()).await?;
        let pages = stream::try_unfold(lines, |mut lines| async move {
            Ok::<_, vault::Error>(lines.next().await?.map(|text| (Bytes::from(text), lines)))
        });
        (Body::from_stream(pages), "application/jsonl", "audit.jsonl")
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, [(header::CONTENT_DISPOSITION, disposition)], body).into_response())
}

/// Entries as a table, page by page.
struct Table {
    app: Shared,
    scope: Scope,
    filter: Filter,
    cursor: Option<Cursor>,
    begun: bool,
    ended: bool,
}

/// Entries read at once for a table.
const TABLE_PAGE: usize = 500;

impl Table {
    async fn next(&mut self) -> vault::Result<Option<String>> {
        if self.ended {
            return Ok(None);
        }
        let (filter, cursor) = (self.filter.clone(), self.cursor.clone());
        let read = move |tx: &vault::Tx<'_>| audit::list(tx, &filter, cursor.as_ref(), TABLE_PAGE);
        let page = self.app.vault.read(&self.scope, read).await?;
        let head = if self.begun { "" } else { "seq,at,actor_kind,actor_id,purpose,act,subject,expired\r\n" };
        (self.begun, self.ended, self.cursor) = (true, page.next.is_none(), page.next);
        Ok(Some(page.data.iter().fold(head.to_owned(), |text, entry| text + &row(entry))))
    }
}

/// A line of the table. All of it are ids and words of the program, of which none needs quotes.
fn row(entry: &Entry) -> String {
    let Entry { seq, at, actor_kind, actor_id, purpose, act, subject, expired } = entry;
    format!("{seq},{},{actor_kind},{actor_id},{purpose},{act},{subject},{expired}\r\n", time(*at))
}

/// The newest checkpoint as a signed note (<https://c2sp.org/tlog-checkpoint>), with what witnesses signed of it. It names
/// nobody and may be given to anybody.
#[utoipa::path(get, operation_id = "audit_checkpoint", path = "/audit/checkpoint", tag = "audit",
    responses((status = 200, body = String, content_type = "text/plain"), (status = 401), (status = 403), (status = 404)))]
async fn checkpoint(State(app): State<Shared>, allowed: Allowed<ReadAudit>) -> Result<Response, ApiError> {
    let note = app.vault.audit_note(allowed.scope()).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], note)
        .into_response())
}

/// A tile of the tree: hashes, or leaves, which are hashes of entries (<https://c2sp.org/tlog-tiles>). The same is at
/// `/audit/tile/<path>`, where clients of such logs look for it.
#[utoipa::path(get, operation_id = "audit_tiles", path = "/audit/tiles", tag = "audit", params(TileQuery),
    responses((status = 200, content_type = "application/octet-stream"), (status = 401), (status = 403), (status = 404)))]
async fn tiles(
    State(app): State<Shared>,
    allowed: Allowed<ReadAudit>,
    Query(query): Query<TileQuery>,
) -> Result<Response, ApiError> {
    tile(&app, &allowed, &query.path).await
}

async fn tile_at(
    State(app): State<Shared>,
    allowed: Allowed<ReadAudit>,
    Path(path): Path<String>,
) -> Result<Response, ApiError> {
    tile(&app, &allowed, &path).await
}

async fn tile(app: &Shared, allowed: &Allowed<ReadAudit>, path: &str) -> Result<Response, ApiError> {
    let tile = Tile::parse(path).ok_or_else(ApiError::not_found)?;
    let bytes = app.vault.audit_tile(allowed.scope(), tile).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

/// That an entry is in the log: its leaf, the path to the root, and the checkpoint (<https://c2sp.org/tlog-proof>).
#[utoipa::path(get, operation_id = "audit_proof", path = "/audit/proof", tag = "audit", params(ProofQuery),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 401), (status = 403), (status = 404)))]
async fn proof(
    State(app): State<Shared>,
    allowed: Allowed<ReadAudit>,
    Query(query): Query<ProofQuery>,
) -> Result<Response, ApiError> {
    let proof = app.vault.audit_proof(allowed.scope(), query.seq).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], proof).into_response())
}
