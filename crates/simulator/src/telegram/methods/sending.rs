//! Words, places, contacts, and the sign that the bot is writing.

use serde_json::{Map, Value, json};

use super::{Call, done};
use crate::telegram::bot::Draft;
use crate::telegram::markup;
use crate::telegram::refusal::Refusal;

/// Characters in a text, after reading its markup.
pub(super) const LONGEST_TEXT: usize = 4_096;
/// A chat action shows for at most this long.
const LONGEST_ACTION_MS: i64 = 5_000;
/// Bytes a button may carry.
const LONGEST_BUTTON_DATA: usize = 64;

pub(super) fn send_message(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.writable_chat()?;
    let body = text_body(call)?;
    send(call, &key, body)
}

/// `text` and `entities`, read from the call and checked.
pub(super) fn text_body(call: &Call) -> Result<Map<String, Value>, Refusal> {
    let text = markup::read(call.form, "text", "entities")?;
    if text.plain.trim().is_empty() {
        return Err(Refusal::bad_request("message text is empty"));
    }
    if text.plain.chars().count() > LONGEST_TEXT {
        return Err(Refusal::bad_request("message is too long"));
    }
    let mut body = Map::new();
    text.put_into(&mut body, "text", "entities");
    Ok(body)
}

pub(super) fn send_location(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.writable_chat()?;
    let body = Map::from_iter([("location".to_owned(), location(call)?)]);
    send(call, &key, body)
}

/// A place with a name. It carries its location twice, as Telegram's own do.
pub(super) fn send_venue(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.writable_chat()?;
    let required = |name: &str| {
        let given = call.form.text(name).map(str::to_owned);
        given.ok_or_else(|| Refusal::bad_request(format_args!("{name} is empty")))
    };
    let (title, address, location) = (required("title")?, required("address")?, location(call)?);
    let venue = json!({ "location": location, "title": title, "address": address });
    let body = [("location".to_owned(), location), ("venue".to_owned(), venue)];
    send(call, &key, Map::from_iter(body))
}

fn location(call: &Call) -> Result<Value, Refusal> {
    let coordinate = |name: &str, limit: f64| {
        let given = call.form.number(name);
        let given = given.ok_or_else(|| Refusal::bad_request(format_args!("{name} is empty")))?;
        let valid = (-limit..=limit).contains(&given);
        valid.then_some(given).ok_or_else(|| Refusal::bad_request("wrong location specified"))
    };
    let (latitude, longitude) = (coordinate("latitude", 90.0)?, coordinate("longitude", 180.0)?);
    Ok(json!({ "latitude": latitude, "longitude": longitude }))
}

pub(super) fn send_contact(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.writable_chat()?;
    let required = |name: &str, what: &str| {
        let given = call.form.text(name).map(str::to_owned);
        given.ok_or_else(|| Refusal::bad_request(format_args!("{what} is empty")))
    };
    let phone = required("phone_number", "phone number")?;
    let first_name = required("first_name", "contact's first name")?;
    let mut contact = json!({ "phone_number": phone, "first_name": first_name });
    for extra in ["last_name", "vcard"] {
        if let Some(given) = call.form.text(extra) {
            contact[extra] = json!(given);
        }
    }
    let mut body = Map::new();
    body.insert("contact".to_owned(), contact);
    send(call, &key, body)
}

/// Adds reply and keyboard from the call, and puts the message into the chat.
pub(super) fn send(
    call: &mut Call,
    key: &crate::telegram::bot::ChatKey,
    body: Map<String, Value>,
) -> Result<Value, Refusal> {
    let reply_to = call.reply_to(key)?;
    let markup = reply_markup(call)?;
    let inline = markup.as_ref().is_some_and(|markup| markup.get("inline_keyboard").is_some());
    if let (Some(markup), false, Some(chat)) = (&markup, inline, call.bot.chats.get_mut(key)) {
        let removed = markup.get("remove_keyboard").is_some();
        if removed || markup.get("keyboard").is_some() {
            chat.reply_keyboard = (!removed).then(|| markup.clone());
        }
    }
    let keyboard = markup.filter(|_| inline);
    Ok(call.put(key, Draft { body, reply_to, keyboard, media_group: None }))
}

/// The keyboard of the call, checked.
pub(super) fn reply_markup(call: &Call) -> Result<Option<Value>, Refusal> {
    let Some(markup) = call.form.json("reply_markup", "reply keyboard markup")? else {
        return Ok(None);
    };
    if !markup.is_object() {
        return Err(Refusal::bad_request("object expected as reply markup"));
    }
    let Some(rows) = markup.get("inline_keyboard") else {
        return Ok(Some(markup));
    };
    let not_rows =
        || Refusal::bad_request("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays");
    for row in rows.as_array().ok_or_else(not_rows)? {
        for button in row.as_array().ok_or_else(not_rows)? {
            check_button(button)?;
        }
    }
    let empty = rows.as_array().is_some_and(Vec::is_empty);
    Ok((!empty).then_some(markup))
}

fn check_button(button: &Value) -> Result<(), Refusal> {
    let Some(fields) = button.as_object() else {
        return Err(Refusal::bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object"));
    };
    if fields.get("text").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(Refusal::bad_request("can't parse inline keyboard button: Field \"text\" must be of type String"));
    }
    let acts = fields.keys().any(|name| !matches!(name.as_str(), "text" | "style" | "icon_custom_emoji_id"));
    if !acts {
        return Err(Refusal::bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ));
    }
    let data = fields.get("callback_data").and_then(Value::as_str);
    if data.is_some_and(|data| data.is_empty() || data.len() > LONGEST_BUTTON_DATA) {
        return Err(Refusal::bad_request("BUTTON_DATA_INVALID"));
    }
    Ok(())
}

pub(super) fn send_chat_action(call: &mut Call) -> Result<Value, Refusal> {
    const ACTIONS: [&str; 11] = [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    let key = call.writable_chat()?;
    let action = call.form.text("action").filter(|action| ACTIONS.contains(action));
    let action = action.ok_or_else(|| Refusal::bad_request("wrong parameter action in request"))?;
    let until = call.now_ms + LONGEST_ACTION_MS;
    if let Some(chat) = call.bot.chats.get_mut(&key) {
        chat.action = Some((action.to_owned(), until));
    }
    call.bot.touch();
    Ok(done())
}
