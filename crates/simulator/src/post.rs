//! How the simulated providers call webhooks: over the network, or straight into a program that runs in the same thread.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// Bytes of a webhook's answer that are looked at.
const LARGEST_ANSWER: u64 = 1024 * 1024;

/// One request to a webhook.
#[derive(Clone, Debug)]
pub struct Post {
    /// Where to.
    pub url: String,
    /// Its headers, its content's type among them.
    pub headers: Vec<(&'static str, String)>,
    /// Its content.
    pub body: Bytes,
}

/// What a webhook answered.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The content, nothing if it is larger than a mebibyte.
    pub body: Bytes,
}

/// An answer to come; `None` if none came.
pub type Posting = Pin<Box<dyn Future<Output = Option<Posted>> + Send>>;

/// Whoever carries requests to webhooks.
pub trait Poster: Send + Sync {
    /// Carries one.
    fn post(&self, post: Post) -> Posting;
}

/// Over the network.
pub(crate) struct Wire(reqwest::Client);

impl Wire {
    /// `None` if TLS is broken.
    pub(crate) fn poster(timeout: Duration) -> Option<Arc<dyn Poster>> {
        Some(Arc::new(Self(client(timeout)?)))
    }
}

/// A client as the providers have one: it follows nothing.
pub(crate) fn client(timeout: Duration) -> Option<reqwest::Client> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(timeout).no_proxy();
    client.build().ok()
}

impl Poster for Wire {
    fn post(&self, post: Post) -> Posting {
        let mut request = self.0.post(&post.url).body(post.body);
        for (name, value) in &post.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                request = request.header(name, value);
            }
        }
        Box::pin(async move {
            let response = request.send().await.ok()?;
            let (status, headers) = (response.status(), response.headers().clone());
            let small = response.content_length().is_none_or(|length| length <= LARGEST_ANSWER);
            let body = if small { response.bytes().await.unwrap_or_default() } else { Bytes::new() };
            Some(Posted { status, headers, body })
        })
    }
}
