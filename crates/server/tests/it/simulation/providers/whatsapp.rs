//! WhatsApp, as the simulated Meta plays it: in the same thread, with the faults that it knows. All numbers of a world are
//! behind one app, so that a delivery can be of several workspaces.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::Router;
use connect::Reply;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use simulator::faults::{CallFault, DeliveryFault, Order};
use simulator::graph::whatsapp::{AccountCard, NumberCard, Person, Saying, Says, Shown, TemplateCard};
use simulator::graph::{AppCard, MessageFault, TokenCard};
use simulator::telegram::Upload;
use simulator::{Graph, Simulator, WhatsApp};

use super::{Act, Provider, Reached, hook_path, played};
use crate::simulation::inside::Told;
use crate::simulation::label::{Label, Voice};
use crate::simulation::ledger;
use crate::simulation::outside::UNDER_WAY_MS;
use crate::simulation::parcel::Arriving;
use crate::simulation::{Sim, enclosed};

/// Where the program reaches it.
pub(in crate::simulation) const ADDRESS: &str = "http://graph.sim";
/// A template that informs.
pub(in crate::simulation) const REMINDER: &str = "reminder";
/// A template that advertises.
pub(in crate::simulation) const OFFER: &str = "offer";
/// What its templates are written in.
pub(in crate::simulation) const LANGUAGE: &str = "en";
/// What the app is told of.
const OBJECT: &str = "whatsapp_business_account";
/// For how long a business may write freely after a person did, in milliseconds.
const WINDOW_MS: i64 = 24 * 3_600_000;

/// The app at Meta.
pub(in crate::simulation) struct Meta {
    graph: Graph,
    router: Router,
    app: AppCard,
    /// The path that it brings everything to: the hook of the number that was connected first.
    hook: OnceLock<String>,
}

impl Meta {
    pub(in crate::simulation) fn new(simulator: &Simulator) -> Self {
        let graph = simulator.graph().clone();
        let app = graph.create_app(AppCard::default());
        Self { graph, router: simulator.router(), app, hook: OnceLock::new() }
    }
}

/// One number of a business.
pub(in crate::simulation) struct Whatsapp {
    meta: Arc<Meta>,
    phones: WhatsApp,
    account: String,
    number: String,
    token: String,
    hook: OnceLock<String>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// What was answered with success and is nowhere, by the number of its label.
    lied: BTreeSet<u32>,
    /// When each person wrote last, in the world's milliseconds.
    spoke: BTreeMap<String, i64>,
}

