//! Small pages for people who are no members here: a title, some lines, maybe one button. Nothing is fetched, nothing runs on them
//! but what fills in a code, and all they say are the program's own words.

mod words;

use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

pub(crate) use words::{LANGUAGES, Words};

/// Nothing runs and nothing is fetched.
const CLOSED: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The same, but for a button that posts to the page's own address.
const ASKING: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Takes a code from behind the `#` into the field, and out of the address that is shown and kept.
const FILL: &str = "const code=location.hash.slice(1);if(code){document.forms[0].code.value=code;\
                    history.replaceState(null,'',location.pathname+location.search)}";

/// A page of a title and some lines, in the language of the words.
pub(crate) fn shown(status: StatusCode, words: Words, said: &[&str]) -> Response {
    written(status, words, (said, ""), CLOSED)
}

/// The same with a button, which posts to where the page is.
pub(crate) fn asking(words: Words, said: &[&str], button: &str) -> Response {
    let form = format!("<form method=\"post\"><button>{button}</button></form>");
    written(StatusCode::OK, words, (said, &form), ASKING)
}

/// The same with a field for a code, which what stands behind the `#` of the page's address fills in where scripts run.
pub(crate) fn entering(words: Words, said: &[&str], field: &str, button: &str) -> Response {
    let form = format!(
        "<form method=\"post\"><p><label>{field}<br><input name=\"code\" required autocomplete=\"off\" spellcheck=\"false\" \
         maxlength=\"200\"></label></p><button>{button}</button></form><script>{FILL}</script>"
    );
    let hash = STANDARD.encode(Sha256::digest(FILL));
    written(StatusCode::OK, words, (said, &form), &format!("{ASKING}; script-src 'sha256-{hash}'"))
}

/// The same with a form of the caller's own, which is markup already.
pub(crate) fn choosing(words: Words, said: &[&str], form: &str) -> Response {
    written(StatusCode::OK, words, (said, form), ASKING)
}

/// A text in which nothing is markup.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn written(status: StatusCode, words: Words, (said, form): (&[&str], &str), policy: &str) -> Response {
    let (title, lines) = said.split_first().map_or(("", &[][..]), |(title, lines)| (*title, lines));
    let (lines, language) = (lines.join("</p><p>"), words.language);
    let page = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>:root{{color-scheme:light dark}}\
         body{{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;overflow-wrap:anywhere}}\
         button,input,select,textarea{{font:inherit;padding:.5rem 1rem;min-height:2.75rem;box-sizing:border-box}}\
         input,select,textarea{{width:100%}}nav a{{margin-right:1rem}}[aria-current]{{font-weight:600}}\
         li{{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;padding:.75rem 0;\
         border-top:1px solid color-mix(in srgb,currentColor 20%,transparent)}}ul{{list-style:none;padding:0}}small{{display:block}}\
         [role=status]{{border-left:.25rem solid;padding-left:.75rem}}</style></head>\
         <body><main><h1>{title}</h1><p>{lines}</p>{form}</main></body></html>"
    );
    let fixed = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
    let spoken = (header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
    let headers = [
        spoken,
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static(CLOSED))),
        fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        fixed(header::REFERRER_POLICY, "no-referrer"),
        fixed(header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, Html(page)).into_response()
}
