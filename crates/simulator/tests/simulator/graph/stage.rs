//! A business with one number, somebody with a phone, and a webhook that notes what it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::routing::get;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use simulator::graph::whatsapp::{AccountCard, NumberCard, Person};
use simulator::graph::{AppCard, Graph, TokenCard, signature};
use simulator::{DeliveryOptions, ManualClock, Options, Simulator, WhatsApp};
use tokio::net::TcpListener;

use crate::stage::START_MS;

pub(crate) const APP: &str = "900000000000001";
pub(crate) const SECRET: &str = "app-secret";
pub(crate) const TOKEN: &str = "EAAtoken";
pub(crate) const ACCOUNT: &str = "100000000000001";
pub(crate) const NUMBER: &str = "200000000000001";
pub(crate) const ANNA: &str = "anna";
pub(crate) const ANNAS: &str = "393331234567";
pub(crate) const OBJECT: &str = "whatsapp_business_account";

pub(crate) struct Stage {
    pub(crate) base: String,
    pub(crate) simulator: Simulator,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) http: reqwest::Client,
}

impl Stage {
    /// With one number, which the app listens to, and Anna, who has not written yet.
    pub(crate) async fn set() -> Self {
        Self::with_number(NumberCard::default()).await
    }

    pub(crate) async fn with_number(card: NumberCard) -> Self {
        let clock = Arc::new(ManualClock::at(START_MS));
        let deliveries = DeliveryOptions { retry_first_ms: 20, retry_max_ms: 50, ..DeliveryOptions::default() };
        let simulator = Simulator::new(Options { clock: clock.clone(), deliveries, ..Options::default() });
        let (graph, whatsapp) = (simulator.graph(), simulator.whatsapp());
        graph.create_app(AppCard { id: APP.to_owned(), secret: SECRET.to_owned(), ..AppCard::default() });
        let token = TokenCard { token: TOKEN.to_owned(), app: APP.to_owned(), ..TokenCard::default() };
        graph.create_token(token).expect("a known app");
        let account = AccountCard { id: ACCOUNT.to_owned(), name: "Bottega".to_owned(), ..AccountCard::default() };
        let account = AccountCard { portfolio: "700".to_owned(), app: Some(APP.to_owned()), ..account };
        whatsapp.create_account(account).expect("a known app");
        let number = NumberCard { id: NUMBER.to_owned(), account: ACCOUNT.to_owned(), ..card };
        whatsapp.create_number(NumberCard { number: "390255500199".to_owned(), ..number }).expect("an account");
        whatsapp.create_person(Person { id: ANNA.to_owned(), ..Person::named("Anna Rossi", ANNAS) });
        let base = simulator.start().await.expect("a free port");
        let http = reqwest::Client::builder().build().expect("a client");
        Self { base, simulator, clock, http }
    }

    pub(crate) fn graph(&self) -> &Graph {
        self.simulator.graph()
    }

    pub(crate) fn whatsapp(&self) -> WhatsApp {
        self.simulator.whatsapp()
    }

    /// Anna writes, which opens the window.
    pub(crate) fn greet(&self) -> String {
        self.whatsapp().say_text(NUMBER, ANNA, "Ciao").expect("Anna can write")
    }

