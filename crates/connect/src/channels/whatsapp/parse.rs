//! A delivery, cut to this account's own, as events: which field is read by whom.

use serde_json::Value;

use super::cut::items;
use super::{echo, message, news, status};
use crate::json::{list, text, word};
use crate::{Event, Verified, lenient};

/// What reads one change.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    /// Its `field`.
    pub(super) field: &'a str,
    /// Its `value`.
    pub(super) value: &'a Value,
    /// Within what a person's WhatsApp id is unique: the widest first, a space between.
    pub(super) scope: &'a str,
    /// When Meta told it, in Unix milliseconds; 0 where it does not say.
    pub(super) at_ms: i64,
}

/// The events of a delivery. What is not known is named and counted.
pub(super) fn events(verified: &Verified) -> Vec<Event> {
    let Some(delivery) = lenient(verified.body()).filter(Value::is_object) else { return vec![unknown("malformed")] };
    let scope = verified.subject().unwrap_or_default();
    let mut events = Vec::new();
    for entry in list(&delivery, "/entry") {
        for change in list(entry, "/changes") {
            let (field, value) =
                (text(change, "/field").unwrap_or("unnamed"), change.get("value").unwrap_or(&Value::Null));
            events.extend(of(Change { field, value, scope, at_ms: moment(entry, "/time") }));
        }
    }
    if events.is_empty() { vec![unknown("empty")] } else { events }
}

fn of(change: Change<'_>) -> Vec<Event> {
    match change.field {
        "messages" => messages(change),
        "calls" => each(change, "calls", message::called),
        "smb_message_echoes" => each(change, "message_echoes", echo::event),
        "user_preferences" => each(change, "user_preferences", status::preference),
        _ => vec![news::event(change).unwrap_or_else(|| unknown(change.field))],
    }
}

fn messages(change: Change<'_>) -> Vec<Event> {
    let mut events: Vec<Event> =
        items(change.value, "errors").iter().map(|error| news::trouble(change, error)).collect();
    events.extend(items(change.value, "messages").iter().map(|item| message::event(change, item)));
    events.extend(items(change.value, "statuses").iter().flat_map(|item| status::events(change, item)));
    if events.is_empty() { vec![unknown("messages.empty")] } else { events }
}

fn each(change: Change<'_>, key: &str, read: fn(Change<'_>, &Value) -> Event) -> Vec<Event> {
    let events: Vec<Event> = items(change.value, key).iter().map(|item| read(change, item)).collect();
    if events.is_empty() { vec![unknown(&format!("{}.empty", change.field))] } else { events }
}

/// Something that is only counted, under this name.
pub(super) fn unknown(kind: &str) -> Event {
    Event::Unknown { kind: word(kind) }
}

/// Seconds of Unix time, as text or number, as milliseconds; 0 where there are none.
pub(super) fn moment(value: &Value, pointer: &str) -> i64 {
    let seconds =
        value.pointer(pointer).and_then(|found| found.as_i64().or_else(|| found.as_str()?.trim().parse().ok()));
    seconds.unwrap_or(0).max(0).saturating_mul(1000)
}
