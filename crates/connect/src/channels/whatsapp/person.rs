//! Who somebody is: the id that WhatsApp gives them for one business, the number if they show it, the user name.
//!
//! Since April 2026 people may hide their number: `from`, `wa_id` and `recipient_id` may all be absent, and then the
//! business-scoped id alone says who wrote (`CC.` and up to 128 letters and digits).

use serde_json::Value;

use super::cut::items;
use super::hook::SEPARATOR;
use crate::json::{string, text};
use crate::{IdentityKind, Person, PersonIdentity, identity};

/// The ends of two numbers that must agree for them to be taken for one person's: some countries' numbers have an older
/// and a newer form, which differ in the middle.
const SAME_END: usize = 8;

/// How an item names a person: by number, and by id.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    /// The number, without its plus.
    pub(super) number: Option<&'a str>,
    /// The business-scoped id.
    pub(super) user: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// As the fields of these names say.
    pub(super) fn by(item: &'a Value, number: &str, user: &str) -> Self {
        let (number, user) = (text(item, number), text(item, user));
        // Where there is no number, its place may hold the id.
        match number.filter(|number| is_user_id(number)) {
            Some(found) => Self { number: None, user: user.or(Some(found)) },
            None => Self { number, user },
        }
    }
}

/// Whether this is an id that WhatsApp gives people, and so no number.
pub(super) fn is_user_id(word: &str) -> bool {
    let country = word.split_once('.').map(|(country, _)| country);
    country.is_some_and(|country| country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()))
}

/// The person so named, with what the change's `contacts` add. `None` if nothing says who it is.
pub(super) fn person(named: Named<'_>, value: &Value, scope: &str) -> Option<Person> {
    let contact = contact(named, items(value, "contacts"));
    let of_contact = |pointer| contact.and_then(|contact| text(contact, pointer));
    // Where there is no number, its place may hold the id.
    let (hidden, shown) = (|id: &&str| is_user_id(id), |id: &&str| !is_user_id(id));
    let user = named.user.or_else(|| of_contact("/user_id")).or_else(|| of_contact("/wa_id").filter(hidden));
    let number = named.number.or_else(|| of_contact("/wa_id").filter(shown));
    let within = |user| scope.split(SEPARATOR).map(move |scope| known(IdentityKind::WhatsappUserId, scope, user));
    let mut identities: Vec<PersonIdentity> = user.into_iter().flat_map(within).collect();
    identities.extend(number.map(by_number));
    if identities.is_empty() {
        return None;
    }
    let name = of_contact("/profile/username").map(str::to_lowercase);
    identities.extend(name.map(|name| known(IdentityKind::WhatsappUsername, "", &name)));
    Some(Person { identities, name: contact.and_then(|contact| string(contact, "/profile/name")), language: None })
}

/// A person known by an id and a number alone.
pub(super) fn bare(user: Option<&str>, number: Option<&str>, scope: &str) -> Option<Person> {
    person(Named { number, user }, &Value::Null, scope)
}

/// A number as it identifies: E.164, or what it is where it cannot be one.
fn by_number(number: &str) -> PersonIdentity {
    match phone(number) {
        Some(phone) => known(IdentityKind::Phone, "", &phone),
        None => known(IdentityKind::ExternalId, "", number),
    }
}

/// A number as WhatsApp writes it (7 to 15 digits, perhaps after a plus) as E.164. Nothing else is a number: an id of
/// digits and letters would make somebody else's.
pub(super) fn phone(number: &str) -> Option<String> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let sound = digits.bytes().all(|b| b.is_ascii_digit());
    identity::phone(&format!("+{digits}")).filter(|_| sound)
}

/// Adds the numbers that somebody says are theirs.
pub(super) fn join<'a>(person: &mut Person, numbers: impl Iterator<Item = &'a str>) {
    for phone in numbers.filter_map(phone) {
        let new = known(IdentityKind::Phone, "", &phone);
        if !person.identities.contains(&new) {
            person.identities.push(new);
        }
    }
}

fn known(kind: IdentityKind, scope: &str, value: &str) -> PersonIdentity {
    PersonIdentity { kind, scope: scope.to_owned(), value: value.to_owned() }
}

/// The contact that is this person: by id, by number, or because there is no other and nothing speaks against it.
fn contact<'a>(named: Named<'_>, contacts: &'a [Value]) -> Option<&'a Value> {
    let by = |pointer: &str, expected: Option<&str>| {
        contacts.iter().find(|contact| expected.is_some() && text(contact, pointer) == expected)
    };
    let number = named.number.map(|number| number.trim_start_matches('+'));
    let alone = || match contacts {
        [contact] => Some(contact).filter(|contact| {
            let users = named.user.zip(text(contact, "/user_id"));
            let numbers = number.zip(text(contact, "/wa_id"));
            users.is_none_or(|(a, b)| a == b) && numbers.is_none_or(|(a, b)| end(a) == end(b))
        }),
        _ => None,
    };
    by("/user_id", named.user).or_else(|| by("/wa_id", number)).or_else(alone)
}

fn end(number: &str) -> &str {
    number.get(number.len().saturating_sub(SAME_END)..).unwrap_or(number)
}
