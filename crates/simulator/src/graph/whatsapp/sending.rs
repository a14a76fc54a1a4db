//! `POST /{number}/messages`: a message to somebody, or the sign that theirs was read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use super::chat::{Author, ChatKey, Message, Ticks};
use super::content::{self, Content};
use super::{done, limits};
use crate::chance::Chance;
use crate::graph::call::{Call, text};
use crate::graph::faults::MessageFault;
use crate::graph::journal::Sent;
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

/// A typing sign shows for at most this long.
const LONGEST_TYPING_MS: i64 = 25_000;
/// Whoever writes to a hidden number sees it for this long.
const NUMBER_KNOWN_MS: i64 = 30 * 24 * 3_600 * 1_000;
/// Letters of `biz_opaque_callback_data`.
const LONGEST_CALLBACK_DATA: usize = 512;

pub(super) fn messages(world: &mut World, number: &str, call: &Call) -> Result<Value, Refusal> {
    if call.text("messaging_product") != Some("whatsapp") {
        return Err(Refusal::missing("messaging_product"));
    }
    if !world.whatsapp.number(number)?.registered {
        return Err(Refusal::of(133_010));
    }
    if call.text("status") == Some("read") { read(world, number, call) } else { send(world, number, call) }
}

/// Marks a person's message and all before it as read, and shows that the business is writing.
fn read(world: &mut World, number: &str, call: &Call) -> Result<Value, Refusal> {
    let id = call.required("message_id")?;
    let now = world.now_ms();
    let unknown = || Refusal::of(131_009).because("Message ID is not known, or not of a message that was received");
    let chats = world.whatsapp.chats.iter_mut().filter(|(key, _)| key.number == number);
    let mut holding = chats.filter_map(|(_, chat)| {
        let at = chat.messages.iter().position(|one| one.id == id && one.author == Author::Person)?;
        Some((chat, at))
    });
    let (chat, at) = holding.next().ok_or_else(unknown)?;
    chat.messages.iter_mut().take(at + 1).filter(|one| one.author == Author::Person).for_each(|one| one.seen = true);
    if call.fields.contains_key("typing_indicator") {
        chat.typing_until_ms = now + LONGEST_TYPING_MS;
    }
    world.whatsapp.touch();
    Ok(done())
}

/// Whom a call means.
struct Recipient {
    input: String,
    person: Option<String>,
    by_user_id: bool,
}

fn send(world: &mut World, number: &str, call: &Call) -> Result<Value, Refusal> {
    let recipient = recipient(world, number, call)?;
    let content = content::read(world, number, call)?;
    let data = call.text("biz_opaque_callback_data");
    if data.is_some_and(|data| data.chars().count() > LONGEST_CALLBACK_DATA) {
        return Err(Refusal::invalid("Param biz_opaque_callback_data must be at most 512 characters long."));
    }
    if recipient.by_user_id && content.needs_number {
        return Err(Refusal::of(131_062));
    }
    let Some(person) = recipient.person else { return unknown_recipient(world, number, &recipient.input) };
    let key = ChatKey::of(number, &person);
    limits::count_message(world, &key)?;
    let verdict = verdict(world, &key, &content);
    if let (Some(refusal), false) = (&verdict, world.whatsapp.number(number)?.card.late_verdicts) {
        return Err(refusal.clone());
    }
    let now = world.now_ms();
    if !recipient.by_user_id {
        world.whatsapp.chat(&key).number_known_until_ms = now + NUMBER_KNOWN_MS;
    }
    let id = wamid(&mut world.chance, &person);
    if world.whatsapp.foretold.faults.contains(&MessageFault::Pretend) {
        return accepted(world, &key, &recipient.input, &id);
    }
    let quoted = call.fields.get("context").and_then(Value::as_object).and_then(|context| text(context, "message_id"));
    put(world, &key, content, &id, data, quoted);
    let failure = verdict.or_else(|| foretold_failure(world));
    let answer = accepted(world, &key, &recipient.input, &id);
    outcome(world, &key, &id, failure);
    answer
}

/// `to` goes before `recipient`, if there are both.
fn recipient(world: &World, number: &str, call: &Call) -> Result<Recipient, Refusal> {
    let own = world.whatsapp.number(number)?.card.number.clone();
    if let Some(input) = call.text("to") {
        let digits: String = input.chars().filter(char::is_ascii_digit).collect();
        if digits == own {
            return Err(Refusal::of(131_021));
        }
        let person = world.whatsapp.by_number(&digits).map(|person| person.id.clone());
        return Ok(Recipient { input: input.to_owned(), person, by_user_id: false });
    }
    let input = call.text("recipient").ok_or_else(|| Refusal::missing("to"))?;
    let person = world.whatsapp.by_user_id(number, input).map(|person| person.id.clone());
    let unknown = || Refusal::of(131_009).because("recipient is not a business-scoped user ID of this business");
    let person = Some(person.ok_or_else(unknown)?);
    Ok(Recipient { input: input.to_owned(), person, by_user_id: true })
}

