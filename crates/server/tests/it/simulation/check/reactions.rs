//! What contacts put on replies: the last word of each stands.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Seen, text};
use crate::simulation::Sim;
use crate::simulation::ledger::{Ledger, Reaction};

pub(super) fn check(sim: &Sim, all: &[Seen]) {
    let shown: BTreeMap<String, &Value> =
        all.iter().flat_map(Seen::all).map(|(_, message)| (text(&message["id"]), message)).collect();
    let ledger = sim.ledger();
    // Later ones replace earlier ones.
    let last: BTreeMap<(usize, u32), &Reaction> =
        ledger.reactions.iter().map(|reaction| ((reaction.person, reaction.reply), reaction)).collect();
    let wrong: Vec<String> = last.values().filter_map(|reaction| judge(&ledger, &shown, reaction)).collect();
    drop(ledger);
    for words in &wrong {
        sim.story.wrong(words);
    }
}

/// What is wrong with a reaction that the program took after it knew the reply to be sent, and so by its provider's name.
fn judge(ledger: &Ledger, shown: &BTreeMap<String, &Value>, reaction: &Reaction) -> Option<String> {
    let reply = ledger.replies.get(&reaction.reply)?;
    let (id, channel) = (reply.message.as_ref()?, ledger.people[reaction.person].channel);
    let is_certain = reaction.taken.is_some() && ledger.sent.get(id).copied() < reaction.tried;
    if !is_certain || reply.taken_back || ledger.erasing(reaction.person) || ledger.disconnected.contains_key(&channel)
    {
        return None;
    }
    ledger.sent.get(id)?;
    let there = shown.get(id)?["reactions"].as_array().into_iter().flatten();
    let count = there.filter(|one| one["author_kind"] == "contact").count();
    let (number, expected) = (reaction.reply, usize::from(reaction.on));
    (count != expected).then(|| format!("r{number} has {count} reactions, and not {expected}"))
}
