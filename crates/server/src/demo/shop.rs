//! The shop's website, with the chat on it, as strict as a website can be: it lets the chat's scripts be loaded and called, and
//! nothing else.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};

const PAGE: &str = include_str!("shop.html");
const STYLE: &str = include_str!("shop.css");

/// Where the shop's page is.
pub(super) const PATH: &str = "/shop";

/// What the page names, once it is known.
#[derive(Debug)]
pub(super) struct Chat {
    /// The program's address.
    pub(super) host: String,
    pub(super) channel: String,
}

/// Adds the page, which is there once there is a chat to put on it.
pub(super) fn on(router: Router, chat: &Arc<OnceLock<Chat>>) -> Router {
    let chat = Arc::clone(chat);
    let page = async move || chat.get().map_or_else(|| StatusCode::NOT_FOUND.into_response(), shown);
    let style = async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE);
    router.route(PATH, get(page)).route("/shop/shop.css", get(style))
}

fn shown(Chat { host, channel }: &Chat) -> Response {
    let policy = format!(
        "default-src 'none'; script-src {host}; connect-src {host}; style-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let page = PAGE.replace("{host}", host).replace("{channel}", channel);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, page).into_response()
}
