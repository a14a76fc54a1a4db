//! Another system behind an API channel: it posts signed events, takes signed posts once each, and tells what became of them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::body::Body;
use connect::{Reply, Secret, standard_webhooks};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Request;
use serde_json::{Value, json};
use vault::Clock;

use super::lanes::{Lanes, Letter};
use super::{Act, Provider, Reached, hook_path};
use crate::simulation::inside::Told;
use crate::simulation::label::{Label, Voice};
use crate::simulation::parcel::Arriving;
use crate::simulation::{Sim, enclosed};

/// How many of a thousand edits are overtaken by what is done after them.
const STRAGGLES: u64 = 500;

/// The other system.
pub(in crate::simulation) struct Api {
    /// Where it takes posts.
    url: String,
    hook: OnceLock<(String, Secret)>,
    lanes: Lanes,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    seen: BTreeSet<String>,
    reached: Vec<Reached>,
    /// What it said to have taken, and did not, by the number of its label.
    lied: BTreeSet<u32>,
    /// The newest message of ours that each person got.
    newest: std::collections::BTreeMap<String, (Label, String)>,
}

impl Api {
    pub(in crate::simulation) fn new(number: usize) -> Self {
        let url = format!("https://other{number}.sim/hook");
        Self { url, hook: OnceLock::new(), lanes: Lanes::default(), inner: Mutex::default() }
    }

    /// Where a file is to be had.
    fn file(&self, number: &str) -> String {
        format!("{}/files/{number}", self.url)
    }

    /// Gives a file, unless it gives it no more.
    fn give(&self, sim: &Sim, call: &Arriving) -> Option<Reply> {
        let number = call.url.strip_prefix(&self.file(""))?.parse().ok()?;
        let dice = if sim.is_stormy() { sim.network.below(100) } else { 99 };
        if dice < 8 {
            sim.ledger().withdrawn.insert(number);
        }
        let status = match dice {
            8..20 => 503,
            20..25 => return None,
            _ if sim.ledger().withdrawn.contains(&number) => 410,
            _ => 200,
        };
        let body = if status == 200 { enclosed::content(number) } else { Vec::new() };
        Some(Reply::Answer { status, headers: Vec::new(), body })
    }

    fn post(&self, sim: &Arc<Sim>, person: usize, told: Told, body: &Value) {
        if let Some(letter) = self.letter(told, body) {
            self.lanes.put(sim, person, letter);
        }
    }

    fn letter(&self, told: Told, body: &Value) -> Option<Letter> {
        let (path, secret) = self.hook.get().cloned()?;
        let body = body.to_string();
        let write = move |sim: &Sim| {
            let now = sim.time.now();
            let mut request = Request::post(&path).header("content-type", "application/json");
            for (name, value) in standard_webhooks::sign(&secret, "evt_1", now, body.as_bytes()).unwrap_or_default() {
                request = request.header(name, value);
            }
            request.body(Body::from(body.clone())).expect("a request")
        };
        Some(Letter { told, write: Arc::new(write) })
    }

    /// Takes a post; whether it acts, and what it answers.
    fn take(&self, sim: &Arc<Sim>, call: &Arriving) -> Option<u16> {
        let storm = sim.is_stormy();
        let dice = if storm { sim.network.below(1_000) } else { 999 };
        let refuses = match dice {
            0..40 => Some(503),
            40..60 => Some(429),
            60..70 => return None,
            _ => None,
        };
        if let Some(status) = refuses {
            return Some(status);
        }
        if (110..125).contains(&dice) && self.pretend(call) {
            return Some(204);
        }
        self.keep(sim, call);
        // It took the post, and says that it did not.
        Some(if dice < 110 { 500 } else { 204 })
    }

