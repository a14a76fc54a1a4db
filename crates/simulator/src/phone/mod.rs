//! `/phone`: a page that plays a contact's phone.
//!
//! Plain files, built by nobody. `phone.js` runs the page and knows no channel; each channel is
//! a file of its own (`telegram.js`) that registers itself as a tab.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header;

const PAGE: &str = include_str!("phone.html");
const ASSETS: [(&str, &str, &str); 6] = [
    ("/phone/phone.css", "text/css", include_str!("phone.css")),
    ("/phone/chat.css", "text/css", include_str!("chat.css")),
    ("/phone/phone.js", "text/javascript", include_str!("phone.js")),
    ("/phone/attach.js", "text/javascript", include_str!("attach.js")),
    ("/phone/bubble.js", "text/javascript", include_str!("bubble.js")),
    ("/phone/telegram.js", "text/javascript", include_str!("telegram.js")),
];

/// What the page may do: nothing that is not its own.
const POLICY: &str = "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; \
     media-src 'self' blob:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

pub(crate) fn router() -> Router {
    let page = async || asset("text/html", PAGE);
    ASSETS.into_iter().fold(Router::new().route("/phone", get(page)), |router, (path, kind, text)| {
        router.route(path, get(async move || asset(kind, text)))
    })
}

fn asset(kind: &str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, text)
}
