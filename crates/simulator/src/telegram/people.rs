//! What people do on their phones, and the updates that come of it.

use serde_json::{Value, json};

use super::Telegram;
use super::bot::{ChatKey, Draft};
use super::message::Author;
use super::refusal::Refusal;
use super::saying::{Saying, Says, text_body};
use super::world::{BotCard, Person};

impl Telegram {
    /// Makes a bot, or renames the one with this token. Empty fields are filled in.
    ///
    /// # Errors
    /// 401 if the token is not of the form `digits:secret`, or its digits belong to another.
    pub fn create_bot(&self, card: BotCard) -> Result<BotCard, Refusal> {
        self.world().create_bot(card)
    }

    /// All bots, by number.
    pub fn bots(&self) -> Vec<BotCard> {
        self.world().bots.values().map(|bot| bot.card.clone()).collect()
    }

    /// Makes a person, or replaces the one with this id.
    pub fn create_person(&self, person: Person) -> Person {
        self.world().create_person(person)
    }

    /// Everybody, by number.
    pub fn people(&self) -> Vec<Person> {
        self.world().people.values().cloned().collect()
    }

    /// The person says something (`message`, or `business_message` through a connection). The
    /// first thing said opens the chat: bots cannot write before. Answers the messages' numbers.
    ///
    /// # Errors
    /// 401 for an unknown token, 400 for an unknown person or connection, 403 if the person
    /// blocked the bot.
    pub fn say(&self, token: &str, person: i64, saying: impl Into<Saying>) -> Result<Vec<i64>, Refusal> {
        let Saying { says, reply_to, business_connection_id } = saying.into();
        let key = ChatKey { person, business: business_connection_id };
        self.doing(token, &key, |scene| {
            if scene.bot.chats.get(&key).is_some_and(|chat| chat.blocked) {
                return Err(Refusal::blocked());
            }
            let album = matches!(says, Says::Album { .. });
            let group = album.then(|| scene.chance.below(1 << 53).to_string());
            let bodies = says.bodies(&mut scene.bot.files);
            let put = bodies.into_iter().map(|body| {
                let draft = Draft { body, reply_to, media_group: group.clone(), keyboard: None };
                scene.hear(&key, draft)
            });
            Ok(put.collect())
        })
    }

    /// Shorthand for [`Telegram::say`] with words alone; answers the message's number.
    ///
    /// # Errors
    /// As [`Telegram::say`].
    pub fn say_text(&self, token: &str, person: i64, text: &str) -> Result<i64, Refusal> {
        let said = self.say(token, person, Saying::text(text))?;
        said.first().copied().ok_or_else(Refusal::not_found)
    }

    /// The person changes the words of a message of theirs (`edited_message`).
    ///
    /// # Errors
    /// 401, and 404 if the person has no such message.
    pub fn edit(
        &self,
        token: &str,
        person: i64,
        business: Option<&str>,
        message: i64,
        text: &str,
    ) -> Result<(), Refusal> {
        let key = chat_key(person, business);
        self.doing(token, &key, |scene| {
            let now = scene.now_s;
            let edited = scene.bot.message_mut(&key, message);
            let edited = edited.filter(|message| message.author == Author::Person);
            let edited = edited.ok_or_else(Refusal::not_found)?;
            if edited.body.contains_key("text") {
                edited.body.remove("entities");
                edited.body.extend(text_body(text));
            } else {
                edited.body.insert("caption".to_owned(), json!(text));
            }
            edited.edit_date = Some(now);
            let update = scene.render(&key, message);
            let kind = if business.is_some() { "edited_business_message" } else { "edited_message" };
            scene.push(kind, update, person);
            Ok(())
        })
    }

