//! Pages and professional accounts at the simulated Meta, the people who write to them, and what they write to each other.
//!
//! Facts: <https://developers.facebook.com/docs/messenger-platform>. A call comes to [`run`]: what it sends is put into a
//! chat by [`sending`], everything else is a node ([`nodes`]). What people and other apps do ([`deeds`]) is told to the apps
//! that subscribed to the account ([`telling`]).

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::extract::{Path, State as Held};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use serde_json::Value;

mod control;
mod deeds;
mod nodes;
mod sending;
mod telling;

pub use deeds::Hand;

use super::Graph;
use super::app::Caller;
use super::call::{Call, Part};
use super::refusal::Refusal;
use super::world::World;

/// Pages and professional accounts, with everybody who writes to them. Clones share it.
#[derive(Clone)]
pub struct Pages {
    graph: Graph,
}

impl Pages {
    pub(super) fn of(graph: Graph) -> Self {
        Self { graph }
    }
}

/// A page or a professional account, as it was created.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct PageCard {
    /// Its number; empty lets the simulator choose one.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// `page` (also if empty), or `instagram`.
    pub object: String,
    /// Whether Meta granted the app answers of people within seven days.
    pub human_agent: bool,
    /// The app is not the primary receiver: it may only ask for what another has.
    pub secondary: bool,
}

/// Something in a chat, as the person sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// Meta's id of it.
    pub id: String,
    /// The person wrote it.
    pub by_person: bool,
    /// `text`, `image`, `template`, … .
    pub kind: String,
    /// What it says.
    pub text: Option<String>,
    /// Labels of what can be tapped below it.
    pub buttons: Vec<String>,
    /// What it answers.
    pub reply_to: Option<String>,
    /// What the business put on it.
    pub business_reaction: Option<String>,
    /// What the person put on it.
    pub person_reaction: Option<String>,
    /// The business has shown that it read it.
    pub seen: bool,
    /// On what ground it was sent, beyond 24 hours.
    pub tag: Option<String>,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
}

#[derive(Default)]
pub(crate) struct State {
    accounts: BTreeMap<String, Account>,
    people: BTreeMap<String, Known>,
    chats: BTreeMap<(String, String), Chat>,
    uploads: BTreeMap<String, Part>,
    files: BTreeMap<String, Part>,
}

#[derive(Default)]
struct Account {
    card: PageCard,
    /// Apps that are told, and of what.
    subscribed: BTreeMap<String, BTreeSet<String>>,
    /// What people see before they write.
    profile: BTreeMap<String, Value>,
}

/// Somebody, and by which numbers each account and each app knows them.
#[derive(Default)]
struct Known {
    name: String,
    locale: String,
    offline: bool,
    by_account: BTreeMap<String, String>,
    by_app: BTreeMap<String, String>,
}

#[derive(Default)]
struct Chat {
    lines: Vec<Line>,
    /// When the person last did something that opens the window.
    opened_ms: i64,
    /// Another app has it.
    elsewhere: bool,
    /// How often our app asked for it.
    asked: usize,
    typing: bool,
}

impl State {
    fn account(&self, id: &str) -> Result<&Account, Refusal> {
        self.accounts.get(id).ok_or_else(|| Refusal::no_object("get", id))
    }

    fn person_of(&self, account: &str, scoped: &str) -> Option<String> {
        let mut people = self.people.iter();
        let found = people.find(|(_, known)| known.by_account.get(account).is_some_and(|id| id == scoped));
        found.map(|(id, _)| id.clone())
    }

    fn chat(&mut self, account: &str, person: &str) -> &mut Chat {
        self.chats.entry((account.to_owned(), person.to_owned())).or_default()
    }

    /// The account that knows somebody by this number.
    fn knowing(&self, scoped: &str) -> Option<String> {
        let mut known = self.people.values().flat_map(|known| &known.by_account);
        known.find(|(_, id)| *id == scoped).map(|(account, _)| account.clone())
    }
}

/// What a bare number stands for.
pub(super) fn kind_of(state: &State, node: &str) -> Option<&'static str> {
    if state.accounts.contains_key(node) {
        return Some("page");
    }
    state.knowing(node).map(|_| "person")
}

/// Carries out a call below one of these nodes, if the token may see it.
pub(super) fn run(world: &mut World, caller: &Caller, call: &Call) -> Result<Value, Refusal> {
    let node = call.part(0).to_owned();
    let absent = || Refusal::no_object(&call.method, &node);
    let kind = kind_of(&world.pages, &node).ok_or_else(absent)?;
    let account = if kind == "page" { node.clone() } else { world.pages.knowing(&node).ok_or_else(absent)? };
    if !caller.sees(&account) {
        return Err(absent());
    }
    let own = if world.pages.account(&account)?.card.object == "instagram" {
        "instagram_business_manage_messages"
    } else {
        "pages_messaging"
    };
    caller.may(own)?;
    match (kind, call.method.as_str(), call.part(1)) {
        ("page", "GET", "") => nodes::account(world, &node),
        ("page", _, "subscribed_apps") => nodes::subscribed_apps(world, caller, &node, call),
        ("page", "POST", "messages") => sending::messages(world, caller, &node, call),
        ("page", "POST", edge @ ("take_thread_control" | "request_thread_control")) => {
            sending::control(world, &node, edge, call)
        }
        ("page", "POST" | "DELETE", "messenger_profile") => nodes::profile(world, &node, call),
        ("page", "POST", "message_attachments") => nodes::upload(world, call),
        ("person", "GET", "") => nodes::person(world, &account, &node),
        ("person", "GET", "ids_for_apps") => nodes::ids_for_apps(world, &account, &node),
        _ => Err(Refusal::unknown_path()),
    }
}

/// What people sent is served from here, to whoever has the address; and what they do can be ordered over HTTP.
pub(super) fn router() -> Router<Graph> {
    Router::new().route("/pages/files/{id}", get(file)).merge(control::router())
}

async fn file(Held(graph): Held<Graph>, Path(id): Path<String>) -> Response {
    match graph.world().pages.files.get(&id).cloned() {
        Some(part) => ([(header::CONTENT_TYPE, part.mime)], part.content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
