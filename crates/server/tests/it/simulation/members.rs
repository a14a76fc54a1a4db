//! Members at work, through the REST API: they look, they reply, they change their minds, and they ask again when nobody
//! answers.

use std::sync::Arc;

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use vault::testing::door;

use super::Sim;
use super::label::{Label, Voice};
use super::ledger::{Erasure, Moment, Removal, Reply, Said, Version};

/// How often a member asks in vain before the world is called broken.
const TRIES: u32 = 400;

/// A member.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) workspace: usize,
    is_owner: bool,
}

/// A conversation that a member looks at.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    pub(crate) id: String,
    pub(crate) contact: String,
    pub(crate) person: usize,
}

impl Member {
    pub(crate) fn owner(workspace: usize) -> Self {
        Self { workspace, is_owner: true }
    }

    pub(crate) fn agent(workspace: usize) -> Self {
        Self { workspace, is_owner: false }
    }

    /// Asks once; `None` if the connection breaks.
    pub(crate) async fn asks(
        self,
        sim: &Sim,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Option<(u16, Value)> {
        let workspace = &sim.workspaces()[self.workspace];
        let token = if self.is_owner { &workspace.owner } else { &workspace.agent };
        let request = Request::builder().method(&method).uri(format!("/api/v1{path}"));
        let mut request = request.header("authorization", format!("Bearer {token}"));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        sim.takes(0, 8).await;
        let answer = sim.program.ask(request.body(body).expect("a request")).await?;
        let status = answer.status.as_u16();
        if status == 500 {
            sim.story.wrong(&format!("{method} {path} is answered with an internal error"));
        }
        let lost = sim.is_stormy() && method != Method::GET && sim.network.hits(40);
        if lost {
            sim.story.tell(&format!("the answer to {method} {path} is lost"));
            return None;
        }
        Some((status, serde_json::from_slice(&answer.body).unwrap_or_default()))
    }

    /// Asks until there is an answer.
    pub(crate) async fn insists(
        self,
        sim: &Sim,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> (u16, Value) {
        for _ in 0..TRIES {
            match self.asks(sim, method.clone(), path, body, key).await {
                Some((503, _)) | None => sim.takes(20, 150).await,
                Some(answer) => return answer,
            }
        }
        sim.story.wrong(&format!("{method} {path} is never answered"));
        (0, Value::Null)
    }

    /// The rows of a list.
    pub(crate) async fn list(self, sim: &Sim, path: &str) -> Vec<Value> {
        let (_, page) = self.insists(sim, Method::GET, path, None, None).await;
        page["data"].as_array().cloned().unwrap_or_default()
    }

    /// Looks at some conversation.
    pub(crate) async fn looks(self, sim: &Sim, choice: u64) -> Option<Looked> {
        self.looks_among(sim, choice, |_| true).await
    }

    /// Looks at some conversation of those that fit.
    pub(crate) async fn looks_among(self, sim: &Sim, choice: u64, fits: impl Fn(&Looked) -> bool) -> Option<Looked> {
        let all = self.list(sim, "/conversations?limit=100").await;
        let known: Vec<Looked> = all.iter().filter_map(|view| looked_at(sim, view)).filter(|one| fits(one)).collect();
        let at = choice % u64::try_from(known.len().max(1)).unwrap_or(1);
        known.get(usize::try_from(at).unwrap_or(0)).cloned()
    }

    /// Replies somewhere, perhaps with a button to tap.
    pub(crate) async fn replies(self, sim: Arc<Sim>, choice: u64, with_button: bool) {
        let Some(looked) = self.looks(&sim, choice).await else { return };
        let label = Label::reply(sim.ledger().number(), 1);
        let button = with_button.then(|| sim.ledger().number());
        let mut order = json!({ "text": label.words() });
        if let Some(button) = button {
            let tap = Label::said(button, 1).words();
            order["buttons"] = json!([[{ "label": tap, "data": tap }]]);
            let said = Said::waiting(looked.person);
            sim.ledger().said.insert(button, said);
        }
        self.writes(&sim, &looked, label, &order).await;
    }

    /// Orders that something is sent.
    pub(crate) async fn writes(self, sim: &Sim, looked: &Looked, label: Label, order: &Value) {
        let name = sim.ledger().people[looked.person].name.clone();
        let asked = sim.story.tell(&format!("a member of {} replies {label} to {name}", self.name(sim)));
        let reply = Reply {
            workspace: self.workspace,
            person: looked.person,
            conversation: looked.id.clone(),
            message: None,
            acknowledged: None,
            refused: false,
            orders: 1,
            versions: 1,
            taken_back: false,
            asked,
        };
        sim.ledger().replies.insert(label.number, reply);
        let path = format!("/conversations/{}/messages", looked.id);
        let key = format!("reply-{}", label.number);
        let (status, view) = self.insists(sim, Method::POST, &path, Some(order), Some(&key)).await;
        let now = sim.story.tell(&format!("{label} is answered with {status}"));
        if let Some(reply) = sim.ledger().replies.get_mut(&label.number) {
            reply.message = (status == 201).then(|| view["id"].as_str().unwrap_or_default().to_owned());
            reply.acknowledged = (status == 201).then_some(now);
            reply.refused = status != 201;
        }
    }

    /// One of the replies that were acknowledged in this workspace.
    fn some_reply(self, sim: &Sim, choice: u64) -> Option<(u32, String)> {
        let ledger = sim.ledger();
        let own = ledger.replies.iter().filter(|(_, reply)| reply.workspace == self.workspace && !reply.taken_back);
        let known: Vec<_> = own.filter_map(|(number, reply)| Some((*number, reply.message.clone()?))).collect();
        let at = choice % u64::try_from(known.len().max(1)).unwrap_or(1);
        known.get(usize::try_from(at).unwrap_or(0)).cloned()
    }

    /// Sends something that failed once more.
    pub(crate) async fn retries(self, sim: Arc<Sim>, choice: u64) {
        let Some(looked) = self.looks(&sim, choice).await else { return };
        let messages = self.list(&sim, &format!("/conversations/{}/messages?limit=100", looked.id)).await;
        let failed = messages.iter().find(|message| message["state"] == "failed" && message["removed_at"].is_null());
        let Some(failed) = failed else { return };
        let Some(label) = Label::all_in(failed["text"].as_str().unwrap_or_default()).into_iter().next() else { return };
        let number = {
            let mut ledger = sim.ledger();
            let Some(reply) = ledger.replies.get_mut(&label.number) else { return };
            reply.orders += 1;
            ledger.number()
        };
        let (path, key) =
            (format!("/messages/{}/retries", failed["id"].as_str().unwrap_or_default()), format!("retry-{number}"));
        sim.story.tell(&format!("a member of {} sends {label} once more", self.name(&sim)));
        let (status, _) = self.insists(&sim, Method::POST, &path, None, Some(&key)).await;
        sim.story.tell(&format!("sending {label} once more is answered with {status}"));
        if (400..500).contains(&status)
            && let Some(reply) = sim.ledger().replies.get_mut(&label.number)
        {
            reply.orders -= 1;
        }
    }

    /// Says a reply differently.
    pub(crate) async fn edits(self, sim: Arc<Sim>, choice: u64) {
        let Some((number, message)) = self.some_reply(&sim, choice) else { return };
        let label = {
            let mut ledger = sim.ledger();
            let Some(reply) = ledger.replies.get_mut(&number) else { return };
            reply.versions += 1;
            Label::reply(number, reply.versions)
        };
        let body = json!({ "text": label.words() });
        let (status, _) = self.insists(&sim, Method::PATCH, &format!("/messages/{message}"), Some(&body), None).await;
        sim.story.tell(&format!("a member edits: {label}, answered with {status}"));
    }

    /// Takes a reply back.
    pub(crate) async fn takes_back(self, sim: Arc<Sim>, choice: u64) {
        let Some((number, message)) = self.some_reply(&sim, choice) else { return };
        let (status, problem) = self.insists(&sim, Method::DELETE, &format!("/messages/{message}"), None, None).await;
        sim.story.tell(&format!("a member takes r{number} back, answered with {status}"));
        // A repetition of a request whose answer was lost finds the message gone.
        let detail = problem["detail"].as_str().unwrap_or_default();
        let is_gone = status == 409 && detail.contains("taken back");
        if (status == 204 || is_gone)
            && let Some(reply) = sim.ledger().replies.get_mut(&number)
        {
            reply.taken_back = true;
        }
    }

    /// Reads a conversation, resolves it, types in it, or searches.
    pub(crate) async fn works(self, sim: Arc<Sim>, choice: u64) {
        let Some(looked) = self.looks(&sim, choice / 7).await else { return };
        let path = format!("/conversations/{}", looked.id);
        let typing = format!("{path}/typing");
        let (method, path, body) = match choice % 7 {
            0 => (Method::PATCH, path, Some(json!({ "status": "resolved" }))),
            1 => (Method::PATCH, path, Some(json!({ "read": true }))),
            2 => (Method::POST, typing, Some(json!({ "on": true }))),
            3 => (Method::GET, "/search?q=marzipan".to_owned(), None),
            4 => (Method::GET, format!("{path}/messages?limit=100"), None),
            5 => (Method::PATCH, path, Some(json!({ "labels": ["urgent"] }))),
            _ => (Method::GET, format!("/contacts/{}", looked.contact), None),
        };
        let before = sim.time.now_ms();
        let (status, answer) = self.insists(&sim, method.clone(), &path, body.as_ref(), None).await;
        sim.story.tell(&format!("a member of {} asks {method} {}: {status}", self.name(&sim), plain(&path)));
        super::check::privacy(&sim, self.workspace, &answer, before, "an answer");
    }

    /// Erases whoever is on the other side of some conversation.
    pub(crate) async fn erases(self, sim: Arc<Sim>, choice: u64) {
        let Some(looked) = self.looks(&sim, choice).await else { return };
        if sim.ledger().erasures.iter().any(|erasure| erasure.contact == looked.contact) {
            return;
        }
        let keys = keys_of(&sim, self.workspace, &looked.contact).await.unwrap_or_default();
        let name = sim.ledger().people[looked.person].name.clone();
        let asked = sim.story.tell(&format!("a member of {} erases {name}", self.name(&sim)));
        let at = {
            let mut ledger = sim.ledger();
            let (contact, person, workspace) = (looked.contact.clone(), looked.person, self.workspace);
            ledger.erasures.push(Erasure { workspace, person, contact, keys, asked, done: None, id: None });
            ledger.erasures.len() - 1
        };
        let (path, key) = (format!("/contacts/{}/erasure", looked.contact), format!("erase-{}", looked.contact));
        let (status, view) = self.insists(&sim, Method::POST, &path, None, Some(&key)).await;
        let tick = sim.story.tell(&format!("erasing {name} is answered with {status}"));
        let done = Moment { tick, at_ms: sim.time.now_ms() };
        let mut ledger = sim.ledger();
        ledger.erasures[at].done = (status == 202).then_some(done);
        ledger.erasures[at].id = view["id"].as_str().map(str::to_owned);
    }

    /// Disconnects a channel of the workspace.
    pub(crate) async fn disconnects(self, sim: Arc<Sim>, channel: usize) {
        let (id, name) = (sim.channels()[channel].id().to_owned(), sim.channels()[channel].name.clone());
        let asked = sim.story.tell(&format!("a member disconnects {name}"));
        sim.ledger().disconnected.insert(channel, (asked, None));
        let (status, _) = self.insists(&sim, Method::DELETE, &format!("/channels/{id}"), None, None).await;
        let tick = sim.story.tell(&format!("disconnecting {name} is answered with {status}"));
        let done = Moment { tick, at_ms: sim.time.now_ms() };
        sim.ledger().disconnected.insert(channel, (asked, Some(done)));
    }

    pub(crate) fn name(self, sim: &Sim) -> &'static str {
        sim.workspaces()[self.workspace].name
    }
}

impl Said {
    /// A button that may be tapped.
    fn waiting(person: usize) -> Self {
        Self {
            person,
            versions: vec![Version::default()],
            removal: Removal::No,
            is_tap: true,
            changed_ms: 0,
            remote: String::new(),
        }
    }
}

/// A conversation as a member sees it, if its contact can be told.
fn looked_at(sim: &Sim, view: &Value) -> Option<Looked> {
    let ledger = sim.ledger();
    let by_name = || {
        let name = view["contact"]["name"].as_str()?;
        ledger.people.iter().position(|person| person.name == name)
    };
    let by_words = || {
        let last = Label::all_in(view["last_message"]["text"].as_str()?).into_iter().next()?;
        match last.voice {
            Voice::Contact => ledger.said.get(&last.number).map(|said| said.person),
            Voice::Member => ledger.replies.get(&last.number).map(|reply| reply.person),
        }
    };
    let person = by_name().or_else(by_words)?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Some(Looked { id: text(&view["id"])?, contact: text(&view["contact"]["id"])?, person })
}

/// A path without its ids, which say nothing to a reader.
fn plain(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.contains('_') && part.len() > 20 { "…" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn keys_of(sim: &Arc<Sim>, workspace: usize, contact: &str) -> Option<Vec<String>> {
    let app = sim.program.app().filter(|_| sim.program.is_up())?;
    let scope = sim.workspaces()[workspace].scope.clone();
    let keys = door::keys_of(&app.vault, &scope, contact.parse().ok()?);
    tokio::time::timeout(std::time::Duration::from_millis(100), keys).await.ok()?.ok()
}