    /// The person deletes messages for both sides. An ordinary bot is told nothing; a business
    /// connection brings `deleted_business_messages`.
    ///
    /// # Errors
    /// 401, and 404 if one of the messages is not there.
    pub fn delete(&self, token: &str, person: i64, business: Option<&str>, messages: &[i64]) -> Result<(), Refusal> {
        let key = chat_key(person, business);
        self.doing(token, &key, |scene| {
            for id in messages {
                let message = scene.bot.message_mut(&key, *id);
                message.ok_or_else(Refusal::not_found)?.deleted = true;
            }
            if let Some(connection) = business {
                let update = json!({
                    "business_connection_id": connection, "chat": scene.person.chat(),
                    "message_ids": messages,
                });
                scene.push("deleted_business_messages", update, person);
            }
            Ok(())
        })
    }

    /// The person taps the inline button with this `callback_data` (`callback_query`). Answers
    /// the query's id.
    ///
    /// # Errors
    /// 401, and 404 if that message has no such button.
    pub fn tap(&self, token: &str, person: i64, message: i64, data: &str) -> Result<String, Refusal> {
        let key = chat_key(person, None);
        self.doing(token, &key, |scene| {
            let tapped = scene.bot.message(&key, message).and_then(|m| m.keyboard.as_ref());
            if !tapped.is_some_and(|keyboard| has_button(keyboard, data)) {
                return Err(Refusal::not_found());
            }
            let id = (1_000_000_000_000_000 + scene.chance.below(1 << 53)).to_string();
            let update = json!({
                "id": id, "from": scene.person.user(), "message": scene.render(&key, message),
                "chat_instance": person.wrapping_mul(31).to_string(), "data": data,
            });
            scene.bot.taps.insert(id.clone(), key.clone());
            scene.push("callback_query", update, person);
            Ok(id)
        })
    }

    /// The person puts these emoji on a message in place of earlier ones (`message_reaction`,
    /// which a bot must have asked for).
    ///
    /// # Errors
    /// 401, and 404 if the message is not there.
    pub fn react(&self, token: &str, person: i64, message: i64, emoji: &[&str]) -> Result<(), Refusal> {
        let key = chat_key(person, None);
        let new: Vec<Value> = emoji.iter().map(|emoji| reaction(emoji)).collect();
        self.doing(token, &key, |scene| {
            let reacted = scene.bot.message_mut(&key, message).ok_or_else(Refusal::not_found)?;
            let old = std::mem::replace(&mut reacted.person_reactions, new.clone());
            let update = json!({
                "chat": scene.person.chat(), "message_id": message, "user": scene.person.user(),
                "date": scene.now_s, "old_reaction": old, "new_reaction": new,
            });
            scene.push("message_reaction", update, person);
            Ok(())
        })
    }

    /// The person blocks the bot, or lets it write again (`my_chat_member`).
    ///
    /// # Errors
    /// 401 for an unknown token, 400 for an unknown person.
    pub fn set_blocked(&self, token: &str, person: i64, blocked: bool) -> Result<(), Refusal> {
        let key = chat_key(person, None);
        self.doing(token, &key, |scene| {
            let chat = scene.bot.chats.entry(key.clone()).or_default();
            if chat.blocked == blocked {
                return Ok(());
            }
            chat.blocked = blocked;
            let user = scene.bot.user();
            let member = json!({ "user": user, "status": "member" });
            let kicked = json!({ "user": user, "status": "kicked", "until_date": 0 });
            let (old, new) = if blocked { (member, kicked) } else { (kicked, member) };
            let update = json!({
                "chat": scene.person.chat(), "from": scene.person.user(), "date": scene.now_s,
                "old_chat_member": old, "new_chat_member": new,
            });
            scene.push("my_chat_member", update, person);
            Ok(())
        })
    }
}

fn chat_key(person: i64, business: Option<&str>) -> ChatKey {
    ChatKey { person, business: business.map(str::to_owned) }
}

fn reaction(emoji: &str) -> Value {
    json!({ "type": "emoji", "emoji": emoji })
}

fn has_button(keyboard: &Value, data: &str) -> bool {
    let rows = keyboard.get("inline_keyboard").and_then(Value::as_array);
    let mut buttons = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
    buttons.any(|button| button.get("callback_data").and_then(Value::as_str) == Some(data))
}
