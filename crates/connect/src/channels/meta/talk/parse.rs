//! A delivery, cut to this account's own, as events: which item is read by whom.

use serde_json::Value;

use super::cut::{CHANGES, LISTS, STANDBY};
use super::{callback, message, signal};
use crate::channels::meta::graph::number;
use crate::json::{list, text, word};
use crate::{Event, IdentityKind, Person, PersonIdentity, Verified, lenient};

/// What is said of an item before it is read.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    /// The account's id, within which people's ids are unique.
    pub(super) account: &'a str,
    /// Our app's id; empty where it is not known.
    pub(super) app: &'a str,
    /// Another app answers.
    pub(super) standby: bool,
    /// When Meta told it, in Unix milliseconds.
    time: i64,
}

/// With whom an item is.
pub(super) struct Side {
    /// The contact.
    pub(super) contact: Person,
    /// It is what the business did, and not the contact.
    pub(super) ours: bool,
}

impl Entry<'_> {
    /// With whom an item is; `None` if that is nobody.
    pub(super) fn side(self, item: &Value) -> Option<Side> {
        let (sender, recipient) = (text(item, "/sender/id")?, text(item, "/recipient/id"));
        let ours = sender == self.account && !self.account.is_empty();
        let contact = if ours { recipient? } else { sender };
        Some(Side { contact: self.person(contact), ours })
    }

    fn person(self, id: &str) -> Person {
        let scope = self.account.to_owned();
        let known = PersonIdentity { kind: IdentityKind::AccountScopedId, scope, value: id.to_owned() };
        Person { identities: vec![known], ..Person::default() }
    }

    /// When it happened, in Unix milliseconds; 0 where nobody says.
    pub(super) fn moment(self, item: &Value) -> i64 {
        number(item, "/timestamp").filter(|at| *at > 0).unwrap_or(self.time).max(0)
    }
}

/// The events of a request. What is not known is named and counted.
pub(in crate::channels) fn events(verified: &Verified) -> Vec<Event> {
    let Some(delivery) = lenient(verified.body()).filter(Value::is_object) else { return vec![unknown("malformed")] };
    if delivery.get("callback").is_some() {
        return vec![callback::event(&delivery).unwrap_or_else(|| unknown("callback"))];
    }
    let app = verified.subject().unwrap_or_default();
    let mut events = Vec::new();
    for entry in list(&delivery, "/entry") {
        let account = text(entry, "/id").unwrap_or_default();
        let time = number(entry, "/time").unwrap_or(0);
        for key in LISTS {
            let of = Entry { account, app, time, standby: key == STANDBY };
            let items = entry.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            events.extend(items.iter().flat_map(|item| if key == CHANGES { changed(item) } else { read(of, item) }));
        }
    }
    if events.is_empty() { vec![unknown("empty")] } else { events }
}

fn changed(item: &Value) -> Vec<Event> {
    vec![unknown(&format!("changes.{}", text(item, "/field").unwrap_or("unnamed")))]
}

fn read(entry: Entry<'_>, item: &Value) -> Vec<Event> {
    let kind = kind(item);
    let Some(side) = entry.side(item) else {
        return vec![signal::of_account(entry, kind, item).unwrap_or_else(|| unknown(&format!("{kind}.anonymous")))];
    };
    let read = match kind {
        "message" => message::event(entry, item, side).map(|event| vec![event]),
        "message_edit" => message::edited(entry, item, side).map(|event| vec![event]),
        "postback" => message::tapped(entry, item, side).map(|event| vec![event]),
        "referral" => message::referred(entry, item, side).map(|event| vec![event]),
        _ => signal::events(entry, kind, item, side),
    };
    read.unwrap_or_else(|why| vec![unknown(&format!("{kind}.{why}"))])
}

/// What an item is of: the one of its keys that is not about who and when.
fn kind(item: &Value) -> &str {
    let framed = |key: &&str| !matches!(*key, "sender" | "recipient" | "timestamp" | "prior_message" | "hop_context");
    item.as_object().and_then(|fields| fields.keys().map(String::as_str).find(framed)).unwrap_or("unnamed")
}

/// Something that is only counted, under this name.
pub(super) fn unknown(kind: &str) -> Event {
    Event::Unknown { kind: word(kind) }
}
