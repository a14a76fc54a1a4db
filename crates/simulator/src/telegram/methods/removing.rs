//! Taking messages back, and marking them as read.

use serde_json::Value;

use super::{Call, done};
use crate::telegram::bot::ChatKey;
use crate::telegram::refusal::Refusal;

/// Bots cannot delete what is older (<https://core.telegram.org/bots/api#deletemessage>).
const OLDEST_S: i64 = 48 * 60 * 60;
const MOST_AT_ONCE: usize = 100;

/// In private chats a bot may delete what either side wrote.
pub(super) fn delete_message(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.chat()?;
    let id = call.message_id()?;
    let message = call.bot.message(&key, id);
    let message = message.ok_or_else(|| Refusal::bad_request("message to delete not found"))?;
    if call.now_s() - message.date > OLDEST_S {
        return Err(Refusal::bad_request("message can't be deleted for everyone"));
    }
    remove(call, &key, id);
    Ok(done())
}

/// Messages that are not there are skipped, as the real method does; too old ones too.
pub(super) fn delete_messages(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.chat()?;
    for id in message_ids(call)? {
        let date = call.bot.message(&key, id).map(|message| message.date);
        if date.is_some_and(|date| call.now_s() - date <= OLDEST_S) {
            remove(call, &key, id);
        }
    }
    Ok(done())
}

/// Names no chat: the numbers are looked up in all chats of the connection.
pub(super) fn delete_business_messages(call: &mut Call) -> Result<Value, Refusal> {
    let connection = call.form.text("business_connection_id").map(str::to_owned);
    if connection.as_ref().is_none_or(|id| !call.bot.businesses.contains_key(id)) {
        return Err(crate::telegram::business::connection_not_found());
    }
    let ids = message_ids(call)?;
    let chats = call.bot.chats.keys().filter(|key| key.business == connection);
    for key in chats.cloned().collect::<Vec<_>>() {
        for id in &ids {
            remove(call, &key, *id);
        }
    }
    Ok(done())
}

pub(super) fn read_business_message(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.chat()?;
    let id = call.message_id()?;
    let found = call.bot.message(&key, id);
    found.ok_or_else(|| Refusal::bad_request("message not found"))?;
    Ok(done())
}

fn remove(call: &mut Call, key: &ChatKey, id: i64) {
    if let Some(message) = call.bot.message_mut(key, id) {
        message.deleted = true;
    }
    call.bot.touch();
}

fn message_ids(call: &Call) -> Result<Vec<i64>, Refusal> {
    let given = call.form.json("message_ids", "message_ids")?;
    let given = given.ok_or_else(|| Refusal::bad_request("message identifiers are not specified"))?;
    let Some(list) = given.as_array() else {
        return Err(Refusal::bad_request("expected an Array of message identifiers"));
    };
    if list.len() > MOST_AT_ONCE {
        return Err(Refusal::bad_request("too many message identifiers specified"));
    }
    let number = |value: &Value| {
        let id = value.as_i64().or_else(|| value.as_str()?.parse().ok()).filter(|id| *id > 0);
        id.ok_or_else(|| Refusal::bad_request("invalid message identifier specified"))
    };
    list.iter().map(number).collect()
}
