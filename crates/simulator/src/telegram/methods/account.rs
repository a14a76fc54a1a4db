//! The bot itself, its commands, and whom it talks to.

#![expect(clippy::unnecessary_wraps, reason = "all methods in the table have one form")]

use serde_json::{Value, json};

use super::{Call, done};
use crate::telegram::business::connection_not_found;
use crate::telegram::refusal::Refusal;
use crate::telegram::world::Person;

pub(super) fn get_me(call: &mut Call) -> Result<Value, Refusal> {
    let mut me = call.bot.user();
    let can = [
        ("can_join_groups", true),
        ("can_read_all_group_messages", false),
        ("supports_inline_queries", false),
        ("supports_guest_queries", false),
        ("can_connect_to_business", true),
        ("has_main_web_app", false),
        ("has_topics_enabled", false),
        ("allows_users_to_create_topics", false),
        ("can_manage_bots", false),
    ];
    for (what, whether) in can {
        me[what] = json!(whether);
    }
    Ok(me)
}

pub(super) fn get_chat(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.chat()?;
    let person = call.people.get(&key.person);
    let person = person.ok_or_else(|| Refusal::bad_request("chat not found"))?;
    let mut chat = person.chat();
    chat["accent_color_id"] = json!(person.id.rem_euclid(7));
    chat["max_reaction_count"] = json!(11);
    chat["accepted_gift_types"] = json!({
        "unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true,
        "premium_subscription": true, "gifts_from_channels": true,
    });
    Ok(chat)
}

pub(super) fn get_chat_member(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.chat()?;
    let user = call.form.integer("user_id").unwrap_or(0);
    let member = if user == call.bot.id {
        Some(call.bot.user())
    } else {
        call.people.get(&user).filter(|person| person.id == key.person).map(Person::user)
    };
    let member = member.ok_or_else(|| Refusal::bad_request("user not found"))?;
    Ok(json!({ "user": member, "status": "member" }))
}

pub(super) fn set_my_commands(call: &mut Call) -> Result<Value, Refusal> {
    let commands = call.form.json("commands", "commands")?.unwrap_or_else(|| json!([]));
    let Some(list) = commands.as_array() else {
        return Err(Refusal::bad_request("expected an Array of BotCommand"));
    };
    let legible = |name: &str| {
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        !name.is_empty() && name.len() <= 32 && name.bytes().all(letters)
    };
    for command in list {
        let name = command.get("command").and_then(Value::as_str).unwrap_or_default();
        if !legible(name.trim_start_matches('/')) {
            return Err(Refusal::bad_request("BOT_COMMAND_INVALID"));
        }
        if command.get("description").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(Refusal::bad_request("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    let scope = scope(call);
    call.bot.commands.insert(scope, commands);
    call.bot.touch();
    Ok(done())
}

pub(super) fn get_my_commands(call: &mut Call) -> Result<Value, Refusal> {
    let found = call.bot.commands.get(&scope(call)).cloned();
    Ok(found.unwrap_or_else(|| json!([])))
}

pub(super) fn delete_my_commands(call: &mut Call) -> Result<Value, Refusal> {
    call.bot.commands.remove(&scope(call));
    call.bot.touch();
    Ok(done())
}

/// Commands for everybody are kept under `|`, as [`crate::telegram::phone_view`] knows.
fn scope(call: &Call) -> String {
    let scope = call.form.text("scope").unwrap_or_default();
    let scope = if scope.contains("\"default\"") { "" } else { scope };
    format!("{scope}|{}", call.form.text("language_code").unwrap_or_default())
}

pub(super) fn get_my_name(call: &mut Call) -> Result<Value, Refusal> {
    Ok(json!({ "name": call.bot.card.name }))
}

pub(super) fn get_my_description(_: &mut Call) -> Result<Value, Refusal> {
    Ok(json!({ "description": "" }))
}

pub(super) fn get_my_short_description(_: &mut Call) -> Result<Value, Refusal> {
    Ok(json!({ "short_description": "" }))
}

pub(super) fn get_business_connection(call: &mut Call) -> Result<Value, Refusal> {
    let id = call.form.text("business_connection_id").unwrap_or_default();
    let business = call.bot.businesses.get(id).ok_or_else(connection_not_found)?;
    let owner = call.people.get(&business.owner).ok_or_else(connection_not_found)?;
    Ok(business.fields(owner))
}

/// `close` and `logOut` concern servers of one's own; here every call finds the bot again.
pub(super) fn nothing_to_do(_: &mut Call) -> Result<Value, Refusal> {
    Ok(done())
}
