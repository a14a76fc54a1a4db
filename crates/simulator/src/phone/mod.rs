//! `/phone`: a page that plays a contact's phone.
//!
//! Plain files, built by nobody. `phone.js` runs the page and knows no channel; each channel is
//! a file of its own (`telegram.js`, `whatsapp.js`) that becomes a tab.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header;

const PAGE: &str = include_str!("phone.html");
const ASSETS: [(&str, &str, &str); 11] = [
    ("/phone/phone.css", "text/css", include_str!("phone.css")),
    ("/phone/chat.css", "text/css", include_str!("chat.css")),
    ("/phone/phone.js", "text/javascript", include_str!("phone.js")),
    ("/phone/attach.js", "text/javascript", include_str!("attach.js")),
    ("/phone/bubble.js", "text/javascript", include_str!("bubble.js")),
    ("/phone/request.js", "text/javascript", include_str!("request.js")),
    ("/phone/sheets.js", "text/javascript", include_str!("sheets.js")),
    ("/phone/telegram.js", "text/javascript", include_str!("telegram.js")),
    ("/phone/whatsapp.css", "text/css", include_str!("whatsapp.css")),
    ("/phone/whatsapp.js", "text/javascript", include_str!("whatsapp.js")),
    ("/phone/wording.js", "text/javascript", include_str!("wording.js")),
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