impl Whatsapp {
    pub(in crate::simulation) fn new(meta: &Arc<Meta>, number: usize) -> Self {
        let whatsapp = meta.graph.whatsapp();
        let account = whatsapp.create_account(AccountCard { name: "Shop".into(), ..AccountCard::default() });
        let account = account.expect("an account").id;
        for (name, category) in [(REMINDER, "UTILITY"), (OFFER, "MARKETING")] {
            let card = TemplateCard::text(name, LANGUAGE, category, "A word from us: {{1}}!");
            whatsapp.create_template(&account, card).expect("a template");
        }
        // Only a number that is on a phone too is told of edits and removals.
        let card = NumberCard {
            account: account.clone(),
            number: format!("39025550{number:04}"),
            coexistence: true,
            late_verdicts: number % 2 == 1,
            ..NumberCard::default()
        };
        let number = whatsapp.create_number(card).expect("a number").id;
        let token = meta.graph.create_token(TokenCard { app: meta.app.id.clone(), ..TokenCard::default() });
        let (meta, token) = (Arc::clone(meta), token.expect("a token").token);
        Self { meta, phones: whatsapp, account, number, token, hook: OnceLock::new(), inner: Mutex::default() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a person's phone shows of the business.
    fn shown(&self, person: &str) -> Vec<Shown> {
        let all = self.phones.transcript(&self.number, person).unwrap_or_default();
        all.into_iter().filter(|shown| shown.from == "business").collect()
    }

    fn says(&self, sim: &Sim, person: &str, label: Label, has_file: bool) -> Option<()> {
        let (name, content) = (enclosed::name(label.number), enclosed::content(label.number));
        let file = || Upload::new(&name, "text/plain", content).captioned(&label.words());
        let mut saying = if has_file { Saying::from(Says::Document(file())) } else { Saying::text(&label.words()) };
        if let Some(newest) = self.shown(person).last().filter(|_| label.number.is_multiple_of(3)) {
            saying = saying.replying_to(&newest.message_id);
        }
        let remote = self.phones.say(&self.number, person, saying).ok()?;
        sim.ledger().said.get_mut(&label.number)?.remote = remote;
        Some(())
    }

    fn taps(&self, person: &str, label: Label) -> Option<()> {
        let data = label.words();
        let offers = |shown: &&Shown| shown.buttons.iter().any(|button| button["id"] == data.as_str());
        let message = self.shown(person).iter().find(offers)?.message_id.clone();
        self.phones.tap(&self.number, person, &message, &data).ok().map(drop)
    }

    fn reacts(&self, sim: &Sim, (person, address): (usize, &str), on: bool) -> Option<()> {
        let newest = self.shown(address).into_iter().rfind(|shown| shown.failure.is_none())?;
        self.phones.react(&self.number, address, &newest.message_id, on.then_some("❤")).ok()?;
        let label = Label::all_in(newest.text.as_deref().unwrap_or_default()).into_iter().next()?;
        sim.ledger().reacts(person, label, newest.message_id, on, sim.time.now_ms());
        Some(())
    }

    /// Whether the window of somebody may be open by the program's clock, or was until a moment ago.
    fn may_be_open(&self, sim: &Sim, address: &str) -> bool {
        let spoke = self.inner().spoke.get(address).copied().unwrap_or(0);
        sim.time.least_lately(UNDER_WAY_MS) <= spoke + WINDOW_MS
    }

    /// Success that names a message which is in no chat is a lie.
    fn note_lie(&self, labels: &[Label], reply: &Reply) {
        let Reply::Answer { status: 200, body, .. } = reply else { return };
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let sent = self.meta.graph.sent(&self.meta.app.id).unwrap_or_default();
        if !sent.iter().any(|sent| answer["messages"][0]["id"] == sent.id.as_str()) {
            self.inner().lied.extend(labels.iter().map(|label| label.number));
        }
    }
}

/// What a delivery tells, whosever it is.
fn told(sim: &Sim, whatsapp: &WhatsApp, delivery: &Value) -> Told {
    let mut told = Told::default();
    let mut words = Vec::new();
    let changes = list(delivery, "entry").flat_map(|entry| list(entry, "changes"));
    for value in changes.map(|change| &change["value"]) {
        for item in list(value, "messages") {
            words.push(hear(sim, item, &mut told));
        }
        for item in list(value, "message_echoes") {
            let own = Label::all_in(&item.to_string());
            words.extend(own.iter().map(|label| format!("the echo of {label}")));
            told.echoes.extend(own.iter().map(|label| label.number));
        }
        words.extend(list(value, "statuses").map(|item| text(&item["status"])));
        let number = text(&value["metadata"]["phone_number_id"]);
        for item in list(value, "user_preferences") {
            let stops = item["value"] == "stop";
            words.push(format!("a person {}", if stops { "refuses" } else { "wants messages again" }));
            let is_theirs = |person: &ledger::Person| {
                whatsapp.user_id(&number, &person.address).is_ok_and(|id| item["user_id"] == id.as_str())
            };
            told.refuses.extend(sim.ledger().people.iter().position(is_theirs).map(|person| (person, stops)));
        }
    }
    told.words = words.join(", ");
    told
}

/// One of `messages`.
fn hear(sim: &Sim, item: &Value, told: &mut Told) -> String {
    let ledger = sim.ledger();
    let original = text(&item["revoke"]["original_message_id"]);
    if let Some((number, _)) = ledger.said.iter().find(|(_, said)| !original.is_empty() && said.remote == original) {
        told.removed.push(*number);
        return format!("the removal of m{number}");
    }
    let at_s = text(&item["timestamp"]).parse().unwrap_or(0);
    if let Some(reaction) = ledger.reaction(&text(&item["reaction"]["message_id"]), at_s) {
        told.reactions.push(reaction);
        return "a reaction".to_owned();
    }
    let labels = Label::all_in(&item.to_string());
    let own: Vec<Label> = labels.into_iter().filter(|label| label.voice == Voice::Contact).collect();
    told.labels.extend(&own);
    own.iter().map(Label::to_string).collect::<Vec<_>>().join(" ")
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The template that a call sends.
fn template(call: &Arriving) -> Option<String> {
    let body: Value = serde_json::from_slice(&call.body).ok()?;
    body["template"]["name"].as_str().map(str::to_owned)
}

impl Provider for Whatsapp {
    fn order(&self) -> Value {
        let settings = json!({
            "phone_number_id": self.number, "business_account_id": self.account, "access_token": self.token,
            "app_secret": self.meta.app.secret,
        });
        json!({ "kind": "whatsapp", "name": "Number", "settings": settings })
    }

    fn connected(&self, channel: &Value) {
        let _ = self.hook.set(hook_path(channel));
        if self.meta.hook.set(hook_path(channel)).is_ok() {
            let url = channel["hook_url"].as_str().unwrap_or_default();
            self.meta.graph.set_callback(&self.meta.app.id, OBJECT, url, &[]).expect("a callback");
        }
    }

    fn meet<'a>(&'a self, _: &'a Arc<Sim>, name: &'a str) -> BoxFuture<'a, String> {
        // Every other person is known by an id of this business alone.
        let hides_number = name.ends_with(['1', '3', '5', '7', '9']);
        let person = self.phones.create_person(Person { hides_number, ..Person::named(name, "") });
        std::future::ready(person.id).boxed()
    }

    fn is_called(&self, call: &Arriving) -> bool {
        let path = call.url.strip_prefix(ADDRESS).unwrap_or_default();
        let node = path.split(['/', '?']).nth(2).unwrap_or_default();
        // Who asks for a file names the number; the file itself lies where it lies for all of them.
        let names = |part: &str| part == format!("phone_number_id={}", self.number);
        let asks = call.operation == "whatsapp.media" && path.split(['?', '&']).any(names);
        node == self.number || node == self.account || asks || call.operation == "whatsapp.file"
    }

    fn writes_to(&self, call: &Arriving) -> Option<String> {
        matches!(call.operation, "whatsapp.message" | "whatsapp.template").then_some(())?;
        let body: Value = serde_json::from_slice(&call.body).ok()?;
        let to: String = text(&body["to"]).chars().filter(char::is_ascii_digit).collect();
        let is_meant = |person: &Person| {
            let id = self.phones.user_id(&self.number, &person.id).unwrap_or_default();
            person.number == to || body["recipient"] == id.as_str()
        };
        self.phones.people().into_iter().find(is_meant).map(|person| person.id)
    }

    fn is_meant_by_refusals(&self, call: &Arriving) -> bool {
        template(call).as_deref() == Some(OFFER)
    }

    fn objection(&self, sim: &Sim, call: &Arriving, person: &ledger::Person) -> Option<&'static str> {
        let agreed = |purpose: &str| person.agreed.contains(purpose);
        match template(call).as_deref() {
            Some(OFFER) => (!agreed("marketing")).then_some("advertises to somebody who never agreed"),
            _ if self.may_be_open(sim, &person.address) => None,
            Some(_) => person.agreed.is_empty().then_some("writes first to somebody who never agreed"),
            None => Some("writes beyond the window"),
        }
    }

