//! Web chat, the visitor's side: a session, what was said so far, what is said now, files, and the live stream.

mod files;
mod room;
mod said;
mod stream;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, options, post};
use connect::channels::web;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::app::Shared;
use crate::problem::{ApiError, Code};
use room::Room;

/// The largest body that opens a session, in bytes.
const SESSION_BODY: usize = 16 * 1024;

/// The routes under `/chat`.
pub fn router(app: &Shared) -> Router<Shared> {
    // A file is streamed and bounded as it is stored, by the setting for files.
    let uploads = post(files::upload).layer(DefaultBodyLimit::disable());
    Router::new()
        .route("/chat/{channel}/sessions", post(open).merge(options(preflight)))
        .route("/chat/{channel}/messages", get(said::history).merge(post(said::say)).merge(options(preflight)))
        .route("/chat/{channel}/attachments", uploads.merge(options(preflight)))
        .route("/chat/{channel}/attachments/{id}", get(files::download).merge(options(preflight)))
        .route("/chat/{channel}/events", get(stream::events).merge(options(preflight)))
        .route_layer(axum::middleware::from_fn_with_state(app.clone(), open_to_page))
}

/// Lets the page of an allowed origin read the answer, a refusal included.
async fn open_to_page(
    State(app): State<Shared>,
    Path(path): Path<Vec<(String, String)>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers().clone();
    let mut response = next.run(request).await;
    let channel = path.first().map(|(_, channel)| channel.as_str()).unwrap_or_default();
    if headers.contains_key(header::ORIGIN)
        && let Ok(room) = Room::enter(&app, channel).await
        && let Ok(Some(origin)) = room.origin(&headers)
        && let Ok(origin) = HeaderValue::from_str(&origin)
    {
        let answer = response.headers_mut();
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    response
}

async fn preflight() -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, last-event-id"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

/// Opens a session: `{}` for an anonymous visitor, or an identity the website vouches for.
async fn open(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let origin = room.origin(&headers)?;
    let body = axum::body::to_bytes(body, SESSION_BODY).await.map_err(|_| ApiError::too_large(SESSION_BODY as u64))?;
    let opened = web::open(&app.ctx(), &room.account, origin.as_deref(), &body).map_err(|reject| match reject {
        connect::Reject::Malformed => ApiError::new(Code::Malformed, "Send a JSON object."),
        connect::Reject::Unauthorised | connect::Reject::NotFound => ApiError::unauthorised(),
    })?;
    if let Some(user) = &opened.user {
        let person = web::person(&opened.visitor, user);
        let channel = room.hook.channel;
        let meet = move |tx: &vault::Tx<'_>| engine::directory::meet(tx, channel, &person).map(|_| ());
        app.vault.write(&room.hook.scope, meet).await?;
    }
    let answer = json!({
        "token": opened.token,
        "visitor_id": opened.visitor.id,
        "expires_at": crate::views::time(opened.visitor.expires_ms),
        "welcome": room.account.setting("welcome"),
        "locale": room.account.setting("locale"),
    });
    Ok((StatusCode::CREATED, axum::Json(answer)).into_response())
}
