//! Posts of visitors: one a delivery, with the token of their session.

use connect::channels::web;
use connect::{Account, Ctx};
use serde_json::{Value, json};

use super::door::Way;
use super::examples::{change, strings};

pub(super) struct Posts;

impl Way for Posts {
    fn own(&self, body: &mut Vec<u8>, place: usize, _: usize) {
        let changed = change(body, |post| {
            for (key, value) in post.as_object_mut().unwrap() {
                if matches!(key.as_str(), "id" | "of" | "reply_to" | "up_to") {
                    strings(value, |id| format!("{id}-{place}"));
                }
            }
        });
        *body = changed.unwrap_or_else(|| std::mem::take(body));
    }

    fn saying(&self, body: &[u8], words: &str) -> Option<Vec<u8>> {
        change(body, |post| post["text"] = words.into())
    }

    fn originals(&self, body: &[u8]) -> Vec<Vec<u8>> {
        let Ok(post) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
        let is_later = matches!(post["type"].as_str(), Some("edit" | "remove"));
        let first = json!({ "type": "message", "id": post["id"], "text": "original" });
        is_later.then(|| first.to_string().into_bytes()).into_iter().collect()
    }

    fn proof(&self, ctx: &Ctx, account: &Account, speaker: Option<&str>, _: &[u8]) -> Vec<(String, String)> {
        let (token, _) = web::mint(ctx, account, speaker, 0).unwrap();
        vec![("authorization".to_owned(), format!("Bearer {token}"))]
    }
}
