//! The Bot API's methods, one function each, by name in one table.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::bot::{Bot, ChatKey, Draft};
use super::business::connection_not_found;
use super::form::Form;
use super::journal::Sent;
use super::message::Author;
use super::refusal::Refusal;
use super::world::{Person, World};
use crate::chance::Chance;

mod account;
mod editing;
mod media;
mod removing;
mod sending;
pub(crate) use media::media_body;
pub(crate) mod webhook;

type Method = fn(&mut Call) -> Result<Value, Refusal>;

/// `getUpdates` is not here: it waits, see [`super::poll`].
const METHODS: [(&str, Method); 38] = [
    ("getMe", account::get_me),
    ("getChat", account::get_chat),
    ("setMyCommands", account::set_my_commands),
    ("getMyCommands", account::get_my_commands),
    ("deleteMyCommands", account::delete_my_commands),
    ("getBusinessConnection", account::get_business_connection),
    ("close", account::nothing_to_do),
    ("logOut", account::nothing_to_do),
    ("setWebhook", webhook::set_webhook),
    ("deleteWebhook", webhook::delete_webhook),
    ("getWebhookInfo", webhook::get_webhook_info),
    ("sendMessage", sending::send_message),
    ("sendLocation", sending::send_location),
    ("sendVenue", sending::send_venue),
    ("sendContact", sending::send_contact),
    ("sendChatAction", sending::send_chat_action),
    ("sendPhoto", media::send_photo),
    ("sendDocument", media::send_document),
    ("sendAudio", media::send_audio),
    ("sendVoice", media::send_voice),
    ("sendVideo", media::send_video),
    ("sendAnimation", media::send_animation),
    ("sendSticker", media::send_sticker),
    ("sendMediaGroup", media::send_media_group),
    ("getFile", media::get_file),
    ("editMessageText", editing::edit_message_text),
    ("editMessageCaption", editing::edit_message_caption),
    ("editMessageReplyMarkup", editing::edit_message_reply_markup),
    ("setMessageReaction", editing::set_message_reaction),
    ("answerCallbackQuery", editing::answer_callback_query),
    ("readBusinessMessage", removing::read_business_message),
    ("deleteMessage", removing::delete_message),
    ("deleteMessages", removing::delete_messages),
    ("deleteBusinessMessages", removing::delete_business_messages),
    ("getMyName", account::get_my_name),
    ("getMyDescription", account::get_my_description),
    ("getMyShortDescription", account::get_my_short_description),
    ("getChatMember", account::get_chat_member),
];

/// One call on its way through a method.
pub(crate) struct Call<'a> {
    pub(crate) bot: &'a mut Bot,
    pub(crate) people: &'a BTreeMap<i64, Person>,
    pub(crate) chance: &'a mut Chance,
    pub(crate) now_ms: i64,
    pub(crate) form: &'a Form,
    /// In Telegram's own spelling.
    pub(crate) method: &'static str,
}

/// The method's own spelling, whatever the caller's.
pub(crate) fn spelling(name: &str) -> Option<&'static str> {
    let known = METHODS.iter().map(|(known, _)| *known).chain(["getUpdates"]);
    known.into_iter().find(|known| known.eq_ignore_ascii_case(name))
}

/// Carries the call out, and counts it.
pub(crate) fn run(world: &mut World, bot: i64, name: &str, form: &Form) -> Result<Value, Refusal> {
    let found = METHODS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let (method, act) = found.ok_or_else(Refusal::method_not_found)?;
    let now_ms = world.now_ms();
    let bot = world.bots.get_mut(&bot).ok_or_else(Refusal::unauthorized)?;
    let mut call = Call { bot, people: &world.people, chance: &mut world.chance, now_ms, form, method };
    let outcome = act(&mut call);
    call.bot.journal.count_outcome(method, outcome.is_ok());
    outcome
}

impl Call<'_> {
    pub(crate) fn now_s(&self) -> i64 {
        self.now_ms / 1_000
    }

    /// The chat the call is about, which the person must have opened.
    pub(crate) fn chat(&self) -> Result<ChatKey, Refusal> {
        let id = self.form.text("chat_id");
        let id = id.ok_or_else(|| Refusal::bad_request("chat_id is empty"))?;
        let not_found = || Refusal::bad_request("chat not found");
        let person = id.trim().parse().map_err(|_| not_found())?;
        let business = self.form.text("business_connection_id").map(str::to_owned);
        if let Some(id) = &business {
            let known = self.bot.businesses.get(id).filter(|business| business.enabled);
            known.ok_or_else(connection_not_found)?;
        }
        let key = ChatKey { person, business };
        if self.bot.chats.contains_key(&key) { Ok(key) } else { Err(not_found()) }
    }

    /// The same, if the person lets the bot write.
    pub(crate) fn writable_chat(&self) -> Result<ChatKey, Refusal> {
        let key = self.chat()?;
        let blocked = self.bot.chats.get(&key).is_some_and(|chat| chat.blocked);
        if blocked { Err(Refusal::blocked()) } else { Ok(key) }
    }

    /// The number of the message the call is about.
    pub(crate) fn message_id(&self) -> Result<i64, Refusal> {
        let id = self.form.integer("message_id").filter(|id| *id > 0);
        id.ok_or_else(|| Refusal::bad_request("message identifier is not specified"))
    }

    /// The message this one replies to, from `reply_parameters` or its predecessor.
    pub(crate) fn reply_to(&self, key: &ChatKey) -> Result<Option<i64>, Refusal> {
        let given = self.form.json("reply_parameters", "reply parameters")?.unwrap_or_default();
        let old = self.form.integer("reply_to_message_id");
        let Some(id) = given.get("message_id").and_then(Value::as_i64).or(old) else {
            return Ok(None);
        };
        if self.bot.message(key, id).is_some() {
            return Ok(Some(id));
        }
        let lenient = given.get("allow_sending_without_reply").and_then(Value::as_bool);
        if lenient == Some(true) || self.form.flag("allow_sending_without_reply") {
            return Ok(None);
        }
        Err(Refusal::bad_request("message to be replied not found"))
    }

    /// Puts a bot's message into the chat, notes it, and answers it as a `Message`.
    pub(crate) fn put(&mut self, key: &ChatKey, draft: Draft) -> Value {
        let id = self.bot.put(key, Author::Bot, draft, self.now_s());
        let message = self.bot.message(key, id);
        let sent = Sent {
            order: 0,
            at_ms: self.now_ms,
            method: self.method.to_owned(),
            chat_id: key.person,
            message_id: id,
            kind: message.map_or("message", |message| message.kind()).to_owned(),
            text: message.and_then(|message| message.text()).map(str::to_owned),
            business_connection_id: key.business.clone(),
        };
        self.bot.journal.note_sent(sent);
        self.bot.render(self.people, key, id)
    }
}

/// What most methods answer.
pub(crate) fn done() -> Value {
    json!(true)
}
