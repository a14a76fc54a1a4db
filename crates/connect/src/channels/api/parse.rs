//! What the other system posts, as events: `{"type","data"}` or `{"events":[…]}`.
//!
//! Ids are the other system's own. Identities of kind `ExternalId` leave here with an empty scope; the engine puts the
//! channel's id there.

use serde_json::Value;

use crate::json::{integer, list, string, text, word};
use crate::{
    Choice, Event, IdentityKind, Inbound, Person, PersonIdentity, Quote, RemoteFile, StatusChange, identity, lenient,
};

/// How many events one request may carry.
const BATCH: usize = 1000;

/// The events of one request's bytes.
pub(super) fn events(body: &[u8]) -> Vec<Event> {
    let Some(request) = lenient(body) else { return vec![unknown("malformed")] };
    match request.get("events").and_then(Value::as_array) {
        Some(events) if events.len() > BATCH => vec![unknown("batch_too_large")],
        Some(events) => events.iter().map(event).collect(),
        None => vec![event(&request)],
    }
}

fn unknown(kind: &str) -> Event {
    Event::Unknown { kind: word(kind) }
}

fn event(value: &Value) -> Event {
    let kind = text(value, "/type").unwrap_or("malformed");
    let data = value.get("data").unwrap_or(&Value::Null);
    let event = match kind {
        "message.created" => message(data, "/created_at").map(Event::Message),
        "message.edited" => message(data, "/edited_at").map(Event::Edited),
        "message.removed" => removed(data),
        "message.chosen" => chosen(data),
        "message.reaction" => reaction(data),
        "message.status" => status(data),
        "message.seen" => seen(data),
        "typing" => typing(data),
        "contact.opted_out" => opted(data, false),
        "contact.opted_in" => opted(data, true),
        other => return unknown(other),
    };
    event.unwrap_or_else(|| unknown(&format!("{kind}.malformed")))
}

fn message(data: &Value, moment: &str) -> Option<Box<Inbound>> {
    let from = person(data)?;
    let inbound = Inbound {
        remote: id(data, "/id")?,
        thread: thread(data, &from)?,
        text: string(data, "/text"),
        // Beside a text alone: what is searched and previewed is the text.
        html: string(data, "/text").and_then(|_| string(data, "/html")),
        files: list(data, "/attachments").iter().filter_map(file).collect(),
        quote: id(data, "/reply_to").map(|remote| Quote { remote: Some(remote), text: None }),
        at_ms: at(data, moment),
        from,
        ..Inbound::default()
    };
    (inbound.text.is_some() || !inbound.files.is_empty()).then(|| Box::new(inbound))
}

fn chosen(data: &Value) -> Option<Event> {
    let choice = Choice { data: string(data, "/choice")?, of: id(data, "/of") };
    let from = person(data)?;
    let message = Inbound {
        remote: id(data, "/id")?,
        thread: thread(data, &from)?,
        from,
        text: string(data, "/text").or_else(|| Some(choice.data.clone())),
        choice: Some(choice),
        at_ms: at(data, "/created_at"),
        ..Inbound::default()
    };
    Some(Event::Chosen { callback: message.remote.clone(), message: Box::new(message) })
}

fn removed(data: &Value) -> Option<Event> {
    let remotes: Vec<String> =
        id(data, "/id").into_iter().chain(list(data, "/ids").iter().filter_map(|value| id(value, ""))).collect();
    let thread = named_or(data, || id(data, "/contact/id"))?;
    (!remotes.is_empty()).then_some(Event::Removed { from: None, thread, remotes })
}

fn reaction(data: &Value) -> Option<Event> {
    let from = person(data)?;
    Some(Event::Reaction {
        thread: thread(data, &from)?,
        from,
        remote: id(data, "/id")?,
        emoji: string(data, "/emoji"),
        at_ms: at(data, "/created_at"),
    })
}

