//! What a webhook tells, and how several of them become one body.

use serde_json::{Map, Value, json};

/// No body tells of more (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview>).
pub(crate) const LARGEST_BATCH: usize = 1_000;

/// Lists in a value of the field `messages` that grow together when bodies are joined.
const LISTS: [&str; 2] = ["messages", "statuses"];

/// One thing to tell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    /// e.g. `whatsapp_business_account`.
    pub(crate) object: &'static str,
    /// The business account, by number.
    pub(crate) entry: String,
    /// e.g. `messages`.
    pub(crate) field: &'static str,
    pub(crate) value: Value,
    /// Seconds since the epoch.
    pub(crate) time: i64,
}

impl Change {
    /// Messages, statuses and the like in it; anything else counts once.
    pub(crate) fn updates(&self) -> usize {
        let lists = LISTS.iter().filter_map(|name| self.value.get(name)?.as_array());
        lists.map(Vec::len).sum::<usize>().max(1)
    }
}

/// The body that tells all of it: an entry for each account, a change for each number and kind, lists joined. The
/// sequence within each is kept.
pub(crate) fn body(changes: &[Change]) -> Value {
    let mut entries: Vec<Value> = Vec::new();
    for change in changes {
        let known = entries.iter_mut().find(|entry| entry["id"] == json!(change.entry));
        match known {
            Some(entry) => add(entry, change),
            None => entries.push(entry(change)),
        }
    }
    let object = changes.first().map_or("whatsapp_business_account", |change| change.object);
    json!({ "object": object, "entry": entries })
}

fn entry(change: &Change) -> Value {
    if let Some(list) = own_list(change) {
        let mut entry = json!({ "id": change.entry, "time": change.time * 1_000 });
        entry[list] = json!([change.value]);
        return entry;
    }
    let mut entry = json!({ "id": change.entry, "changes": [told(change)] });
    if change.field != "messages" {
        entry["time"] = json!(change.time);
    }
    entry
}

/// The list of an entry in which a product without changes tells; what belongs to another app's conversation has its own.
fn own_list(change: &Change) -> Option<&'static str> {
    match change.object {
        "page" | "instagram" if change.field == "standby" => Some("standby"),
        "page" | "instagram" => Some("messaging"),
        _ => None,
    }
}

fn told(change: &Change) -> Value {
    json!({ "value": change.value, "field": change.field })
}

fn add(entry: &mut Value, change: &Change) {
    if let Some(list) = own_list(change) {
        match entry.get_mut(list).and_then(Value::as_array_mut) {
            Some(told) => told.push(change.value.clone()),
            None => entry[list] = json!([change.value]),
        }
        return;
    }
    let Some(changes) = entry.get_mut("changes").and_then(Value::as_array_mut) else {
        return;
    };
    let joined = changes.iter_mut().any(|known| {
        let fits = known["field"] == change.field && fits(&known["value"], &change.value);
        if let (true, Some(value)) = (fits, known.get_mut("value").and_then(Value::as_object_mut)) {
            join(value, &change.value);
        }
        fits
    });
    if !joined {
        changes.push(told(change));
    }
}

/// Whether both tell of the same number, and the same kind of thing.
fn fits(one: &Value, other: &Value) -> bool {
    let same_lists = LISTS.iter().all(|name| one.get(name).is_some() == other.get(name).is_some());
    let has_list = LISTS.iter().any(|name| one.get(name).is_some());
    let plain = |value: &Value| value.get("errors").is_none() && value.get("contacts").is_some();
    has_list && same_lists && plain(one) && plain(other) && one.get("metadata") == other.get("metadata")
}

fn join(value: &mut Map<String, Value>, more: &Value) {
    for name in LISTS.iter().chain(&["contacts"]) {
        let added = more.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let Some(list) = value.get_mut(*name).and_then(Value::as_array_mut) else {
            continue;
        };
        let once = *name == "contacts";
        for item in added {
            if !once || !list.contains(&item) {
                list.push(item);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(entry: &str, number: &str, contact: &str, id: u32) -> Change {
        let value = json!({
            "metadata": { "phone_number_id": number }, "contacts": [{ "wa_id": contact }],
            "messages": [{ "id": id }],
        });
        Change { object: "whatsapp_business_account", entry: entry.to_owned(), field: "messages", value, time: 7 }
    }

    fn ids(value: &Value) -> Vec<u64> {
        value["messages"].as_array().into_iter().flatten().filter_map(|message| message["id"].as_u64()).collect()
    }

    #[test]
    fn a_body_has_an_entry_for_each_account_and_a_change_for_each_number() {
        let told = [
            message("1", "a", "x", 1),
            message("2", "c", "x", 2),
            message("1", "a", "y", 3),
            message("1", "b", "x", 4),
            message("1", "a", "x", 5),
        ];
        let body = body(&told);
        let entries = body["entry"].as_array().expect("entries");
        assert_eq!(entries.len(), 2);
        let of_first = entries[0]["changes"].as_array().expect("changes");
        assert_eq!(of_first.iter().map(|change| ids(&change["value"])).collect::<Vec<_>>(), [vec![1, 3, 5], vec![4]]);
        assert_eq!(of_first[0]["value"]["contacts"], json!([{ "wa_id": "x" }, { "wa_id": "y" }]));
        assert_eq!(entries[0].get("time"), None);
    }

    proptest! {
        #[test]
        fn joining_loses_nothing_and_keeps_each_numbers_sequence(told: Vec<(u8, u8, u8)>) {
            let numbered = told.iter().zip(0..);
            let changes = numbered.map(|((entry, number, contact), id)| {
                let (entry, number) = (entry % 3, number % 3);
                message(&entry.to_string(), &format!("{entry}{number}"), &(contact % 3).to_string(), id)
            });
            let changes: Vec<_> = changes.collect();
            let body = body(&changes);
            let entries = body["entry"].as_array().cloned().unwrap_or_default();
            let values = entries.iter().filter_map(|entry| entry["changes"].as_array()).flatten();
            let found: Vec<_> = values.map(|change| ids(&change["value"])).collect();
            prop_assert!(found.iter().all(|ids| ids.is_sorted()));
            let mut all: Vec<_> = found.into_iter().flatten().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..told.len() as u64).collect::<Vec<_>>());
        }
    }

    #[test]
    fn other_fields_say_when_and_are_never_joined() {
        let one = Change { field: "account_update", value: json!({ "event": "X" }), ..message("1", "a", "x", 1) };
        let body = body(&[one.clone(), one]);
        assert_eq!(body["entry"][0]["time"], 7);
        assert_eq!(body["entry"][0]["changes"].as_array().map(Vec::len), Some(2));
    }
}
