//! What contacts said: each is there once, with its last words, in its own conversation.

use std::collections::{BTreeMap, BTreeSet};

use super::{Seen, text};
use crate::simulation::Sim;
use crate::simulation::label::{Label, Voice};
use crate::simulation::ledger::{Fate, Removal, Said};

/// A message of a contact as it was found.
struct Found {
    label: Label,
    workspace: usize,
    conversation: String,
    /// The id of its channel.
    channel: String,
}

pub(super) fn check(sim: &Sim, all: &[Seen]) {
    let found = find(all);
    let mut wrong = Vec::new();
    let ledger = sim.ledger();
    for (number, said) in &ledger.said {
        let own = found.get(number).map(Vec::as_slice).unwrap_or_default();
        // Who changes something that was erased does not bring it back.
        let fate = |version: usize| match ledger.fate(said.person, &said.versions[version]) {
            Fate::There if (0..version).any(|one| ledger.fate(said.person, &said.versions[one]) != Fate::There) => {
                Fate::Open
            }
            fate => fate,
        };
        wrong.extend(judge(*number, said, own, &fate));
        for one in own {
            let home = &sim.channels()[ledger.people[said.person].channel];
            if one.channel != home.id() || one.workspace != home.workspace {
                wrong.push(format!("{} is on another channel than its author", one.label));
            }
        }
    }
    wrong.extend(conversations(&ledger.said, &found));
    drop(ledger);
    for words in &wrong {
        sim.story.wrong(words);
    }
}

fn find(all: &[Seen]) -> BTreeMap<u32, Vec<Found>> {
    let mut found: BTreeMap<u32, Vec<Found>> = BTreeMap::new();
    for seen in all {
        let channels: BTreeMap<String, String> =
            seen.conversations.iter().map(|one| (text(&one["id"]), text(&one["channel_id"]))).collect();
        for (conversation, message) in seen.all().filter(|(_, message)| message["direction"] == "incoming") {
            let words = format!("{} {}", text(&message["text"]), text(&message["choice"]));
            for label in Label::all_in(&words).into_iter().filter(|label| label.voice == Voice::Contact) {
                let channel = channels.get(conversation).cloned().unwrap_or_default();
                let one = Found { label, workspace: seen.workspace, conversation: conversation.clone(), channel };
                found.entry(label.number).or_default().push(one);
            }
        }
    }
    found
}

/// What is wrong with one thing that was said.
fn judge(number: u32, said: &Said, found: &[Found], fate: &dyn Fn(usize) -> Fate) -> Vec<String> {
    let mut wrong = Vec::new();
    if found.len() > 1 {
        wrong.push(format!("m{number} is there {} times", found.len()));
    }
    let Some(last) = said.versions.len().checked_sub(1) else { return wrong };
    let newest = u32::try_from(said.versions.len()).unwrap_or(u32::MAX);
    match (said.removal, fate(last)) {
        (Removal::Taken, Fate::There) => {
            for one in found {
                wrong.push(format!("{} was taken back, and is there", one.label));
            }
        }
        (Removal::No, Fate::There) => match found {
            [] => wrong.push(format!("m{number} was taken, and is not there")),
            [one, ..] if one.label.version != newest => {
                wrong.push(format!("m{number} is there as {}, and not as v{newest}", one.label));
            }
            _ => {}
        },
        (_, Fate::Gone | Fate::Open) | (Removal::Wanted, Fate::There) => {}
    }
    wrong
}

/// A person has one conversation, and a conversation one person.
fn conversations(said: &BTreeMap<u32, Said>, found: &BTreeMap<u32, Vec<Found>>) -> Vec<String> {
    let mut of_person: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let mut of_conversation: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (number, all) in found {
        let Some(person) = said.get(number).map(|said| said.person) else { continue };
        for one in all {
            of_person.entry(person).or_default().insert(&one.conversation);
            of_conversation.entry(&one.conversation).or_default().insert(person);
        }
    }
    let many = of_person.iter().filter(|(_, all)| all.len() > 1);
    let mixed = of_conversation.values().filter(|people| people.len() > 1);
    let many = many.map(|(person, all)| format!("P{person} is in {} conversations", all.len()));
    many.chain(mixed.map(|people| format!("one conversation has the words of {people:?}"))).collect()
}
