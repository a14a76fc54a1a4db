//! Telegram, as the simulator plays it: in the same thread, with the faults that it knows.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::Router;
use connect::Reply;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use simulator::Simulator;
use simulator::faults::{CallFault, DeliveryFault, Order};
use simulator::telegram::{BotCard, Person, Says, Shown, Upload};

use super::{Act, Provider, Reached, hook_path, played};
use crate::simulation::inside::Told;
use crate::simulation::label::{Label, Voice};
use crate::simulation::parcel::Arriving;
use crate::simulation::{Sim, enclosed};

/// Where the program reaches it.
pub(in crate::simulation) const ADDRESS: &str = "http://telegram.sim";

/// How often of a thousand it says that it sent a message, and did not.
const LIES: u64 = 15;
/// How often of a thousand the address of a file is not good any more.
const FORGETS: u64 = 100;
/// Messages that are nowhere are numbered from here on.
const NOWHERE: u32 = 1_000_000;

/// Notes the number that a message has there.
fn note(sim: &Sim, label: Label, number: i64) {
    if let Some(said) = sim.ledger().said.get_mut(&label.number) {
        said.remote = number.to_string();
    }
}

/// What a message is known by.
fn remote(chat: &str, message: i64) -> String {
    format!("{chat}/{message}")
}

/// One bot.
pub(in crate::simulation) struct Telegram {
    simulator: Simulator,
    router: Router,
    token: String,
    hook: OnceLock<String>,
    /// What was answered with success and sent nowhere, by the number of its label.
    lied: Mutex<BTreeSet<u32>>,
}

impl Telegram {
    pub(in crate::simulation) fn new(simulator: &Simulator) -> Self {
        let card = simulator.telegram().create_bot(BotCard::default()).expect("a bot");
        Self {
            simulator: simulator.clone(),
            router: simulator.router(),
            token: card.token,
            hook: OnceLock::new(),
            lied: Mutex::default(),
        }
    }

    fn told(sim: &Sim, update: &Value) -> Told {
        let text = |pointer: &str| update.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let labels: Vec<Label> = ["/message/text", "/message/caption", "/edited_message/text", "/callback_query/data"]
            .iter()
            .flat_map(|pointer| Label::all_in(text(pointer)))
            .collect();
        let kind = update.as_object().and_then(|all| all.keys().find(|key| *key != "update_id")).cloned();
        let mut words = kind.unwrap_or_default();
        for label in &labels {
            words = words + " " + &label.to_string();
        }
        let mut told = Told { labels, words, ..Told::default() };
        if let Some(member) = update.get("my_chat_member") {
            let address = member["chat"]["id"].to_string();
            let blocked = member["new_chat_member"]["status"] == "kicked";
            let person = sim.ledger().people.iter().position(|person| person.address == address);
            told.words += if blocked { ": refuses" } else { ": wants messages again" };
            told.refuses.extend(person.map(|person| (person, blocked)));
        }
        if let Some(reaction) = update.get("message_reaction") {
            let remote = remote(&reaction["chat"]["id"].to_string(), reaction["message_id"].as_i64().unwrap_or(0));
            told.reactions.extend(sim.ledger().reaction(&remote, reaction["date"].as_i64().unwrap_or(0)));
        }
        told
    }

    fn tap(&self, person: i64, label: Label) -> Option<()> {
        let data = label.words();
        let phone = self.simulator.telegram().transcript(&self.token, person).ok()?;
        let offers = |keyboard: &Value| keyboard.to_string().contains(&data);
        let message = phone.iter().find(|shown| shown.keyboard.as_ref().is_some_and(offers))?;
        self.simulator.telegram().tap(&self.token, person, message.message_id, &data).ok().map(|_| ())
    }

    fn react(&self, sim: &Sim, (person, number): (i64, usize), on: bool) -> Option<()> {
        let phone = self.simulator.telegram().transcript(&self.token, person).ok()?;
        let newest = phone.iter().rev().find(|shown| shown.from == "bot" && !shown.deleted)?;
        let emoji: &[&str] = if on { &["❤"] } else { &[] };
        self.simulator.telegram().react(&self.token, person, newest.message_id, emoji).ok()?;
        let label = Label::all_in(newest.text.as_deref().unwrap_or_default()).into_iter().next()?;
        let remote = remote(&person.to_string(), newest.message_id);
        sim.ledger().reacts(number, label, remote, on, sim.time.now_ms());
        Some(())
    }

    /// How long the file of a message is.
    fn size(&self, person: i64, message: i64) -> u64 {
        let phone = self.simulator.telegram().transcript(&self.token, person).unwrap_or_default();
        let shown: Option<&Shown> = phone.iter().find(|shown| shown.message_id == message);
        shown.and_then(|shown| shown.media.as_ref()?["size"].as_u64()).unwrap_or(0)
    }

    fn lies(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.lied.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says of a message that it was sent, and sends nothing.
    fn pretend(&self, sim: &Sim, call: &Arriving) -> Option<Reply> {
        let lies = call.operation == "telegram.sendMessage" && sim.is_stormy() && sim.network.hits(LIES);
        let sent: Value = lies.then(|| serde_json::from_slice(&call.body).ok()).flatten()?;
        let label = Label::all_in(sent["text"].as_str()?).into_iter().next()?;
        self.lies().insert(label.number);
        let chat = json!({ "id": sent["chat_id"], "type": "private" });
        let (id, date) = (NOWHERE + label.number, sim.time.now_ms() / 1_000);
        let message = json!({ "message_id": id, "date": date, "chat": chat, "text": sent["text"] });
        let body = json!({ "ok": true, "result": message }).to_string().into_bytes();
        Some(Reply::Answer { status: 200, headers: Vec::new(), body })
    }
}

impl Provider for Telegram {
    fn order(&self) -> Value {
        json!({ "kind": "telegram", "name": "Bot", "settings": { "bot_token": self.token } })
    }

