//! The providers of a world. Each kind of channel is one file that says how its people act there, and what reached them.

pub(super) mod api;
pub(super) mod lanes;
pub(super) mod telegram;
pub(super) mod web;

use std::sync::Arc;

use connect::Reply;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::Sim;
use super::inside::Told;
use super::label::Label;
use super::outside::Arriving;

pub(super) use telegram::ADDRESS as TELEGRAM;

/// What somebody does on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Says something (new).
    Say(Label),
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
    /// What reached people; `None` if nobody can see it any more.
    fn reached<'a>(&'a self, sim: &'a Arc<Sim>) -> BoxFuture<'a, Option<Vec<Reached>>>;
    /// Whether the program posts again and again until it hears that a post was taken: then an earlier one may have been, whatever
    /// became of the last.
    fn is_posted_to_again(&self) -> bool {
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
