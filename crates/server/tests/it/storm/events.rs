//! Events of another system: several a delivery, signed as standard webhooks are.

use connect::{Account, Ctx, standard_webhooks};
use serde_json::{Value, json};

use super::door::Way;
use super::examples::{change, postpone, strings};

pub(super) struct Events;

/// The events of a delivery.
fn events(delivery: &mut Value) -> Vec<&mut Value> {
    if delivery["events"].is_array() {
        return delivery["events"].as_array_mut().unwrap().iter_mut().collect();
    }
    if delivery["type"].is_string() { vec![delivery] } else { Vec::new() }
}

impl Way for Events {
    fn own(&self, body: &mut Vec<u8>, place: usize, later: usize) {
        let changed = change(body, |delivery| {
            for event in events(delivery) {
                let is_reaction = event["type"] == "message.reaction";
                let Some(data) = event["data"].as_object_mut() else { continue };
                if is_reaction {
                    data.entry("created_at").or_insert_with(|| "2026-01-01T00:00:00Z".into());
                }
                for (key, value) in data {
                    match key.as_str() {
                        "id" | "ids" | "of" | "reply_to" | "up_to" => strings(value, |id| format!("{id}-{place}")),
                        "created_at" | "edited_at" | "at" => postpone(value, later),
                        _ => {}
                    }
                }
            }
        });
        *body = changed.unwrap_or_else(|| std::mem::take(body));
    }

    fn saying(&self, body: &[u8], words: &str) -> Option<Vec<u8>> {
        change(body, |delivery| delivery["data"]["text"] = words.into())
    }

    fn originals(&self, body: &[u8]) -> Vec<Vec<u8>> {
        let Ok(event) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
        let data = &event["data"];
        let contact = if data["contact"].is_object() { data["contact"].clone() } else { json!({ "id": "u-1" }) };
        let first = |id: &Value| {
            let mut data =
                json!({ "id": id, "contact": contact, "text": "original", "created_at": "2025-12-31T23:59:00Z" });
            if event["data"]["thread"].is_string() {
                data["thread"] = event["data"]["thread"].clone();
            }
            json!({ "type": "message.created", "data": data }).to_string().into_bytes()
        };
        match event["type"].as_str() {
            Some("message.edited") => vec![first(&data["id"])],
            Some("message.removed") if data["id"].is_string() => vec![first(&data["id"])],
            Some("message.removed") => data["ids"].as_array().into_iter().flatten().map(first).collect(),
            _ => Vec::new(),
        }
    }

    fn together(&self, bodies: &[&[u8]]) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        for body in bodies {
            let mut delivery: Value = serde_json::from_slice(body).ok()?;
            let found: Vec<Value> = events(&mut delivery).into_iter().map(Value::take).collect();
            all.extend((!found.is_empty()).then_some(found)?);
        }
        Some(json!({ "events": all }).to_string().into_bytes())
    }

    fn proof(&self, ctx: &Ctx, account: &Account, _: Option<&str>, body: &[u8]) -> Vec<(String, String)> {
        let headers = standard_webhooks::sign(&account.secret("signing_secret"), "evt_1", ctx.now_ms, body);
        headers.unwrap_or_default().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
