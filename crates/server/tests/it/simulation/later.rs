//! What members order to be sent later, change while it waits, and take back before it goes.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use vault::Clock;

use super::Sim;
use super::label::Label;
use super::ledger::{Later, Withdrawal};
use super::members::Member;

/// The latest moment for which something is ordered, in milliseconds from its order.
pub(crate) const LATEST_MS: i64 = 300_000;
/// The earliest: an order that is repeated must not come after its own moment.
const EARLIEST_MS: i64 = 20_000;

impl Member {
    /// Replies at a later moment, or after some seconds in which that can be undone.
    pub(crate) async fn replies_later(self, sim: Arc<Sim>, choice: u64) {
        let Some(looked) = self.looks(&sim, choice / 8).await else { return };
        let label = Label::reply(sim.ledger().number(), 1);
        let mut order = json!({ "text": label.words() });
        if choice.is_multiple_of(3) {
            order["hold_seconds"] = json!(5 + choice % 26);
        } else {
            order["send_at"] = json!(in_a_while(&sim, choice));
        }
        if choice.is_multiple_of(5) {
            order["then"] = json!("resolved");
        }
        self.writes(&sim, &looked, label, &order).await;
    }

    /// Takes back something that waits.
    pub(crate) async fn withdraws(self, sim: Arc<Sim>, choice: u64) {
        let Some((number, id)) = self.some_waiting(&sim, choice) else { return };
        note(&sim, number, |later| later.withdrawn = Withdrawal::Perhaps);
        let (status, is_certain) = self.orders(&sim, Method::DELETE, &format!("/scheduled/{id}"), None).await;
        sim.story.tell(&format!("a member withdraws r{number} before it is sent, answered with {status}"));
        note(&sim, number, |later| {
            later.withdrawn = match status {
                200 => Withdrawal::Done,
                404 if is_certain => Withdrawal::No,
                _ => Withdrawal::Perhaps,
            };
            later.is_changing = false;
        });
    }

    /// Says something differently that waits, perhaps at another moment.
    pub(crate) async fn amends(self, sim: Arc<Sim>, choice: u64) {
        let Some((number, id)) = self.some_waiting(&sim, choice) else { return };
        let label = {
            let mut ledger = sim.ledger();
            let Some(reply) = ledger.replies.get_mut(&number) else { return };
            reply.versions += 1;
            Label::reply(number, reply.versions)
        };
        let mut change = json!({ "text": label.words() });
        if choice.is_multiple_of(2) {
            change["send_at"] = json!(in_a_while(&sim, choice));
        }
        let (status, _) = self.orders(&sim, Method::PATCH, &format!("/scheduled/{id}"), Some(&change)).await;
        sim.story.tell(&format!("a member changes what waits to {label}, answered with {status}"));
        note(&sim, number, |later| {
            later.is_changing = false;
            if status == 200 {
                later.version = label.version;
            }
        });
    }

    /// Orders until there is an answer, and whether that was the answer to the first attempt.
    async fn orders(self, sim: &Sim, method: Method, path: &str, body: Option<&Value>) -> (u16, bool) {
        match self.asks(sim, method.clone(), path, body, None).await {
            Some((status, _)) if status != 503 => (status, true),
            _ => (self.insists(sim, method, path, body, None).await.0, false),
        }
    }

    /// Something that was acknowledged to wait and that nobody else is changing.
    fn some_waiting(self, sim: &Sim, choice: u64) -> Option<(u32, String)> {
        let mut ledger = sim.ledger();
        let own = ledger.replies.iter().filter(|(_, reply)| reply.workspace == self.workspace);
        let known: Vec<(u32, String)> = own
            .filter_map(|(number, reply)| {
                let later = reply.later.as_ref()?;
                let is_free = !later.is_changing && later.withdrawn == Withdrawal::No;
                Some((*number, later.id.clone().filter(|_| is_free)?))
            })
            .collect();
        // The newest may still wait.
        let newest = &known[known.len().saturating_sub(3)..];
        let found = newest.get(usize::try_from(choice).unwrap_or(0) % newest.len().max(1)).cloned()?;
        ledger.replies.get_mut(&found.0)?.later.as_mut()?.is_changing = true;
        Some(found)
    }
}

/// A moment to come, by the program's clock.
fn in_a_while(sim: &Sim, choice: u64) -> String {
    let span = u64::try_from(LATEST_MS - EARLIEST_MS).unwrap_or(1);
    let after = EARLIEST_MS + i64::try_from((choice / 7) % span).unwrap_or(0);
    // Most of them come soon, so that they meet what happens meanwhile.
    let after = if choice.is_multiple_of(4) { after } else { EARLIEST_MS + after % 15_000 };
    jiff::Timestamp::from_millisecond(sim.time.now() + after).unwrap_or_default().to_string()
}

fn note(sim: &Sim, number: u32, change: impl FnOnce(&mut Later)) {
    if let Some(later) = sim.ledger().replies.get_mut(&number).and_then(|reply| reply.later.as_mut()) {
        change(later);
    }
}
