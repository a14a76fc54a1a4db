//! Cutting a delivery: first to one account's own, then into requests that are applied one after the other.
//!
//! One app receives for many numbers, perhaps of many workspaces, up to a thousand updates at a time. What is another
//! account's is gone before anything is kept, and so is the content of what no part of this connector reads.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::channels::meta::graph::number;
use crate::json::{list, text};
use crate::{Account, Verified, lenient};

/// The lists whose items are counted, in the order in which they are read.
pub(super) const LISTS: [&str; 6] = ["errors", "messages", "message_echoes", "user_preferences", "statuses", "calls"];

/// The fields that `parse` reads. Of all others only the name is kept, so that they can be counted.
const READ: [&str; 15] = [
    "messages",
    "calls",
    "smb_message_echoes",
    "user_preferences",
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "message_template_category_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "business_capability_update",
    "account_update",
    "account_alerts",
    "account_review_update",
    "security",
];

/// The fields that are always some number's.
const PER_NUMBER: [&str; 6] =
    ["messages", "smb_message_echoes", "user_preferences", "calls", "history", "smb_app_state_sync"];

/// Items that one request holds at most.
const ITEMS: usize = 50;
/// A delivery that is no longer than this, in bytes, is not cut: it cannot hold many items.
const SMALL: usize = 2048;
/// Accounts that one delivery may name, and changes of ours that are taken of it: Meta sends at most 1000 updates together.
const TOGETHER: usize = 1000;
/// The longest id, in digits.
const ID: usize = 64;
/// The longest name, user name or id of a contact that goes with the items of each part, in bytes.
const DESCRIBED: usize = 1024;

/// The business accounts that a delivery names, before anything is believed.
pub(super) fn addressed(body: &[u8]) -> Vec<String> {
    let Some(delivery) = lenient(body) else { return Vec::new() };
    let named = list(&delivery, "/entry").iter().filter_map(|entry| text(entry, "/id"));
    let mut accounts: Vec<&str> = named.filter(|id| is_id(id)).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts.into_iter().take(TOGETHER).map(str::to_owned).collect()
}

/// Whether this can be an id at Meta.
pub(super) fn is_id(given: &str) -> bool {
    !given.is_empty() && given.len() <= ID && given.bytes().all(|b| b.is_ascii_digit())
}

/// One change with what its entry says of itself. It is only looked at until it is known to be ours.
#[derive(Clone, Copy)]
struct Change<'a> {
    business: &'a str,
    time: i64,
    field: &'a str,
    value: &'a Value,
}

/// All changes of a delivery, in order.
fn changes(delivery: &Value) -> impl Iterator<Item = Change<'_>> {
    list(delivery, "/entry").iter().flat_map(|entry| {
        let business = text(entry, "/id").filter(|id| is_id(id)).unwrap_or_default();
        let time = number(entry, "/time").unwrap_or(0);
        list(entry, "/changes").iter().map(move |change| Change {
            business,
            time,
            field: text(change, "/field").unwrap_or_default(),
            value: change.get("value").unwrap_or(&Value::Null),
        })
    })
}

impl Change<'_> {
    /// As an entry of its own, with another value.
    fn with(&self, value: Value) -> Value {
        let mut change = json!({"field": self.field});
        change["value"] = value;
        let mut entry = json!({"id": self.business, "time": self.time});
        entry["changes"] = vec![change].into();
        entry
    }

    /// As an entry of its own, without what nothing here reads: the history of a phone, its address book, how a call would be
    /// connected.
    fn slim(&self) -> Value {
        let read = READ.contains(&self.field) && self.value.is_object();
        let mut value = if read { self.value.clone() } else { json!({}) };
        for call in value.get_mut("calls").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(call) = call.as_object_mut() {
                call.remove("session");
            }
        }
        self.with(value)
    }

    /// How many items it has; what has no list is one.
    fn items(&self) -> usize {
        LISTS.iter().map(|key| items(self.value, key).len()).sum::<usize>().max(1)
    }
}

/// The items of one list of a value.
pub(super) fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn delivery(entries: Vec<Value>) -> Value {
    let mut delivery = json!({"object": "whatsapp_business_account"});
    delivery["entry"] = entries.into();
    delivery
}

/// What of a delivery is this account's, written anew.
pub(super) fn own(delivered: &Value, account: &Account) -> Value {
    let own = changes(delivered).filter(|change| is_own(change, account)).take(TOGETHER);
    delivery(own.map(|change| change.slim()).collect())
}

