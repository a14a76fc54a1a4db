//! What must be there in the end, however often and in whichever order everything was told.

use std::collections::{BTreeMap, BTreeSet};

use connect::{Echo, Event, Inbound, Person};
use serde_json::Value;

use crate::client::text_of;

/// A message that must be there once.
#[derive(Default)]
struct Said {
    /// Which conversation it is in; `None` where only that it was taken back is told.
    place: Option<String>,
    incoming: bool,
    /// What it may say, by the moment when it was said or changed. The newest counts.
    texts: BTreeMap<i64, BTreeSet<Option<String>>>,
    edited: bool,
    removed: bool,
}

/// Something that we sent.
#[derive(Default)]
struct Sent {
    /// Where it is, where that is told.
    place: Option<String>,
    /// How far it came.
    states: BTreeSet<String>,
    /// What may stand below it, by when it was put there. The newest counts.
    reactions: BTreeMap<i64, BTreeSet<Option<String>>>,
}

/// All that must be there.
#[derive(Default)]
pub(super) struct Expected {
    said: BTreeMap<String, Said>,
    sent: BTreeMap<String, Sent>,
    /// Who is in which conversation.
    places: BTreeMap<String, (Person, String)>,
    /// Whether another app has a conversation, by the moment when that is said. The newest counts.
    holders: BTreeMap<String, BTreeMap<i64, BTreeSet<bool>>>,
    /// Somebody read all there was, so that a state may be further than was told of it.
    read: bool,
}

/// A state's place on its way.
pub(super) fn rank(state: &str) -> usize {
    ["received", "queued", "sent", "delivered", "read", "failed"].iter().position(|known| *known == state).unwrap()
}

/// By what a message is known: its id, and what tells it from others with the same.
fn known_as(inbound: &Inbound) -> String {
    inbound.fingerprint.as_ref().map_or_else(|| inbound.remote.clone(), |mark| format!("{}\n{mark}", inbound.remote))
}

/// The message of these events, by its id, and when it was written.
pub(super) fn written(events: &[Event]) -> (String, i64) {
    let of = |event: &Event| match event {
        Event::Message(inbound) => Some((known_as(inbound), inbound.at_ms)),
        _ => None,
    };
    events.iter().find_map(of).expect("it is a message")
}

fn opening(place: &str) -> String {
    format!("opening of {place}")
}

