//! Web chat, the visitor's side: what it looks like, a session, what was said so far, what is said now, files, and the live
//! stream.

mod entry;
mod files;
mod hall;
mod room;
mod said;
mod stream;
mod terms;

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, options, post};
use http::{HeaderValue, StatusCode, header};

use crate::app::Shared;
use crate::limits::Wait;
use crate::problem::ApiError;
use crate::proxies;
pub use hall::Hall;
use room::Room;
pub use terms::kept as terms_kept;

/// The routes under `/chat`.
pub fn router(app: &Shared) -> Router<Shared> {
    // A file is streamed and bounded as it is stored, by the setting for files.
    let uploads = post(files::upload).layer(DefaultBodyLimit::disable());
    let paced = || axum::middleware::from_fn_with_state(app.clone(), in_time);
    Router::new()
        .route("/chat/{channel}/look", get(entry::look).merge(options(preflight)))
        .route("/chat/{channel}/challenge", get(entry::challenge).layer(paced()).merge(options(preflight)))
        .route("/chat/{channel}/sessions", post(entry::open).layer(paced()).merge(options(preflight)))
        .route("/chat/{channel}/consent", post(entry::agree).delete(entry::disagree).merge(options(preflight)))
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
    // Also of what no page asked for: a cache must not give it to one.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Origin"));
    if headers.contains_key(header::ORIGIN)
        && let Ok(room) = Room::enter(&app, channel).await
        && let Ok(Some(origin)) = room.origin(&headers)
        && let Ok(origin) = HeaderValue::from_str(&origin)
    {
        let answer = response.headers_mut();
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

/// Refuses a network that asks for more than its share: what anybody may ask for costs work, or leaves something here.
pub(crate) async fn in_time(State(app): State<Shared>, request: Request, next: Next) -> Response {
    match arrive(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(wait) => ApiError::too_many(wait.seconds).into_response(),
    }
}

/// Counts a request for the network that it comes from.
///
/// # Errors
/// [`Wait`] once that has had its share of this minute.
pub(crate) fn arrive(app: &Shared, request: &Request) -> Result<(), Wait> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
    let client = peer.and_then(|peer| proxies::client(&app.settings.trusted_proxies, peer, request.headers()));
    let now = app.now();
    app.arrivals().take(client, now)
}

async fn preflight() -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, last-event-id"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}
