//! A mail's own formatting, served as it came into a sandbox in which nothing runs; pictures that came with it stand where it shows
//! them.

mod pictures;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::{MessageId, audit, messages};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{ApiError, Query};

/// No script, no form, no frame, no font and no request, but pictures that came with the mail.
const CLOSED: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src cid: data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'self'";
/// The same with pictures from elsewhere, by which the sender may learn that the mail is read.
const WITH_REMOTE: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src cid: data: https:; \
                           base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read))
}

/// How it is shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct HtmlQuery {
    /// Also pictures from elsewhere (https): only when the member asks, because the sender may learn that the mail is read.
    #[serde(default)]
    remote: bool,
}

/// A message's own formatting (`has_html`), for a sandboxed frame. Nothing was taken out of it, and pictures that came with it stand
/// where it shows them; the answer's
/// `Content-Security-Policy` lets nothing run, nothing be sent, and without `remote` nothing be fetched.
#[utoipa::path(get, operation_id = "messages_html", path = "/messages/{id}/html", tag = "messages",
    params(("id" = String, Path), HtmlQuery),
    responses((status = 200, content_type = "text/html", body = String), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(id): Id<MessageId>,
    Query(query): Query<HtmlQuery>,
) -> Result<Response, ApiError> {
    let body = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            messages::head(tx, id)?;
            audit::record(tx, "message.read", &id.to_string())?;
            messages::body(tx, id)
        })
        .await?;
    let body = body.map(vault::Personal::into_revealed).ok_or_else(ApiError::not_found)?;
    let html = body.html.ok_or_else(ApiError::not_found)?;
    let pictures = pictures::of(&app, allowed.scope(), id, body.within).await?;
    Ok(sandboxed(pictures::placed(&html, &pictures), query.remote))
}

fn sandboxed(html: String, remote: bool) -> Response {
    let policy = HeaderValue::from_static(if remote { WITH_REMOTE } else { CLOSED });
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::REFERRER_POLICY, fixed("no-referrer")),
        (header::CACHE_CONTROL, fixed("private, no-store")),
        // A policy does not speak of hints: without this a name in the mail may be looked up.
        (HeaderName::from_static("x-dns-prefetch-control"), fixed("off")),
    ];
    (headers, html).into_response()
}