    /// Says of a message that it was taken, and forgets it.
    fn pretend(&self, call: &Arriving) -> bool {
        let Ok(post) = serde_json::from_slice::<Value>(&call.body) else { return false };
        let labels = Label::all_in(post["data"]["text"].as_str().unwrap_or_default());
        let label = labels.into_iter().find(|label| label.voice == Voice::Member && post["type"] == "message.created");
        let Some(label) = label else { return false };
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        // What an earlier post brought stays there.
        let is_new = !inner.seen.contains(&webhook_id(call));
        if is_new {
            inner.lied.insert(label.number);
        }
        is_new
    }

    fn keep(&self, sim: &Arc<Sim>, call: &Arriving) {
        let Ok(post) = serde_json::from_slice::<Value>(&call.body) else { return };
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.seen.insert(webhook_id(call)) || post["type"] != "message.created" {
            return;
        }
        let address = post["contact"]["id"].as_str().unwrap_or_default().to_owned();
        let text = post["data"]["text"].as_str().unwrap_or_default();
        if let Some(label) = Label::all_in(text).into_iter().find(|label| label.voice == Voice::Member) {
            let enclosed = post["data"]["attachments"][0]["size"].as_u64().unwrap_or(0);
            inner.reached.push(Reached { address: address.clone(), label, enclosed });
            let message = post["data"]["id"].as_str().unwrap_or_default().to_owned();
            inner.newest.insert(address.clone(), (label, message));
        }
        let message = post["data"]["id"].as_str().unwrap_or_default().to_owned();
        drop(inner);
        self.tell_fate(sim, &address, &message);
    }

    /// What became of a message, not always in order.
    fn tell_fate(&self, sim: &Arc<Sim>, address: &str, message: &str) {
        let person = sim.ledger().people.iter().position(|person| person.address == address);
        let Some(person) = person else { return };
        let states: &[&str] = match sim.network.below(5) {
            0 => &[],
            1 => &["delivered"],
            2 => &["delivered", "read"],
            3 => &["read", "delivered"],
            _ => &["read", "sent", "delivered"],
        };
        for state in states {
            let told = Told { words: format!("a message is {state}"), ..Told::default() };
            self.post(
                sim,
                person,
                told,
                &json!({ "type": "message.status", "data": { "id": message, "state": state } }),
            );
        }
    }
}

fn webhook_id(call: &Arriving) -> String {
    let id = call.headers.iter().find(|(name, _)| name == "webhook-id");
    id.map(|(_, id)| id.clone()).unwrap_or_default()
}

fn moment(sim: &Sim) -> String {
    jiff::Timestamp::from_millisecond(sim.time.now_ms()).unwrap_or_default().to_string()
}

impl Provider for Api {
    fn order(&self) -> Value {
        json!({ "kind": "api", "name": "Other system", "settings": { "webhook_url": self.url } })
    }

    fn connected(&self, channel: &Value) {
        let secret = channel["shown_once"]["signing_secret"].as_str().unwrap_or_default();
        let _ = self.hook.set((hook_path(channel), Secret::new(secret)));
    }

