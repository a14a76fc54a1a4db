//! Reading bodies and queries such that whatever is wrong with them is a problem document with a path.
//!
//! Unknown members are refused: a misspelt one would otherwise be an order silently not carried out. What the caller
//! sent is not repeated in the answer, only what was expected.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ApiError, Code};

/// A JSON body, or a JSON answer.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

/// The query.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            let detail = "Send the body as `Content-Type: application/json`.";
            return Err(ApiError::new(Code::UnsupportedMediaType, detail));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(rejection.status()))?;
        read_json(&body).map(Self)
    }
}

/// A JSON body with the bytes it was read from.
#[derive(Debug)]
pub struct Raw<T> {
    /// As sent.
    pub bytes: Bytes,
    /// As read.
    pub body: T,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Raw<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            let detail = "Send the body as `Content-Type: application/json`.";
            return Err(ApiError::new(Code::UnsupportedMediaType, detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(rejection.status()))?;
        let body = read_json(&bytes)?;
        Ok(Self { bytes, body })
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        read_query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// Reads JSON as [`Json`] does, for handlers that have the bytes already.
pub(crate) fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if holds_nul(body) {
        return Err(ApiError::new(Code::Malformed, "The NUL character is not taken in any text."));
    }
    if body.trim_ascii_start().starts_with(b"[") {
        // Serde would read a list as a struct by position.
        return Err(ApiError::field(".", "expected an object"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let (read, unknown) = read(&mut json);
    let value = read.map_err(|error| {
        let inner = error.inner();
        match inner.classify() {
            serde_json::error::Category::Data => wrong(&error.path().to_string(), &inner.to_string()),
            _ => ApiError::new(Code::Malformed, syntax(inner.line(), inner.column())),
        }
    })?;
    json.end().map_err(|error| ApiError::new(Code::Malformed, syntax(error.line(), error.column())))?;
    nothing_unknown(unknown).map(|()| value)
}

fn read_query<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    if let Some((key, _)) = form_urlencoded::parse(query.as_bytes()).find(|(_, value)| value.contains('\0')) {
        return Err(ApiError::field(key.replace('\0', ""), "the NUL character is not taken in any text"));
    }
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    let (read, unknown) = read(pairs);
    let value = read.map_err(|error| wrong(&error.path().to_string(), &error.inner().to_string()))?;
    nothing_unknown(unknown).map(|()| value)
}

type Traced<T, E> = Result<T, serde_path_to_error::Error<E>>;

/// Deserialises with the path of an error, and collects the members that nobody asked for.
fn read<'de, T, D>(deserializer: D) -> (Traced<T, D::Error>, Vec<String>)
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let traced = serde_path_to_error::Deserializer::new(deserializer, &mut track);
    let read = serde_ignored::deserialize(traced, |path| unknown.push(written(&path)));
    (read.map_err(|error| serde_path_to_error::Error::new(track.path(), error)), unknown)
}

fn nothing_unknown(unknown: Vec<String>) -> Result<(), ApiError> {
    if unknown.is_empty() {
        return Ok(());
    }
    Err(ApiError::invalid(unknown.into_iter().map(|path| (path, "is not known here"))))
}

/// A path as `serde_path_to_error` writes it too: `items[2].name`.
fn written(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", written(parent)),
        Path::Map { parent: Path::Root, key } => key.clone(),
        Path::Map { parent, key } => format!("{}.{key}", written(parent)),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => written(parent),
    }
}

fn wrong(path: &str, message: &str) -> ApiError {
    let path = if path.is_empty() || path == "?" { "." } else { path };
    match message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        Some(name) if path == "." => ApiError::field(name, "must be given"),
        Some(name) => ApiError::field(format!("{path}.{name}"), "must be given"),
        None => ApiError::field(path, expected(message)),
    }
}

/// Serde's words without the value that was sent and without the position.
fn expected(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    let quotes_value = ["invalid type", "invalid value", "invalid length", "unknown variant"];
    match message.split_once("expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None if message.starts_with("unknown field") => "is not known here".to_owned(),
        None if quotes_value.iter().any(|words| message.starts_with(words)) => "has a wrong value".to_owned(),
        None => message.to_owned(),
    }
}

fn syntax(line: usize, column: usize) -> String {
    format!("The body is no valid JSON: look at line {line}, column {column}.")
}

