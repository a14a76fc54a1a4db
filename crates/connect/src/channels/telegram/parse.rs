//! An update as events. Only private chats make conversations; whatever else comes is named and counted.

use serde_json::Value;

use super::address::Thread;
use super::content;
use crate::json::{integer, list, string, text, word};
use crate::{Choice, Echo, Event, IdentityKind, Inbound, Person, PersonIdentity, Quote, lenient};

/// An event, or what to call an update that is none.
type Read = Result<Event, String>;

/// What a message is.
type As<T> = fn(Box<Inbound>) -> T;

/// Reads one kind of update.
type Reader = fn(&Value) -> Read;

/// The kinds of update that mean something here. All others are counted under their own name.
const READERS: &[(&str, Reader)] = &[
    ("message", |value| message(value).map(Event::Message)),
    ("edited_message", |value| edited(value).map(Event::Edited)),
    ("business_message", |value| in_business(value, message, (Event::Message, Echo::Wrote))),
    ("edited_business_message", |value| in_business(value, edited, (Event::Edited, Echo::Edited))),
    ("deleted_business_messages", deleted),
    ("callback_query", chosen),
    ("message_reaction", reaction),
    ("my_chat_member", membership),
];

/// The events of one update's bytes.
pub(super) fn events(body: &[u8]) -> Vec<Event> {
    let event = lenient(body).ok_or_else(malformed).and_then(|update| event(&update));
    let event = event.unwrap_or_else(|kind| Event::Unknown { kind: word(&kind) });
    // Of what is deleted Telegram does not say whose it was.
    let own = match &event {
        Event::Removed { thread, remotes, .. } => {
            Some(Event::Echo(Echo::Removed { thread: thread.clone(), remotes: remotes.clone() }))
        }
        _ => None,
    };
    std::iter::once(event).chain(own).collect()
}

fn event(update: &Value) -> Read {
    let update = update.as_object().ok_or_else(malformed)?;
    for (kind, reader) in READERS {
        if let Some(value) = update.get(*kind) {
            return reader(value);
        }
    }
    Err(update.keys().find(|key| *key != "update_id").cloned().unwrap_or_else(malformed))
}

fn malformed() -> String {
    "malformed".to_owned()
}

fn message(value: &Value) -> Result<Box<Inbound>, String> {
    let thread = private_thread(value)?;
    let number = integer(value, "/message_id").filter(|number| *number != 0).ok_or_else(malformed)?;
    // In a chat of a business account it is the contact with whom the chat is, whoever writes there.
    let contact = if thread.business.is_some() { value.get("chat") } else { None };
    let mut inbound = Inbound {
        remote: thread.remote(number),
        thread: thread.key(),
        from: person(contact.or_else(|| value.get("from")).or_else(|| value.get("chat")))?,
        quote: quote(value, &thread),
        album: text(value, "/media_group_id").map(|album| format!("{}:album:{album}", thread.key())),
        at_ms: moment(value, "/date"),
        ..Inbound::default()
    };
    content::fill(value, &mut inbound)?;
    Ok(Box::new(inbound))
}

/// A message in a chat of a business account. Its owner writes in the same chat, and so does the bot in their name: what is not the
/// contact's was said by the business from elsewhere.
fn in_business(
    value: &Value,
    read: fn(&Value) -> Result<Box<Inbound>, String>,
    (theirs, own): (As<Event>, As<Echo>),
) -> Read {
    let mut inbound = read(value)?;
    let writer = integer(value, "/from/id").ok_or_else(malformed)?;
    if Some(writer) != integer(value, "/chat/id") {
        return Ok(Event::Echo(own(inbound)));
    }
    inbound.from = person(value.get("from"))?;
    Ok(theirs(inbound))
}

fn edited(value: &Value) -> Result<Box<Inbound>, String> {
    let mut inbound = message(value)?;
    if integer(value, "/edit_date").is_some() {
        inbound.at_ms = moment(value, "/edit_date");
    }
    Ok(inbound)
}

fn deleted(value: &Value) -> Read {
    let thread = private_thread(value)?;
    let remotes: Vec<_> =
        list(value, "/message_ids").iter().filter_map(Value::as_i64).map(|number| thread.remote(number)).collect();
    if remotes.is_empty() {
        return Err(malformed());
    }
    Ok(Event::Removed { from: None, thread: thread.key(), remotes })
}

