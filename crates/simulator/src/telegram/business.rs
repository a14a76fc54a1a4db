//! Business connections: a person lets a bot answer in the chats of their own account.

use serde_json::{Value, json};

use super::Telegram;
use super::bot::{ChatKey, Draft};
use super::message::Author;
use super::refusal::Refusal;
use super::saying::Says;
use super::world::Person;

#[derive(Clone, Debug)]
pub(crate) struct Business {
    pub(crate) id: String,
    /// The person whose account it is.
    pub(crate) owner: i64,
    /// Seconds since the epoch.
    date: i64,
    pub(crate) enabled: bool,
}

impl Business {
    /// A `BusinessConnection`.
    pub(crate) fn fields(&self, owner: &Person) -> Value {
        json!({
            "id": self.id, "user": owner.user(), "user_chat_id": self.owner, "date": self.date,
            "is_enabled": self.enabled, "can_reply": self.enabled,
            "rights": {
                "can_reply": true, "can_read_messages": true,
                "can_delete_sent_messages": true, "can_delete_all_messages": true,
            },
        })
    }
}

impl Telegram {
    /// The owner connects their account to the bot (`business_connection` update) and the
    /// connection's id is answered.
    ///
    /// # Errors
    /// 401 for an unknown token, 400 for an unknown person.
    pub fn connect_business(&self, token: &str, owner: i64) -> Result<String, Refusal> {
        let mut world = self.world();
        let id = world.chance.word(22);
        let business = Business { id: id.clone(), owner, date: world.now_ms() / 1_000, enabled: true };
        drop(world);
        self.announce(token, business)?;
        Ok(id)
    }

    /// The owner takes the connection back (`business_connection` with `is_enabled: false`).
    ///
    /// # Errors
    /// 401 for an unknown token, 400 for an unknown connection.
    pub fn disconnect_business(&self, token: &str, id: &str) -> Result<(), Refusal> {
        let known = self.world().bot(token)?.businesses.get(id).cloned();
        let mut business = known.ok_or_else(connection_not_found)?;
        business.enabled = false;
        self.announce(token, business)
    }

    /// The owner writes to a person on their own phone, in the account that is connected (`business_message` from the owner); the
    /// message's number.
    ///
    /// # Errors
    /// 401 for an unknown token, 400 for an unknown person or connection.
    pub fn owner_says(&self, token: &str, id: &str, person: i64, text: &str) -> Result<i64, Refusal> {
        let key = ChatKey { person, business: Some(id.to_owned()) };
        self.doing(token, &key, |scene| {
            let body = Says::Text { text: text.to_owned() }.bodies(&mut scene.bot.files).pop();
            let body = body.ok_or_else(|| Refusal::bad_request("message text is empty"))?;
            let draft = Draft { body, reply_to: None, media_group: None, keyboard: None };
            Ok(scene.hear_from(Author::Owner, &key, draft))
        })
    }

    /// The owner deletes messages of a chat for both sides (`deleted_business_messages`), whoever wrote them.
    ///
    /// # Errors
    /// 401 for an unknown token, 400 for an unknown person or connection.
    pub fn owner_deletes(&self, token: &str, id: &str, person: i64, messages: &[i64]) -> Result<(), Refusal> {
        self.delete(token, person, Some(id), messages)
    }

    fn announce(&self, token: &str, business: Business) -> Result<(), Refusal> {
        let mut guard = self.world();
        let world = &mut *guard;
        let owner = world.people.get(&business.owner).cloned();
        let owner = owner.ok_or_else(|| Refusal::bad_request("user not found"))?;
        let id = world.bot_of(token)?;
        let bot = world.bots.get_mut(&id).ok_or_else(Refusal::unauthorized)?;
        let update = business.fields(&owner);
        bot.businesses.insert(business.id.clone(), business);
        bot.updates.push("business_connection", update, owner.id, &mut world.chance);
        bot.touch();
        Ok(())
    }
}

pub(crate) fn connection_not_found() -> Refusal {
    Refusal::bad_request("business connection not found")
}
