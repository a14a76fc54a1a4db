//! Telegram, as the simulator plays it: in the same thread, with the faults that it knows.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use connect::Reply;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use simulator::Simulator;
use simulator::faults::{CallFault, DeliveryFault, Order};
use simulator::telegram::{BotCard, Person};
use tower::ServiceExt;

use super::{Act, Provider, Reached, hook_path};
use crate::simulation::Sim;
use crate::simulation::inside::Told;
use crate::simulation::label::{Label, Voice};
use crate::simulation::outside::Arriving;

/// Where the program reaches it.
pub(in crate::simulation) const ADDRESS: &str = "http://telegram.sim";

/// One bot.
pub(in crate::simulation) struct Telegram {
    simulator: Simulator,
    router: Router,
    token: String,
    hook: OnceLock<String>,
}

impl Telegram {
    pub(in crate::simulation) fn new(simulator: &Simulator) -> Self {
        let card = simulator.telegram().create_bot(BotCard::default()).expect("a bot");
        Self { simulator: simulator.clone(), router: simulator.router(), token: card.token, hook: OnceLock::new() }
    }

    fn told(sim: &Sim, update: &Value) -> Told {
        let text = |pointer: &str| update.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let labels: Vec<Label> = ["/message/text", "/edited_message/text", "/callback_query/data"]
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
            told.refuses = person.map(|person| (person, blocked));
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

    fn react(&self, person: i64, on: bool) -> Option<()> {
        let phone = self.simulator.telegram().transcript(&self.token, person).ok()?;
        let newest = phone.iter().rev().find(|shown| shown.from == "bot" && !shown.deleted)?;
        let emoji: &[&str] = if on { &["❤"] } else { &[] };
        self.simulator.telegram().react(&self.token, person, newest.message_id, emoji).ok()
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
        call.url.starts_with(&format!("{ADDRESS}/bot{}/", self.token))
    }

    fn writes_to(&self, call: &Arriving) -> Option<String> {
        let body: Value = serde_json::from_slice(&call.body).ok()?;
        (call.operation == "telegram.sendMessage").then(|| body["chat_id"].to_string())
    }

    fn answer<'a>(&'a self, _: &'a Arc<Sim>, call: Arriving) -> BoxFuture<'a, Option<Reply>> {
        async move {
            let path = call.url.strip_prefix(ADDRESS)?;
            let mut request = Request::builder().method(call.method).uri(path);
            for (name, value) in &call.headers {
                request = request.header(name, value);
            }
            let response = self.router.clone().oneshot(request.body(Body::from(call.body)).ok()?).await.ok()?;
            let status = response.status().as_u16();
            let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                (name.to_string(), value.to_str().unwrap_or_default().to_owned())
            };
            let headers = response.headers().iter().map(text).collect();
            let body = response.into_body().collect().await.ok()?.to_bytes().to_vec();
            Some(Reply::Answer { status, headers, body })
        }
        .boxed()
    }

    fn read(&self, sim: &Sim, path: &str, body: &[u8]) -> Option<Told> {
        (self.hook.get().map(String::as_str) == Some(path)).then_some(())?;
        Some(Self::told(sim, &serde_json::from_slice(body).ok()?))
    }

    fn can(&self, act: &Act) -> bool {
        match act {
            Act::Say(_) | Act::Edit(_) | Act::Tap(_) | Act::React(_) | Act::Refuse(_) => true,
            // A bot is not told what is deleted, nor what is read.
            Act::Remove(_) | Act::Seen => false,
        }
    }

    fn act(&self, sim: &Arc<Sim>, person: usize, act: &Act) -> bool {
        let Ok(id) = sim.ledger().people[person].address.parse::<i64>() else { return false };
        let telegram = self.simulator.telegram();
        let done = match act {
            Act::Say(label) => telegram.say_text(&self.token, id, &label.words()).ok().map(|number| {
                if let Some(said) = sim.ledger().said.get_mut(&label.number) {
                    said.remote = number.to_string();
                }
            }),
            Act::Edit(label) => {
                let number = sim.ledger().said.get(&label.number).and_then(|said| said.remote.parse().ok());
                number.and_then(|number| telegram.edit(&self.token, id, None, number, &label.words()).ok())
            }
            Act::Tap(label) => self.tap(id, *label),
            Act::React(on) => self.react(id, *on),
            Act::Refuse(on) => telegram.set_blocked(&self.token, id, *on).ok(),
            Act::Remove(_) | Act::Seen => None,
        };
        done.is_some()
    }

    fn reached<'a>(&'a self, _: &'a Arc<Sim>) -> BoxFuture<'a, Option<Vec<Reached>>> {
        let sent = self.simulator.telegram().sent(&self.token).unwrap_or_default();
        let reached = sent.into_iter().filter_map(|sent| {
            let label = Label::all_in(&sent.text?).into_iter().find(|label| label.voice == Voice::Member)?;
            Some(Reached { address: sent.chat_id.to_string(), label })
        });
        std::future::ready(Some(reached.collect())).boxed()
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
        for kind in ["message", "edited_message", "callback_query"] {
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
