//! Everybody in the simulated Telegram: bots, and people with accounts of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bot::Bot;
use super::refusal::Refusal;
use crate::chance::Chance;
use crate::{Clock, Options};

/// People's numbers start here: beyond 32 bits, as real ones may be.
const FIRST_PERSON: i64 = 5_100_000_001;

/// A person with a Telegram account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The user's number; 0 lets the simulator choose one.
    pub id: i64,
    /// Shown name, first part.
    pub first_name: String,
    /// Shown name, second part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Public name without `@`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// IETF tag of the phone's language, e.g. `it`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
}

impl Person {
    /// Somebody by first name and language, with a number to be chosen.
    pub fn named(first_name: &str, language_code: &str) -> Self {
        Self { first_name: first_name.to_owned(), language_code: Some(language_code.to_owned()), ..Self::default() }
    }

    /// A `User` of the Bot API.
    pub(crate) fn user(&self) -> Value {
        let mut user = json!({ "id": self.id, "is_bot": false, "first_name": self.first_name });
        self.add_names(&mut user);
        if let Some(language) = &self.language_code {
            user["language_code"] = json!(language);
        }
        user
    }

    /// The private `Chat` with this person.
    pub(crate) fn chat(&self) -> Value {
        let mut chat = json!({ "id": self.id, "first_name": self.first_name, "type": "private" });
        self.add_names(&mut chat);
        chat
    }

    fn add_names(&self, target: &mut Value) {
        if let Some(last_name) = &self.last_name {
            target["last_name"] = json!(last_name);
        }
        if let Some(username) = &self.username {
            target["username"] = json!(username);
        }
    }
}

/// A bot, as it was created. `Debug` leaves the token out.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BotCard {
    /// `digits:secret`; empty lets the simulator choose one.
    pub token: String,
    /// Shown name.
    pub name: String,
    /// Public name without `@`.
    pub username: String,
}

impl std::fmt::Debug for BotCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BotCard").field("name", &self.name).finish_non_exhaustive()
    }
}

pub(crate) struct World {
    pub(crate) bots: BTreeMap<i64, Bot>,
    pub(crate) people: BTreeMap<i64, Person>,
    pub(crate) chance: Chance,
    clock: Arc<dyn Clock>,
    open_tokens: bool,
    numbers_after: i64,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            bots: BTreeMap::new(),
            people: BTreeMap::new(),
            chance: Chance::from_seed(options.seed),
            clock: options.clock,
            open_tokens: options.open_tokens,
            numbers_after: options.numbers_after,
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Makes a bot, or renames the one with this token.
    pub(crate) fn create_bot(&mut self, mut card: BotCard) -> Result<BotCard, Refusal> {
        if card.token.is_empty() {
            let id = 7_000_000_000 + self.chance.below(999_999_999);
            card.token = format!("{id}:{}", self.chance.word(35));
        }
        let id = bot_id(&card.token).ok_or_else(Refusal::unauthorized)?;
        if card.name.is_empty() {
            card.name = format!("Bot {id}");
        }
        if card.username.is_empty() {
            card.username = format!("sim_{id}_bot");
        }
        if let Some(bot) = self.bots.get_mut(&id) {
            if bot.card.token != card.token {
                return Err(Refusal::unauthorized());
            }
            bot.card = card.clone();
        } else {
            let first_update = 100_000_000 + self.chance.below(400_000_000);
            let first_update = i64::try_from(first_update).unwrap_or(1);
            let bot = Bot::new(id, card.clone(), first_update, self.numbers_after);
            self.bots.insert(id, bot);
        }
        Ok(card)
    }

    /// The number of the bot with this token.
    pub(crate) fn bot_of(&mut self, token: &str) -> Result<i64, Refusal> {
        let id = bot_id(token).ok_or_else(Refusal::unauthorized)?;
        if self.open_tokens && !self.bots.contains_key(&id) {
            self.create_bot(BotCard { token: token.to_owned(), ..BotCard::default() })?;
        }
        match self.bots.get(&id) {
            Some(bot) if bot.card.token == token => Ok(id),
            _ => Err(Refusal::unauthorized()),
        }
    }

    pub(crate) fn bot(&mut self, token: &str) -> Result<&mut Bot, Refusal> {
        let id = self.bot_of(token)?;
        self.bots.get_mut(&id).ok_or_else(Refusal::unauthorized)
    }

    pub(crate) fn create_person(&mut self, mut person: Person) -> Person {
        if person.id == 0 {
            let before = FIRST_PERSON + self.numbers_after - 1;
            let last = self.people.keys().next_back().copied();
            person.id = last.unwrap_or(before).max(before) + 1;
        }
        if person.first_name.is_empty() {
            "Somebody".clone_into(&mut person.first_name);
        }
        self.people.insert(person.id, person.clone());
        person
    }
}

/// The bot's number from its token, if it has the form of one.
fn bot_id(token: &str) -> Option<i64> {
    let (id, secret) = token.split_once(':')?;
    let legible = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let well_formed = !secret.is_empty() && token.len() <= 80 && secret.bytes().all(legible);
    id.parse().ok().filter(|id| well_formed && *id > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(open_tokens: bool) -> World {
        World::new(Options { open_tokens, ..Options::default() })
    }

    #[test]
    fn only_well_formed_tokens_open_by_themselves() {
        let mut open = world(true);
        assert_eq!(open.bot_of("42:secret"), Ok(42));
        assert_eq!(open.bot_of("42:other"), Err(Refusal::unauthorized()));
        for token in ["", "42", ":x", "0:x", "x:y", "42:a/b"] {
            assert_eq!(open.bot_of(token), Err(Refusal::unauthorized()), "{token}");
        }
        assert_eq!(world(false).bot_of("42:secret"), Err(Refusal::unauthorized()));
    }

    #[test]
    fn people_get_numbers_of_their_own() {
        let mut world = world(false);
        let first = world.create_person(Person::named("Anna", "it"));
        let second = world.create_person(Person::named("Ben", "de"));
        assert!(first.id > i64::from(u32::MAX) && second.id > first.id);
    }

    #[test]
    fn a_world_that_continues_another_numbers_people_anew() {
        let mut world = World::new(Options { numbers_after: 1_000, ..Options::default() });
        let known = Person { id: FIRST_PERSON, ..Person::named("Anna", "it") };
        assert_eq!(world.create_person(known).id, FIRST_PERSON);
        let fresh = world.create_person(Person::named("Ben", "de"));
        assert_eq!(fresh.id, FIRST_PERSON + 1_000);
    }

    #[test]
    fn a_bot_does_not_print_its_token() {
        let card = BotCard { token: "42:secret".to_owned(), ..BotCard::default() };
        assert!(!format!("{card:?}").contains("secret"));
    }
}
