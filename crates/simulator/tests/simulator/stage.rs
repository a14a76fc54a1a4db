//! A simulator on a port of its own, a bot, a person, and a webhook that notes what it is brought.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use simulator::telegram::{BotCard, Person};
use simulator::{DeliveryOptions, ManualClock, Options, Simulator, Telegram};
use tokio::net::TcpListener;

pub(crate) const TOKEN: &str = "42:secret";
/// 14 November 2023, in milliseconds since the epoch.
pub(crate) const START_MS: i64 = 1_700_000_000_000;

pub(crate) struct Stage {
    pub(crate) base: String,
    pub(crate) simulator: Simulator,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) anna: i64,
    pub(crate) http: reqwest::Client,
}

impl Stage {
    /// With one bot ([`TOKEN`]) and one person, who has not written yet.
    pub(crate) async fn set() -> Self {
        Self::with_seed(1).await
    }

    pub(crate) async fn with_seed(seed: u64) -> Self {
        let clock = Arc::new(ManualClock::at(START_MS));
        let deliveries = DeliveryOptions { retry_first_ms: 20, retry_max_ms: 50, ..DeliveryOptions::default() };
        let options = Options { seed, clock: clock.clone(), deliveries, ..Options::default() };
        let simulator = Simulator::new(options);
        let card = BotCard { token: TOKEN.to_owned(), ..BotCard::default() };
        simulator.telegram().create_bot(card).expect("a good token");
        let anna = simulator.telegram().create_person(Person::named("Anna", "it")).id;
        let base = simulator.start().await.expect("a free port");
        let http = reqwest::Client::builder().build().expect("a client");
        Self { base, simulator, clock, anna, http }
    }

    pub(crate) fn telegram(&self) -> &Telegram {
        self.simulator.telegram()
    }

    /// Anna writes, which opens the chat.
    pub(crate) fn greet(&self) -> i64 {
        self.telegram().say_text(TOKEN, self.anna, "Ciao").expect("Anna can write")
    }

    /// Calls a method with JSON; a lost connection is an error.
    pub(crate) async fn call(&self, method: &str, body: Value) -> Result<Value, reqwest::Error> {
        self.request("POST", &format!("/bot{TOKEN}/{method}"), &body).await.map(|(_, body)| body)
    }

    /// Calls a method that must succeed, and answers its result.
    pub(crate) async fn result(&self, method: &str, body: Value) -> Value {
        let answer = self.call(method, body).await.expect("an answer");
        assert_eq!(answer["ok"], true, "{method}: {answer}");
        answer["result"].clone()
    }

    /// Calls a method that must be refused, and answers the code with the description.
    pub(crate) async fn refusal(&self, method: &str, body: Value) -> (u64, String) {
        let answer = self.call(method, body).await.expect("an answer");
        assert_eq!(answer["ok"], false, "{method}: {answer}");
        let code = answer["error_code"].as_u64().unwrap_or_default();
        (code, answer["description"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<(StatusCode, Value), reqwest::Error> {
        let method = method.parse().expect("a method");
        let request = self.http.request(method, format!("{}{path}", self.base));
        let json = request.header("content-type", "application/json").body(body.to_string());
        let response = json.send().await?;
        let status = response.status();
        let body = response.bytes().await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    /// Texts of everything the bot really sent.
    pub(crate) fn sent_texts(&self) -> Vec<String> {
        let sent = self.telegram().sent(TOKEN).expect("a known bot");
        sent.into_iter().filter_map(|sent| sent.text).collect()
    }

    /// Sends the words to Anna.
    pub(crate) fn words(&self, text: &str) -> Value {
        json!({ "chat_id": self.anna, "text": text })
    }
}

/// What a webhook was brought, and what it is to answer.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) updates: Vec<Value>,
    pub(crate) secrets: Vec<Option<String>>,
    /// Answers in this sequence, then always 200.
    pub(crate) answers: Vec<(u16, Value)>,
}

/// A webhook of the bot.
#[derive(Clone)]
pub(crate) struct Hook {
    pub(crate) notes: Arc<Mutex<Notes>>,
    pub(crate) url: String,
}

impl Hook {
    /// Starts one and sets it as the bot's.
    pub(crate) async fn of(stage: &Stage, more: Value) -> Self {
        let hook = Self::start().await;
        let mut body = json!({ "url": hook.url, "secret_token": "s3cret" });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        stage.result("setWebhook", body).await;
        hook
    }

    async fn start() -> Self {
        let notes = Arc::new(Mutex::new(Notes::default()));
        let router = axum::Router::new().route("/hook", post(note)).with_state(notes.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("a bound port"));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { notes, url }
    }

    /// Answers these statuses first.
    pub(crate) fn answering(&self, answers: &[(u16, Value)]) {
        self.notes.lock().expect("no panic").answers = answers.to_vec();
    }

    /// Waits until that many updates were brought, and answers their numbers.
    pub(crate) async fn brought(&self, count: usize) -> Vec<i64> {
        for _ in 0..200 {
            if self.notes.lock().expect("no panic").updates.len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let notes = self.notes.lock().expect("no panic");
        let number = |update: &Value| update["update_id"].as_i64().unwrap_or_default();
        let numbers: Vec<_> = notes.updates.iter().map(number).collect();
        assert_eq!(numbers.len(), count, "{:?}", notes.updates);
        numbers
    }
}

async fn note(
    State(notes): State<Arc<Mutex<Notes>>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    let mut notes = notes.lock().expect("no panic");
    let secret = headers.get("X-Telegram-Bot-Api-Secret-Token");
    notes.secrets.push(secret.and_then(|value| value.to_str().ok()).map(str::to_owned));
    notes.updates.push(serde_json::from_str(&body).expect("an update"));
    let answer = (!notes.answers.is_empty()).then(|| notes.answers.remove(0));
    let (status, body) = answer.unwrap_or((200, json!({})));
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [("content-type", "application/json")], body.to_string())
}