fn unreadable(status: StatusCode) -> ApiError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::new(Code::TooLarge, "The body is larger than this path takes.")
    } else {
        ApiError::new(Code::Malformed, "The body did not arrive whole.")
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Whether a JSON text writes U+0000, which no database column takes. A raw NUL is a syntax error anyway.
fn holds_nul(body: &[u8]) -> bool {
    let mut rest = body;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let after = rest.get(at + 1..).unwrap_or_default();
        if after.starts_with(b"u0000") {
            return true;
        }
        rest = after.get(1..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Channel {
        name: String,
        #[serde(default)]
        items: Vec<Item>,
        mode: Option<Mode>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Item {
        size: u32,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        Fast,
        Slow,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Page {
        limit: Option<u16>,
        q: Option<String>,
    }

    fn problem(body: &str) -> (&'static str, String) {
        let error = read_json::<Channel>(body.as_bytes()).unwrap_err();
        let fields: Vec<String> = error.fields().iter().map(|(path, what)| format!("{path}: {what}")).collect();
        let words = if fields.is_empty() { error.detail().to_owned() } else { fields.join("; ") };
        (error.code().name(), words)
    }

    #[test]
    fn what_was_wrong_where() {
        let cases = [
            (r#"{"name": 5}"#, "invalid", "name: expected a string"),
            (r#"{"items": []}"#, "invalid", "name: must be given"),
            (r#"{"name":"a","items":[{"size":1},{"size":"SECRET"}]}"#, "invalid", "items[1].size: expected u32"),
            (r#"{"name":"a","items":[{}]}"#, "invalid", "items[0].size: must be given"),
            (r#"{"name":"a","mode":"SECRET"}"#, "invalid", "mode: expected `fast` or `slow`"),
            (
                r#"{"name":"a","nmae":"b","items":[{"size":1,"seize":2}]}"#,
                "invalid",
                "items[0].seize: is not known here; nmae: is not known here",
            ),
            ("[1]", "invalid", ".: expected an object"),
            ("{\n  \"name\": }", "malformed", "The body is no valid JSON: look at line 2, column 11."),
            (r#"{"name":"a"} x"#, "malformed", "The body is no valid JSON: look at line 1, column 14."),
            ("", "malformed", "The body is no valid JSON: look at line 1, column 0."),
            (r#"{"name":"\ud800"}"#, "malformed", "The body is no valid JSON: look at line 1, column 16."),
            (r#"{"name":"a\u0000b"}"#, "malformed", "The NUL character is not taken in any text."),
        ];
        for (body, code, words) in cases {
            assert_eq!(problem(body), (code, words.to_owned()), "{body}");
        }
    }

    #[test]
    fn what_is_right_is_read() {
        let read = read_json::<Channel>(br#"{"name":"a \\u0000 b","mode":"fast"}"#).unwrap();
        assert_eq!(read, Channel { name: r"a \u0000 b".into(), items: vec![], mode: Some(Mode::Fast) });
        let deep = format!("{{\"name\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(read_json::<Channel>(deep.as_bytes()).is_err());
    }

    #[test]
    fn queries_are_read_as_strictly() {
        assert_eq!(read_query::<Page>("q=a%20b&limit=5").unwrap(), Page { limit: Some(5), q: Some("a b".into()) });
        let wrong = read_query::<Page>("limit=SECRET").unwrap_err();
        assert_eq!(
            wrong.fields().iter().next().unwrap(),
            (&"limit".to_owned(), &"invalid digit found in string".to_owned())
        );
        let unknown = read_query::<Page>("limt=5").unwrap_err();
        assert_eq!(unknown.fields().iter().next().unwrap(), (&"limt".to_owned(), &"is not known here".to_owned()));
    }

    #[tokio::test]
    async fn a_body_has_its_type_and_its_bound() {
        use axum::extract::DefaultBodyLimit;
        use axum::routing::post;
        use tower::ServiceExt;

        let router = axum::Router::new()
            .route("/", post(|Json(channel): Json<Channel>| async move { channel.name }))
            .layer(DefaultBodyLimit::max(64));
        let send = |content_type: &'static str, body: String| {
            let request =
                http::Request::post("/").header(CONTENT_TYPE, content_type).body(axum::body::Body::from(body));
            router.clone().oneshot(request.unwrap())
        };
        let small = r#"{"name":"a"}"#.to_owned();
        assert_eq!(send("application/json; charset=utf-8", small.clone()).await.unwrap().status(), 200);
        assert_eq!(send("text/plain", small).await.unwrap().status(), 415);
        assert_eq!(send("application/json", " ".repeat(65)).await.unwrap().status(), 413);
    }

    proptest::proptest! {
        #[test]
        fn no_body_and_no_query_panics(bytes: Vec<u8>, text: String) {
            let _ = read_json::<Channel>(&bytes);
            let _ = read_json::<Channel>(text.as_bytes());
            let _ = read_query::<Page>(&text);
        }
    }
}
