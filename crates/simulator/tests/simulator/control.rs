//! `/sim` and `/phone` over HTTP.

use serde_json::{Value, json};

use crate::stage::{Stage, TOKEN};

impl Stage {
    async fn sim(&self, method: &str, path: &str, body: Value) -> Value {
        let path = format!("/sim/telegram{path}");
        let (status, body) = self.request(method, &path, &body).await.expect("an answer");
        assert!(status.is_success(), "{method} {path}: {status} {body}");
        body
    }
}

impl Stage {
    /// Anna's chat with the bot.
    fn chat(&self) -> String {
        format!("/{TOKEN}/people/{}", self.anna)
    }

    /// The chat's message of this number, or something about it.
    fn message(&self, id: i64, more: &str) -> String {
        format!("{}/messages/{id}{more}", self.chat())
    }
}

#[tokio::test]
async fn bots_and_people_are_made_by_http() {
    let stage = Stage::set().await;
    let bot = stage.sim("POST", "/bots", json!({ "name": "Shop" })).await;
    let person = stage.sim("POST", "/people", json!({ "first_name": "Ben" })).await;
    let path = format!("/{}/people/{}/phone", bot["token"].as_str().expect("a token"), person["id"]);
    let phone = stage.sim("GET", &path, json!({})).await;
    assert_eq!(phone["bot_name"], "Shop");
    assert_eq!(phone["person"], person);
    assert_eq!(stage.sim("GET", "/bots", json!({})).await.as_array().map(Vec::len), Some(2));
    assert_eq!(stage.sim("GET", "/people", json!({})).await.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_person_acts_by_http() {
    let stage = Stage::set().await;
    let words = json!({ "kind": "text", "text": "Hi" });
    let said = stage.sim("POST", &format!("{}/messages", stage.chat()), words).await;
    assert_eq!(said, json!({ "message_ids": [1] }));
    stage.sim("PATCH", &stage.message(1, ""), json!({ "text": "Hello" })).await;
    stage.sim("PUT", &stage.message(1, "/reactions"), json!({ "emoji": ["❤"] })).await;
    stage.sim("PUT", &format!("{}/block", stage.chat()), json!({})).await;
    let phone = stage.sim("GET", &format!("{}/phone", stage.chat()), json!({})).await;
    assert_eq!(phone["blocked"], true);
    assert_eq!(phone["messages"][0]["edited"], true);
    assert_eq!(phone["messages"][0]["person_reactions"], json!(["❤"]));
    stage.sim("DELETE", &format!("{}/block", stage.chat()), json!({})).await;
    stage.sim("DELETE", &stage.message(1, ""), json!({})).await;
    let messages = stage.sim("GET", &format!("{}/messages", stage.chat()), json!({})).await;
    assert_eq!(messages[0]["deleted"], true);
    assert_eq!(stage.sim("GET", &format!("/{TOKEN}/pending"), json!({})).await["pending"], 4);
}

#[tokio::test]
async fn what_the_bot_did_is_seen_by_http() {
    let stage = Stage::set().await;
    stage.greet();
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Go", "callback_data": "go" }]] });
    let mut asked = stage.words("Where?");
    asked["reply_markup"] = keyboard;
    stage.result("sendMessage", asked).await;
    stage.sim("POST", &stage.message(2, "/taps"), json!({ "data": "go" })).await;
    let messages = stage.sim("GET", &format!("{}/messages", stage.chat()), json!({})).await;
    assert_eq!(messages[1]["keyboard"][0][0]["text"], "Go");
    let sent = stage.sim("GET", &format!("/{TOKEN}/sent"), json!({})).await;
    assert_eq!((&sent[0]["order"], &sent[0]["text"]), (&json!(1), &json!("Where?")));
    assert_eq!(sent.as_array().map(Vec::len), Some(1));
    let calls = stage.sim("GET", &format!("/{TOKEN}/calls"), json!({})).await;
    assert_eq!(calls["sendMessage"], json!({ "calls": 1, "acted": 1, "refused": 0 }));
}

#[tokio::test]
async fn faults_are_ordered_listed_and_cleared() {
    let stage = Stage::set().await;
    let order = json!({ "fault": "cut_after", "only": "sendMessage", "times": 2 });
    stage.sim("POST", &format!("/{TOKEN}/faults/calls"), order.clone()).await;
    let reorder = json!({ "fault": "reorder", "hold": 3 });
    stage.sim("POST", &format!("/{TOKEN}/faults/deliveries"), reorder).await;
    let listed = stage.sim("GET", &format!("/{TOKEN}/faults"), json!({})).await;
    assert_eq!(listed["calls"][0]["fault"], "cut_after");
    assert_eq!(listed["deliveries"][0]["hold"], 3);
    stage.sim("DELETE", &format!("/{TOKEN}/faults"), json!({})).await;
    let listed = stage.sim("GET", &format!("/{TOKEN}/faults"), json!({})).await;
    assert_eq!(listed, json!({ "calls": [], "deliveries": [] }));
}

#[tokio::test]
async fn the_phone_is_told_at_once_and_of_every_change() {
    let stage = Stage::set().await;
    stage.greet();
    let url = format!("{}/sim/telegram/{TOKEN}/people/{}/events", stage.base, stage.anna);
    let mut events = stage.http.get(url).send().await.expect("a stream");
    assert_eq!(view(&mut events).await["messages"].as_array().map(Vec::len), Some(1));
    stage.result("sendChatAction", json!({ "chat_id": stage.anna, "action": "typing" })).await;
    assert_eq!(view(&mut events).await["action"], "typing");
    stage.result("sendMessage", stage.words("Hello")).await;
    let now = view(&mut events).await;
    assert_eq!((&now["messages"][1]["text"], &now["action"]), (&json!("Hello"), &Value::Null));
}

/// The next event of the stream.
async fn view(events: &mut reqwest::Response) -> Value {
    let mut text = String::new();
    while !text.ends_with("\n\n") {
        let chunk = events.chunk().await.expect("an open stream").expect("more");
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    let data = text.trim().strip_prefix("data:").expect("an event");
    serde_json::from_str(data).expect("a view")
}

#[tokio::test]
async fn the_page_and_its_files_are_there_and_closed_to_others() {
    let stage = Stage::set().await;
    let page = stage.http.get(format!("{}/phone", stage.base)).send().await.expect("a page");
    let policy = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.starts_with("default-src 'self'"), "{policy}");
    let html = page.text().await.expect("text");
    let quoted = html.split('"').filter(|text| text.starts_with("/phone/"));
    let mut found = 0;
    for path in quoted {
        let asset = stage.http.get(format!("{}{path}", stage.base)).send().await.expect("a file");
        assert_eq!(asset.status(), 200, "{path}");
        found += 1;
    }
    assert!(found >= 3 && !html.contains("http://") && !html.contains("https://"));
}
