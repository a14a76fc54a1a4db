//! An HTTP client that says what went wrong.

use http::{Method, StatusCode};
use serde_json::Value;

/// Somebody who calls the server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub bytes: Vec<u8>,
    /// Method and path, for messages.
    asked: String,
}

impl Client {
    /// Somebody who calls paths below `base`.
    pub(crate) fn new(base: &str) -> Self {
        // Whoever comes first says whose cryptography it is; the simulator does too.
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base: base.to_owned(), headers: Vec::new() }
    }

    /// The same at another base.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same with one more header.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.headers.retain(|(known, _)| known != name);
        changed.headers.push((name.to_owned(), value.to_owned()));
        changed
    }

    /// A request to be completed and sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    /// Sends bytes of some type.
    pub(crate) async fn send(&self, method: Method, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(method.clone(), path).header("content-type", kind).body(body);
        Answer::of(request, &method, path).await
    }

    /// The same for a body that the server may refuse before it has read it: `None` if it hung up meanwhile.
    pub(crate) async fn send_much(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Option<Answer> {
        // The next request must not come by a connection that the server has closed.
        let request = self.request(method.clone(), path).header("connection", "close");
        let request = request.header("content-type", kind).body(body);
        Answer::try_of(request, &method, path).await.ok()
    }

    /// Sends JSON, or nothing.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        match body {
            Some(body) => self.send(method, path, "application/json", body.to_string()).await,
            None => Answer::of(self.request(method.clone(), path), &method, path).await,
        }
    }

    /// Asks, and reads no more than the head of an answer that succeeds: for what does not end.
    pub(crate) async fn head_of(&self, method: Method, path: &str) -> Answer {
        let response = self.request(method.clone(), path).send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = if status.is_success() { Vec::new() } else { response.bytes().await.unwrap().to_vec() };
        Answer { status, headers, bytes, asked: format!("{method} {path}") }
    }

    /// What a path shows.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await.json(200)
    }

    /// The bytes of a path.
    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        let answer = self.call(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{answer}");
        answer.bytes
    }

    /// Makes something.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, Some(&body)).await.json(201)
    }

    /// Changes something.
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Value {
        self.call(Method::PATCH, path, Some(&body)).await.json(200)
    }

    /// The `data` of a list.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        self.get(path).await["data"].as_array().expect("a list").clone()
    }

    /// The messages of a conversation, oldest first.
    pub(crate) async fn messages(&self, conversation: &str) -> Vec<Value> {
        self.list(&format!("/conversations/{conversation}/messages?limit=100")).await
    }

    /// The members' texts in a conversation, oldest first.
    pub(crate) async fn texts(&self, conversation: &str) -> Vec<String> {
        self.messages(conversation).await.iter().map(|message| text_of(&message["text"])).collect()
    }

    /// Writes in a conversation.
    pub(crate) async fn say(&self, conversation: &str, text: &str) -> Value {
        self.post(&format!("/conversations/{conversation}/messages"), serde_json::json!({ "text": text })).await
    }

    /// One message, as its conversation shows it.
    pub(crate) async fn message(&self, conversation: &str, id: &str) -> Value {
        let found = self.messages(conversation).await.into_iter().find(|message| message["id"] == id);
        found.unwrap_or_else(|| panic!("{id} is not in {conversation}"))
    }

    /// Waits until a message has a state.
    pub(crate) async fn reaches(&self, conversation: &str, message: &Value, state: &str) -> Value {
        let id = text_of(&message["id"]);
        crate::house::until(&format!("{id} becomes {state}"), async || {
            let now = self.message(conversation, &id).await;
            (now["state"] == state).then_some(now)
        })
        .await
    }

    /// Uploads a file; the id of the attachment.
    pub(crate) async fn upload(&self, name: &str, content: &[u8]) -> String {
        text_of(&self.upload_to("/attachments", name, content).await.json(201)["id"])
    }

    /// Uploads a file to a path.
    pub(crate) async fn upload_to(&self, path: &str, name: &str, content: &[u8]) -> Answer {
        let part = reqwest::multipart::Part::bytes(content.to_vec()).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        Answer::of(self.request(Method::POST, path).multipart(form), &Method::POST, path).await
    }
}

impl Answer {
    async fn of(request: reqwest::RequestBuilder, method: &Method, path: &str) -> Self {
        Self::try_of(request, method, path).await.unwrap_or_else(|error| panic!("{method} {path}: {error:?}"))
    }

    async fn try_of(request: reqwest::RequestBuilder, method: &Method, path: &str) -> reqwest::Result<Self> {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await?.to_vec();
        Ok(Self { status, headers, bytes, asked: format!("{method} {path}") })
    }

    /// The JSON of an answer with this status.
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self}");
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{self}: {error}"))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Checks that this is a whole problem document with a status and a code.
    pub(crate) fn problem(&self, status: u16, code: &str) {
        let problem = self.json(status);
        let kind = self.headers.get("content-type").and_then(|kind| kind.to_str().ok());
        assert_eq!(kind, Some("application/problem+json"), "{self}");
        assert_eq!(problem["code"], code, "{self}");
        assert_eq!(problem["status"], status, "{self}");
        for member in ["type", "title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} of {self}");
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: String = String::from_utf8_lossy(&self.bytes).chars().take(600).collect();
        write!(f, "{} → {}: {shown}", self.asked, self.status)
    }
}

/// A JSON text, or nothing.
pub(crate) fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
