//! WhatsApp at the simulated Meta: business accounts with their numbers and templates, people with phones, and what
//! they write to each other.
//!
//! Facts: <https://developers.facebook.com/documentation/business-messaging/whatsapp>. A call comes to [`run`]; what it
//! sends is read by [`content`], [`interactive`] and [`filling`] and put into a chat by [`sending`]; what people do
//! ([`deeds`]) and what becomes of messages ([`telling`]) is told to the apps that subscribed to the account.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::sync::watch;

mod account;
mod business;
mod chat;
mod content;
mod control;
mod deeds;
mod filling;
mod inbound;
mod interactive;
mod limits;
mod live;
mod media;
mod nodes;
mod person;
mod phone_app;
mod saying;
mod sending;
mod telling;
mod template;
mod view;

pub use account::{AccountCard, NumberCard};
pub use person::Person;
pub use saying::{Card, Saying, Says};
pub use template::TemplateCard;
pub use view::{PhoneView, Shown};

pub(super) use control::router;
pub(super) use media::linked;

use super::Graph;
use super::app::Caller;
use super::call::Call;
use super::faults::MessageFault;
use super::refusal::Refusal;
use super::world::World;
use account::{Account, Number};
use chat::{Chat, ChatKey};
use media::Store;

/// The object of all of WhatsApp's webhooks.
pub(super) const OBJECT: &str = "whatsapp_business_account";

/// WhatsApp, with everybody who uses it. Clones share it.
#[derive(Clone)]
pub struct WhatsApp {
    pub(super) graph: Graph,
}

impl WhatsApp {
    pub(super) fn of(graph: Graph) -> Self {
        Self { graph }
    }
}

/// What was found out about a message before it is put anywhere.
#[derive(Debug, Default)]
pub(crate) struct Foretold {
    pub(crate) faults: Vec<MessageFault>,
}

impl Foretold {
    pub(crate) fn refusal(&self) -> Option<MessageFault> {
        self.faults.iter().find(|fault| matches!(fault, MessageFault::Refuse { .. })).cloned()
    }
}

pub(crate) struct State {
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) numbers: BTreeMap<String, Number>,
    pub(crate) people: BTreeMap<String, Person>,
    pub(crate) chats: BTreeMap<ChatKey, Chat>,
    pub(crate) media: Store,
    pub(crate) foretold: Foretold,
    changed: watch::Sender<u64>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            accounts: BTreeMap::new(),
            numbers: BTreeMap::new(),
            people: BTreeMap::new(),
            chats: BTreeMap::new(),
            media: Store::default(),
            foretold: Foretold::default(),
            changed: watch::Sender::new(0),
        }
    }
}

impl State {
    pub(crate) fn touch(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(crate) fn number(&self, id: &str) -> Result<&Number, Refusal> {
        self.numbers.get(id).ok_or_else(|| Refusal::no_object("get", id))
    }

    pub(crate) fn chat(&mut self, key: &ChatKey) -> &mut Chat {
        self.chats.entry(key.clone()).or_default()
    }
}

/// What a bare number stands for.
pub(crate) fn kind_of(state: &State, node: &str) -> Option<&'static str> {
    if state.numbers.contains_key(node) {
        return Some("phone_number");
    }
    if state.accounts.contains_key(node) {
        return Some("account");
    }
    if state.media.knows(node) {
        return Some("media");
    }
    let template = state.accounts.values().any(|account| account.templates.iter().any(|one| one.id == node));
    template.then_some("template")
}

/// Carries out a call below one of WhatsApp's nodes, if the token may see it.
pub(super) fn run(world: &mut World, caller: &Caller, call: &Call) -> Result<Value, Refusal> {
    let node = call.part(0).to_owned();
    let absent = || Refusal::no_object(&call.method, &node);
    let kind = kind_of(&world.whatsapp, &node).ok_or_else(absent)?;
    let account = account_of(&world.whatsapp, kind, &node).ok_or_else(absent)?;
    if !caller.sees(&account) {
        return Err(absent());
    }
    let permission = match (kind, call.part(1)) {
        ("media", _) | ("phone_number", "messages" | "media") => "whatsapp_business_messaging",
        _ => "whatsapp_business_management",
    };
    caller.may(permission)?;
    if permission == "whatsapp_business_management" {
        limits::count_management(world, &account)?;
    }
    match (kind, call.method.as_str(), call.part(1)) {
        ("phone_number", "POST", "messages") => sending::messages(world, &node, call),
        ("phone_number", "POST", "media") => media::upload(world, &node, call),
        ("phone_number", "GET", "") => nodes::number(world, &node, call),
        ("phone_number", "POST", "") => nodes::configure_number(world, caller, &node, call),
        ("phone_number", "GET" | "POST", "whatsapp_business_profile") => nodes::profile(world, &node, call),
        ("phone_number", "POST", "register" | "deregister") => nodes::register(world, &node, call),
        ("account", "GET", "") => nodes::account(world, &node, call),
        ("account", "GET", "phone_numbers") => Ok(nodes::numbers(world, &node, call)),
        ("account", _, "subscribed_apps") => nodes::subscribed_apps(world, caller, &node, call),
        ("account", "GET", "message_templates") => template::list(world, &node, call),
        ("account", "POST", "message_templates") => template::create(world, &node, call),
        ("account", "DELETE", "message_templates") => template::delete(world, &node, call),
        ("template", "GET", "") => template::one(world, &node, call),
        ("media", "GET", "") => media::address(world, &node, call),
        ("media", "DELETE", "") => media::delete(world, &node, call),
        _ => Err(Refusal::unknown_path()),
    }
}

/// The business account a node belongs to.
fn account_of(state: &State, kind: &str, node: &str) -> Option<String> {
    match kind {
        "account" => Some(node.to_owned()),
        "phone_number" => state.numbers.get(node).map(|number| number.card.account.clone()),
        "media" => state.media.account_of(node),
        _ => {
            let mut accounts = state.accounts.iter();
            let found = accounts.find(|(_, account)| account.templates.iter().any(|one| one.id == node));
            found.map(|(id, _)| id.clone())
        }
    }
}

/// The answer of everything that has nothing to say.
fn done() -> Value {
    json!({ "success": true })
}
