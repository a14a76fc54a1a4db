//! What a visitor posts, as an event. One request is one thing.
//!
//! `verify` refuses what could not be read, so that the visitor's client hears of it; `parse` reads it again later.
//! Identities of kind `WebVisitor` and `ExternalId` leave here with an empty scope; the engine puts the channel's id there.

use serde_json::Value;

use super::{TEXT, session};
use crate::json::{list, string, text};
use crate::{
    Account, Choice, Event, IdentityKind, Inbound, Person, PersonIdentity, Quote, Recipient, Reject, RemoteFile,
    identity, lenient,
};

/// How many files one message may name.
const FILES: usize = 10;

/// Refuses what is no event of this visitor's.
pub(super) fn check(body: &[u8], account: &Account, subject: &str) -> Result<(), Reject> {
    let value = lenient(body).ok_or(Reject::Malformed)?;
    read(subject, &value).ok_or(Reject::Malformed)?;
    let own = tickets(&value).all(|ticket| session::ticket_of(account, subject, ticket));
    if own { Ok(()) } else { Err(Reject::Malformed) }
}

/// Whether a request says something: a message, one that is changed, a choice or a reaction.
pub(super) fn says_something(body: &[u8]) -> bool {
    let value = lenient(body).unwrap_or_default();
    !matches!(text(&value, "/type"), Some("remove" | "typing" | "seen"))
}

/// The event of a request that was accepted.
pub(super) fn event(subject: &str, body: &[u8]) -> Event {
    let event = lenient(body).filter(|_| !subject.is_empty()).and_then(|value| read(subject, &value));
    event.unwrap_or_else(|| Event::Unknown { kind: "malformed".to_owned() })
}

/// The thread of a recipient: the one they wrote in, else the one that their identity has.
pub(super) fn thread_of(to: &Recipient) -> Option<String> {
    let by_identity = || {
        to.identities.iter().find_map(|identity| match identity.kind {
            IdentityKind::WebVisitor => Some(identity.value.clone()),
            IdentityKind::ExternalId => Some(format!("user:{}", identity.value)),
            _ => None,
        })
    };
    to.thread.clone().filter(|thread| !thread.is_empty()).or_else(by_identity)
}

fn read(subject: &str, value: &Value) -> Option<Event> {
    let thread = subject.to_owned();
    let from = || person(subject, value);
    // There is no clock of a visitor's to be believed: all moments are those of receipt.
    let at_ms = 0;
    Some(match text(value, "/type")? {
        "message" => Event::Message(Box::new(written(subject, value)?)),
        "edit" => Event::Edited(Box::new(written(subject, value)?)),
        "remove" => Event::Removed { from: None, thread, remotes: vec![own_remote(subject, value, "/id")?] },
        "choice" => {
            Event::Chosen { callback: own_remote(subject, value, "/id")?, message: Box::new(tapped(subject, value)?) }
        }
        "reaction" => Event::Reaction {
            from: from(),
            thread,
            remote: any_remote(subject, value, "/of")?,
            emoji: string(value, "/emoji").filter(|emoji| emoji.len() <= 64),
            at_ms,
        },
        "typing" => Event::Typing { from: from(), thread },
        "seen" => Event::Seen { from: from(), thread, remote: Some(any_remote(subject, value, "/up_to")?), at_ms },
        _ => return None,
    })
}

fn written(subject: &str, value: &Value) -> Option<Inbound> {
    let message = Inbound {
        text: words(value),
        files: tickets(value).map(file).collect(),
        quote: any_remote(subject, value, "/reply_to").map(|remote| Quote { remote: Some(remote), text: None }),
        ..blank(subject, value)?
    };
    let said = message.text.is_some() || !message.files.is_empty();
    (said && message.files.len() <= FILES).then_some(message)
}

fn tapped(subject: &str, value: &Value) -> Option<Inbound> {
    let choice = Choice { data: string(value, "/data")?, of: any_remote(subject, value, "/of") };
    Some(Inbound {
        text: words(value).or_else(|| Some(choice.data.clone())),
        choice: Some(choice),
        ..blank(subject, value)?
    })
}

fn blank(subject: &str, value: &Value) -> Option<Inbound> {
    fits(value).then_some(())?;
    Some(Inbound {
        remote: own_remote(subject, value, "/id")?,
        thread: subject.to_owned(),
        from: person(subject, value),
        ..Inbound::default()
    })
}

fn words(value: &Value) -> Option<String> {
    string(value, "/text").filter(|words| !words.trim().is_empty())
}

fn fits(value: &Value) -> bool {
    text(value, "/text").is_none_or(|words| words.chars().count() <= TEXT as usize)
}

fn person(subject: &str, value: &Value) -> Person {
    let (kind, id) = match subject.strip_prefix("user:") {
        Some(user) => (IdentityKind::ExternalId, user),
        None => (IdentityKind::WebVisitor, subject),
    };
    let mut identities = vec![PersonIdentity { kind, scope: String::new(), value: id.to_owned() }];
    // Anybody can type anybody's address. In a scope of its own it leads to nobody else's contact.
    let claimed = text(value, "/profile/email").and_then(identity::email);
    identities.extend(claimed.map(|value| PersonIdentity {
        kind: IdentityKind::Email,
        scope: format!("claimed:{subject}"),
        value,
    }));
    let name = string(value, "/profile/name").filter(|name| name.chars().count() <= 200);
    Person { identities, name, language: string(value, "/profile/language").filter(|tag| tag.len() <= 35) }
}

/// Who speaks, without anything that they say of themselves.
pub(super) fn somebody(subject: &str) -> Person {
    person(subject, &Value::Null)
}

/// Who a proven user is. The website vouches for the address, so it identifies.
pub(super) fn proven(subject: &str, user: &super::User) -> Person {
    let mut person = person(subject, &Value::Null);
    let email =
        user.email.clone().map(|value| PersonIdentity { kind: IdentityKind::Email, scope: String::new(), value });
    person.identities.extend(email);
    person.name.clone_from(&user.name);
    person
}

/// A client's own id of a message, usually a UUID. Without ':' it cannot reach into another visitor's.
fn client_id<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    let sound = |id: &&str| id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    text(value, pointer).filter(sound)
}

fn own_remote(subject: &str, value: &Value, pointer: &str) -> Option<String> {
    client_id(value, pointer).map(|id| format!("{subject}:{id}"))
}

/// A message by our id (`msg_…`) if a member wrote it, by the client's if the visitor did.
fn any_remote(subject: &str, value: &Value, pointer: &str) -> Option<String> {
    match client_id(value, pointer)? {
        ours if ours.starts_with("msg_") => Some(ours.to_owned()),
        own => Some(format!("{subject}:{own}")),
    }
}

fn tickets(value: &Value) -> impl Iterator<Item = &str> {
    list(value, "/attachments").iter().map(|ticket| ticket.as_str().unwrap_or_default())
}

fn file(ticket: &str) -> RemoteFile {
    let handle = ticket.rsplit_once('.').map_or(ticket, |(handle, _)| handle);
    RemoteFile { locator: handle.to_owned(), name: None, content_type: None, size: None, role: "file".to_owned() }
}
