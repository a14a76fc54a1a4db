//! A message of a contact as an event: new, changed, taken back, a reaction, or news of the contact themselves.

use serde_json::Value;

use super::parse::{Change, moment, unknown};
use super::person::{self, Named};
use super::{card, content};
use crate::json::{flag, string, text};
use crate::{Event, Inbound, Origin, Person, Quote};

/// What opens a chat without a word: it says nothing that a member could read, and is counted.
const SERVICE: [&str; 1] = ["request_welcome"];

/// What one of `messages` is; named and counted where it is nothing for a conversation.
pub(super) fn event(change: Change<'_>, item: &Value) -> Event {
    read(change, item).unwrap_or_else(|kind| unknown(&format!("messages.{kind}")))
}

fn read(change: Change<'_>, item: &Value) -> Result<Event, String> {
    let kind = text(item, "/type").unwrap_or("unnamed");
    let named = Named::by(item, "/from", "/from_user_id");
    if kind == "system" {
        return moved(change, item, named);
    }
    if SERVICE.contains(&kind) {
        return Err(kind.to_owned());
    }
    let from = person::person(named, change.value, change.scope).ok_or("anonymous")?;
    match kind {
        "reaction" => reaction(item, from),
        "edit" => edited(item, from).map(Event::Edited),
        "revoke" => {
            Ok(Event::Removed { remotes: vec![original(item, "/revoke")?], from: Some(from), thread: thread(item) })
        }
        _ => {
            let mut message = message(item, from)?;
            person::join(&mut message.from, card::shared(item));
            Ok(Event::Message(message))
        }
    }
}

/// The thread: a group, or empty, which is the contact's own conversation.
pub(super) fn thread(item: &Value) -> String {
    string(item, "/group_id").unwrap_or_default()
}

/// The message that an edit or a revocation is about.
pub(super) fn original(item: &Value, of: &str) -> Result<String, String> {
    string(item, &format!("{of}/original_message_id")).ok_or_else(|| "without_original".to_owned())
}

/// A message with all it carries.
pub(super) fn message(item: &Value, from: Person) -> Result<Box<Inbound>, String> {
    let mut inbound = Inbound {
        remote: string(item, "/id").ok_or("without_id")?,
        thread: thread(item),
        from,
        forwarded: flag(item, "/context/forwarded") || flag(item, "/context/frequently_forwarded"),
        origin: origin(item),
        at_ms: moment(item, "/timestamp"),
        ..Inbound::default()
    };
    content::fill(item, &mut inbound);
    // A tap already names the message whose button it was.
    if inbound.choice.is_none() {
        inbound.quote = string(item, "/context/id").map(|remote| Quote { remote: Some(remote), text: None });
    }
    Ok(Box::new(inbound))
}

/// A message as it reads after an edit: the new content lies within.
pub(super) fn edited(item: &Value, from: Person) -> Result<Box<Inbound>, String> {
    let original = original(item, "/edit")?;
    let within = item.pointer("/edit/message").and_then(Value::as_object).ok_or("edit.empty")?;
    let mut within = within.clone();
    // Its context names the edit's own place and no message.
    within.remove("context");
    within.insert("id".to_owned(), original.into());
    let outside =
        ["timestamp", "group_id"].into_iter().filter_map(|key| Some((key.to_owned(), item.get(key)?.clone())));
    within.extend(outside);
    message(&Value::Object(within), from)
}

fn reaction(item: &Value, from: Person) -> Result<Event, String> {
    let (remote, emoji) = reacted(item)?;
    Ok(Event::Reaction { from, thread: thread(item), remote, emoji, at_ms: moment(item, "/timestamp") })
}

/// To which message somebody reacted, and how. Taking it back has no emoji.
pub(super) fn reacted(item: &Value) -> Result<(String, Option<String>), String> {
    let remote = string(item, "/reaction/message_id").ok_or("reaction.without_message")?;
    Ok((remote, string(item, "/reaction/emoji")))
}

/// Somebody calls. Nothing here takes a call: it stands in the conversation, and opens the time for answers as a message does. What
/// becomes of the call, and calls of the business's own, change nothing.
pub(super) fn called(change: Change<'_>, item: &Value) -> Event {
    let from = person::person(Named::by(item, "/from", "/from_user_id"), change.value, change.scope);
    match (text(item, "/event"), text(item, "/direction"), from, string(item, "/id")) {
        (Some("connect"), Some("USER_INITIATED"), Some(from), Some(remote)) => Event::Message(Box::new(Inbound {
            remote,
            from,
            unsupported: Some("call".to_owned()),
            at_ms: moment(item, "/timestamp"),
            ..Inbound::default()
        })),
        (event, ..) => unknown(&format!("calls.{}", event.unwrap_or("unnamed"))),
    }
}

/// Somebody has a new number, and with it a new id. Such a message has no `contacts`, and perhaps no number.
fn moved(change: Change<'_>, item: &Value, old: Named<'_>) -> Result<Event, String> {
    let kind = text(item, "/system/type").unwrap_or("unnamed");
    if !matches!(kind, "user_changed_number" | "user_changed_user_id") {
        return Err(format!("system.{kind}"));
    }
    let number = text(item, "/system/wa_id").or_else(|| text(item, "/system/new_wa_id"));
    let new = person::bare(text(item, "/system/user_id"), number, change.scope);
    let user = text(item, "/system/previous_user_id").or(old.user);
    // A new id of which no number is told does not say that the number is another's now.
    let stays = kind == "user_changed_user_id" && user.is_some() && number.is_none();
    match (person::bare(user, old.number.filter(|_| !stays), change.scope), new) {
        (Some(from), Some(to)) if from != to => Ok(Event::Moved { from, to, at_ms: moment(item, "/timestamp") }),
        _ => Err(format!("system.{kind}.incomplete")),
    }
}

/// The advertisement or post that led here, or the product that is asked about.
fn origin(item: &Value) -> Option<Origin> {
    if let Some(referral) = item.get("referral").filter(|referral| referral.is_object()) {
        return Some(Origin {
            kind: text(referral, "/source_type")
                .map_or("ad", |kind| if kind == "post" { "post" } else { "ad" })
                .to_owned(),
            id: string(referral, "/source_id"),
            url: string(referral, "/source_url"),
            headline: string(referral, "/headline"),
            text: string(referral, "/body"),
        });
    }
    let product = item.pointer("/context/referred_product").filter(|product| product.is_object())?;
    let id = string(product, "/product_retailer_id");
    Some(Origin { kind: "product".to_owned(), id, ..Origin::default() })
}