fn chosen(value: &Value) -> Read {
    let callback = string(value, "/id").ok_or_else(malformed)?;
    let data = string(value, "/data").ok_or("callback_query.without_data")?;
    let below = value.get("message").ok_or("callback_query.inline")?;
    let thread = private_thread(below)?;
    let message = Inbound {
        remote: format!("callback:{callback}"),
        thread: thread.key(),
        from: person(value.get("from"))?,
        text: Some(label(below, &data).unwrap_or(&data).to_owned()),
        choice: Some(Choice { data, of: integer(below, "/message_id").map(|number| thread.remote(number)) }),
        // Telegram does not say when a button was tapped.
        ..Inbound::default()
    };
    Ok(Event::Chosen { message: Box::new(message), callback })
}

/// What the tapped button said, if the message still shows it.
fn label<'a>(below: &'a Value, data: &str) -> Option<&'a str> {
    let rows = list(below, "/reply_markup/inline_keyboard");
    let buttons = rows.iter().filter_map(Value::as_array).flatten();
    buttons.into_iter().find(|button| text(button, "/callback_data") == Some(data)).and_then(|b| text(b, "/text"))
}

fn reaction(value: &Value) -> Read {
    let thread = private_thread(value)?;
    let number = integer(value, "/message_id").ok_or_else(malformed)?;
    let now = list(value, "/new_reaction");
    let emoji = now.iter().find_map(|reaction| match text(reaction, "/type") {
        Some("emoji") => string(reaction, "/emoji"),
        Some("paid") => Some("\u{2b50}".to_owned()),
        _ => None,
    });
    // A custom emoji has no character; if it took the place of one that we show, that one is gone.
    if emoji.is_none() && !now.is_empty() && list(value, "/old_reaction").is_empty() {
        return Err("message_reaction.custom_emoji".to_owned());
    }
    Ok(Event::Reaction {
        from: person(value.get("user"))?,
        thread: thread.key(),
        remote: thread.remote(number),
        emoji,
        at_ms: moment(value, "/date"),
    })
}

fn membership(value: &Value) -> Read {
    private_thread(value)?;
    let accepts = match text(value, "/new_chat_member/status") {
        Some("kicked") => false,
        Some("member") => true,
        _ => return Err("my_chat_member".to_owned()),
    };
    Ok(Event::Opted { from: person(value.get("from"))?, accepts, at_ms: moment(value, "/date") })
}

/// The thread of something that has a `chat`; groups and channels have none.
fn private_thread(value: &Value) -> Result<Thread, String> {
    match text(value, "/chat/type") {
        Some("private") => {}
        Some(other @ ("group" | "supergroup" | "channel")) => return Err(other.replace("supergroup", "group")),
        _ => return Err(malformed()),
    }
    let chat = integer(value, "/chat/id").ok_or_else(malformed)?;
    // ':' separates a message's number from its thread; no connection has ever had one.
    let business = string(value, "/business_connection_id").filter(|id| !id.contains(':'));
    Ok(Thread { chat, business })
}

/// A `User`, or a private `Chat`, which has the same fields. Telegram's user ids are the same for every bot.
fn person(user: Option<&Value>) -> Result<Person, String> {
    let user = user.ok_or_else(malformed)?;
    let id = integer(user, "/id").ok_or_else(malformed)?;
    let identity = |kind, value| PersonIdentity { kind, scope: String::new(), value };
    let mut identities = vec![identity(IdentityKind::TelegramId, id.to_string())];
    // Usernames are compared without regard to case.
    identities
        .extend(text(user, "/username").map(|name| identity(IdentityKind::TelegramUsername, name.to_lowercase())));
    let names: Vec<_> = ["/first_name", "/last_name"].iter().filter_map(|pointer| text(user, pointer)).collect();
    Ok(Person {
        identities,
        name: Some(names.join(" ")).filter(|n| !n.is_empty()),
        language: string(user, "/language_code"),
    })
}

fn quote(value: &Value, thread: &Thread) -> Option<Quote> {
    let selected = string(value, "/quote/text");
    if let Some(number) = integer(value, "/reply_to_message/message_id") {
        let whole = || string(value, "/reply_to_message/text").or_else(|| string(value, "/reply_to_message/caption"));
        return Some(Quote { remote: Some(thread.remote(number)), text: selected.or_else(whole) });
    }
    selected.map(|text| Quote { remote: None, text: Some(text) })
}

/// Seconds of Unix time as milliseconds; 0 where there is none.
fn moment(value: &Value, pointer: &str) -> i64 {
    integer(value, pointer).unwrap_or(0).max(0).saturating_mul(1000)
}