/// A change that names a number belongs to that number. One that names none is its business account's, and so every
/// number's of that account.
fn is_own(change: &Change<'_>, account: &Account) -> bool {
    let value = change.value;
    let number_id = account.setting("phone_number_id");
    let same = |given: &str, expected: &str| !expected.is_empty() && given == expected;
    if let Some(given) = text(value, "/metadata/phone_number_id") {
        return same(given, number_id);
    }
    let a_numbers = PER_NUMBER.contains(&change.field) || value.get("metadata").is_some();
    if a_numbers || !same(change.business, account.setting("business_account_id")) {
        return false;
    }
    if text(value, "/entity_type") == Some("PHONE_NUMBER") {
        return same(text(value, "/entity_id").unwrap_or_default(), number_id);
    }
    let number = ["/display_phone_number", "/phone_number"].iter().find_map(|pointer| value.pointer(pointer));
    // Digits alone, as it was learned when the account was connected: it may be written with or without its plus.
    number.is_none_or(|number| {
        let digits = number.as_str().map(digits).unwrap_or_default();
        same(&digits, account.learned.get("number").map_or("", String::as_str))
    })
}

/// The digits of a telephone number.
pub(super) fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Whether anything of a verified delivery is this account's. A handshake is no delivery.
pub(super) fn holds_anything(verified: &Verified) -> bool {
    let entries = || lenient(verified.body()).is_some_and(|delivery| !list(&delivery, "/entry").is_empty());
    verified.body().len() > SMALL || entries()
}

/// A verified delivery in requests of at most [`ITEMS`] items, in order.
pub(super) fn parts(verified: Verified) -> Vec<Verified> {
    if !holds_anything(&verified) {
        return Vec::new();
    }
    if verified.body().len() <= SMALL {
        return vec![verified];
    }
    cut(&verified)
}

fn cut(verified: &Verified) -> Vec<Verified> {
    let Some(delivered) = lenient(verified.body()) else { return Vec::new() };
    let mut parts: Vec<(usize, Vec<Value>)> = Vec::new();
    for (items, piece) in changes(&delivered).flat_map(pieces) {
        match parts.last_mut() {
            Some((count, entries)) if *count + items <= ITEMS => {
                *count += items;
                entries.push(piece);
            }
            _ => parts.push((items, vec![piece])),
        }
    }
    let again = |entries| {
        let body = delivery(entries).to_string().into_bytes();
        match verified.subject() {
            Some(subject) => Verified::speaking(body, subject.to_owned()),
            None => Verified::new(body),
        }
    };
    parts.into_iter().map(|(_, entries)| again(entries)).collect()
}

/// One change as changes of at most [`ITEMS`] items, each with the contacts that its own items name. The work grows with
/// the number of items and of contacts, not with their product.
fn pieces(change: Change<'_>) -> Vec<(usize, Value)> {
    let count = change.items();
    if count <= ITEMS {
        return vec![(count, change.slim())];
    }
    let contacts = items(change.value, "contacts");
    let by_id = by_id(contacts);
    let number = text(change.value, "/metadata/phone_number_id").filter(|id| is_id(id)).unwrap_or_default();
    let piece = |key: &str, some: &[Value]| {
        let mut named: Vec<usize> = some.iter().flat_map(ids).filter_map(|id| by_id.get(id).copied()).collect();
        named.sort_unstable();
        named.dedup();
        // An only contact may be taken for whoever wrote: one that has company here keeps some.
        if let ([one], 2..) = (named.as_slice(), contacts.len()) {
            named.push(usize::from(*one == 0));
        }
        let contacts: Vec<Value> = named.iter().filter_map(|index| contacts.get(*index)).map(described).collect();
        let value = json!({"metadata": {"phone_number_id": number}, "contacts": contacts, key: some});
        (some.len(), change.with(value))
    };
    LISTS.iter().flat_map(|key| items(change.value, key).chunks(ITEMS).map(|some| piece(key, some))).collect()
}

/// Where the first contact of each id is.
fn by_id(contacts: &[Value]) -> HashMap<&str, usize> {
    let mut by_id = HashMap::new();
    for (index, contact) in contacts.iter().enumerate() {
        for id in ["/wa_id", "/user_id"].iter().filter_map(|pointer| text(contact, pointer)) {
            by_id.entry(id).or_insert(index);
        }
    }
    by_id
}

/// The ids by which an item names people.
fn ids(item: &Value) -> impl Iterator<Item = &str> {
    let keys = ["from", "from_user_id", "to", "to_user_id", "wa_id", "user_id", "recipient_id", "recipient_user_id"];
    keys.into_iter().filter_map(|key| item.get(key)?.as_str()).map(|id| id.trim_start_matches('+'))
}

/// What of a contact is read: little, however much was sent, as it may go with many parts.
fn described(contact: &Value) -> Value {
    let word = |pointer: &str| text(contact, pointer).filter(|word| word.len() <= DESCRIBED);
    let of = |keys: &[&str], within: &str| -> Map<String, Value> {
        let word = |key: &&str| Some(((*key).to_owned(), Value::from(word(&format!("{within}/{key}"))?)));
        keys.iter().filter_map(word).collect()
    };
    let mut described = of(&["wa_id", "user_id"], "");
    described.insert("profile".to_owned(), of(&["name", "username"], "/profile").into());
    described.into()
}
