//! The providers of a world. Each kind of channel is one file that says how its people act there, and what reached them.

pub(super) mod api;
pub(super) mod lanes;
pub(super) mod telegram;
pub(super) mod web;
pub(super) mod whatsapp;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use connect::Reply;
use futures_util::future::BoxFuture;
use http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::Sim;
use super::inside::Told;
use super::label::Label;
use super::ledger::Person;
use super::parcel::Arriving;

pub(super) use telegram::ADDRESS as TELEGRAM;
pub(super) use whatsapp::ADDRESS as GRAPH;

/// What somebody does on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Says something (new).
    Say(Label),
    /// Says something with a file.
    Enclose(Label),
    /// Says it differently.
    Edit(Label),
    /// Takes it back.
    Remove(u32),
    /// Taps the button that bears this label.
    Tap(Label),
    /// Puts a heart on the newest thing a member said, or takes it away.
    React(bool),
    /// Refuses messages, or wants them again.
    Refuse(bool),
    /// Has read everything.
    Seen,
}

/// What reached somebody: in the order in which it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) address: String,
    pub(super) label: Label,
    /// How long the file is that came with it, in bytes; 0 if none did.
    pub(super) enclosed: u64,
}

/// One channel's other side.
pub(super) trait Provider: Send + Sync {
    /// What connects it.
    fn order(&self) -> Value;
    /// Takes note of how the channel was connected.
    fn connected(&self, channel: &Value);
    /// Makes a person; their address there.
    fn meet<'a>(&'a self, sim: &'a Arc<Sim>, name: &'a str) -> BoxFuture<'a, String>;
    /// Whether a call is for it.
    fn is_called(&self, call: &Arriving) -> bool;
    /// Whom a call writes to, if it writes to somebody.
    fn writes_to(&self, call: &Arriving) -> Option<String>;
    /// Answers a call; `None`: the connection breaks.
    fn answer<'a>(&'a self, sim: &'a Arc<Sim>, call: Arriving) -> BoxFuture<'a, Option<Reply>>;
    /// What a request that it brings tells of; `None` if it is another's.
    fn read(&self, sim: &Sim, path: &str, body: &[u8]) -> Option<Told>;
    /// Whether people can do this here.
    fn can(&self, act: &Act) -> bool;
    /// Somebody does something; `false` if it turns out that they cannot.
    fn act(&self, sim: &Arc<Sim>, person: usize, act: &Act) -> bool;
    /// The business writes to somebody by another way than the program; `false` if there is none.
    fn echo(&self, _: &Sim, _person: usize, _: Label) -> bool {
        false
    }
    /// What reached people; `None` if nobody can see it any more.
    fn reached<'a>(&'a self, sim: &'a Arc<Sim>) -> BoxFuture<'a, Option<Vec<Reached>>>;
    /// What it said to have taken and took nowhere, by the numbers of the labels.
    fn lied(&self) -> BTreeSet<u32>;
    /// Whether who refuses messages here refuses such a call.
    fn is_meant_by_refusals(&self, _: &Arriving) -> bool {
        true
    }
    /// What is wrong with writing that to somebody now, by the provider's own rules.
    fn objection(&self, _: &Sim, _: &Arriving, _: &Person) -> Option<&'static str> {
        None
    }
    /// Whether members write templates here.
    fn has_templates(&self) -> bool {
        false
    }
    /// Whether what others are told comes here too: then it stays connected.
    fn serves_others(&self) -> bool {
        false
    }
    /// How much it still has to bring.
    fn pending(&self) -> usize;
    /// From now on things go wrong there, or no more.
    fn spoil(&self, sim: &Sim, on: bool);
}

/// The path of a hook below the program's address.
fn hook_path(channel: &Value) -> String {
    let url = channel["hook_url"].as_str().unwrap_or_default();
    url.strip_prefix(super::program::ADDRESS).unwrap_or_default().to_owned()
}

/// A call of the simulator, in the same thread.
async fn played(router: &Router, address: &str, call: Arriving) -> Option<Reply> {
    let path = call.url.strip_prefix(address)?;
    let host = address.trim_start_matches("http://");
    let mut request = Request::builder().method(call.method).uri(path).header("host", host);
    for (name, value) in &call.headers {
        request = request.header(name, value);
    }
    let response = router.clone().oneshot(request.body(Body::from(call.body)).ok()?).await.ok()?;
    let status = response.status().as_u16();
    let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap_or_default().to_owned())
    };
    let headers = response.headers().iter().map(text).collect();
    let body = response.into_body().collect().await.ok()?.to_bytes().to_vec();
    Some(Reply::Answer { status, headers, body })
}