/// Nobody has this number: refused at once, or later without a chat to fail in.
fn unknown_recipient(world: &mut World, number: &str, input: &str) -> Result<Value, Refusal> {
    let card = world.whatsapp.number(number)?.card.clone();
    if !card.late_verdicts {
        return Err(Refusal::of(131_026));
    }
    let digits: String = input.chars().filter(char::is_ascii_digit).collect();
    let id = wamid(&mut world.chance, &digits);
    let status = json!({
        "id": id, "status": "failed", "timestamp": world.now_s().to_string(), "recipient_id": digits,
        "errors": [Refusal::of(131_026).as_told()],
    });
    world.tell_chat(&ChatKey::of(number, &digits), "messages", json!({ "statuses": [status] }));
    let contact = json!({ "input": input, "wa_id": digits });
    Ok(json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [{ "id": id }] }))
}

/// What keeps this message from this person, if anything.
fn verdict(world: &mut World, key: &ChatKey, content: &Content) -> Option<Refusal> {
    let now = world.now_ms();
    let chat = world.whatsapp.chat(key);
    if content.category == "marketing" && chat.marketing_stopped {
        return Some(Refusal::of(131_050));
    }
    let needs_window = content.kind != "template" && chat.window_until_ms <= now;
    needs_window.then(|| Refusal::of(131_047))
}

fn foretold_failure(world: &World) -> Option<Refusal> {
    let foretold = &world.whatsapp.foretold;
    foretold.faults.iter().find_map(|fault| match fault {
        MessageFault::FailLater { code } => Some(Refusal::of(*code)),
        _ => None,
    })
}

fn put(world: &mut World, key: &ChatKey, content: Content, id: &str, data: Option<&str>, quoted: Option<&str>) {
    let now = world.now_ms();
    if content.kind == "reaction" {
        return put_reaction(world, key, &content.body, id, data);
    }
    let sent = Sent {
        order: 0,
        at_ms: now,
        number: key.number.clone(),
        person: key.person.clone(),
        id: id.to_owned(),
        kind: content.kind.clone(),
        text: content.said.clone(),
        callback_data: data.map(str::to_owned),
    };
    let mut message = Message::new(id.to_owned(), Author::Business, now, &content.kind, content.body);
    message.context = quoted.map(str::to_owned);
    message.callback_data = data.map(str::to_owned);
    message.category = content.category;
    message.media = content.media;
    message.rendered = content.rendered;
    let chat = world.whatsapp.chat(key);
    chat.typing_until_ms = 0;
    chat.messages.push(message);
    world.note_sent(&key.number, &sent);
    world.whatsapp.touch();
}

/// A reaction changes the message it is put on; the only status it ever has is `sent`.
fn put_reaction(world: &mut World, key: &ChatKey, body: &Value, id: &str, data: Option<&str>) {
    let emoji = body["emoji"].as_str().filter(|emoji| !emoji.is_empty()).map(str::to_owned);
    let target = body["message_id"].as_str().unwrap_or_default();
    if let Some(message) = world.whatsapp.chat(key).message_mut(target) {
        message.business_reaction = emoji;
    }
    let Ok(known) = world.known(key) else { return };
    let mut status = json!({
        "id": id, "status": "sent", "timestamp": world.now_s().to_string(), "recipient_user_id": known.user_id,
    });
    known.add(&mut status, "recipient_id", "recipient_parent_user_id");
    if let Some(data) = data {
        status["biz_opaque_callback_data"] = json!(data);
    }
    world.tell_chat(key, "messages", json!({ "contacts": [known.contact()], "statuses": [status] }));
}

/// What becomes of a message that was put into a chat.
fn outcome(world: &mut World, key: &ChatKey, id: &str, failure: Option<Refusal>) {
    if let Some(why) = failure {
        return world.fail(key, id, &why);
    }
    world.progress(key, id, Ticks::Sent);
    let offline = world.whatsapp.people.get(&key.person).is_some_and(|person| person.offline);
    let blocked = world.whatsapp.chats.get(key).is_some_and(|chat| chat.blocked);
    let lost = world.whatsapp.foretold.faults.contains(&MessageFault::Undelivered);
    if !offline && !blocked && !lost {
        world.progress(key, id, Ticks::Delivered);
    }
}

fn accepted(world: &World, key: &ChatKey, input: &str, id: &str) -> Result<Value, Refusal> {
    let known = world.known(key)?;
    let mut contact = json!({ "input": input, "user_id": known.user_id });
    known.add(&mut contact, "wa_id", "parent_user_id");
    Ok(json!({
        "messaging_product": "whatsapp", "contacts": [contact],
        "messages": [{ "id": id, "message_status": "accepted" }],
    }))
}

/// A message's id: base64 of who it concerns and of chance, as at Meta.
pub(super) fn wamid(chance: &mut Chance, whose: &str) -> String {
    let random = chance.word(24);
    format!("wamid.{}", BASE64.encode(format!("\u{1d}\u{18}{whose}\u{15}{random}")))
}

/// What stands under a name, if it is an object.
pub(super) fn object<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    fields.get(name)?.as_object()
}

impl World {
    /// Notes a message in the journal of every app that listens to its account.
    pub(super) fn note_sent(&mut self, number: &str, sent: &Sent) {
        let account = self.whatsapp.numbers.get(number).map(|number| number.card.account.clone()).unwrap_or_default();
        let apps: Vec<_> =
            self.whatsapp.accounts.get(&account).into_iter().flat_map(|one| one.subscribed.keys()).collect();
        for app in apps {
            if let Some(app) = self.apps.get_mut(app) {
                app.journal.note_sent(sent.clone());
            }
        }
    }
}
