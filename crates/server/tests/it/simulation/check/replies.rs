//! What members replied: each order reached its contact once at most, and once if it is said to be sent; in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Seen, text};
use crate::simulation::Sim;
use crate::simulation::label::Label;
use crate::simulation::ledger::{Ledger, Reply};
use crate::simulation::providers::Reached;

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
    let mut wrong = Vec::new();
    let ledger = sim.ledger();
    for (number, reply) in &ledger.replies {
        let channel = ledger.people[reply.person].channel;
        let Some(here) = &reached[channel] else { continue };
        let count = here.iter().filter(|one| one.label.number == *number).count();
        let elsewhere =
            here.iter().any(|one| one.label.number == *number && one.address != ledger.people[reply.person].address);
        if elsewhere {
            wrong.push(format!("r{number} reached somebody else"));
        }
        let erased = ledger.erasing(reply.person);
        let found = reply.message.as_ref().and_then(|id| by_id.get(id));
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
        let Some(reply) = ledger.replies.get(&label.number).filter(|reply| reply.orders == 1) else { continue };
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
