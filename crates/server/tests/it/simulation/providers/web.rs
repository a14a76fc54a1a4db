//! The chat on a website: visitors post to the program themselves, and read there what was replied.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::body::Body;
use connect::Reply;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Request;
use serde_json::{Value, json};

use super::lanes::{Lanes, Letter};
use super::{Act, Provider, Reached};
use crate::simulation::Sim;
use crate::simulation::inside::Told;
use crate::simulation::label::{Label, Voice};
use crate::simulation::parcel::Arriving;

/// The website on which the chat is.
const ORIGIN: &str = "https://www.example.com";

/// One website.
#[derive(Default)]
pub(in crate::simulation) struct Web {
    channel: OnceLock<String>,
    lanes: Lanes,
    /// Each visitor's session, by address.
    tokens: Mutex<BTreeMap<String, String>>,
}

impl Web {
    fn path(&self, rest: &str) -> String {
        format!("/chat/{}/{rest}", self.channel.get().map_or("", String::as_str))
    }

    fn token(&self, address: &str) -> String {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned().unwrap_or_default()
    }

    /// What a visitor's page shows of what members said.
    async fn shown(&self, sim: &Arc<Sim>, address: &str) -> Option<Vec<(Label, u64)>> {
        let request = Request::get(self.path("messages")).header("origin", ORIGIN);
        let request = request.header("authorization", format!("Bearer {}", self.token(address)));
        let answer = sim.program.ask(request.body(Body::empty()).expect("a request")).await?;
        // A channel that is disconnected shows nothing.
        (answer.status == 200).then_some(())?;
        let page: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let all = page["data"].as_array().cloned().unwrap_or_default();
        let own = all.iter().filter(|message| message["direction"] == "outgoing");
        let labels = own.flat_map(|message| {
            let enclosed = message["attachments"][0]["size"].as_u64().unwrap_or(0);
            let labels = Label::all_in(message["text"].as_str().unwrap_or_default());
            labels.into_iter().map(move |label| (label, enclosed))
        });
        Some(labels.collect())
    }
}

impl Provider for Web {
    fn order(&self) -> Value {
        json!({ "kind": "web", "name": "Site", "settings": { "allowed_origins": [ORIGIN], "challenge": "off" } })
    }

    fn connected(&self, channel: &Value) {
        let _ = self.channel.set(channel["id"].as_str().unwrap_or_default().to_owned());
    }

    fn meet<'a>(&'a self, sim: &'a Arc<Sim>, _: &'a str) -> BoxFuture<'a, String> {
        async move {
            let request = Request::post(self.path("sessions")).header("origin", ORIGIN);
            let request = request.header("content-type", "application/json").body(Body::from("{}"));
            let answer = sim.program.ask(request.expect("a request")).await.expect("nothing goes wrong yet");
            let opened: Value = serde_json::from_slice(&answer.body).expect("a session");
            let text = |key: &str| opened[key].as_str().unwrap_or_default().to_owned();
            self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(text("visitor_id"), text("token"));
            text("visitor_id")
        }
        .boxed()
    }

    fn is_called(&self, _: &Arriving) -> bool {
        false
    }

    fn writes_to(&self, _: &Arriving) -> Option<String> {
        None
    }

    fn answer<'a>(&'a self, _: &'a Arc<Sim>, _: Arriving) -> BoxFuture<'a, Option<Reply>> {
        std::future::ready(None).boxed()
    }

    fn read(&self, _: &Sim, _: &str, _: &[u8]) -> Option<Told> {
        None
    }

    fn can(&self, act: &Act) -> bool {
        // A visitor's edits have no time of their own: of two at once the later to arrive stands.
        matches!(act, Act::Say(_) | Act::Remove(_))
    }

    fn act(&self, sim: &Arc<Sim>, person: usize, act: &Act) -> bool {
        let (body, told) = match act {
            Act::Say(label) => {
                let body = json!({ "type": "message", "id": format!("x{}", label.number), "text": label.words() });
                (body, Told { labels: vec![*label], words: format!("{label}"), ..Told::default() })
            }
            Act::Remove(number) => {
                let words = format!("the removal of m{number}");
                let told = Told { removed: vec![*number], words, ..Told::default() };
                (json!({ "type": "remove", "id": format!("x{number}") }), told)
            }
            _ => return false,
        };
        let token = self.token(&sim.ledger().people[person].address);
        let (path, body) = (self.path("messages"), body.to_string());
        let write = move |_: &Sim| {
            let request = Request::post(&path).header("origin", ORIGIN).header("content-type", "application/json");
            let request = request.header("authorization", format!("Bearer {token}"));
            request.body(Body::from(body.clone())).expect("a request")
        };
        self.lanes.put(sim, person, Letter { told, write: Arc::new(write) });
        true
    }

    fn reached<'a>(&'a self, sim: &'a Arc<Sim>) -> BoxFuture<'a, Option<Vec<Reached>>> {
        async move {
            let addresses: Vec<String> =
                self.tokens.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect();
            let mut reached = Vec::new();
            for address in addresses {
                let shown = self.shown(sim, &address).await?.into_iter();
                let own = shown.filter(|(label, _)| label.voice == Voice::Member);
                reached.extend(own.map(|(label, enclosed)| Reached { address: address.clone(), label, enclosed }));
            }
            Some(reached)
        }
        .boxed()
    }

    fn lied(&self) -> BTreeSet<u32> {
        BTreeSet::new()
    }

    fn pending(&self) -> usize {
        self.lanes.pending()
    }

    fn spoil(&self, _: &Sim, _: bool) {}
}
