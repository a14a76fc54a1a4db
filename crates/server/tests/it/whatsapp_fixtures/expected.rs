//! What must be there in the end, however often and in whichever order everything was told.

use std::collections::BTreeMap;

use connect::{Echo, Event, Inbound, Person};

use super::examples::SHEENA;

/// A message that must be there once.
#[derive(Default)]
pub(super) struct Said {
    /// Whose conversation it is in: of a group, or a person's own.
    pub(super) place: String,
    pub(super) incoming: bool,
    pub(super) text: Option<String>,
    /// It was changed: what it said first is gone.
    pub(super) edited: bool,
    /// It was taken back: it is gone, or was never seen.
    pub(super) removed: bool,
}

/// All that must be there.
#[derive(Default)]
pub(super) struct Expected {
    /// By id at the provider.
    pub(super) said: BTreeMap<String, Said>,
    /// Of what was sent, by id: state and code.
    pub(super) states: BTreeMap<String, (String, Option<String>)>,
    /// To what was sent, by id.
    pub(super) reactions: BTreeMap<String, Option<String>>,
    /// In whose conversation what was sent is, by id.
    pub(super) sent: BTreeMap<String, Addressee>,
    /// Who has a new number or id, by what they were known as.
    pub(super) moved: Vec<Person>,
}

/// To whom something was sent.
#[derive(Clone)]
pub(super) struct Addressee {
    pub(super) person: Person,
    pub(super) thread: String,
}

/// A state's place on its way: it never goes back.
fn rank(state: &str) -> usize {
    ["sent", "delivered", "read", "failed"].iter().position(|known| *known == state).unwrap()
}

/// Whose conversation something is in.
pub(super) fn place(person: &Person, thread: &str) -> String {
    if !thread.is_empty() {
        return thread.to_owned();
    }
    let known = &person.identities[0].value;
    let is_sheena = person.identities.iter().any(|one| SHEENA.contains(&one.value.trim_start_matches('+')));
    if is_sheena { SHEENA[0].to_owned() } else { known.clone() }
}

impl Expected {
    /// Takes in what an event must come to.
    pub(super) fn hear(&mut self, event: &Event, sheena: &Person) {
        match event {
            Event::Message(inbound) | Event::Chosen { message: inbound, .. } => self.wrote(inbound, true, false),
            Event::Edited(inbound) => self.wrote(inbound, true, true),
            Event::Echo(Echo::Wrote(inbound)) => self.wrote(inbound, false, false),
            Event::Echo(Echo::Edited(inbound)) => self.wrote(inbound, false, true),
            Event::Removed { remotes, .. } | Event::Echo(Echo::Removed { remotes, .. }) => {
                for remote in remotes {
                    self.said.entry(remote.clone()).or_default().removed = true;
                }
            }
            Event::Status(change) => {
                let remote = change.remote.clone().unwrap();
                let to = change.to.clone().unwrap_or_else(|| sheena.clone());
                self.sent.insert(remote.clone(), Addressee { person: to, thread: String::new() });
                let state = self.states.entry(remote).or_insert_with(|| ("sent".to_owned(), None));
                if rank(&change.state) > rank(&state.0) {
                    *state = (change.state.clone(), change.code.clone());
                }
            }
            Event::Reaction { from, thread, remote, emoji, .. } => {
                self.sent.insert(remote.clone(), Addressee { person: from.clone(), thread: thread.clone() });
                self.reactions.insert(remote.clone(), emoji.clone());
            }
            Event::Moved { from, .. } => self.moved.push(from.clone()),
            Event::Opted { .. }
            | Event::Typing { .. }
            | Event::Seen { .. }
            | Event::Preference { .. }
            | Event::Template(_)
            | Event::Account(_)
            | Event::Reached { .. }
            | Event::Handed { .. }
            | Event::Echo(Echo::Reacted { .. })
            | Event::ErasureAsked { .. }
            | Event::Unknown { .. } => {}
        }
    }

    fn wrote(&mut self, inbound: &Inbound, incoming: bool, edit: bool) {
        let said = self.said.entry(inbound.remote.clone()).or_default();
        said.place = place(&inbound.from, &inbound.thread);
        said.incoming = incoming;
        if edit || !said.edited {
            said.text.clone_from(&inbound.text);
        }
        said.edited |= edit;
    }
}
