//! Where and when a person does something: the bot, the chat, the clock, all in one hand.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Telegram;
use super::bot::{Bot, ChatKey, Draft};
use super::message::Author;
use super::refusal::Refusal;
use super::world::{Person, World};
use crate::chance::Chance;

/// Who does something, where, when.
pub(super) struct Scene<'a> {
    pub(super) bot: &'a mut Bot,
    pub(super) people: &'a BTreeMap<i64, Person>,
    pub(super) person: Person,
    pub(super) chance: &'a mut Chance,
    pub(super) now_s: i64,
}

impl Scene<'_> {
    pub(super) fn hear(&mut self, key: &ChatKey, draft: Draft) -> i64 {
        self.hear_from(Author::Person, key, draft)
    }

    pub(super) fn hear_from(&mut self, author: Author, key: &ChatKey, draft: Draft) -> i64 {
        let id = self.bot.put(key, author, draft, self.now_s);
        let update = self.render(key, id);
        let kind = if key.business.is_some() { "business_message" } else { "message" };
        self.push(kind, update, key.person);
        id
    }

    pub(super) fn render(&self, key: &ChatKey, message: i64) -> Value {
        self.bot.render(self.people, key, message)
    }

    pub(super) fn push(&mut self, kind: &str, update: Value, lane: i64) {
        self.bot.updates.push(kind, update, lane, self.chance);
    }
}

impl Telegram {
    /// Sets the scene for something a person does, and wakes whoever waits for it.
    pub(super) fn doing<T>(
        &self,
        token: &str,
        key: &ChatKey,
        deed: impl FnOnce(&mut Scene) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut guard = self.world();
        let world = &mut *guard;
        let bot = world.bot_of(token)?;
        let now_s = world.now_ms() / 1_000;
        let World { bots, people, chance, .. } = world;
        let bot = bots.get_mut(&bot).ok_or_else(Refusal::unauthorized)?;
        let person = people.get(&key.person).cloned();
        let person = person.ok_or_else(|| Refusal::bad_request("user not found"))?;
        if key.business.as_ref().is_some_and(|id| !bot.businesses.contains_key(id)) {
            return Err(super::business::connection_not_found());
        }
        let mut scene = Scene { bot, people, person, chance, now_s };
        let done = deed(&mut scene);
        scene.bot.touch();
        done
    }
}
