//! `POST /{account}/messages`: a message to somebody, or a sign to them.

use serde_json::{Value, json};

use super::Line;
use crate::graph::app::Caller;
use crate::graph::call::{Call, text};
use crate::graph::faults::MessageFault;
use crate::graph::journal::Sent;
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

const DAY_MS: i64 = 24 * 3_600 * 1_000;

pub(super) fn messages(world: &mut World, caller: &Caller, account: &str, call: &Call) -> Result<Value, Refusal> {
    let scoped =
        call.fields.get("recipient").and_then(|to| to["id"].as_str()).ok_or_else(|| Refusal::missing("recipient"))?;
    let unknown = || Refusal { subcode: Some(2_018_001), ..Refusal::invalid("No matching user found") };
    let person = world.pages.person_of(account, scoped).ok_or_else(unknown)?;
    if let Some(action) = call.text("sender_action") {
        act(world, account, &person, (action, call))?;
        return Ok(json!({ "recipient_id": scoped }));
    }
    allowed(world, account, &person, call)?;
    let line = line(world, account, call)?;
    let id = line.id.clone();
    if !world.whatsapp.foretold.faults.contains(&MessageFault::Pretend) {
        put(world, caller, account, (&person, call), line);
    }
    Ok(json!({ "recipient_id": scoped, "message_id": id }))
}

fn act(world: &mut World, account: &str, person: &str, (action, call): (&str, &Call)) -> Result<(), Refusal> {
    let payload = call.fields.get("payload").cloned().unwrap_or_default();
    let chat = world.pages.chat(account, person);
    match action {
        "typing_on" => chat.typing = true,
        "typing_off" => chat.typing = false,
        "mark_seen" => chat.lines.iter_mut().filter(|line| line.by_person).for_each(|line| line.seen = true),
        "react" | "unreact" => {
            let id = payload["message_id"].as_str().unwrap_or_default();
            let line = chat.lines.iter_mut().find(|line| line.id == id);
            let line = line.ok_or_else(|| Refusal::invalid("Invalid message_id"))?;
            line.business_reaction = payload["reaction"].as_str().map(str::to_owned).filter(|_| action == "react");
        }
        _ => return Err(Refusal::invalid("sender_action is not one of those that there are")),
    }
    Ok(())
}

/// Takes a conversation from another app, or asks for it.
pub(super) fn control(world: &mut World, account: &str, edge: &str, call: &Call) -> Result<Value, Refusal> {
    let scoped = call.fields.get("recipient").and_then(|to| to["id"].as_str()).unwrap_or_default();
    let person = world.pages.person_of(account, scoped).ok_or_else(|| Refusal::invalid("No matching user found"))?;
    let secondary = world.pages.account(account)?.card.secondary;
    let chat = world.pages.chat(account, &person);
    match edge {
        "request_thread_control" => chat.asked += 1,
        _ if secondary && chat.elsewhere => return Err(Refusal { subcode: Some(2_018_300), ..Refusal::of(10) }),
        _ => chat.elsewhere = false,
    }
    Ok(json!({ "success": true }))
}

/// Whether this may be sent now, and on the ground it names.
fn allowed(world: &mut World, account: &str, person: &str, call: &Call) -> Result<(), Refusal> {
    let (now, human_agent) = (world.now_ms(), world.pages.account(account)?.card.human_agent);
    let instagram = world.pages.account(account)?.card.object == "instagram";
    let chat = world.pages.chat(account, person);
    if chat.elsewhere {
        return Err(Refusal { subcode: Some(2_018_300), ..Refusal::of(10) });
    }
    let since = now - chat.opened_ms;
    let tagged = call.text("messaging_type") == Some("MESSAGE_TAG");
    if tagged && (call.text("tag") != Some("HUMAN_AGENT") || !human_agent) {
        return Err(Refusal::invalid("The tag is not one that this app may use"));
    }
    let closed = if tagged { since > 7 * DAY_MS } else { since > DAY_MS };
    let subcode = if instagram { 2_534_022 } else { 2_018_278 };
    if closed { Err(Refusal { subcode: Some(subcode), ..Refusal::of(10) }) } else { Ok(()) }
}

/// The message as it will stand in the chat.
fn line(world: &mut World, account: &str, call: &Call) -> Result<Line, Refusal> {
    let message = call.fields.get("message").and_then(Value::as_object).ok_or_else(|| Refusal::missing("message"))?;
    let attachment = message.get("attachment").cloned().unwrap_or_default();
    let said = text(message, "text").or_else(|| attachment["payload"]["text"].as_str()).map(str::to_owned);
    let instagram = world.pages.account(account)?.card.object == "instagram";
    let too_long = |said: &String| if instagram { said.len() > 1_000 } else { said.chars().count() > 2_000 };
    if said.as_ref().is_some_and(too_long) {
        return Err(Refusal::invalid("Length of param message[text] must be less than or equal to 2000"));
    }
    let kind = attachment["type"].as_str().unwrap_or("text").to_owned();
    if let Some(id) = attachment["payload"]["attachment_id"].as_str()
        && !world.pages.uploads.contains_key(id)
    {
        return Err(Refusal { subcode: Some(2_018_074), ..Refusal::invalid("Invalid attachment_id") });
    }
    let empty = said.is_none() && kind == "text";
    if empty {
        return Err(Refusal::missing("message[text]"));
    }
    let labels = [message.get("quick_replies"), attachment["payload"].get("buttons")].into_iter().flatten();
    let labels = labels.filter_map(Value::as_array).flatten().filter_map(|button| button["title"].as_str());
    let buttons = labels.map(str::to_owned).collect();
    let reply_to = call.fields.get("reply_to").and_then(|to| to["mid"].as_str()).map(str::to_owned);
    let tag = call.text("tag").map(str::to_owned);
    let (id, at_ms) = (format!("m_{}", world.chance.word(32)), world.now_ms());
    Ok(Line { id, kind, text: said, buttons, reply_to, tag, at_ms, ..Line::default() })
}

fn put(world: &mut World, caller: &Caller, account: &str, (person, call): (&str, &Call), line: Line) {
    let metadata = call.fields.get("message").and_then(|message| message["metadata"].as_str()).map(str::to_owned);
    let sent = Sent {
        order: 0,
        at_ms: line.at_ms,
        number: account.to_owned(),
        person: person.to_owned(),
        id: line.id.clone(),
        kind: line.kind.clone(),
        text: line.text.clone(),
        callback_data: metadata.clone(),
    };
    if let Some(app) = world.apps.get_mut(&caller.app) {
        app.journal.note_sent(sent);
    }
    let instagram = world.pages.account(account).is_ok_and(|of| of.card.object == "instagram");
    let mut echo = json!({ "is_echo": true, "mid": line.id, "text": line.text });
    if !instagram {
        echo["app_id"] = json!(caller.app.parse::<u64>().unwrap_or(0));
        echo["metadata"] = json!(metadata);
    }
    let id = line.id.clone();
    let chat = world.pages.chat(account, person);
    chat.typing = false;
    chat.lines.push(line);
    world.tell_page(account, person, ("message_echoes", true), json!({ "message": echo }));
    let offline = world.pages.people.get(person).is_some_and(|known| known.offline);
    let lost = world.whatsapp.foretold.faults.contains(&MessageFault::Undelivered);
    if !instagram && !offline && !lost {
        let delivery = json!({ "mids": [id], "watermark": world.now_ms() });
        world.tell_page(account, person, ("message_deliveries", false), json!({ "delivery": delivery }));
    }
}
