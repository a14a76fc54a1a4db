//! Another system: it takes what is posted to it, checks nothing, and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use connect::{Raw, Secret, standard_webhooks};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

/// A post that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Inner {
    posted: Vec<Posted>,
    answers: VecDeque<u16>,
    files: Vec<(String, Vec<u8>)>,
}

/// The other system.
pub(crate) struct Receiver {
    authority: String,
    inner: Arc<Mutex<Inner>>,
}

impl Receiver {
    /// Starts it on a port of its own.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let inner = Arc::new(Mutex::new(Inner::default()));
        let router = Router::new()
            .route("/hook", post(take))
            .route("/files/{name}", axum::routing::get(file))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { authority, inner }
    }

    /// `host:port`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// Where it takes posts.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.authority)
    }

    /// Gives a file away; its address.
    pub(crate) fn offer(&self, name: &str, content: &[u8]) -> String {
        self.inner.lock().unwrap().files.push((name.to_owned(), content.to_vec()));
        format!("http://{}/files/{name}", self.authority)
    }

    /// Answers the next posts with these statuses, and 204 after them.
    pub(crate) fn answer_with(&self, statuses: &[u16]) {
        self.inner.lock().unwrap().answers.extend(statuses);
    }

    /// What arrived, in order.
    pub(crate) fn posted(&self) -> Vec<Posted> {
        self.inner.lock().unwrap().posted.clone()
    }
}

impl Posted {
    /// The body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The id that stays the same over repetitions.
    pub(crate) fn id(&self) -> String {
        self.headers["webhook-id"].to_str().unwrap().to_owned()
    }

    /// Whether the signature is right.
    pub(crate) fn is_signed_with(&self, secret: &str, now_ms: i64) -> bool {
        let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.to_string(), value.to_str().unwrap().to_owned())
        };
        let raw = Raw {
            method: "POST".into(),
            path: String::new(),
            query: String::new(),
            headers: self.headers.iter().map(text).collect(),
            body: self.body.clone(),
        };
        standard_webhooks::verify(&Secret::new(secret), now_ms, &raw)
    }
}

async fn take(State(inner): State<Arc<Mutex<Inner>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut inner = inner.lock().unwrap();
    inner.posted.push(Posted { headers, body: body.to_vec() });
    StatusCode::from_u16(inner.answers.pop_front().unwrap_or(204)).unwrap()
}

async fn file(
    State(inner): State<Arc<Mutex<Inner>>>,
    axum::extract::Path(name): axum::extract::Path<String>,
) -> Result<Vec<u8>, StatusCode> {
    let inner = inner.lock().unwrap();
    let found = inner.files.iter().find(|(known, _)| *known == name).map(|(_, content)| content.clone());
    found.ok_or(StatusCode::NOT_FOUND)
}
