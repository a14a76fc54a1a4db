//! Contacts: they say things, change and take them back, tap buttons, and refuse messages.

use std::sync::Arc;

use super::Sim;
use super::label::Label;
use super::ledger::{Refusal, Removal, Reply, Said, Version};
use super::members::{Looked, Member};
use super::providers::Act;

/// How long between two changes of the same thing, in milliseconds: providers date them by the second.
const BETWEEN_CHANGES_MS: i64 = 2_000;

/// Somebody says something new, perhaps with a file.
pub(crate) fn say(sim: &Arc<Sim>, person: usize, has_file: bool) {
    if has_file && !can(sim, person, &Act::Enclose(Label::said(0, 1))) {
        return;
    }
    let label = {
        let mut ledger = sim.ledger();
        let number = ledger.number();
        let said = Said {
            person,
            versions: vec![Version::default()],
            removal: Removal::No,
            is_tap: false,
            changed_ms: sim.time.now_ms(),
            remote: String::new(),
            has_file,
        };
        ledger.said.insert(number, said);
        Label::said(number, 1)
    };
    tell(sim, person, &format!("says {label}{}", if has_file { " with a file" } else { "" }));
    let said = if has_file { Act::Enclose(label) } else { Act::Say(label) };
    if !act(sim, person, &said) {
        sim.ledger().said.remove(&label.number);
        tell(sim, person, "could not say that");
    }
}

/// Somebody changes something said earlier.
pub(crate) fn edit(sim: &Arc<Sim>, person: usize, choice: u64) {
    let Some((number, version)) = changeable(sim, person, choice) else { return };
    let label = Label::said(number, version + 1);
    let has_file = sim.ledger().said.get(&number).is_some_and(|said| said.has_file);
    if has_file || !can(sim, person, &Act::Edit(label)) {
        return;
    }
    if let Some(said) = sim.ledger().said.get_mut(&number) {
        said.versions.push(Version::default());
        said.changed_ms = sim.time.now_ms();
    }
    tell(sim, person, &format!("changes it to {label}"));
    if !act(sim, person, &Act::Edit(label))
        && let Some(said) = sim.ledger().said.get_mut(&number)
    {
        said.versions.pop();
    }
}

/// Somebody takes something back.
pub(crate) fn remove(sim: &Arc<Sim>, person: usize, choice: u64) {
    let Some((number, _)) = changeable(sim, person, choice) else { return };
    if !can(sim, person, &Act::Remove(number)) {
        return;
    }
    if let Some(said) = sim.ledger().said.get_mut(&number) {
        said.removal = Removal::Wanted;
    }
    tell(sim, person, &format!("takes m{number} back"));
    act(sim, person, &Act::Remove(number));
}

/// Somebody taps a button that waits for it.
pub(crate) fn tap(sim: &Arc<Sim>, person: usize) {
    let waiting: Vec<u32> = {
        let ledger = sim.ledger();
        let own = ledger.said.iter().filter(|(_, said)| said.person == person && said.is_tap);
        own.filter(|(_, said)| said.remote.is_empty()).map(|(number, _)| *number).collect()
    };
    for number in waiting {
        let label = Label::said(number, 1);
        if act(sim, person, &Act::Tap(label)) {
            tell(sim, person, &format!("taps {label}"));
            if let Some(said) = sim.ledger().said.get_mut(&number) {
                "tapped".clone_into(&mut said.remote);
            }
            return;
        }
    }
}

/// Somebody refuses messages, or wants them again.
pub(crate) fn refuse(sim: &Arc<Sim>, person: usize) {
    let on = sim.ledger().people[person].refuses.is_none();
    if !can(sim, person, &Act::Refuse(on)) {
        return;
    }
    {
        let mut ledger = sim.ledger();
        ledger.people[person].refuses = on.then(Refusal::default);
        ledger.people[person].refused_once = true;
    }
    tell(sim, person, if on { "refuses messages" } else { "wants messages again" });
    act(sim, person, &Act::Refuse(on));
}

/// Somebody reacts to the newest reply, or takes that back.
pub(crate) fn react(sim: &Arc<Sim>, person: usize, on: bool) {
    let last = sim.ledger().reactions.iter().rfind(|one| one.person == person).map(|one| one.at_ms);
    if last.is_none_or(|last| sim.time.now_ms() >= last + BETWEEN_CHANGES_MS) {
        fidget(sim, person, &Act::React(on));
    }
}

/// Somebody does something small.
pub(crate) fn fidget(sim: &Arc<Sim>, person: usize, what: &Act) {
    if can(sim, person, what) && act(sim, person, what) {
        tell(sim, person, &format!("{what:?}"));
    }
}

fn changeable(sim: &Sim, person: usize, choice: u64) -> Option<(u32, u32)> {
    let ledger = sim.ledger();
    let now = sim.time.now_ms();
    let own = ledger.said.iter().filter(|(_, said)| {
        said.person == person
            && said.removal == Removal::No
            && !said.is_tap
            && now >= said.changed_ms + BETWEEN_CHANGES_MS
    });
    let mut all: Vec<_> =
        own.map(|(number, said)| (*number, u32::try_from(said.versions.len()).unwrap_or(u32::MAX))).collect();
    // What was changed before is changed again the most: it is then that something old can come late.
    all.sort_by_key(|(number, versions)| (std::cmp::Reverse(*versions), *number));
    all.truncate(2);
    let at = choice % u64::try_from(all.len().max(1)).unwrap_or(1);
    all.get(usize::try_from(at).unwrap_or(0)).copied()
}

fn can(sim: &Sim, person: usize, what: &Act) -> bool {
    let channel = sim.ledger().people[person].channel;
    sim.channels()[channel].provider.can(what)
}

fn act(sim: &Arc<Sim>, person: usize, what: &Act) -> bool {
    let channel = sim.ledger().people[person].channel;
    sim.channels()[channel].provider.can(what) && sim.channels()[channel].provider.act(sim, person, what)
}

fn tell(sim: &Sim, person: usize, what: &str) {
    let name = sim.ledger().people[person].name.clone();
    sim.story.tell(&format!("{name} {what}"));
}

/// The business writes to somebody from its own phone, past the program.
pub(crate) fn echo(sim: &Arc<Sim>, person: usize) {
    let channel = sim.ledger().people[person].channel;
    let label = Label::reply(sim.ledger().number(), 1);
    let home = {
        let ledger = sim.ledger();
        let known = ledger.homes.iter().find(|(_, contact)| ledger.contacts.get(*contact) == Some(&person));
        known.map(|(conversation, contact)| (conversation.clone(), contact.clone()))
    };
    let Some((id, own)) = home else { return };
    let looked = Looked { id, contact: own.clone(), own, person };
    if sim.channels()[channel].provider.echo(sim, person, label) {
        tell(sim, person, &format!("reads {label}, which the business wrote elsewhere"));
        let begin = |reply: &mut Reply| (reply.is_echo, reply.is_uncertain) = (true, true);
        Member::agent(sim.channels()[channel].workspace).begins(sim, &looked, label, begin);
    }
}
