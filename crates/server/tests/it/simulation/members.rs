//! Members at work, through the REST API: they look, they reply, they change their minds, and they ask again when nobody
//! answers.

use std::sync::Arc;

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use vault::Clock;

use super::Sim;
use super::label::{Label, Voice};
use super::ledger::{Later, Removal, Reply, Said, Version, Withdrawal};
use super::program::Answer;

/// How often a member asks in vain before the world is called broken.
pub(crate) const TRIES: u32 = 400;

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
    /// Who is shown.
    pub(crate) contact: String,
    /// The contact whose it is, which may be merged into the one who is shown.
    pub(crate) own: String,
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
        let body = body.map(|body| ("application/json".to_owned(), body.to_string().into_bytes()));
        let answer = self.asks_with(sim, &method, path, body, key).await?;
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

    /// Asks once with any body and its type; whatever is answered.
    pub(crate) async fn asks_with(
        self,
        sim: &Sim,
        method: &Method,
        path: &str,
        body: Option<(String, Vec<u8>)>,
        key: Option<&str>,
    ) -> Option<Answer> {
        let workspace = &sim.workspaces()[self.workspace];
        let token = if self.is_owner { &workspace.owner } else { &workspace.agent };
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let mut request = request.header("authorization", format!("Bearer {token}"));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = match body {
            Some((kind, body)) => {
                request = request.header("content-type", kind);
                Body::from(body)
            }
            None => Body::empty(),
        };
        sim.takes(0, 8).await;
        sim.program.ask(request.body(body).expect("a request")).await
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
        let known: Vec<Looked> = self.looks_at_all(sim).await.into_iter().filter(|one| fits(one)).collect();
        let at = choice % u64::try_from(known.len().max(1)).unwrap_or(1);
        known.get(usize::try_from(at).unwrap_or(0)).cloned()
    }

    /// Looks at all conversations.
    pub(crate) async fn looks_at_all(self, sim: &Sim) -> Vec<Looked> {
        let all = self.list(sim, "/conversations?limit=100").await;
        all.iter().filter_map(|view| looked_at(sim, view)).collect()
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
        sim.story.tell(&format!("a member of {} replies {label} to {name}{}", self.name(sim), words_for(order)));
        self.begins(sim, looked, label, |reply| {
            reply.has_file = order["attachments"].is_array();
            let is_later = order["send_at"].is_string() || order["hold_seconds"].is_number();
            let later = Later { id: None, withdrawn: Withdrawal::No, version: 1, is_changing: false };
            reply.later = is_later.then_some(later);
        });
        let path = format!("/conversations/{}/messages", looked.id);
        let key = format!("reply-{}", label.number);
        let (status, view) = self.insists(sim, Method::POST, &path, Some(order), Some(&key)).await;
        let now = sim.story.tell(&format!("{label} is answered with {status}"));
        let id = view["id"].as_str().map(str::to_owned);
        if let Some(reply) = sim.ledger().replies.get_mut(&label.number) {
            reply.acknowledged = matches!(status, 201 | 202).then_some(now);
            reply.refused = reply.acknowledged.is_none();
            match &mut reply.later {
                Some(later) if status == 202 => later.id = id,
                _ => reply.message = id.filter(|_| status == 201),
            }
        }
    }

    /// Notes that something is to be sent from now on.
    pub(crate) fn begins(self, sim: &Sim, looked: &Looked, label: Label, shape: impl FnOnce(&mut Reply)) {
        let mut reply = Reply {
            workspace: self.workspace,
            person: looked.person,
            conversation: looked.id.clone(),
            message: None,
            acknowledged: None,
            refused: false,
            orders: 1,
            versions: 1,
            taken_back: false,
            asked: sim.story.tick(),
            has_file: false,
            later: None,
            is_automatic: false,
            is_echo: false,
            is_uncertain: false,
        };
        shape(&mut reply);
        sim.ledger().replies.insert(label.number, reply);
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
            // Of what was sent later only this tells which message it became.
            reply.message = reply.message.take().or_else(|| failed["id"].as_str().map(str::to_owned));
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

    /// Reads a conversation, resolves or snoozes it, types in it, or searches.
    pub(crate) async fn works(self, sim: Arc<Sim>, choice: u64) {
        let Some(looked) = self.looks(&sim, choice / 9).await else { return };
        let path = format!("/conversations/{}", looked.id);
        let typing = format!("{path}/typing");
        let until = sim.time.now() + 5_000 + i64::try_from(choice % 90_000).unwrap_or(0);
        let until = jiff::Timestamp::from_millisecond(until).unwrap_or_default().to_string();
        let (method, path, body) = match choice % 9 {
            0 => (Method::PATCH, path, Some(json!({ "status": "resolved" }))),
            1 => (Method::PATCH, path, Some(json!({ "read": true }))),
            2 => (Method::POST, typing, Some(json!({ "on": true }))),
            3 => (Method::GET, "/search?q=marzipan".to_owned(), None),
            4 => (Method::GET, format!("{path}/messages?limit=100"), None),
            5 => (Method::PATCH, path, Some(json!({ "labels": ["urgent"] }))),
            6 => (Method::PATCH, path, Some(json!({ "snoozed_until": until }))),
            7 => (Method::GET, format!("{path}/scheduled"), None),
            _ => (Method::GET, format!("/contacts/{}", looked.contact), None),
        };
        let before = sim.time.now_ms();
        let (status, answer) = self.insists(&sim, method.clone(), &path, body.as_ref(), None).await;
        sim.story.tell(&format!("a member of {} asks {method} {}: {status}", self.name(&sim), plain(&path)));
        super::check::privacy(&sim, self.workspace, &answer, before, "an answer");
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
            has_file: false,
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
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (id, contact) = (text(&view["id"])?, text(&view["contact"]["id"])?);
    if let Some(own) = ledger.homes.get(&id) {
        let person = ledger.contacts.get(own).copied()?;
        return Some(Looked { id, contact, own: own.clone(), person });
    }
    // Whoever is seen for the first time was not merged yet: before that all are looked at.
    let person = by_name().or_else(by_words)?;
    drop(ledger);
    let mut ledger = sim.ledger();
    ledger.homes.insert(id.clone(), contact.clone());
    ledger.contacts.insert(contact.clone(), person);
    Some(Looked { id, own: contact.clone(), contact, person })
}

/// What is special about an order.
fn words_for(order: &Value) -> &'static str {
    if order["send_at"].is_string() {
        ", later"
    } else if order["hold_seconds"].is_number() {
        ", after some seconds"
    } else if order["attachments"].is_array() {
        " with a file"
    } else {
        ""
    }
}

/// A path without its ids, which say nothing to a reader.
fn plain(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.contains('_') && part.len() > 20 { "…" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