    fn answer<'a>(&'a self, _: &'a Arc<Sim>, call: Arriving) -> BoxFuture<'a, Option<Reply>> {
        async move {
            let says = matches!(call.operation, "whatsapp.message" | "whatsapp.template");
            let labels = if says { Label::all_in(&String::from_utf8_lossy(&call.body)) } else { Vec::new() };
            let own: Vec<Label> = labels.into_iter().filter(|label| label.voice == Voice::Member).collect();
            let reply = played(&self.meta.router, ADDRESS, call).await?;
            self.note_lie(&own, &reply);
            Some(reply)
        }
        .boxed()
    }

    fn read(&self, sim: &Sim, path: &str, body: &[u8]) -> Option<Told> {
        (self.meta.hook.get()? == path).then_some(())?;
        Some(told(sim, &self.phones, &serde_json::from_slice(body).ok()?))
    }

    fn can(&self, _: &Act) -> bool {
        true
    }

    fn act(&self, sim: &Arc<Sim>, person: usize, act: &Act) -> bool {
        let address = sim.ledger().people[person].address.clone();
        let remote = |number: &u32| sim.ledger().said.get(number).map(|said| said.remote.clone());
        let (whatsapp, number) = (&self.phones, &self.number);
        let done = match act {
            Act::Say(label) => self.says(sim, &address, *label, false),
            Act::Enclose(label) => self.says(sim, &address, *label, true),
            Act::Edit(label) => {
                remote(&label.number).and_then(|remote| whatsapp.edit(number, &address, &remote, &label.words()).ok())
            }
            Act::Remove(of) => remote(of).and_then(|remote| whatsapp.delete(number, &address, &remote).ok()),
            Act::Tap(label) => self.taps(&address, *label),
            Act::React(on) => self.reacts(sim, (person, &address), *on),
            Act::Refuse(on) => whatsapp.stop_marketing(number, &address, *on).ok(),
            Act::Seen => whatsapp.read(number, &address).ok(),
        };
        if matches!(act, Act::Say(_) | Act::Enclose(_) | Act::Edit(_) | Act::Tap(_)) {
            self.inner().spoke.insert(address, sim.time.now_ms());
        } else if *act == Act::Refuse(false) {
            sim.ledger().people[person].agreed.insert("marketing");
        }
        done.is_some()
    }

