//! The members' app, built into the program.

use axum::Router;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};

use crate::app::Shared;
use crate::problem;

/// `/` and `/assets/…`, and beside the page what browsers look for there: `/sw.js`, `/manifest.webmanifest`, pictures.
pub fn router() -> Router<Shared> {
    Router::new().route("/", get(index)).route("/{file}", get(root_file)).route("/assets/{*path}", get(asset))
}

/// What the app may load: itself, and pictures, sound and previewed documents from this server and from drafts in the browser.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; \
                      media-src 'self' blob:; frame-src 'self' blob:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

#[cfg(feature = "embed-web")]
#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/dist"]
struct Web;

#[cfg(feature = "embed-web")]
fn file(path: &str) -> Option<(Vec<u8>, String)> {
    let file = Web::get(path)?;
    Some((file.data.into_owned(), file.metadata.mimetype().to_owned()))
}

#[cfg(not(feature = "embed-web"))]
fn file(_: &str) -> Option<(Vec<u8>, String)> {
    None
}

/// What `/` says in a program that was built without the app.
const WITHOUT: &str = "<!doctype html><meta charset=utf-8><title>Parloir</title>\
<style>body{font:16px/1.5 system-ui;max-width:38rem;margin:15vh auto;padding:0 1rem}</style>\
<h1>Parloir is running</h1><p>This program was built without the members' app. Build it with <code>make run</code>, or \
<code>npm ci && npm run build</code> in <code>web/</code> and cargo's feature <code>embed-web</code>.</p>\
<p>The API is at <a href=/api/v1/openapi.json>/api/v1/openapi.json</a>.</p>";

async fn index() -> Response {
    let page = file("index.html").map_or_else(|| WITHOUT.as_bytes().to_vec(), |(bytes, _)| bytes);
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(page)).into_response()
}

/// Asked for anew each time: their names stay while what they hold changes, and a service worker that is kept would keep everything else.
async fn root_file(Path(name): Path<String>) -> Response {
    served(&name, "no-cache").await
}

async fn asset(Path(path): Path<String>) -> Response {
    // Hashed names: what they hold never changes.
    served(&format!("assets/{path}"), "public, max-age=31536000, immutable").await
}

async fn served(path: &str, cache: &'static str) -> Response {
    match file(path) {
        Some((bytes, kind)) => {
            let headers = [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, cache.to_owned()),
                // A service worker is bound by the policy that it was served with, not by the page's.
                (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (StatusCode::OK, headers, bytes).into_response()
        }
        None => problem::no_such_path().await.into_response(),
    }
}