    /// Calls the interface; a lost connection is an error.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Result<(u16, Value), reqwest::Error> {
        self.call_with(TOKEN, method, path, body).await
    }

    pub(crate) async fn call_with(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Value,
    ) -> Result<(u16, Value), reqwest::Error> {
        let url = format!("{}/v26.0/{path}", self.base);
        let request = self.http.request(method.parse().expect("a method"), url).bearer_auth(token);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = request.header("content-type", "application/json").body(body).send().await?;
        let status = response.status().as_u16();
        let body = response.bytes().await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    /// Calls what must succeed.
    pub(crate) async fn result(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(method, path, body).await.expect("an answer");
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }

    /// Calls what must be refused; answers status and code.
    pub(crate) async fn refusal(&self, method: &str, path: &str, body: Value) -> (u16, i64) {
        let (status, answer) = self.call(method, path, body).await.expect("an answer");
        assert!(answer["error"]["fbtrace_id"].is_string(), "{method} {path}: {status} {answer}");
        (status, answer["error"]["code"].as_i64().unwrap_or_default())
    }

    /// The body of a message to Anna.
    pub(crate) fn to_anna(kind: &str, content: Value) -> Value {
        let mut body = json!({ "messaging_product": "whatsapp", "to": format!("+{ANNAS}"), "type": kind });
        body[kind] = content;
        body
    }

    pub(crate) fn words(text: &str) -> Value {
        Self::to_anna("text", json!({ "body": text }))
    }

    /// Sends, and answers the message's id.
    pub(crate) async fn send(&self, body: Value) -> String {
        let answer = self.result("POST", &format!("{NUMBER}/messages"), body).await;
        answer["messages"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// Sends what must be refused.
    pub(crate) async fn send_refused(&self, body: Value) -> (u16, i64) {
        self.refusal("POST", &format!("{NUMBER}/messages"), body).await
    }

    /// Texts of everything businesses really sent.
    pub(crate) fn sent_texts(&self) -> Vec<String> {
        let sent = self.graph().sent(APP).expect("a known app");
        sent.into_iter().filter_map(|sent| sent.text).collect()
    }
}

/// What a webhook was told, and what it is to answer.
#[derive(Default)]
pub(crate) struct Notes {
    /// Body and signature.
    pub(crate) told: Vec<(String, String)>,
    pub(crate) asked: usize,
    /// Answers in this sequence, then always 200.
    pub(crate) answers: Vec<u16>,
}

/// A webhook.
#[derive(Clone)]
pub(crate) struct Hook {
    pub(crate) notes: Arc<Mutex<Notes>>,
    pub(crate) url: String,
}

impl Hook {
    /// Starts one and sets it as the app's, without a handshake.
    pub(crate) async fn of(stage: &Stage) -> Self {
        let hook = Self::start().await;
        stage.graph().set_callback(APP, OBJECT, &hook.url, &[]).expect("a known app");
        hook
    }

    /// Says the challenge back to whoever knows `word`.
    pub(crate) async fn start() -> Self {
        let notes = Arc::new(Mutex::new(Notes::default()));
        let router = axum::Router::new().route("/hook", get(ask).post(tell)).with_state(notes.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("a bound port"));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { notes, url }
    }

    /// Waits until it was told that often, and answers the bodies, whose signatures are right.
    pub(crate) async fn told(&self, count: usize) -> Vec<Value> {
        for _ in 0..200 {
            if self.notes.lock().expect("no panic").told.len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let notes = self.notes.lock().expect("no panic");
        assert_eq!(notes.told.len(), count, "{:?}", notes.told);
        let right = |(body, given): &(String, String)| *given == signature(SECRET, body.as_bytes());
        assert!(notes.told.iter().all(right), "a wrong signature");
        notes.told.iter().map(|(body, _)| serde_json::from_str(body).expect("JSON")).collect()
    }

    /// The values of the single changes told so far.
    pub(crate) async fn values(&self, count: usize) -> Vec<Value> {
        let told = self.told(count).await;
        told.into_iter().map(|body| body["entry"][0]["changes"][0]["value"].clone()).collect()
    }

    /// Statuses told so far, in order.
    pub(crate) async fn statuses(&self, count: usize) -> Vec<Value> {
        let values = self.values(count).await;
        values.iter().filter_map(|value| value["statuses"].get(0).cloned()).collect()
    }
}

#[derive(serde::Deserialize)]
struct Asked {
    #[serde(rename = "hub.challenge")]
    challenge: String,
    #[serde(rename = "hub.verify_token")]
    word: String,
    #[serde(rename = "hub.mode")]
    mode: String,
}

async fn ask(State(notes): State<Arc<Mutex<Notes>>>, Query(asked): Query<Asked>) -> (StatusCode, String) {
    notes.lock().expect("no panic").asked += 1;
    if asked.mode == "subscribe" && asked.word == "the word" {
        (StatusCode::OK, asked.challenge)
    } else {
        (StatusCode::FORBIDDEN, String::new())
    }
}

async fn tell(State(notes): State<Arc<Mutex<Notes>>>, headers: HeaderMap, body: String) -> StatusCode {
    let mut notes = notes.lock().expect("no panic");
    let signature = headers["x-hub-signature-256"].to_str().expect("text").to_owned();
    notes.told.push((body, signature));
    let status = if notes.answers.is_empty() { 200 } else { notes.answers.remove(0) };
    StatusCode::from_u16(status).expect("a status")
}