    fn connected(&self, channel: &Value) {
        let _ = self.hook.set(hook_path(channel));
    }

    fn meet<'a>(&'a self, _: &'a Arc<Sim>, name: &'a str) -> BoxFuture<'a, String> {
        let person = self.simulator.telegram().create_person(Person::named(name, "it"));
        std::future::ready(person.id.to_string()).boxed()
    }

    fn is_called(&self, call: &Arriving) -> bool {
        let is_below = |path: &str| call.url.starts_with(&format!("{ADDRESS}{path}/bot{}/", self.token));
        is_below("") || is_below("/file")
    }

    fn writes_to(&self, call: &Arriving) -> Option<String> {
        matches!(call.operation, "telegram.sendMessage" | "telegram.sendDocument").then_some(())?;
        Some(call.fields["chat_id"].to_string().trim_matches('"').to_owned())
    }

    fn answer<'a>(&'a self, sim: &'a Arc<Sim>, call: Arriving) -> BoxFuture<'a, Option<Reply>> {
        async move {
            if call.operation == "telegram.file" && sim.is_stormy() && sim.network.hits(FORGETS) {
                return Some(Reply::Answer { status: 404, headers: Vec::new(), body: Vec::new() });
            }
            match self.pretend(sim, &call) {
                Some(lie) => Some(lie),
                None => played(&self.router, ADDRESS, call).await,
            }
        }
        .boxed()
    }

    fn read(&self, sim: &Sim, path: &str, body: &[u8]) -> Option<Told> {
        (self.hook.get().map(String::as_str) == Some(path)).then_some(())?;
        Some(Self::told(sim, &serde_json::from_slice(body).ok()?))
    }

    fn can(&self, act: &Act) -> bool {
        match act {
            Act::Say(_) | Act::Enclose(_) | Act::Edit(_) | Act::Tap(_) | Act::React(_) | Act::Refuse(_) => true,
            // A bot is not told what is deleted, nor what is read.
            Act::Remove(_) | Act::Seen => false,
        }
    }

    fn act(&self, sim: &Arc<Sim>, person: usize, act: &Act) -> bool {
        let Ok(id) = sim.ledger().people[person].address.parse::<i64>() else { return false };
        let telegram = self.simulator.telegram();
        let done = match act {
            Act::Say(label) => {
                telegram.say_text(&self.token, id, &label.words()).ok().map(|number| note(sim, *label, number))
            }
            Act::Enclose(label) => {
                let (name, content) = (enclosed::name(label.number), enclosed::content(label.number));
                let upload = Upload::new(&name, "text/plain", content).captioned(&label.words());
                let said = telegram.say(&self.token, id, Says::Document(upload)).ok();
                said.and_then(|all| all.first().copied()).map(|number| note(sim, *label, number))
            }
            Act::Edit(label) => {
                let number = sim.ledger().said.get(&label.number).and_then(|said| said.remote.parse().ok());
                number.and_then(|number| telegram.edit(&self.token, id, None, number, &label.words()).ok())
            }
            Act::Tap(label) => self.tap(id, *label),
            Act::React(on) => self.react(sim, (id, person), *on),
            Act::Refuse(on) => telegram.set_blocked(&self.token, id, *on).ok(),
            Act::Remove(_) | Act::Seen => None,
        };
        done.is_some()
    }

    fn reached<'a>(&'a self, _: &'a Arc<Sim>) -> BoxFuture<'a, Option<Vec<Reached>>> {
        let sent = self.simulator.telegram().sent(&self.token).unwrap_or_default();
        let reached = sent.into_iter().filter_map(|sent| {
            let label = Label::all_in(&sent.text?).into_iter().find(|label| label.voice == Voice::Member)?;
            let enclosed = if sent.kind == "text" { 0 } else { self.size(sent.chat_id, sent.message_id) };
            Some(Reached { address: sent.chat_id.to_string(), label, enclosed })
        });
        std::future::ready(Some(reached.collect())).boxed()
    }

    fn lied(&self) -> BTreeSet<u32> {
        self.lies().clone()
    }

    fn pending(&self) -> usize {
        self.simulator.telegram().pending(&self.token).unwrap_or_default()
    }

    fn spoil(&self, sim: &Sim, on: bool) {
        let telegram = self.simulator.telegram();
        let _ = telegram.clear_faults(&self.token);
        if !on {
            return;
        }
        let call = |fault, per_mille: u32| {
            let probability = f64::from(per_mille) / 1_000.0;
            let _ = telegram.order_call_fault(&self.token, Order::always(fault).with_probability(probability));
        };
        call(CallFault::Slow { ms: sim.network.between(50, 2_000) }, 80);
        call(CallFault::Slow { ms: 35_000 }, 4);
        call(CallFault::TooManyRequests { retry_after: sim.network.between(1, 4) }, 30);
        call(CallFault::ErrorBefore, 25);
        call(CallFault::ErrorAfter, 25);
        call(CallFault::CutBefore, 25);
        call(CallFault::CutAfter, 25);
        for kind in ["message", "edited_message", "callback_query", "message_reaction"] {
            let bring = |fault, per_mille: u32| {
                let probability = f64::from(per_mille) / 1_000.0;
                let order = Order::always(fault).only(kind).with_probability(probability);
                let _ = telegram.order_delivery_fault(&self.token, order);
            };
            bring(DeliveryFault::Duplicate, 150);
            bring(DeliveryFault::Delay { ms: sim.network.between(50, 5_000) }, 150);
            bring(DeliveryFault::Reorder { hold: 3 }, 60);
            bring(DeliveryFault::Burst { hold: 3 }, 60);
        }
    }
}
