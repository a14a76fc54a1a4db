//! Cutting a delivery: first to one account's own, then into requests that are applied one after the other.
//!
//! One app receives for many numbers, perhaps of many workspaces, up to a thousand updates at a time. What is another
//! account's is gone before anything is kept, and so is the content of what no part of this connector reads.

use serde_json::{Map, Value, json};

use crate::json::{list, text};
use crate::{Account, Verified, lenient};

/// The lists whose items are counted, in the order in which they are read.
pub(super) const LISTS: [&str; 5] = ["errors", "messages", "message_echoes", "user_preferences", "statuses"];

/// The fields that `parse` reads. Of all others only the name is kept, so that they can be counted.
const READ: [&str; 14] = [
    "messages",
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
/// Accounts that one delivery may name: Meta sends at most 1000 updates together.
const ACCOUNTS: usize = 1000;

/// The business accounts that a delivery names, before anything is believed.
pub(super) fn addressed(body: &[u8]) -> Vec<String> {
    let Some(delivery) = lenient(body) else { return Vec::new() };
    let mut accounts: Vec<String> =
        list(&delivery, "/entry").iter().filter_map(|entry| text(entry, "/id")).map(str::to_owned).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts.truncate(ACCOUNTS);
    accounts
}

/// One change with the entry it came in.
struct Change {
    entry: Map<String, Value>,
    field: String,
    value: Value,
}

impl Change {
    /// All changes of a delivery, in order.
    fn all(delivery: &Value) -> Vec<Self> {
        let changes = |entry: &Value| -> Vec<Self> {
            let head = head(entry);
            list(entry, "/changes")
                .iter()
                .map(|change| Self {
                    entry: head.clone(),
                    field: text(change, "/field").unwrap_or_default().to_owned(),
                    value: change.get("value").filter(|value| value.is_object()).cloned().unwrap_or_else(|| json!({})),
                })
                .collect()
        };
        list(delivery, "/entry").iter().flat_map(changes).collect()
    }

    fn whole(self) -> Value {
        let mut entry = self.entry;
        entry.insert("changes".to_owned(), json!([{"field": self.field, "value": self.value}]));
        Value::Object(entry)
    }

    /// How many items it has; what has no list is one.
    fn items(&self) -> usize {
        LISTS.iter().map(|key| items(&self.value, key).len()).sum::<usize>().max(1)
    }
}

/// The items of one list of a value.
pub(super) fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What an entry says of itself.
fn head(entry: &Value) -> Map<String, Value> {
    let keys = ["id", "time"];
    let known = keys.iter().filter_map(|key| Some(((*key).to_owned(), entry.get(*key)?.clone())));
    known.filter(|(_, value)| value.is_string() || value.is_number()).collect()
}

fn delivery(entries: Vec<Value>) -> Value {
    let mut delivery = json!({"object": "whatsapp_business_account"});
    delivery["entry"] = entries.into();
    delivery
}

/// What of a delivery is this account's, written anew.
pub(super) fn own(delivered: &Value, account: &Account) -> Value {
    let own = Change::all(delivered).into_iter().filter(|change| is_own(change, account));
    delivery(own.map(|change| slim(change).whole()).collect())
}

/// A change that names a number belongs to that number. One that names none is its business account's, and so every
/// number's of that account.
fn is_own(change: &Change, account: &Account) -> bool {
    let value = &change.value;
    let number_id = account.setting("phone_number_id");
    let same = |given: &str, expected: &str| !expected.is_empty() && given == expected;
    if let Some(given) = text(value, "/metadata/phone_number_id") {
        return same(given, number_id);
    }
    let business = change.entry.get("id").and_then(Value::as_str).unwrap_or_default();
    let a_numbers = PER_NUMBER.contains(&change.field.as_str()) || value.get("metadata").is_some();
    if a_numbers || !same(business, account.setting("business_account_id")) {
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

/// Without what nothing here reads: the history of a phone, its address book, the offers of calls.
fn slim(mut change: Change) -> Change {
    if !READ.contains(&change.field.as_str()) {
        change.value = json!({});
    }
    change
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
    for piece in Change::all(&delivered).into_iter().flat_map(pieces) {
        let items = piece.items();
        match parts.last_mut() {
            Some((count, entries)) if *count + items <= ITEMS => {
                *count += items;
                entries.push(piece.whole());
            }
            _ => parts.push((items, vec![piece.whole()])),
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

/// One change as changes of at most [`ITEMS`] items, each with the contacts that its own items name.
fn pieces(change: Change) -> Vec<Change> {
    if change.items() <= ITEMS {
        return vec![change];
    }
    let piece = |key: &str, some: &[Value]| {
        let contacts = items(&change.value, "contacts").iter().filter(|contact| names_one(some, contact));
        let mut value = json!({"contacts": contacts.collect::<Vec<_>>(), key: some});
        for aside in ["messaging_product", "metadata"] {
            value[aside] = change.value.get(aside).cloned().unwrap_or_default();
        }
        Change { entry: change.entry.clone(), field: change.field.clone(), value }
    };
    LISTS.iter().flat_map(|key| items(&change.value, key).chunks(ITEMS).map(|some| piece(key, some))).collect()
}

/// Whether one of these items is of this contact.
fn names_one(items: &[Value], contact: &Value) -> bool {
    let known = [text(contact, "/wa_id"), text(contact, "/user_id")];
    let keys = ["from", "from_user_id", "to", "to_user_id", "wa_id", "user_id", "recipient_id", "recipient_user_id"];
    let is_this = |item: &Value, key: &str| {
        let given = item.get(key).and_then(Value::as_str);
        given.is_some_and(|given| known.contains(&Some(given.trim_start_matches('+'))))
    };
    items.iter().any(|item| keys.iter().any(|key| is_this(item, key)))
}
