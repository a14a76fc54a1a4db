//! One bot: its chats, files, updates and everything remembered about its calls.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::business::Business;
use super::files::Files;
use super::journal::Journal;
use super::message::{Author, Message};
use super::updates::Updates;
use super::world::{BotCard, Person};
use crate::faults::{CallFault, Orders};

/// A private chat is known by its person, and by the business connection it runs through, if any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ChatKey {
    pub(crate) person: i64,
    pub(crate) business: Option<String>,
}

/// What one person and the bot said to each other.
#[derive(Debug, Default)]
pub(crate) struct Chat {
    pub(crate) messages: BTreeMap<i64, Message>,
    last_id: i64,
    pub(crate) blocked: bool,
    /// What the bot is doing, and until when (milliseconds since the epoch).
    pub(crate) action: Option<(String, i64)>,
    /// What the bot answered to the last tap on a button.
    pub(crate) notice: Option<Value>,
    /// Buttons the bot put below the writing field.
    pub(crate) reply_keyboard: Option<Value>,
}

/// A message about to enter a chat.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) body: Map<String, Value>,
    pub(crate) reply_to: Option<i64>,
    pub(crate) keyboard: Option<Value>,
    pub(crate) media_group: Option<String>,
}

pub(crate) struct Bot {
    pub(crate) id: i64,
    pub(crate) card: BotCard,
    pub(crate) chats: BTreeMap<ChatKey, Chat>,
    pub(crate) businesses: BTreeMap<String, Business>,
    pub(crate) files: Files,
    pub(crate) updates: Updates,
    pub(crate) call_faults: Orders<CallFault>,
    pub(crate) journal: Journal,
    /// Commands by scope and language, as the bot set them.
    pub(crate) commands: BTreeMap<String, Value>,
    /// Taps not yet answered, and the chat they came from.
    pub(crate) taps: BTreeMap<String, ChatKey>,
    /// The number before each chat's first message.
    numbers_after: i64,
    /// Wakes whoever waits for anything about this bot.
    changed: watch::Sender<u64>,
}

impl Bot {
    pub(crate) fn new(id: i64, card: BotCard, first_update: i64, numbers_after: i64) -> Self {
        Self {
            id,
            card,
            chats: BTreeMap::new(),
            businesses: BTreeMap::new(),
            files: Files::new(id),
            updates: Updates::starting_at(first_update),
            call_faults: Orders::default(),
            journal: Journal::default(),
            commands: BTreeMap::new(),
            taps: BTreeMap::new(),
            numbers_after,
            changed: watch::Sender::new(0),
        }
    }

    /// The bot as a `User`.
    pub(crate) fn user(&self) -> Value {
        json!({
            "id": self.id, "is_bot": true,
            "first_name": self.card.name, "username": self.card.username,
        })
    }

    pub(crate) fn touch(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Puts a message into a chat, which it opens if need be, and answers its number there.
    pub(crate) fn put(&mut self, key: &ChatKey, author: Author, draft: Draft, date: i64) -> i64 {
        let numbers_after = self.numbers_after;
        let chat = self.chats.entry(key.clone()).or_insert_with(|| Chat { last_id: numbers_after, ..Chat::default() });
        chat.last_id += 1;
        let id = chat.last_id;
        if author == Author::Bot {
            chat.action = None;
        }
        chat.messages.insert(id, Message::new(id, author, draft, date));
        self.touch();
        id
    }

    pub(crate) fn message_mut(&mut self, key: &ChatKey, id: i64) -> Option<&mut Message> {
        let message = self.chats.get_mut(key)?.messages.get_mut(&id)?;
        (!message.deleted).then_some(message)
    }

    pub(crate) fn message(&self, key: &ChatKey, id: i64) -> Option<&Message> {
        self.chats.get(key)?.messages.get(&id).filter(|message| !message.deleted)
    }

    /// The `Message` object as the bot sees it; null if there is none.
    pub(crate) fn render(&self, people: &BTreeMap<i64, Person>, key: &ChatKey, id: i64) -> Value {
        let (Some(message), Some(person)) = (self.message(key, id), people.get(&key.person)) else {
            return Value::Null;
        };
        let mut value = self.render_alone(people, key, person, message);
        if let Some(quoted) = message.reply_to.and_then(|id| self.message(key, id)) {
            value["reply_to_message"] = self.render_alone(people, key, person, quoted);
        }
        value
    }

    fn render_alone(&self, people: &BTreeMap<i64, Person>, key: &ChatKey, person: &Person, message: &Message) -> Value {
        let mut value = message.fields();
        value["chat"] = person.chat();
        value["from"] = match message.author {
            Author::Person => person.user(),
            Author::Bot | Author::Owner => self.user(),
        };
        if let Some(business) = key.business.as_ref().and_then(|id| self.businesses.get(id)) {
            value["business_connection_id"] = json!(business.id);
            if message.author != Author::Person {
                value["from"] = people.get(&business.owner).map_or_else(|| self.user(), Person::user);
            }
            if message.author == Author::Bot {
                value["sender_business_bot"] = self.user();
            }
        }
        value
    }
}
