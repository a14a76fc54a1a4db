//! Entries of pages and profiles: several a delivery, signed with the app's secret.

use connect::{Account, Ctx};
use serde_json::{Value, json};

use super::door::Way;
use super::examples::{change, postpone, strings, walk};
use crate::number::App;

pub(super) struct Entries;

impl Way for Entries {
    fn own(&self, body: &mut Vec<u8>, place: usize, later: usize) {
        let changed = change(body, |delivery| {
            walk(delivery, &mut |key, value| match key {
                "mid" | "mids" => strings(value, |id| format!("{id}.{place}")),
                "timestamp" => postpone(value, later),
                _ => {}
            });
        });
        *body = changed.unwrap_or_else(|| std::mem::take(body));
    }

    fn saying(&self, body: &[u8], words: &str) -> Option<Vec<u8>> {
        change(body, |delivery| {
            walk(delivery, &mut |key, value| {
                if matches!(key, "message" | "message_edit") && value.get("text").is_some() {
                    value["text"] = words.into();
                }
            });
        })
    }

    fn originals(&self, body: &[u8]) -> Vec<Vec<u8>> {
        let Ok(delivery) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
        let account = &delivery["entry"][0]["id"];
        let told = delivery["entry"][0]["messaging"].as_array().into_iter().flatten();
        let first = |told: &Value| {
            let is_edit = told["message_edit"].is_object();
            let was = if is_edit { &told["message_edit"] } else { &told["message"] };
            if !is_edit && was["is_deleted"] != true {
                return None;
            }
            let mut message = json!({ "mid": was["mid"], "text": "original" });
            if told["sender"]["id"] == *account {
                message["is_echo"] = true.into();
            }
            let said = json!({ "sender": told["sender"], "recipient": told["recipient"],
                               "timestamp": 1_767_225_590_000_u64, "message": message });
            let entry = json!({ "id": account, "time": 1_767_225_590_000_u64, "messaging": [said] });
            Some(json!({ "object": delivery["object"], "entry": [entry] }).to_string().into_bytes())
        };
        told.filter_map(first).collect()
    }

    fn together(&self, bodies: &[&[u8]]) -> Option<Vec<u8>> {
        let (mut object, mut entries) = (Value::Null, Vec::new());
        for body in bodies {
            let delivery: Value = serde_json::from_slice(body).ok()?;
            let known = matches!(delivery["object"].as_str(), Some("page" | "instagram"));
            entries
                .extend(delivery["entry"].as_array().filter(|entries| known && !entries.is_empty())?.iter().cloned());
            object = delivery["object"].clone();
        }
        Some(json!({ "object": object, "entry": entries }).to_string().into_bytes())
    }

    fn proof(&self, _: &Ctx, account: &Account, _: Option<&str>, body: &[u8]) -> Vec<(String, String)> {
        vec![("x-hub-signature-256".to_owned(), App::signed(account.secret("app_secret").expose(), body))]
    }
}
