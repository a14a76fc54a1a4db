//! What moves beside the messages: deliveries, reading, reactions, consents, and who answers.

use serde_json::Value;

use super::optin;
use super::parse::{Entry, Side, unknown};
use crate::channels::meta::graph::number;
use crate::json::{string, text};
use crate::{AccountNews, Event, StatusChange};

/// What Meta calls a reaction that it sends no picture of.
const REACTIONS: [(&str, &str); 7] = [
    ("love", "\u{2764}\u{fe0f}"),
    ("like", "\u{1f44d}"),
    ("dislike", "\u{1f44e}"),
    ("smile", "\u{1f603}"),
    ("wow", "\u{1f62e}"),
    ("sad", "\u{1f622}"),
    ("angry", "\u{1f620}"),
];

/// What an item of this kind says of its contact.
pub(super) fn events(entry: Entry<'_>, kind: &str, item: &Value, side: Side) -> Result<Vec<Event>, String> {
    let of = item.get(kind).unwrap_or(&Value::Null);
    let at_ms = entry.moment(item);
    if side.ours {
        return Err("ours".to_owned());
    }
    match kind {
        "delivery" => delivered(of, side),
        "read" => read(of, side, at_ms).map(|event| vec![event]),
        "reaction" => reaction(of, side, at_ms).map(|event| vec![event]),
        "optin" => optin::preference(of, side, at_ms).map(|event| vec![event]),
        "pass_thread_control" | "take_thread_control" => {
            let owner =
                string(of, "/new_owner_app_id").or_else(|| number(of, "/new_owner_app_id").map(|id| id.to_string()));
            // Who is told without a name is the one who got it, or from whom it was taken.
            let ours = owner.map_or(kind == "pass_thread_control", |owner| owner == entry.app);
            Ok(vec![Event::Handed { with: side.contact, thread: String::new(), ours, at_ms }])
        }
        _ => of_account(entry, kind, item).map(|event| vec![event]).ok_or_else(|| "ignored".to_owned()),
    }
}

/// What an item says of the account itself; `None` if it does not.
pub(super) fn of_account(entry: Entry<'_>, kind: &str, item: &Value) -> Option<Event> {
    if kind != "policy_enforcement" && kind != "policy-enforcement" {
        return None;
    }
    let (code, works) = match text(item.get(kind)?, "/action") {
        Some("block") => ("account_restricted", false),
        Some("unblock") => ("account_reinstated", true),
        other => return Some(unknown(&format!("policy_enforcement.{}", other.unwrap_or("unnamed")))),
    };
    let at_ms = entry.moment(item);
    Some(Event::Account(AccountNews { code: code.to_owned(), works: Some(works), at_ms, ..AccountNews::default() }))
}

/// Each message by its id, and whatever else was sent before.
fn delivered(of: &Value, side: Side) -> Result<Vec<Event>, String> {
    let up_to_ms = watermark(of)?;
    let status = |remote: &str| StatusChange {
        remote: Some(remote.to_owned()),
        state: "delivered".to_owned(),
        at_ms: up_to_ms,
        ..StatusChange::default()
    };
    let ids = of.get("mids").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut events: Vec<Event> =
        ids.iter().filter_map(Value::as_str).filter(|id| !id.is_empty()).map(|id| Event::Status(status(id))).collect();
    events.push(reached(side, "delivered", up_to_ms));
    Ok(events)
}

fn watermark(of: &Value) -> Result<i64, String> {
    number(of, "/watermark").filter(|at| *at > 0).ok_or_else(|| "without_watermark".to_owned())
}

fn reached(side: Side, state: &str, up_to_ms: i64) -> Event {
    Event::Reached { from: side.contact, thread: String::new(), state: state.to_owned(), up_to_ms }
}

/// Up to a moment, or up to a message.
fn read(of: &Value, side: Side, at_ms: i64) -> Result<Event, String> {
    match string(of, "/mid") {
        Some(mid) => Ok(Event::Seen { from: side.contact, thread: String::new(), remote: Some(mid), at_ms }),
        None => Ok(reached(side, "read", watermark(of)?)),
    }
}

fn reaction(of: &Value, side: Side, at_ms: i64) -> Result<Event, String> {
    let remote = string(of, "/mid").ok_or("without_message")?;
    let word = text(of, "/reaction").unwrap_or_default();
    let known = || REACTIONS.iter().find(|(known, _)| *known == word).map(|(_, emoji)| (*emoji).to_owned());
    let emoji = match text(of, "/action") {
        Some("unreact") => None,
        _ => Some(string(of, "/emoji").or_else(known).ok_or("without_emoji")?),
    };
    Ok(Event::Reaction { from: side.contact, thread: String::new(), remote, emoji, at_ms })
}
