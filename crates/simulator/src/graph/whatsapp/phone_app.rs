//! The business's own phone, where its number is used beside the interface (coexistence).

use serde_json::{Value, json};

use super::WhatsApp;
use super::chat::{Author, ChatKey, Message, Ticks};
use super::deeds::message_of;
use super::saying::Saying;
use super::sending::wamid;
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

impl WhatsApp {
    /// The business writes to somebody from its own phone (`smb_message_echoes`). Answers the message's id.
    ///
    /// # Errors
    /// 100 for an unknown number or person, 131060 if the number is not on the business's phone too.
    pub fn echo(&self, number: &str, person: &str, saying: impl Into<Saying>) -> Result<String, Refusal> {
        let Saying { says, reply_to, .. } = saying.into();
        self.doing(number, person, |world, key| {
            coexists(world, key)?;
            let said = says.said(world, &key.number)?;
            let id = wamid(&mut world.chance, &key.person);
            let business = world.whatsapp.number(&key.number)?.card.number.clone();
            let mut told = echoed(world, key, &id, said.kind, said.body.clone())?;
            if let Some(quoted) = &reply_to {
                told["context"] = json!({ "from": business, "id": quoted });
            }
            let now = world.now_ms();
            let mut message = Message::new(id.clone(), Author::PhoneApp, now, said.kind, said.body);
            (message.context, message.media, message.ticks) = (reply_to, said.media, Ticks::Delivered);
            world.whatsapp.chat(key).messages.push(message);
            tell(world, key, &told)?;
            Ok(id)
        })
    }

    /// The business deletes, on its own phone, a message it wrote there.
    ///
    /// # Errors
    /// As [`WhatsApp::echo`], and 100 if there is no such message.
    pub fn echo_delete(&self, number: &str, person: &str, message: &str) -> Result<(), Refusal> {
        self.doing(number, person, |world, key| {
            coexists(world, key)?;
            message_of(world, key, message)?.deleted = true;
            happened(world, key, "revoke", json!({ "original_message_id": message }))
        })
    }

    /// The business puts an emoji on a message, on its own phone, or takes it off.
    ///
    /// # Errors
    /// As [`WhatsApp::echo`].
    pub fn echo_react(&self, number: &str, person: &str, message: &str, emoji: Option<&str>) -> Result<(), Refusal> {
        self.doing(number, person, |world, key| {
            coexists(world, key)?;
            let mut body = json!({ "message_id": message });
            if let Some(emoji) = emoji {
                body["emoji"] = emoji.into();
            }
            happened(world, key, "reaction", body)
        })
    }

    /// The business changes, on its own phone, the words of a message it wrote there.
    ///
    /// # Errors
    /// As [`WhatsApp::echo_delete`].
    pub fn echo_edit(&self, number: &str, person: &str, message: &str, text: &str) -> Result<(), Refusal> {
        self.doing(number, person, |world, key| {
            coexists(world, key)?;
            let edited = message_of(world, key, message)?;
            edited.body = json!({ "body": text });
            edited.edited = true;
            let inner = json!({ "type": "text", "text": { "body": text } });
            happened(world, key, "edit", json!({ "original_message_id": message, "message": inner }))
        })
    }
}

fn coexists(world: &World, key: &ChatKey) -> Result<(), Refusal> {
    let coexists = world.whatsapp.number(&key.number)?.card.coexistence;
    coexists.then_some(()).ok_or_else(|| Refusal::of(131_060).because("The number is not on the business's phone"))
}

fn echoed(world: &World, key: &ChatKey, id: &str, kind: &str, body: Value) -> Result<Value, Refusal> {
    let known = world.known(key)?;
    let from = &world.whatsapp.number(&key.number)?.card.number;
    let timestamp = world.now_s().to_string();
    let mut told = json!({ "from": from, "to_user_id": known.user_id, "id": id, "timestamp": timestamp, "type": kind });
    known.add(&mut told, "to", "to_parent_user_id");
    told[kind] = body;
    Ok(told)
}

fn happened(world: &mut World, key: &ChatKey, kind: &str, body: Value) -> Result<(), Refusal> {
    let id = wamid(&mut world.chance, &key.person);
    let told = echoed(world, key, &id, kind, body)?;
    tell(world, key, &told)
}

fn tell(world: &mut World, key: &ChatKey, told: &Value) -> Result<(), Refusal> {
    let contact = world.known(key)?.contact();
    world.tell_chat(key, "smb_message_echoes", json!({ "contacts": [contact], "message_echoes": [told] }));
    Ok(())
}