fn status(data: &Value) -> Option<Event> {
    let state = text(data, "/state").filter(|state| matches!(*state, "sent" | "delivered" | "read" | "failed"))?;
    // The other system's codes may say anything, and a code is stored unsealed: theirs is part of the words.
    let words: Vec<&str> = ["/code", "/detail"].into_iter().filter_map(|pointer| text(data, pointer)).collect();
    Some(Event::Status(StatusChange {
        ours: Some(id(data, "/id")?),
        state: state.to_owned(),
        detail: Some(words.join(": ")).filter(|words| !words.is_empty()),
        at_ms: at(data, "/at"),
        ..StatusChange::default()
    }))
}

fn seen(data: &Value) -> Option<Event> {
    let from = person(data)?;
    Some(Event::Seen { thread: thread(data, &from)?, from, remote: id(data, "/up_to"), at_ms: at(data, "/at") })
}

fn typing(data: &Value) -> Option<Event> {
    let from = person(data)?;
    Some(Event::Typing { thread: thread(data, &from)?, from })
}

fn opted(data: &Value, accepts: bool) -> Option<Event> {
    Some(Event::Opted { from: person(data)?, accepts, at_ms: at(data, "/at") })
}

fn file(value: &Value) -> Option<RemoteFile> {
    let content_type = string(value, "/content_type");
    let family = content_type.as_deref().and_then(|kind| kind.split('/').next());
    let role = family.filter(|family| matches!(*family, "image" | "audio" | "video")).unwrap_or("file");
    Some(RemoteFile {
        locator: string(value, "/url")?,
        name: string(value, "/name"),
        size: integer(value, "/size").and_then(|size| u64::try_from(size).ok()),
        role: role.to_owned(),
        content_type,
    })
}

fn person(data: &Value) -> Option<Person> {
    let identity = |kind, value| PersonIdentity { kind, scope: String::new(), value };
    let mut identities = vec![identity(IdentityKind::ExternalId, id(data, "/contact/id")?)];
    let phone = text(data, "/contact/phone").and_then(identity::phone);
    identities.extend(phone.map(|value| identity(IdentityKind::Phone, value)));
    let email = text(data, "/contact/email").and_then(identity::email);
    identities.extend(email.map(|value| identity(IdentityKind::Email, value)));
    Some(Person { identities, name: string(data, "/contact/name"), language: string(data, "/contact/language") })
}

/// The thread that is named, else the contact's only one.
fn thread(data: &Value, from: &Person) -> Option<String> {
    named_or(data, || from.identities.first().map(|identity| identity.value.clone()))
}

/// A thread whose name is no id is refused: what was said in it must not turn up in another.
fn named_or(data: &Value, own: impl FnOnce() -> Option<String>) -> Option<String> {
    match data.get("thread") {
        None | Some(Value::Null) => own(),
        Some(_) => id(data, "/thread"),
    }
}

/// An id: a text of at most 256 bytes without control characters, or a whole number.
fn id(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(id) if !id.is_empty() && id.len() <= 256 && !id.contains(char::is_control) => Some(id.clone()),
        Value::Number(id) if id.is_i64() || id.is_u64() => Some(id.to_string()),
        _ => None,
    }
}

/// An RFC 3339 time as Unix milliseconds; 0 where there is none.
fn at(data: &Value, pointer: &str) -> i64 {
    let moment = text(data, pointer).and_then(|time| time.parse::<jiff::Timestamp>().ok());
    moment.map_or(0, |moment| moment.as_millisecond().max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(data: &Value) -> Event {
        let body = serde_json::json!({"type": "message.created", "data": data}).to_string();
        events(body.as_bytes()).remove(0)
    }

    #[test]
    fn an_id_with_control_characters_is_refused_and_none_is_put_in_its_place() {
        let said = |id: &str, thread: Value, contact: &str| {
            parsed(&serde_json::json!({"id": id, "thread": thread, "contact": {"id": contact}, "text": "hello"}))
        };
        assert!(matches!(said("m-1", Value::Null, "c"), Event::Message(found) if found.thread == "c"));
        assert!(matches!(said("m-1", "t".into(), "c"), Event::Message(found) if found.thread == "t"));
        for event in [
            said("m\n1", Value::Null, "c"),
            said("m", "t\u{1b}".into(), "c"),
            said("m", Value::Null, "c\r"),
            said("m", "".into(), "c"),
        ] {
            assert_eq!(event, unknown("message.created.malformed"));
        }
    }
}
