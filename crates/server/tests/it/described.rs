//! What the program says of itself: its API's document, its health, its numbers, and its log.

use std::io::Write;
use std::sync::{Mutex, OnceLock, PoisonError};

use http::Method;
use serde_json::{Value, json};
use server::telemetry::{Format, Level, subscriber};
use simulator::telegram::{Says, Upload};

use crate::api_channel::Other;
use crate::bot::Bot;
use crate::client::{Client, text_of};
use crate::house::{House, PASSWORD, until};
use crate::visitor::Site;

both_engines!(the_document_describes_every_operation, health_and_numbers_are_told, the_log_holds_nothing_personal);

/// An operation of the document.
pub(crate) struct Operation {
    pub method: Method,
    pub path: String,
    pub described: Value,
}

impl Operation {
    /// All operations.
    pub(crate) async fn all(house: &House) -> Vec<Self> {
        let document = house.nobody().get("/api/v1/openapi.json").await;
        let mut all = Vec::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, described) in operations.as_object().unwrap() {
                let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
                let known = [Method::GET, Method::POST, Method::PATCH, Method::DELETE, Method::PUT];
                if known.contains(&method) {
                    all.push(Self { method, path: path.clone(), described: described.clone() });
                }
            }
        }
        assert!(all.len() > 30, "{} operations", all.len());
        all
    }

    /// Whether it takes no credentials.
    pub(crate) fn is_open(&self) -> bool {
        self.described["security"] == json!([{}])
    }
}

async fn the_document_describes_every_operation(house: &House) {
    let document = house.nobody().get("/api/v1/openapi.json").await;
    assert!(text_of(&document["openapi"]).starts_with("3.1"));
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    for named in document["security"].as_array().unwrap() {
        assert!(named.as_object().unwrap().keys().all(|name| schemes.contains_key(name)), "{named}");
    }
    let api = Client::new(&format!("{}/api/v1", house.base));
    let mut open = Vec::new();
    for operation in Operation::all(house).await {
        let (method, path) = (&operation.method, &operation.path);
        let responses = operation.described["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
        assert!(operation.described["summary"].is_string(), "{method} {path}");
        if operation.is_open() {
            open.push(format!("{method} {path}"));
            continue;
        }
        assert!(responses.contains_key("401"), "{method} {path}");
        let concrete = path.replace("{id}", &format!("msg_{}", "0".repeat(32)));
        api.call(method.clone(), &concrete, None).await.problem(401, "unauthorised");
    }
    assert_eq!(open, ["GET /demo", "POST /invitations/accept", "POST /invitations/preview", "POST /session"]);
    house.workspace.owner.call(Method::PUT, "/contacts", None).await.problem(405, "method_not_allowed");
    house.workspace.owner.call(Method::GET, "/nothing", None).await.problem(404, "not_found");
    house.nobody().call(Method::GET, "/nothing/at/all", None).await.problem(404, "not_found");
    let page = house.nobody().bytes("/problems/no_consent").await;
    assert!(String::from_utf8(page).unwrap().contains("consent"));
}

async fn health_and_numbers_are_told(house: &House) {
    let nobody = house.nobody();
    assert_eq!(nobody.bytes("/healthz").await, b"ok\n");
    assert_eq!(nobody.bytes("/readyz").await, b"ready\n");
    let bot = Bot::connect(house).await;
    let (_, conversation) = bot.talk("Xenia Canarina", "Salve").await;
    let message = house.workspace.agent.say(&conversation, "Salve").await;
    house.workspace.agent.reaches(&conversation, &message, "sent").await;
    let metrics = String::from_utf8(nobody.bytes("/metrics").await).unwrap();
    for expected in ["telegram", "queue=\"outbox\"", "queue=\"inbox\"", "/api/v1/conversations/{id}/messages", "# EOF"]
    {
        assert!(metrics.contains(expected), "{expected} in {metrics}");
    }
    for hidden in ["Xenia", &conversation, &bot.token, "127.0.0.1"] {
        assert!(!metrics.contains(hidden), "{hidden} in the metrics");
    }
    let page = nobody.call(Method::GET, "/", None).await;
    assert!(page.headers.contains_key("content-security-policy"));
}

/// Everything the whole test process logged.
static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Starts the program's own log for the whole process, written to where the test below reads it.
pub(crate) fn capture_logs() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let subscriber = subscriber(Format::Json, Level::Trace, false, || Log);
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

pub(crate) fn logged(needle: &str) -> bool {
    let log = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
    log.windows(needle.len()).any(|window| window == needle.as_bytes())
}

async fn the_log_holds_nothing_personal(house: &House) {
    let bot = Bot::connect(house).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let person = bot.person("Canarina Nome");
    let file = Upload::new("canarina-file.txt", "", &b"canarina-content"[..]).captioned("canarina-caption");
    bot.says(person, Says::Document(file));
    bot.writes(person, "canarina-inbound");
    let conversation = bot.conversation_with("Canarina Nome").await;
    bot.arrived(&conversation, "canarina-inbound").await;
    let path = format!("/conversations/{conversation}/messages");
    let reply = agent.say(&conversation, "canarina-reply").await;
    agent.reaches(&conversation, &reply, "sent").await;
    agent.post(&path, json!({ "text": "canarina-note", "note": true })).await;
    agent.patch(&format!("/conversations/{conversation}"), json!({ "labels": ["canarina-label"] })).await;
    agent.list("/search?q=canarina-query").await;
    // Things that go wrong are logged most of all.
    for fault in [simulator::faults::CallFault::CutAfter, simulator::faults::CallFault::ErrorBefore] {
        let order = simulator::faults::Order::once(fault).only("sendMessage");
        bot.telegram.order_call_fault(&bot.token, order).unwrap();
        let lost = agent.say(&conversation, "canarina-lost").await;
        agent.reaches(&conversation, &lost, "failed").await;
    }
    let wrong = json!({ "text": "x", "canarina-key": "canarina-value" });
    agent.call(Method::POST, &path, Some(&wrong)).await.problem(422, "invalid");
    let session = json!({ "email": "canarina@example.org", "password": "canarina-password" });
    Client::new(&house.base).call(Method::POST, "/api/v1/session", Some(&session)).await;
    agent.call(Method::GET, "/contacts/canarina-path?q=canarina-search", None).await;
    let other = Other::connect(house, &house.workspace).await;
    other.writes(agent, "canarina-external", "m", "canarina-api").await;
    let site = Site::connect(house, &house.workspace).await;
    site.visitor(&site.by_hash("canarina-user")).await.says("m", "canarina-web").await;
    until("all of it is logged about", async || logged("answered").then_some(())).await;
    house.quiet().await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.json(202);
    house.quiet().await;
    let secrets = [&bot.token[..], &other.secret, &site.identity_secret, PASSWORD];
    for hidden in ["anarina"].into_iter().chain(secrets) {
        assert!(!logged(hidden), "the log holds {hidden}");
    }
}
