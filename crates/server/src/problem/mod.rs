//! Everything that goes wrong on the HTTP face, as one kind of answer: a problem document (RFC 9457).
//!
//! `type` is `/problems/{code}` relative to the server; [`Code`] is the closed list behind it. An error says what was
//! wrong, where, and what to do; an internal one says nothing but a number that stands in the log too.

mod code;
mod extract;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

pub use code::Code;
pub(crate) use extract::read_json;
pub use extract::{Json, Query, Raw};

/// The media type of a problem document.
pub const CONTENT_TYPE_PROBLEM: &str = "application/problem+json";

/// What a handler returns instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    code: Code,
    detail: String,
    fields: BTreeMap<String, String>,
    retry_after: Option<u64>,
}

/// The document as it is sent.
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: &'a BTreeMap<String, String>,
}

impl ApiError {
    /// Any code of the list, with one sentence for whoever called: what, and what to do.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), fields: BTreeMap::new(), retry_after: None }
    }

    /// 404: no such thing, or none that this caller may know of.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is no such thing here, or you may not see it.")
    }

    /// 409 with a code that says which conflict.
    pub fn conflict(code: Code, detail: impl Into<String>) -> Self {
        Self::new(code, detail)
    }

    /// 422: what was wrong where. Keys are paths into the body (`settings.bot_token`, `items[2].name`) or query keys.
    pub fn invalid<K: Into<String>, V: Into<String>>(fields: impl IntoIterator<Item = (K, V)>) -> Self {
        let fields: BTreeMap<_, _> = fields.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        Self { fields: fields.clone(), ..Self::new(Code::Invalid, format!("Look at: {}.", names.join(", "))) }
    }

    /// 422 for one field.
    pub fn field(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self::invalid([(path.into(), what.into())])
    }

    /// 401: no credentials, or wrong ones. Which of both is not said.
    pub fn unauthorised() -> Self {
        Self::new(Code::Unauthorised, "Sign in, or send a valid token as `Authorization: Bearer …`.")
    }

    /// 403: known, but without the right.
    pub fn forbidden() -> Self {
        Self::new(Code::Forbidden, "Your role does not allow this. Ask an owner or admin of the workspace.")
    }

    /// 413, naming the bound in bytes.
    pub fn too_large(limit: u64) -> Self {
        Self::new(Code::TooLarge, format!("At most {limit} bytes are taken here."))
    }

    /// 429 with the seconds to wait.
    pub fn too_many(after_seconds: u64) -> Self {
        let detail = format!("Too many requests. Try again in {after_seconds} seconds.");
        Self { retry_after: Some(after_seconds), ..Self::new(Code::TooMany, detail) }
    }

    /// 503: not now; the same request may succeed in a few seconds.
    pub fn unavailable() -> Self {
        Self { retry_after: Some(2), ..Self::new(Code::Unavailable, "Not possible right now. Try again in a moment.") }
    }

    /// Status 500. `what` is for the log alone and must be our own words: no personal data, no foreign error's text.
    /// The caller gets a number that stands in the log beside it.
    #[track_caller]
    pub fn internal(what: impl std::fmt::Display) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let incident = NEXT.fetch_add(1, Ordering::Relaxed);
        let place = std::panic::Location::caller();
        tracing::error!(incident, %place, "internal error: {what}");
        Self::new(
            Code::Internal,
            format!("Something went wrong here, not with you. It is logged as incident {incident}."),
        )
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What was wrong where, by path.
    pub fn fields(&self) -> &BTreeMap<String, String> {
        &self.fields
    }

    /// The one sentence.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    fn headers(&self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE_PROBLEM));
        if self.code.status() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail)
    }
}

impl std::error::Error for ApiError {}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let document = Document {
            r#type: format!("/problems/{}", self.code.name()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            code: self.code.name(),
            fields: &self.fields,
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (self.code.status(), body).into_response();
        self.headers(&mut response);
        response
    }
}

/// For `Router::fallback`: no such path.
pub fn no_such_path() -> std::future::Ready<ApiError> {
    let detail = "There is no such path. The paths are listed at /api/v1/openapi.json.";
    std::future::ready(ApiError::new(Code::NotFound, detail))
}

/// For `Router::method_not_allowed_fallback`: the path exists, the method does not.
pub fn no_such_method() -> std::future::Ready<ApiError> {
    let detail = "This path takes other methods. They are listed at /api/v1/openapi.json.";
    std::future::ready(ApiError::new(Code::MethodNotAllowed, detail))
}

/// For `GET /problems/{code}`: what a code means, as plain text.
pub fn explain(axum::extract::Path(name): axum::extract::Path<String>) -> std::future::Ready<Result<String, ApiError>> {
    let text = |code: Code| {
        let status = code.status().as_u16();
        format!("{} ({}, status {status})\n\n{}\n", code.title(), code.name(), code.documentation())
    };
    std::future::ready(Code::by_name(&name).map(text).ok_or_else(ApiError::not_found))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn document(response: Response) -> serde_json::Value {
        let body = to_bytes(response.into_body(), 1 << 16).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[tokio::test]
    async fn a_problem_has_all_its_members() {
        let response = ApiError::field("settings.bot_token", "must be given").into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        let expected = serde_json::json!({
            "type": "/problems/invalid", "title": "The request was understood but not right", "status": 422,
            "detail": "Look at: settings.bot_token.", "code": "invalid", "fields": {"settings.bot_token": "must be given"},
        });
        assert_eq!(document(response).await, expected);
    }

    #[tokio::test]
    async fn headers_say_what_to_do_next() {
        assert_eq!(ApiError::unauthorised().into_response().headers()[WWW_AUTHENTICATE], "Bearer");
        assert_eq!(ApiError::too_many(7).into_response().headers()[RETRY_AFTER], "7");
        assert_eq!(ApiError::unavailable().into_response().headers()[RETRY_AFTER], "2");
        assert!(!ApiError::forbidden().into_response().headers().contains_key(WWW_AUTHENTICATE));
    }

    #[tokio::test]
    async fn an_internal_error_keeps_its_reason_to_itself() {
        let log = crate::telemetry::logs::captured::Captured::default();
        let subscriber = crate::telemetry::subscriber(
            crate::telemetry::Format::Text,
            crate::telemetry::Level::Info,
            false,
            log.clone(),
        );
        let error = tracing::subscriber::with_default(subscriber, || ApiError::internal("the disk is full"));
        let text = document(error.into_response()).await.to_string();
        assert!(!text.contains("disk"), "{text}");
        let number = text.split("incident ").nth(1).unwrap().split('.').next().unwrap().to_owned();
        assert!(log.text().contains("the disk is full") && log.text().contains(&number), "{}", log.text());
        assert!(log.text().contains("problem/mod.rs"), "the place is logged: {}", log.text());
    }

    #[tokio::test]
    async fn strangers_paths_and_methods_are_problems_too() {
        let router = Router::new()
            .route("/here", get(|| async { "yes" }))
            .route("/problems/{code}", get(explain))
            .fallback(no_such_path)
            .method_not_allowed_fallback(no_such_method);
        let ask = |request: Request<Body>| router.clone().oneshot(request);
        let lost = ask(Request::get("/there").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(
            (lost.status().as_u16(), document(lost).await["code"].as_str().unwrap().to_owned()),
            (404, "not_found".into())
        );
        let wrong = ask(Request::delete("/here").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(wrong.headers()["allow"], "GET,HEAD");
        assert_eq!(document(wrong).await["code"], "method_not_allowed");
        let help = ask(Request::get("/problems/window_closed").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(help.status(), 200);
    }
}
