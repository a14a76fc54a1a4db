//! Cutting a delivery: first to one account's own, then into requests that are applied one after the other. One app receives
//! for many accounts, perhaps of many workspaces: what is another's is gone before anything is kept.

use serde_json::{Value, json};

use super::{Product, callback};
use crate::channels::meta::graph::number;
use crate::json::{list, text};
use crate::{Account, Raw, Verified, lenient};

/// The lists of an entry whose items are read, in the order in which they are: what is ours to answer, what another app has,
/// and what is no message.
pub(super) const LISTS: [&str; 3] = ["messaging", STANDBY, CHANGES];
/// What comes while another app answers.
pub(super) const STANDBY: &str = "standby";
/// Posts, comments and mentions: nothing here reads them, so that only their field is kept.
pub(super) const CHANGES: &str = "changes";
/// Items that one request holds at most.
const ITEMS: usize = 50;
/// Accounts that one delivery may name.
const TOGETHER: usize = 1000;
/// The longest id, in digits.
const ID: usize = 64;

/// Whether this can be an id at Meta.
pub(super) fn is_id(given: &str) -> bool {
    !given.is_empty() && given.len() <= ID && given.bytes().all(|b| b.is_ascii_digit())
}

/// The accounts that a delivery names, before anything is believed.
pub(in crate::channels) fn addressed(raw: &Raw) -> Vec<String> {
    if !raw.path.is_empty() {
        return Vec::new();
    }
    let Some(delivery) = lenient(&raw.body) else { return Vec::new() };
    let named = entries(&delivery).filter_map(|entry| text(entry, "/id"));
    let mut accounts: Vec<&str> = named.filter(|id| is_id(id)).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts.into_iter().take(TOGETHER).map(str::to_owned).collect()
}

/// The entries of a delivery, which some versions of it wrap in a list.
fn entries(delivery: &Value) -> impl Iterator<Item = &Value> {
    let several = delivery.as_array().map_or(&[][..], Vec::as_slice);
    let one = std::slice::from_ref(delivery);
    several.iter().chain(one).flat_map(|delivery| list(delivery, "/entry"))
}

/// One item with what its entry says of itself.
#[derive(Clone, Copy)]
struct Item<'a> {
    account: &'a str,
    time: i64,
    list: &'static str,
    value: &'a Value,
}

impl Item<'_> {
    fn is_of_entry(&self, other: &Self) -> bool {
        (self.account, self.time, self.list) == (other.account, other.time, other.list)
    }

    /// Without what nothing here reads.
    fn slim(&self) -> Value {
        if self.list == CHANGES { json!({"field": text(self.value, "/field")}) } else { self.value.clone() }
    }
}

/// All items of a delivery, in order.
fn items(delivery: &Value) -> impl Iterator<Item = Item<'_>> {
    entries(delivery).flat_map(|entry| {
        let account = text(entry, "/id").filter(|id| is_id(id)).unwrap_or_default();
        let time = number(entry, "/time").unwrap_or(0);
        let of = move |key: &'static str| {
            let values = entry.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            values.iter().map(move |value| Item { account, time, list: key, value })
        };
        LISTS.into_iter().flat_map(of)
    })
}

/// These items as a delivery.
fn delivery(object: &str, items: &[Item<'_>]) -> Value {
    let entry = |items: &[Item<'_>]| {
        let first = items.first()?;
        let mut entry = json!({"id": first.account, "time": first.time});
        entry[first.list] = items.iter().map(Item::slim).collect();
        Some(entry)
    };
    let entries: Vec<Value> = items.chunk_by(Item::is_of_entry).filter_map(entry).collect();
    json!({"object": object, "entry": entries})
}

/// What of a delivery is this account's, written anew; `None` if it is no delivery.
pub(super) fn own(product: &Product, delivered: &Value, account: &Account) -> Option<Value> {
    let several = delivered.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(Value::is_object));
    if !delivered.is_object() && !several {
        return None;
    }
    let id = account.setting(product.account_key);
    let own: Vec<Item<'_>> = items(delivered).filter(|item| is_id(id) && item.account == id).collect();
    Some(delivery(product.object, &own))
}

/// Whether anything of a verified request is this account's. A handshake is nothing.
pub(super) fn holds_anything(verified: &Verified) -> bool {
    callback::is_one(verified) || lenient(verified.body()).is_some_and(|delivery| items(&delivery).next().is_some())
}

/// A verified request in such of at most [`ITEMS`] items, in order.
pub(in crate::channels) fn parts(verified: Verified) -> Vec<Verified> {
    if callback::is_one(&verified) {
        return vec![verified];
    }
    let Some(delivered) = lenient(verified.body()) else { return Vec::new() };
    let all: Vec<Item<'_>> = items(&delivered).collect();
    let object = text(&delivered, "/object").unwrap_or_default();
    let again = |some: &[Item<'_>]| {
        let body = delivery(object, some).to_string().into_bytes();
        match verified.subject() {
            Some(subject) => Verified::speaking(body, subject.to_owned()),
            None => Verified::new(body),
        }
    };
    all.chunks(ITEMS).map(again).collect()
}
