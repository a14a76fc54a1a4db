//! One message in a chat, with all that happened to it since.

use serde_json::{Map, Value, json};

use super::bot::Draft;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    Person,
    /// The bot, or in a business chat the owner through the bot.
    Bot,
    /// In a business chat its owner, on their own phone.
    Owner,
}

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) author: Author,
    /// Seconds since the epoch, like the next.
    pub(crate) date: i64,
    pub(crate) edit_date: Option<i64>,
    /// Text, media and the like, in the Bot API's own form.
    pub(crate) body: Map<String, Value>,
    pub(crate) reply_to: Option<i64>,
    pub(crate) keyboard: Option<Value>,
    pub(crate) media_group: Option<String>,
    pub(crate) deleted: bool,
    /// `ReactionType`s the person put on it, and those of the bot.
    pub(crate) person_reactions: Vec<Value>,
    pub(crate) bot_reactions: Vec<Value>,
}

impl Message {
    pub(crate) fn new(id: i64, author: Author, draft: Draft, date: i64) -> Self {
        Self {
            id,
            author,
            date,
            edit_date: None,
            body: draft.body,
            reply_to: draft.reply_to,
            keyboard: draft.keyboard,
            media_group: draft.media_group,
            deleted: false,
            person_reactions: Vec::new(),
            bot_reactions: Vec::new(),
        }
    }

    /// The fields of a `Message` that belong to the message itself.
    pub(crate) fn fields(&self) -> Value {
        let mut fields = self.body.clone();
        fields.insert("message_id".to_owned(), json!(self.id));
        fields.insert("date".to_owned(), json!(self.date));
        if let Some(date) = self.edit_date {
            fields.insert("edit_date".to_owned(), json!(date));
        }
        if let Some(keyboard) = &self.keyboard {
            fields.insert("reply_markup".to_owned(), keyboard.clone());
        }
        if let Some(group) = &self.media_group {
            fields.insert("media_group_id".to_owned(), json!(group));
        }
        Value::Object(fields)
    }

    /// The text, or the caption of media.
    pub(crate) fn text(&self) -> Option<&str> {
        self.body.get("text").or_else(|| self.body.get("caption"))?.as_str()
    }

    /// What it is: `text`, `photo`, `document`, … .
    pub(crate) fn kind(&self) -> &'static str {
        const KINDS: [&str; 10] =
            ["text", "photo", "animation", "document", "audio", "voice", "video", "sticker", "location", "contact"];
        KINDS.into_iter().find(|kind| self.body.contains_key(*kind)).unwrap_or("message")
    }
}