impl Expected {
    /// Takes in what an event must come to.
    pub(super) fn hear(&mut self, event: &Event) {
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
                let remote = change.remote.clone().or_else(|| change.ours.clone()).unwrap();
                self.sent.entry(remote).or_default().states.insert(change.state.clone());
            }
            Event::Reaction { from, thread, remote, emoji, at_ms } => {
                let place = self.place(from, thread);
                let sent = self.sent.entry(remote.clone()).or_default();
                sent.place = Some(place);
                sent.reactions.entry(*at_ms).or_default().insert(emoji.clone());
            }
            Event::Seen { from, thread, remote, .. } => {
                let place = self.place(from, thread);
                self.read = true;
                if let Some(remote) = remote {
                    let sent = self.sent.entry(remote.clone()).or_default();
                    sent.place = Some(place);
                    sent.states.insert("read".to_owned());
                }
            }
            Event::Reached { .. } => self.read = true,
            Event::Handed { with, thread, ours, at_ms } => {
                let place = self.place(with, thread);
                self.held(place, !ours, *at_ms);
            }
            Event::Moved { .. }
            | Event::Opted { .. }
            | Event::Typing { .. }
            | Event::Preference { .. }
            | Event::Template(_)
            | Event::Account(_)
            | Event::Echo(Echo::Reacted { .. })
            | Event::ErasureAsked { .. }
            | Event::Unknown { .. } => {}
        }
    }

    /// The conversation of a thread, else of a person.
    fn place(&mut self, from: &Person, thread: &str) -> String {
        let own = from.identities[0].value.clone();
        let place = if thread.is_empty() { own } else { thread.to_owned() };
        self.places.entry(place.clone()).or_insert_with(|| (from.clone(), thread.to_owned()));
        place
    }

    /// Who has a conversation at a moment. What is not dated happens when it is told, later than all that is.
    fn held(&mut self, place: String, elsewhere: bool, at_ms: i64) {
        let at_ms = if at_ms > 0 { at_ms } else { i64::MAX };
        self.holders.entry(place).or_default().entry(at_ms).or_default().insert(elsewhere);
    }

    /// The conversations that another app had at any moment, each by its opening, and whether it may have it in the end.
    pub(super) fn contested(&self) -> BTreeMap<String, &BTreeSet<bool>> {
        let contested = self.holders.iter().filter(|(_, held)| held.values().flatten().any(|elsewhere| *elsewhere));
        contested.filter_map(|(place, held)| Some((opening(place), held.values().next_back()?))).collect()
    }

    /// When somebody wrote first: where it is told who has the conversation, before all of that.
    fn opened_ms(&self, place: &str) -> i64 {
        let first = self.holders.get(place).filter(|_| self.contested().contains_key(&opening(place)));
        first.and_then(|held| held.keys().next()).map_or(0, |first| first - 1)
    }

    fn wrote(&mut self, inbound: &Inbound, incoming: bool, edit: bool) {
        let place = self.place(&inbound.from, &inbound.thread);
        // What comes to us we have. What we wrote elsewhere says so only in standby.
        if !edit && (incoming || inbound.standby) {
            self.held(place.clone(), inbound.standby, inbound.at_ms);
        }
        let said = self.said.entry(known_as(inbound)).or_default();
        said.place = Some(place);
        said.incoming = incoming;
        if edit && !said.edited {
            said.texts.clear();
            said.edited = true;
        }
        if edit == said.edited {
            said.texts.entry(inbound.at_ms).or_default().insert(inbound.text.clone());
        }
    }

    /// Everybody has written something before.
    pub(super) fn openings(&self) -> impl Iterator<Item = Event> {
        self.places.iter().map(|(place, (from, thread))| {
            let (remote, text) = (opening(place), Some("opening".to_owned()));
            let (thread, from, at_ms) = (thread.clone(), from.clone(), self.opened_ms(place));
            let inbound = Inbound { remote, thread, from, text, at_ms, ..Inbound::default() };
            Event::Message(Box::new(inbound))
        })
    }

    /// What was sent, and by the opening to whom. What nobody but its state is told of went to anybody.
    pub(super) fn sent(&self) -> Vec<(String, String)> {
        let anybody = self.places.keys().next().cloned().unwrap_or_default();
        let ours = self.sent.iter().filter(|(remote, _)| !self.said.contains_key(*remote));
        ours.map(|(remote, sent)| (remote.clone(), opening(sent.place.as_ref().unwrap_or(&anybody)))).collect()
    }

    /// Every id at the provider.
    pub(super) fn remotes(&self) -> Vec<String> {
        let openings = self.places.keys().map(|place| opening(place));
        self.said.keys().chain(self.sent.keys()).cloned().chain(openings).collect()
    }

    /// Holds it against what is shown.
    pub(super) fn check(&self, ids: &BTreeMap<String, String>, shown: &BTreeMap<String, Value>) {
        let known: BTreeSet<&String> = ids.values().collect();
        assert_eq!(known.len(), ids.len(), "two ids are one message");
        let strangers: Vec<_> = shown.iter().filter(|(id, _)| !known.contains(id)).collect();
        assert!(strangers.is_empty(), "nobody told of these: {strangers:?}");
        assert_eq!(shown.len(), known.len());
        let mut wrong = Vec::new();
        for (remote, said) in &self.said {
            let message = ids.get(remote).map_or(&Value::Null, |id| &shown[id]);
            wrong.extend(said.fault(message).map(|fault| format!("{remote} {fault}: {message}")));
        }
        for (remote, sent) in &self.sent {
            let message = ids.get(remote).map_or(&Value::Null, |id| &shown[id]);
            wrong.extend(sent.fault(message, self.read).map(|fault| format!("{remote} {fault}: {message}")));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        self.one_conversation_each(ids, shown);
    }

    /// Whatever is of one thread is in one conversation, and nothing of another.
    fn one_conversation_each(&self, ids: &BTreeMap<String, String>, shown: &BTreeMap<String, Value>) {
        let said = self.said.iter().filter_map(|(remote, said)| Some((said.place.clone()?, remote.clone())));
        let sent = self.sent.iter().filter_map(|(remote, sent)| Some((sent.place.clone()?, remote.clone())));
        let opened = self.places.keys().map(|place| (place.clone(), opening(place)));
        let mut conversations: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (place, remote) in said.chain(sent).chain(opened) {
            if let Some(id) = ids.get(&remote) {
                conversations.entry(place).or_default().insert(text_of(&shown[id]["conversation_id"]));
            }
        }
        let several: Vec<_> = conversations.iter().filter(|(_, found)| found.len() > 1).collect();
        assert!(several.is_empty(), "a thread is in several conversations: {several:?}");
        let distinct: BTreeSet<_> = conversations.values().flatten().collect();
        assert_eq!(distinct.len(), conversations.len(), "two threads are in one conversation: {conversations:?}");
    }
}

impl Said {
    fn fault(&self, message: &Value) -> Option<String> {
        if self.removed {
            let is_there = !message.is_null() && message["removed_at"].is_null();
            return is_there.then(|| "was taken back".to_owned());
        }
        let direction = if self.incoming { "incoming" } else { "outgoing" };
        let newest = self.texts.values().next_back().unwrap();
        let text = message["text"].as_str().map(str::to_owned);
        let right = message["direction"] == direction && newest.contains(&text);
        (!right).then(|| format!("is {direction} and says {newest:?}"))
    }
}

impl Sent {
    fn fault(&self, message: &Value, read: bool) -> Option<String> {
        let Some(state) = message["state"].as_str() else { return Some("is not there".to_owned()) };
        let told = self.states.iter().filter(|state| *state != "complained").map(|state| rank(state));
        let least = told.max().unwrap_or(0);
        let right = if read { rank(state) >= least } else { rank(state) == least.max(rank("sent")) };
        if !right {
            return Some(format!("is told to be {:?}", self.states));
        }
        let newest = self.reactions.values().next_back()?;
        let found = message["reactions"].as_array().into_iter().flatten().map(|one| text_of(&one["emoji"]));
        let found: Vec<String> = found.collect();
        let right = newest.iter().any(|emoji| found == emoji.iter().cloned().collect::<Vec<_>>());
        (!right).then(|| format!("has {newest:?} below it"))
    }
}
