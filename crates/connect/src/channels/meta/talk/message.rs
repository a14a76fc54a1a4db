//! A message: of the contact, or of the business as an echo; new, changed or taken back; or a tap that counts as one.

use serde_json::Value;

use super::parse::{Entry, Side};
use super::{attachment, origin, part};
use crate::json::{flag, string, text};
use crate::{Choice, Echo, Event, Inbound, Quote, StatusChange};

/// What the item's `message` is. What makes nothing of it is named.
pub(super) fn event(entry: Entry<'_>, item: &Value, side: Side) -> Result<Event, String> {
    let message = item.get("message").unwrap_or(&Value::Null);
    let remote = string(message, "/mid").ok_or("without_id")?;
    let ours = side.ours || flag(message, "/is_echo");
    if flag(message, "/is_deleted") {
        let (from, thread, remotes) = (Some(side.contact), String::new(), vec![remote]);
        return Ok(if ours {
            Event::Echo(Echo::Removed { thread, remotes })
        } else {
            Event::Removed { from, thread, remotes }
        });
    }
    if let Some(status) = own(entry, item, message, &remote).filter(|_| ours) {
        return Ok(Event::Status(status));
    }
    let inbound = Box::new(read(entry, item, message, (remote, side)));
    Ok(if ours { Event::Echo(Echo::Wrote(inbound)) } else { Event::Message(inbound) })
}

/// An echo of what we sent ourselves names our own message: it says that it was sent. Where that is one of several, only the
/// last says it of all.
fn own(entry: Entry<'_>, item: &Value, message: &Value, remote: &str) -> Option<StatusChange> {
    let (ours, place) = part::told_of(text(message, "/metadata")?)?;
    Some(StatusChange {
        remote: Some(remote.to_owned()),
        ours: Some(ours.to_owned()),
        part: place,
        state: "sent".to_owned(),
        at_ms: entry.moment(item),
        ..StatusChange::default()
    })
}

fn read(entry: Entry<'_>, item: &Value, message: &Value, (remote, side): (String, Side)) -> Inbound {
    let mut inbound = Inbound {
        remote,
        from: side.contact,
        text: string(message, "/text"),
        origin: origin::of(message).or_else(|| origin::story(message)),
        standby: entry.standby,
        at_ms: entry.moment(item),
        ..Inbound::default()
    };
    let payload = string(message, "/quick_reply/payload");
    inbound.choice = payload.map(|data| Choice { data, of: None });
    inbound.quote = string(message, "/reply_to/mid").map(|remote| Quote { remote: Some(remote), text: None });
    attachment::fill(message, &mut inbound);
    inbound
}

/// A message as it reads after an edit.
pub(super) fn edited(entry: Entry<'_>, item: &Value, side: Side) -> Result<Event, String> {
    let edit = item.get("message_edit").unwrap_or(&Value::Null);
    let remote = string(edit, "/mid").ok_or("without_id")?;
    let text = string(edit, "/text").ok_or("empty")?;
    let ours = side.ours;
    let inbound = Box::new(Inbound {
        remote,
        from: side.contact,
        text: Some(text),
        at_ms: entry.moment(item),
        ..Inbound::default()
    });
    Ok(if ours { Event::Echo(Echo::Edited(inbound)) } else { Event::Edited(inbound) })
}

/// A tap on a button. Its `mid` may be that of the message whose button it was: with the moment it is the tap's own.
pub(super) fn tapped(entry: Entry<'_>, item: &Value, side: Side) -> Result<Event, String> {
    let postback = item.get("postback").unwrap_or(&Value::Null);
    let label = string(postback, "/title");
    let data = string(postback, "/payload").or_else(|| label.clone()).ok_or("empty")?;
    let inbound = Inbound {
        text: label.or_else(|| Some(data.clone())),
        choice: Some(Choice { data, of: string(postback, "/mid") }),
        origin: origin::of(postback),
        ..made(entry, item, side, ("postback", text(postback, "/mid")))?
    };
    Ok(Event::Message(Box::new(inbound)))
}

/// Somebody followed a link or an advertisement into a conversation that was there already.
pub(super) fn referred(entry: Entry<'_>, item: &Value, side: Side) -> Result<Event, String> {
    let origin = origin::of(item).ok_or("empty")?;
    let unsupported = Some("referral".to_owned());
    let inbound = Inbound { origin: Some(origin), unsupported, ..made(entry, item, side, ("referral", None))? };
    Ok(Event::Message(Box::new(inbound)))
}

/// A message of the contact's that has no id of its own: it is the same when it comes again.
fn made(entry: Entry<'_>, item: &Value, side: Side, (kind, of): (&str, Option<&str>)) -> Result<Inbound, String> {
    if side.ours {
        return Err("ours".to_owned());
    }
    let at_ms = entry.moment(item);
    let who = side.contact.identities.first().map_or("", |known| known.value.as_str());
    let remote = format!("{kind}:{}:{at_ms}", of.unwrap_or(who));
    Ok(Inbound { remote, from: side.contact, standby: entry.standby, at_ms, ..Inbound::default() })
}
