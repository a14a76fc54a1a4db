//! People with WhatsApp on their phones, and by which names businesses know them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::chat::ChatKey;
use super::{State, WhatsApp};
use crate::graph::refusal::Refusal;

/// Countries of telephone numbers, longest prefixes first.
const COUNTRIES: [(&str, &str); 14] = [
    ("351", "PT"),
    ("353", "IE"),
    ("32", "BE"),
    ("31", "NL"),
    ("33", "FR"),
    ("34", "ES"),
    ("39", "IT"),
    ("41", "CH"),
    ("43", "AT"),
    ("44", "GB"),
    ("48", "PL"),
    ("49", "DE"),
    ("55", "BR"),
    ("1", "US"),
];

/// Somebody with a phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The simulator's own name for them, which stays when the number changes; empty for their number.
    pub id: String,
    /// Their number, in digits with the country; empty lets the simulator choose one.
    pub number: String,
    /// The name in their profile.
    pub name: String,
    /// Their public name, if they have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Whether businesses are not told their number: they are known by a business-scoped id alone.
    pub hides_number: bool,
    /// Whether their phone is off: what is sent waits with one tick.
    pub offline: bool,
    /// Whether they keep to themselves what they have read.
    pub no_receipts: bool,
    /// How often they changed their number.
    pub moves: u32,
}

impl Person {
    /// Somebody with this name and number.
    pub fn named(name: &str, number: &str) -> Self {
        Self { name: name.to_owned(), number: number.to_owned(), ..Self::default() }
    }

    /// The business-scoped id by which a portfolio knows them; a new number makes a new one.
    pub fn user_id(&self, portfolio: &str) -> String {
        let digest = Sha256::digest(format!("{portfolio}/{}/{}", self.id, self.moves));
        let digits = digest.iter().take(8).fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
        format!("{}.{digits:020}", self.country())
    }

    /// ISO code of the number's country.
    pub(crate) fn country(&self) -> &'static str {
        let known = COUNTRIES.iter().find(|(prefix, _)| self.number.starts_with(prefix));
        known.map_or("US", |(_, country)| country)
    }
}

/// The names by which one business knows somebody just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// Their number, unless they hide it.
    pub(crate) wa_id: Option<String>,
    pub(crate) user_id: String,
    pub(crate) parent: Option<String>,
    profile: Value,
}

impl Known {
    /// The element of `contacts`.
    pub(crate) fn contact(&self) -> Value {
        let mut contact = json!({ "profile": self.profile, "user_id": self.user_id });
        self.add(&mut contact, "wa_id", "parent_user_id");
        contact
    }

    /// Puts number and parent id under these names.
    pub(crate) fn add(&self, target: &mut Value, number: &str, parent: &str) {
        if let Some(wa_id) = &self.wa_id {
            target[number] = json!(wa_id);
        }
        if let Some(id) = &self.parent {
            target[parent] = json!(id);
        }
    }
}

impl State {
    pub(crate) fn person(&self, id: &str) -> Result<&Person, Refusal> {
        self.people.get(id).ok_or_else(|| Refusal::no_object("get", id))
    }

    /// How the business of this chat knows its person. A hidden number is known for 30 days to whoever wrote to it.
    pub(crate) fn known(&self, key: &ChatKey, now_ms: i64) -> Result<Known, Refusal> {
        let person = self.person(&key.person)?;
        let account = self.accounts.get(&self.number(&key.number)?.card.account);
        let card = account.map(|account| account.card.clone()).unwrap_or_default();
        let told = self.chats.get(key).is_some_and(|chat| chat.number_known_until_ms > now_ms);
        let mut profile = json!({ "name": person.name });
        if let Some(username) = &person.username {
            profile["username"] = json!(username);
        }
        let parent = card.parent.as_ref().map(|parent| {
            let id = person.user_id(parent);
            id.replacen('.', ".ENT.", 1)
        });
        let wa_id = (told || !person.hides_number).then(|| person.number.clone());
        Ok(Known { wa_id, user_id: person.user_id(&card.portfolio), parent, profile })
    }

    pub(crate) fn by_number(&self, digits: &str) -> Option<&Person> {
        self.people.values().find(|person| person.number == digits)
    }

    /// Whoever a business-scoped id, or a parent company's, stands for.
    pub(crate) fn by_user_id(&self, number: &str, user_id: &str) -> Option<&Person> {
        let account = self.accounts.get(&self.numbers.get(number)?.card.account)?;
        let parent = account.card.parent.as_deref().unwrap_or_default();
        let fits = |person: &&Person| {
            person.user_id(&account.card.portfolio) == user_id
                || person.user_id(parent).replacen('.', ".ENT.", 1) == user_id
        };
        self.people.values().find(fits)
    }
}

impl WhatsApp {
    /// Makes a person, or replaces the one with this id.
    pub fn create_person(&self, mut person: Person) -> Person {
        let mut world = self.graph.world();
        person.number.retain(|letter| letter.is_ascii_digit());
        if person.number.is_empty() {
            person.number = format!("39333{:07}", world.chance.below(10_000_000));
        }
        if person.id.is_empty() {
            person.id.clone_from(&person.number);
        }
        if person.name.is_empty() {
            "Somebody".clone_into(&mut person.name);
        }
        world.whatsapp.people.insert(person.id.clone(), person.clone());
        world.whatsapp.touch();
        person
    }

    /// Everybody, by id.
    pub fn people(&self) -> Vec<Person> {
        self.graph.world().whatsapp.people.values().cloned().collect()
    }

    /// The business-scoped id by which the business of this number knows somebody.
    ///
    /// # Errors
    /// 100 for an unknown number or person.
    pub fn user_id(&self, number: &str, person: &str) -> Result<String, Refusal> {
        let world = self.graph.world();
        Ok(world.whatsapp.known(&ChatKey::of(number, person), world.now_ms())?.user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portfolio_knows_somebody_by_an_id_of_its_own_until_they_move() {
        let mut anna = Person { id: "anna".to_owned(), ..Person::named("Anna", "393331234567") };
        let id = anna.user_id("1");
        assert!(id.starts_with("IT.") && id.len() == 23, "{id}");
        assert_eq!(id, anna.user_id("1"));
        assert_ne!(id, anna.user_id("2"));
        anna.moves += 1;
        assert_ne!(id, anna.user_id("1"));
    }
}
