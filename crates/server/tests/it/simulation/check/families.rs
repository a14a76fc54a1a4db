//! Who is one with whom: each conversation is shown as that of who stays, and whoever was split off is what it was.

use std::collections::BTreeSet;

use http::Method;

use super::{Seen, text};
use crate::simulation::Sim;
use crate::simulation::members::Member;

pub(super) async fn check(sim: &Sim, seen: &Seen) {
    for conversation in &seen.conversations {
        let home = sim.ledger().homes.get(&text(&conversation["id"])).cloned();
        let Some(own) = home else { continue };
        let (expected, names, family, is_certain) = {
            let ledger = sim.ledger();
            let expected = ledger.standing(&own);
            let person = |contact: &String| ledger.contacts.get(contact).copied();
            let family: BTreeSet<String> =
                ledger.contacts.keys().filter(|other| ledger.standing(other) == expected).cloned().collect();
            let names = family.iter().filter_map(person).map(|person| ledger.people[person].name.clone());
            let names: BTreeSet<String> = names.collect();
            // Whom an erasure took with it, that was under way when they were merged, is not known.
            let relatives = ledger.relatives(&own, 0);
            let is_certain = !relatives.iter().any(|one| person(one).is_some_and(|person| ledger.erasing(person)));
            (expected, names, family, is_certain)
        };
        if !is_certain {
            continue;
        }
        // Some channels know no names.
        let name = conversation["contact"]["name"].as_str();
        if text(&conversation["contact"]["id"]) != expected || name.is_some_and(|name| !names.contains(name)) {
            sim.story.wrong(&format!("a conversation of {names:?} is shown as that of {}", conversation["contact"]));
        }
        let owner = Member::owner(seen.workspace);
        let (_, contact) = owner.insists(sim, Method::GET, &format!("/contacts/{own}"), None, None).await;
        let merged = contact["merged_ids"].as_array().into_iter().flatten().map(text);
        let shown: BTreeSet<String> = merged.chain([text(&contact["id"])]).collect();
        if shown != family {
            sim.story.wrong(&format!("{} contacts are one, and not those {} of {names:?}", shown.len(), family.len()));
        }
    }
}
