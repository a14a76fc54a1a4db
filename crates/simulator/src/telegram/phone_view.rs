//! What a person's phone shows: the chat with one bot, as plain data for tests and for the page.

use serde::Serialize;
use serde_json::{Value, json};

use super::Telegram;
use super::bot::{Bot, Chat, ChatKey};
use super::journal::{Delivery, Sent, Tally};
use super::message::{Author, Message};
use super::refusal::Refusal;
use super::world::Person;

/// One person's chat with one bot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhoneView {
    /// Whose phone it is.
    pub person: Person,
    /// The bot's shown name.
    pub bot_name: String,
    /// The bot's public name without `@`.
    pub bot_username: String,
    /// Whether the person blocked the bot.
    pub blocked: bool,
    /// What the bot is doing (`typing`, …), if anything.
    pub action: Option<String>,
    /// For how many milliseconds more the action shows.
    pub action_for_ms: i64,
    /// What the bot answered to the last tap: `callback_query_id`, `text`, `alert`.
    pub notice: Option<Value>,
    /// Buttons below the writing field, as the bot sent them.
    pub reply_keyboard: Option<Value>,
    /// The bot's commands: `command`, `description`.
    pub commands: Value,
    /// All messages, oldest first, deleted ones too.
    pub messages: Vec<Shown>,
}

/// One message as the phone shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// Its number in this chat.
    pub message_id: i64,
    /// `person` or `bot`.
    pub from: &'static str,
    /// Seconds since the epoch.
    pub date: i64,
    /// `text`, `photo`, `document`, … .
    pub kind: &'static str,
    /// Text or caption.
    pub text: Option<String>,
    /// `MessageEntity`s of the text.
    pub entities: Value,
    /// `file_id`, `url` (below the simulator), `name`, `mime`, `size`, for media.
    pub media: Option<Value>,
    /// Latitude and longitude in degrees.
    pub location: Option<Value>,
    /// Number and names.
    pub contact: Option<Value>,
    /// Rows of inline buttons, as the bot sent them.
    pub keyboard: Option<Value>,
    /// The message it answers.
    pub reply_to: Option<i64>,
    /// Shared by the items of an album.
    pub media_group_id: Option<String>,
    /// Whether it was changed after it was sent.
    pub edited: bool,
    /// Whether either side deleted it.
    pub deleted: bool,
    /// Emoji the person put on it.
    pub person_reactions: Vec<String>,
    /// Emoji the bot put on it.
    pub bot_reactions: Vec<String>,
}

impl Telegram {
    /// What the person's phone shows of the chat with this bot; empty if there is none yet.
    ///
    /// # Errors
    /// 401 for an unknown token, 404 for an unknown person.
    pub fn phone(&self, token: &str, person: i64, business: Option<&str>) -> Result<PhoneView, Refusal> {
        let mut world = self.world();
        let now_ms = world.now_ms();
        let who = world.people.get(&person).cloned().ok_or_else(Refusal::not_found)?;
        let bot = world.bot(token)?;
        let key = ChatKey { person, business: business.map(str::to_owned) };
        Ok(view(bot, &key, who, now_ms))
    }

    /// The messages of [`Telegram::phone`].
    ///
    /// # Errors
    /// As [`Telegram::phone`].
    pub fn transcript(&self, token: &str, person: i64) -> Result<Vec<Shown>, Refusal> {
        Ok(self.phone(token, person, None)?.messages)
    }

    /// Every message the bot really put into a chat, in order.
    ///
    /// # Errors
    /// 401 for an unknown token.
    pub fn sent(&self, token: &str) -> Result<Vec<Sent>, Refusal> {
        Ok(self.world().bot(token)?.journal.sent.clone())
    }

    /// How often each method was called, and what came of it.
    ///
    /// # Errors
    /// 401 for an unknown token.
    pub fn calls(&self, token: &str) -> Result<std::collections::BTreeMap<String, Tally>, Refusal> {
        Ok(self.world().bot(token)?.journal.tallies.clone())
    }

    /// Every attempt to bring an update to the bot's webhook, in order.
    ///
    /// # Errors
    /// 401 for an unknown token.
    pub fn deliveries(&self, token: &str) -> Result<Vec<Delivery>, Refusal> {
        Ok(self.world().bot(token)?.journal.deliveries.clone())
    }

    /// How many updates wait to be taken.
    ///
    /// # Errors
    /// 401 for an unknown token.
    pub fn pending(&self, token: &str) -> Result<usize, Refusal> {
        Ok(self.world().bot(token)?.updates.pending())
    }
}

fn view(bot: &Bot, key: &ChatKey, person: Person, now_ms: i64) -> PhoneView {
    let empty = Chat::default();
    let chat = bot.chats.get(key).unwrap_or(&empty);
    let action = chat.action.as_ref().filter(|(_, until)| *until > now_ms);
    PhoneView {
        person,
        bot_name: bot.card.name.clone(),
        bot_username: bot.card.username.clone(),
        blocked: chat.blocked,
        action: action.map(|(name, _)| name.clone()),
        action_for_ms: action.map_or(0, |(_, until)| until - now_ms),
        notice: chat.notice.clone(),
        reply_keyboard: chat.reply_keyboard.clone(),
        commands: bot.commands.get("|").cloned().unwrap_or_else(|| json!([])),
        messages: chat.messages.values().map(|message| shown(bot, message)).collect(),
    }
}

fn shown(bot: &Bot, message: &Message) -> Shown {
    let field = |name: &str| message.body.get(name).cloned();
    let entities = field("entities").or_else(|| field("caption_entities"));
    let keyboard = message.keyboard.as_ref().and_then(|markup| markup.get("inline_keyboard"));
    Shown {
        message_id: message.id,
        from: match message.author {
            Author::Person => "person",
            Author::Bot | Author::Owner => "bot",
        },
        date: message.date,
        kind: message.kind(),
        text: message.text().map(str::to_owned),
        entities: entities.unwrap_or_else(|| json!([])),
        media: media(bot, message),
        location: field("location"),
        contact: field("contact"),
        keyboard: keyboard.cloned(),
        reply_to: message.reply_to,
        media_group_id: message.media_group.clone(),
        edited: message.edit_date.is_some(),
        deleted: message.deleted,
        person_reactions: emoji(&message.person_reactions),
        bot_reactions: emoji(&message.bot_reactions),
    }
}

fn emoji(reactions: &[Value]) -> Vec<String> {
    let emoji = |reaction: &Value| Some(reaction.get("emoji")?.as_str()?.to_owned());
    reactions.iter().filter_map(emoji).collect()
}

fn media(bot: &Bot, message: &Message) -> Option<Value> {
    let described = message.body.get(message.kind())?;
    let described = described.as_array().and_then(|sizes| sizes.last()).unwrap_or(described);
    let id = described.get("file_id")?.as_str()?;
    let stored = bot.files.get(id)?;
    Some(json!({
        "file_id": id,
        "url": format!("/sim/telegram/{}/files/{id}", bot.card.token),
        "name": stored.part.name,
        "mime": stored.part.mime,
        "size": stored.part.content.len(),
        "seconds": described.get("duration"),
    }))
}