    fn meet<'a>(&'a self, _: &'a Arc<Sim>, name: &'a str) -> BoxFuture<'a, String> {
        std::future::ready(format!("user-{name}")).boxed()
    }

    fn is_called(&self, call: &Arriving) -> bool {
        call.url == self.url || call.url.starts_with(&self.file(""))
    }

    fn writes_to(&self, call: &Arriving) -> Option<String> {
        let post: Value = serde_json::from_slice(&call.body).ok()?;
        (post["type"] == "message.created").then(|| post["contact"]["id"].as_str().unwrap_or_default().to_owned())
    }

    fn answer<'a>(&'a self, sim: &'a Arc<Sim>, call: Arriving) -> BoxFuture<'a, Option<Reply>> {
        async move {
            if sim.is_stormy() && sim.network.hits(60) {
                sim.takes(100, 2_000).await;
            }
            if call.operation == "api.file" {
                return self.give(sim, &call);
            }
            let status = self.take(sim, &call)?;
            let wait = (status == 429).then(|| ("retry-after".to_owned(), "2".to_owned()));
            Some(Reply::Answer { status, headers: wait.into_iter().collect(), body: Vec::new() })
        }
        .boxed()
    }

    fn read(&self, _: &Sim, _: &str, _: &[u8]) -> Option<Told> {
        None
    }

    fn can(&self, act: &Act) -> bool {
        !matches!(act, Act::Tap(_))
    }

    fn act(&self, sim: &Arc<Sim>, person: usize, act: &Act) -> bool {
        let (address, name) = {
            let ledger = sim.ledger();
            (ledger.people[person].address.clone(), ledger.people[person].name.clone())
        };
        let contact = json!({ "id": address, "name": name });
        let newest = self.inner.lock().unwrap_or_else(PoisonError::into_inner).newest.get(&address).cloned();
        let (kind, data, told) = match act {
            Act::Say(label) => {
                let data = json!({ "id": format!("x{}", label.number), "contact": contact, "text": label.words(),
                                   "created_at": moment(sim) });
                ("message.created", data, Told { labels: vec![*label], words: format!("{label}"), ..Told::default() })
            }
            Act::Enclose(label) => {
                let (file, name) = (self.file(&label.number.to_string()), enclosed::name(label.number));
                let file = json!({ "url": file, "name": name, "content_type": "text/plain" });
                let data = json!({ "id": format!("x{}", label.number), "contact": contact, "text": label.words(),
                                   "attachments": [file], "created_at": moment(sim) });
                ("message.created", data, Told { labels: vec![*label], words: format!("{label}"), ..Told::default() })
            }
            Act::Edit(label) => {
                let data = json!({ "id": format!("x{}", label.number), "contact": contact, "text": label.words(),
                                   "edited_at": moment(sim) });
                ("message.edited", data, Told { labels: vec![*label], words: format!("{label}"), ..Told::default() })
            }
            Act::Remove(number) => {
                let data = json!({ "id": format!("x{number}"), "contact": contact });
                let words = format!("the removal of m{number}");
                ("message.removed", data, Told { removed: vec![*number], words, ..Told::default() })
            }
            Act::React(on) => {
                let Some((label, message)) = newest else { return false };
                let data = json!({ "id": message, "contact": contact, "emoji": on.then_some("❤"),
                                   "created_at": moment(sim) });
                let reaction = sim.ledger().reacts(person, label, message, *on, sim.time.now_ms());
                let told = Told { reactions: vec![reaction], words: "a reaction".to_owned(), ..Told::default() };
                ("message.reaction", data, told)
            }
            Act::Seen => {
                let told = Told { words: format!("{name} has read"), ..Told::default() };
                ("message.seen", json!({ "contact": contact, "up_to": newest.map(|(_, message)| message) }), told)
            }
            Act::Refuse(on) => {
                let words = format!("{name} {}", if *on { "refuses" } else { "wants messages again" });
                let told = Told { refuses: vec![(person, *on)], words, ..Told::default() };
                (if *on { "contact.opted_out" } else { "contact.opted_in" }, json!({ "contact": contact }), told)
            }
            Act::Tap(_) => return false,
        };
        let Some(letter) = self.letter(told, &json!({ "type": kind, "data": data })) else { return true };
        // What has a time of its own may come after what was done later.
        if matches!(act, Act::Edit(_)) && sim.is_stormy() && sim.network.hits(STRAGGLES) {
            self.lanes.straggle(sim, letter);
        } else {
            self.lanes.put(sim, person, letter);
        }
        true
    }

    fn reached<'a>(&'a self, _: &'a Arc<Sim>) -> BoxFuture<'a, Option<Vec<Reached>>> {
        let reached = self.inner.lock().unwrap_or_else(PoisonError::into_inner).reached.clone();
        std::future::ready(Some(reached)).boxed()
    }

    fn lied(&self) -> BTreeSet<u32> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).lied.clone()
    }

    fn pending(&self) -> usize {
        self.lanes.pending()
    }

    fn spoil(&self, _: &Sim, _: bool) {}
}