    fn echo(&self, sim: &Sim, person: usize, label: Label) -> bool {
        let address = sim.ledger().people[person].address.clone();
        self.phones.echo(&self.number, &address, Saying::text(&label.words())).is_ok()
    }

    fn reached<'a>(&'a self, _: &'a Arc<Sim>) -> BoxFuture<'a, Option<Vec<Reached>>> {
        let of_person = |person: Person| {
            let there = self.shown(&person.id).into_iter().filter(|shown| shown.failure.is_none());
            let reached = there.filter_map(|shown| {
                let label = Label::all_in(&shown.text?).into_iter().find(|label| label.voice == Voice::Member)?;
                let enclosed = shown.media.and_then(|media| media["size"].as_u64()).unwrap_or(0);
                Some(Reached { address: person.id.clone(), label, enclosed })
            });
            reached.collect::<Vec<_>>()
        };
        let reached = self.phones.people().into_iter().flat_map(of_person);
        std::future::ready(Some(reached.collect())).boxed()
    }

    fn lied(&self) -> BTreeSet<u32> {
        self.inner().lied.clone()
    }

    fn has_templates(&self) -> bool {
        true
    }

    fn serves_others(&self) -> bool {
        self.meta.hook.get() == self.hook.get()
    }

    fn pending(&self) -> usize {
        self.meta.graph.pending(&self.meta.app.id).unwrap_or_default()
    }

    fn spoil(&self, sim: &Sim, on: bool) {
        let (graph, app) = (&self.meta.graph, self.meta.app.id.as_str());
        // The app's faults are every number's: they are ordered once.
        if !self.serves_others() {
            return;
        }
        let _ = graph.clear_faults(app);
        if on {
            spoil_calls(sim, graph, app);
            spoil_deliveries(sim, graph, app);
        }
    }
}

fn probably<F>(fault: F, per_mille: u32) -> Order<F> {
    Order::always(fault).with_probability(f64::from(per_mille) / 1_000.0)
}

fn spoil_calls(sim: &Sim, graph: &Graph, app: &str) {
    let call = |fault, per_mille| {
        let _ = graph.order_call_fault(app, probably(fault, per_mille));
    };
    call(CallFault::Slow { ms: sim.network.between(50, 2_000) }, 80);
    call(CallFault::Slow { ms: 35_000 }, 4);
    call(CallFault::TooManyRequests { retry_after: 0 }, 20);
    call(CallFault::ErrorBefore, 25);
    call(CallFault::ErrorAfter, 25);
    call(CallFault::CutBefore, 25);
    call(CallFault::CutAfter, 25);
    let message = |fault, per_mille| {
        let _ = graph.order_message_fault(app, probably(fault, per_mille));
    };
    for code in [130_429, 131_026, 131_047, 131_056] {
        message(MessageFault::Refuse { code }, 10);
    }
    message(MessageFault::FailLater { code: 131_026 }, 20);
    message(MessageFault::Undelivered, 30);
    message(MessageFault::Pretend, 30);
}

fn spoil_deliveries(sim: &Sim, graph: &Graph, app: &str) {
    let bring = |fault, per_mille| {
        let _ = graph.order_delivery_fault(app, probably(fault, per_mille).only("messages"));
    };
    bring(DeliveryFault::Duplicate, 150);
    bring(DeliveryFault::Delay { ms: sim.network.between(50, 5_000) }, 150);
    bring(DeliveryFault::Reorder { hold: 3 }, 60);
    bring(DeliveryFault::Burst { hold: 3 }, 60);
    bring(DeliveryFault::Batch { hold: 4 }, 100);
}
