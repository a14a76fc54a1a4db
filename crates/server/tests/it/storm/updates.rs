//! Updates of a bot: one a delivery, with a secret in a header.

use connect::{Account, Ctx};
use serde_json::{Value, json};

use super::door::Way;
use super::examples::{change, postpone, walk};

pub(super) struct Updates;

impl Way for Updates {
    fn own(&self, body: &mut Vec<u8>, place: usize, later: usize) {
        let add = |value: &mut Value| {
            if let Some(id) = value.as_u64() {
                *value = (id + 100_000 * (place as u64 + 1)).into();
            }
        };
        let changed = change(body, |update| {
            walk(update, &mut |key, value| match key {
                "message_id" | "update_id" => add(value),
                "message_ids" => value.as_array_mut().unwrap().iter_mut().for_each(add),
                "date" | "edit_date" => postpone(value, later),
                _ => {}
            });
        });
        *body = changed.unwrap_or_else(|| std::mem::take(body));
    }

    fn saying(&self, body: &[u8], words: &str) -> Option<Vec<u8>> {
        change(body, |update| {
            let said = update.as_object_mut().unwrap().values_mut().find(|said| said.get("text").is_some());
            if let Some(said) = said {
                said["text"] = words.into();
            }
        })
    }

    fn originals(&self, body: &[u8]) -> Vec<Vec<u8>> {
        let Ok(update) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
        for (edited, first) in [("edited_message", "message"), ("edited_business_message", "business_message")] {
            if let Some(edited) = update.get(edited) {
                let mut message = edited.clone();
                message.as_object_mut().unwrap().retain(|key, _| !["edit_date", "location"].contains(&key.as_str()));
                message["text"] = "original".into();
                return vec![json!({ "update_id": 1, first: message }).to_string().into_bytes()];
            }
        }
        let gone = &update["deleted_business_messages"];
        let first = |id: &Value| {
            let message = json!({ "business_connection_id": gone["business_connection_id"], "chat": gone["chat"],
                "from": { "id": gone["chat"]["id"], "is_bot": false, "first_name": gone["chat"]["first_name"] },
                "date": 1_767_225_590, "message_id": id, "text": "original" });
            json!({ "update_id": 1, "business_message": message }).to_string().into_bytes()
        };
        gone["message_ids"].as_array().into_iter().flatten().map(first).collect()
    }

    fn proof(&self, _: &Ctx, account: &Account, _: Option<&str>, _: &[u8]) -> Vec<(String, String)> {
        let secret = account.secret("hook_secret").expose().to_owned();
        vec![("x-telegram-bot-api-secret-token".to_owned(), secret)]
    }
}
