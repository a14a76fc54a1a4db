//! Another system: it takes what is posted to it, checks nothing, and answers as it is told; or not at all, until it may.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::post;
use connect::{Raw, Secret, standard_webhooks};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

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
    /// How many posts each slow address holds now, and held at most.
    held: BTreeMap<String, (usize, usize)>,
}

/// The other system.
pub(crate) struct Receiver {
    authority: String,
    inner: Arc<Mutex<Inner>>,
    answers: watch::Sender<bool>,
}

impl Receiver {
    /// Starts it on a port of its own.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let inner = Arc::new(Mutex::new(Inner::default()));
        let (answers, answering) = watch::channel(false);
        let slow = {
            let inner = Arc::clone(&inner);
            move |Path(name): Path<String>| hold(Holding::begin(inner.clone(), name), answering.clone())
        };
        let router = Router::new()
            .route("/hook", post(take))
            .route("/slow/{name}", post(slow))
            .route("/files/{name}", axum::routing::get(file))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { authority, inner, answers }
    }

    /// `host:port`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// Where it takes posts.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.authority)
    }

    /// Where posts are taken and not answered until [`Self::answer_the_slow`].
    pub(crate) fn slow_url(&self, name: &str) -> String {
        format!("http://{}/slow/{name}", self.authority)
    }

    /// How many posts a slow address held at once, at most.
    pub(crate) fn most_held(&self, name: &str) -> usize {
        self.inner.lock().unwrap().held.get(name).map_or(0, |(_, most)| *most)
    }

    /// Answers all that is held, and from now on everything.
    pub(crate) fn answer_the_slow(&self) {
        self.answers.send(true).ok();
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

/// A post that is held. Whoever posted it may hang up.
struct Holding {
    inner: Arc<Mutex<Inner>>,
    name: String,
}

impl Holding {
    fn begin(inner: Arc<Mutex<Inner>>, name: String) -> Self {
        let mut known = inner.lock().unwrap();
        let (now, most) = known.held.entry(name.clone()).or_default();
        *now += 1;
        *most = (*most).max(*now);
        drop(known);
        Self { inner, name }
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        if let Some((now, _)) = self.inner.lock().unwrap().held.get_mut(&self.name) {
            *now -= 1;
        }
    }
}

async fn hold(held: Holding, mut answering: watch::Receiver<bool>) -> StatusCode {
    answering.wait_for(|answering| *answering).await.ok();
    drop(held);
    StatusCode::NO_CONTENT
}

async fn file(State(inner): State<Arc<Mutex<Inner>>>, Path(name): Path<String>) -> Result<Vec<u8>, StatusCode> {
    let inner = inner.lock().unwrap();
    let found = inner.files.iter().find(|(known, _)| *known == name).map(|(_, content)| content.clone());
    found.ok_or(StatusCode::NOT_FOUND)
}
