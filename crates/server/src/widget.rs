//! The scripts that websites load, built into the program: `/widget.js`, which they name for the chat, and `/widget/chat.js`, which
//! it loads when it is opened; `/consent.js`, which asks for consent. They hold nothing of any workspace, so every website may load them.

use axum::Router;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

use crate::app::Shared;
use crate::problem;

/// `/widget.js`, `/widget/chat.js` and `/consent.js`.
pub fn router() -> Router<Shared> {
    let loader = async |headers: HeaderMap| served("widget.js", None, &headers).await;
    let chat =
        async |RawQuery(query): RawQuery, headers: HeaderMap| served("chat.js", query.as_deref(), &headers).await;
    let consent =
        async |RawQuery(query): RawQuery, headers: HeaderMap| served("consent.js", query.as_deref(), &headers).await;
    Router::new()
        .route("/widget.js", get(loader))
        .route("/widget/chat.js", get(chat))
        .route("/consent.js", get(consent))
}

#[cfg(feature = "embed-web")]
#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/widget/dist"]
struct Widget;

/// A file and the hash of its bytes.
#[cfg(feature = "embed-web")]
fn file(name: &str) -> Option<(Vec<u8>, String)> {
    let file = Widget::get(name)?;
    let hash = hex::encode(file.metadata.sha256_hash());
    Some((file.data.into_owned(), hash))
}

#[cfg(not(feature = "embed-web"))]
fn file(_: &str) -> Option<(Vec<u8>, String)> {
    None
}

/// What is the same for every answer.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // A module is loaded by every website, and by those that isolate themselves (COEP).
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::VARY, "Accept-Encoding"),
];

/// A script, compressed where that is understood. It is asked for anew each time, at the cost of a 304; except where the
/// query names its version, which never changes.
async fn served(name: &str, query: Option<&str>, asked: &HeaderMap) -> Response {
    let Some((plain, hash)) = file(name) else { return problem::no_such_path().await.into_response() };
    let version = query.and_then(|query| query.strip_prefix("v=")).filter(|version| version.len() >= 12);
    let lasts = version.is_some_and(|version| hash.starts_with(version));
    let cache = if lasts { "public, max-age=31536000, immutable" } else { "no-cache" };
    let packed = accepts_gzip(asked).then(|| file(&format!("{name}.gz"))).flatten();
    let tag = format!("\"{}{}\"", hash.get(..32).unwrap_or_default(), if packed.is_some() { "-gz" } else { "" });
    let mut headers: HeaderMap =
        HEADERS.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    headers.extend(HeaderValue::from_str(&tag).ok().map(|tag| (header::ETAG, tag)));
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    match packed {
        Some((bytes, _)) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            (headers, bytes).into_response()
        }
        None => (headers, plain).into_response(),
    }
}

fn accepts_gzip(asked: &HeaderMap) -> bool {
    let named = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    named.split(',').any(|coding| coding.split(';').next().is_some_and(|coding| coding.trim() == "gzip"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_is_used_where_it_is_understood() {
        let asked = |value: &'static str| {
            accepts_gzip(&[(header::ACCEPT_ENCODING, HeaderValue::from_static(value))].into_iter().collect())
        };
        assert!(asked("gzip, deflate, br") && asked("br;q=1.0, gzip;q=0.8"));
        assert!(!asked("br") && !asked("identity") && !accepts_gzip(&HeaderMap::new()));
    }
}
