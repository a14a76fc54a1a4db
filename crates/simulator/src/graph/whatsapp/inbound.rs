//! A person's message as webhooks tell it.

use serde_json::{Value, json};

use super::chat::{Author, ChatKey, Message};
use super::saying::Said;
use super::sending::wamid;
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

/// A person's message opens the window for this long.
pub(super) const WINDOW_MS: i64 = 24 * 3_600 * 1_000;

/// What goes with a message.
#[derive(Default)]
pub(super) struct Circumstances {
    pub(super) reply_to: Option<String>,
    pub(super) forwarded: bool,
    pub(super) referral: Option<Value>,
}

impl World {
    /// Puts a person's message into the chat, and tells of it. Answers its id.
    pub(super) fn hear(&mut self, key: &ChatKey, said: Said, with: Circumstances) -> Result<String, Refusal> {
        let id = wamid(&mut self.chance, &key.person);
        let mut told = self.told(key, &id, said.kind, said.body.clone())?;
        if let Some((name, value)) = said.beside {
            told[name] = value;
        }
        if let Some(referral) = with.referral {
            told["referral"] = referral;
        }
        let business = self.whatsapp.number(&key.number)?.card.number.clone();
        if let Some(quoted) = &with.reply_to {
            told["context"] = json!({ "from": business, "id": quoted });
        }
        if with.forwarded {
            told["context"] = json!({ "forwarded": true });
        }
        let now = self.now_ms();
        let mut message = Message::new(id.clone(), Author::Person, now, said.kind, said.body);
        (message.context, message.forwarded, message.media) = (with.reply_to, with.forwarded, said.media);
        let chat = self.whatsapp.chat(key);
        chat.window_until_ms = now + WINDOW_MS;
        chat.messages.push(message);
        self.tell_message(key, &told)?;
        Ok(id)
    }

    /// The object of `messages` for something the person did; nothing is told yet.
    pub(super) fn told(&self, key: &ChatKey, id: &str, kind: &str, body: Value) -> Result<Value, Refusal> {
        let known = self.known(key)?;
        let mut told = json!({
            "from_user_id": known.user_id, "id": id, "timestamp": self.now_s().to_string(), "type": kind,
        });
        known.add(&mut told, "from", "from_parent_user_id");
        told[kind] = body;
        Ok(told)
    }

    pub(super) fn tell_message(&mut self, key: &ChatKey, told: &Value) -> Result<(), Refusal> {
        let contact = self.known(key)?.contact();
        self.tell_chat(key, "messages", json!({ "contacts": [contact], "messages": [told] }));
        Ok(())
    }
}
