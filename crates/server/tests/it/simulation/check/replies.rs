//! What members replied: each order reached its contact once at most, and once if it is said to be sent; in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::{Seen, text};
use crate::simulation::label::{Label, Voice};
use crate::simulation::ledger::{Later, Ledger, Reply, Withdrawal};
use crate::simulation::providers::Reached;
use crate::simulation::{Sim, enclosed};

/// What a reply has come to.
struct Found<'a> {
    conversation: &'a String,
    message: &'a Value,
}

pub(super) async fn check(sim: &Arc<Sim>, all: &[Seen]) {
    let mut reached = Vec::new();
    for channel in sim.channels() {
        reached.push(channel.provider.reached(sim).await);
    }
    let by_id: BTreeMap<String, Found<'_>> = all
        .iter()
        .flat_map(Seen::all)
        .filter(|(_, message)| message["direction"] == "outgoing")
        .map(|(conversation, message)| (text(&message["id"]), Found { conversation, message }))
        .collect();
    let by_number = numbered(&by_id);
    let failed = unsent(all);
    let mut wrong = Vec::new();
    let mut ledger = sim.ledger();
    for (number, reply) in &mut ledger.replies {
        let own = by_number.get(number).map(Vec::as_slice).unwrap_or_default();
        if own.len() > 1 {
            wrong.push(format!("r{number} was written {} times", own.len()));
        }
        if reply.later.is_some() || reply.is_uncertain || reply.is_echo {
            reply.message = own.first().cloned();
        }
    }
    for (number, reply) in &ledger.replies {
        let channel = ledger.people[reply.person].channel;
        let Some(here) = &reached[channel] else { continue };
        let own: Vec<&Reached> = here.iter().filter(|one| one.label.number == *number).collect();
        let (count, size) = (own.len(), if reply.has_file { enclosed::size(*number) } else { 0 });
        if own.iter().any(|one| one.enclosed != size) {
            wrong.push(format!("r{number} reached its contact with another file than it has"));
        }
        let elsewhere = own.iter().any(|one| one.address != ledger.people[reply.person].address);
        if elsewhere {
            wrong.push(format!("r{number} reached somebody else"));
        }
        let erased = ledger.erasing(reply.person);
        let found = reply.message.as_ref().and_then(|id| by_id.get(id));
        if let Some(later) = &reply.later {
            wrong.extend(judge_later(*number, later, found, count, failed.contains(number)));
        }
        // What was withdrawn, or may not be sent, is rightly nowhere.
        let excused =
            reply.is_uncertain || reply.later.as_ref().is_some_and(|later| later.is_nowhere(*number, &failed));
        if found.is_none() && excused && count == 0 {
            continue;
        }
        let lied = sim.channels()[channel].provider.lied().contains(number);
        wrong.extend(judge(*number, reply, found, (count, lied), erased).err());
    }
    for here in reached.iter().flatten() {
        wrong.extend(order(&ledger, &by_id, here));
    }
    drop(ledger);
    for words in &wrong {
        sim.story.wrong(words);
    }
}

/// The ids of messages, by the number of the label that they bear.
fn numbered(by_id: &BTreeMap<String, Found<'_>>) -> BTreeMap<u32, Vec<String>> {
    let mut numbered: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (id, found) in by_id {
        let labels = Label::all_in(&text(&found.message["text"]));
        for label in labels.into_iter().filter(|label| label.voice == Voice::Member) {
            numbered.entry(label.number).or_default().push(id.clone());
        }
    }
    numbered
}

/// What could not be sent at its time, by the numbers of the labels.
fn unsent(all: &[Seen]) -> BTreeSet<u32> {
    let failed = all.iter().flat_map(|seen| &seen.scheduled).filter(|one| one["state"] == "failed");
    failed.flat_map(|one| Label::all_in(&text(&one["text"]))).map(|label| label.number).collect()
}

impl Later {
    /// Whether no message need have come of it.
    fn is_nowhere(&self, number: u32, failed: &BTreeSet<u32>) -> bool {
        self.withdrawn != Withdrawal::No || failed.contains(&number)
    }
}

/// What is wrong with something that was to be sent later.
fn judge_later(number: u32, later: &Later, found: Option<&Found<'_>>, count: usize, failed: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    if later.withdrawn == Withdrawal::Done && (count > 0 || found.is_some()) {
        wrong.push(format!("r{number} was taken back before it was sent, and was sent"));
    }
    if failed && found.is_some() {
        wrong.push(format!("r{number} is said not to have been sent, and is there"));
    }
    let labels = found.map(|found| Label::all_in(&text(&found.message["text"]))).unwrap_or_default();
    if labels.iter().any(|label| label.number == number && label.version < later.version) {
        wrong.push(format!("r{number} was sent as it was before it was changed to v{}", later.version));
    }
    wrong
}

/// What is wrong with one reply.
fn judge(
    number: u32,
    reply: &Reply,
    found: Option<&Found<'_>>,
    (count, lied): (usize, bool),
    erased: bool,
) -> Result<(), String> {
    let orders = usize::try_from(reply.orders).unwrap_or(usize::MAX);
    // Of somebody erased, what was sent and whose answer was lost is gone when it is asked for again.
    if reply.refused && count > 0 && !erased {
        return Err(format!("r{number} was refused, and reached its contact"));
    }
    if count > orders {
        return Err(format!("r{number} was ordered {orders} times, and reached its contact {count} times"));
    }
    if reply.refused || erased {
        return Ok(());
    }
    let Some(found) = found else { return Err(format!("r{number} was acknowledged, and is not there")) };
    if *found.conversation != reply.conversation {
        return Err(format!("r{number} is in another conversation"));
    }
    let words = Label::all_in(&text(&found.message["text"]));
    if !reply.taken_back && !words.iter().any(|label| label.number == number) {
        return Err(format!("r{number} has lost its words"));
    }
    let (state, code) = (text(&found.message["state"]), text(&found.message["failure"]["code"]));
    match state.as_str() {
        "sent" | "delivered" | "read" if count == 0 && !reply.taken_back && !lied => {
            Err(format!("r{number} is said to be {state}, and never reached its contact"))
        }
        "sent" | "delivered" | "read" => Ok(()),
        "failed" if code == "outcome_unknown" || count < orders => Ok(()),
        "failed" => Err(format!("r{number} is said to have failed ({code}), and reached its contact")),
        _ => Err(format!("r{number} is still {state}")),
    }
}

/// What reached one channel's people, in the order in which it stands in their conversations. What was ordered twice, or
/// whose fate is or once was unknown, may have come at any time.
fn order(ledger: &Ledger, by_id: &BTreeMap<String, Found<'_>>, reached: &[Reached]) -> Vec<String> {
    let mut last: BTreeMap<&String, (i64, u32)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for Reached { label, .. } in reached {
        let counts = |reply: &&Reply| reply.orders == 1 && !reply.is_echo;
        let Some(reply) = ledger.replies.get(&label.number).filter(counts) else { continue };
        let Some(found) = reply.message.as_ref().and_then(|id| by_id.get(id)) else { continue };
        let seq = found.message["seq"].as_i64().unwrap_or_default();
        if found.message["state"] == "failed" || ledger.doubted.contains(&text(&found.message["id"])) {
            continue;
        }
        if let Some((before, other)) = last.insert(found.conversation, (seq, label.number))
            && before > seq
        {
            wrong.push(format!("r{other} overtook r{}", label.number));
        }
    }
    wrong
}
