//! Changing what was sent, reacting, and answering a tap on a button.

use serde_json::{Value, json};

use super::{Call, done, media, sending};
use crate::telegram::bot::ChatKey;
use crate::telegram::message::Author;
use crate::telegram::refusal::Refusal;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply \
     markup are exactly the same as a current content and reply markup of the message";
const TAP_TOO_OLD: &str = "query is too old and response timeout expired or query ID is invalid";

/// The reactions people and bots may use (<https://core.telegram.org/bots/api#reactiontypeemoji>).
pub(crate) const REACTIONS: &str = "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 \
     🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 \
     ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡";

pub(super) fn edit_message_text(call: &mut Call) -> Result<Value, Refusal> {
    let (key, id) = own_message(call)?;
    if !call.bot.message(&key, id).is_some_and(|message| message.body.contains_key("text")) {
        return Err(Refusal::bad_request("there is no text in the message to edit"));
    }
    let body = sending::text_body(call)?;
    change(call, &key, id, Some(body), ["text", "entities"])
}

pub(super) fn edit_message_caption(call: &mut Call) -> Result<Value, Refusal> {
    let (key, id) = own_message(call)?;
    if call.bot.message(&key, id).is_some_and(|message| message.body.contains_key("text")) {
        return Err(Refusal::bad_request("there is no caption in the message to edit"));
    }
    let body = media::caption_body(call)?;
    change(call, &key, id, Some(body), ["caption", "caption_entities"])
}

pub(super) fn edit_message_reply_markup(call: &mut Call) -> Result<Value, Refusal> {
    let (key, id) = own_message(call)?;
    change(call, &key, id, None, ["", ""])
}

/// The message the call wants to edit, if it is the bot's own.
fn own_message(call: &Call) -> Result<(ChatKey, i64), Refusal> {
    let key = call.writable_chat()?;
    let id = call.message_id()?;
    let message = call.bot.message(&key, id);
    let message = message.ok_or_else(|| Refusal::bad_request("message to edit not found"))?;
    if message.author != Author::Bot {
        return Err(Refusal::bad_request("message can't be edited"));
    }
    Ok((key, id))
}

/// Replaces the named fields and the keyboard (which goes if the call brings none).
fn change(
    call: &mut Call,
    key: &ChatKey,
    id: i64,
    body: Option<serde_json::Map<String, Value>>,
    fields: [&str; 2],
) -> Result<Value, Refusal> {
    let keyboard = sending::reply_markup(call)?;
    let now = call.now_s();
    let Some(message) = call.bot.message_mut(key, id) else {
        return Ok(done());
    };
    let before = (message.body.clone(), message.keyboard.clone());
    if let Some(body) = body {
        message.body.retain(|name, _| !fields.contains(&name.as_str()));
        message.body.extend(body);
    }
    message.keyboard = keyboard;
    if before == (message.body.clone(), message.keyboard.clone()) {
        return Err(Refusal::bad_request(NOT_MODIFIED));
    }
    message.edit_date = Some(now);
    call.bot.touch();
    Ok(call.bot.render(call.people, key, id))
}

pub(super) fn set_message_reaction(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.writable_chat()?;
    let id = call.message_id()?;
    let given = call.form.json("reaction", "reaction types")?.unwrap_or_else(|| json!([]));
    let Some(reactions) = given.as_array() else {
        return Err(Refusal::bad_request("expected an Array of ReactionType"));
    };
    if reactions.len() > 1 {
        return Err(Refusal::bad_request("REACTIONS_TOO_MANY"));
    }
    if !reactions.iter().all(known_reaction) {
        return Err(Refusal::bad_request("REACTION_INVALID"));
    }
    let message = call.bot.message_mut(&key, id);
    let message = message.ok_or_else(|| Refusal::bad_request("message to react not found"))?;
    message.bot_reactions.clone_from(reactions);
    call.bot.touch();
    Ok(done())
}

fn known_reaction(reaction: &Value) -> bool {
    let emoji = reaction.get("emoji").and_then(Value::as_str).unwrap_or_default();
    let bare = emoji.trim_end_matches('\u{fe0f}');
    let known = REACTIONS.split(' ').any(|known| known == bare);
    reaction.get("type").and_then(Value::as_str) == Some("emoji") && known
}

pub(super) fn answer_callback_query(call: &mut Call) -> Result<Value, Refusal> {
    let id = call.form.text("callback_query_id").unwrap_or_default();
    let too_old = || Refusal::bad_request(TAP_TOO_OLD);
    let key = call.bot.taps.remove(id).ok_or_else(too_old)?;
    let notice = json!({
        "callback_query_id": id,
        "text": call.form.text("text"),
        "alert": call.form.flag("show_alert"),
    });
    if let Some(chat) = call.bot.chats.get_mut(&key) {
        chat.notice = Some(notice);
    }
    call.bot.touch();
    Ok(done())
}
