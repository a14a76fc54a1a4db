//! `/sim/graph` and `/sim/whatsapp` over HTTP.

use serde_json::{Value, json};

use super::stage::{ACCOUNT, ANNA, APP, NUMBER, Stage};

impl Stage {
    async fn sim(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}/sim/{path}", self.base);
        let request = self.http.request(method.parse().expect("a method"), url);
        let request = request.header("content-type", "application/json").body(body.to_string());
        let response = request.send().await.expect("an answer");
        let (status, body) = (response.status(), response.bytes().await.expect("a body"));
        assert!(status.is_success(), "{method} {path}: {status} {body:?}");
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }
}

fn chat(more: &str) -> String {
    format!("whatsapp/numbers/{NUMBER}/people/{ANNA}/{more}")
}

#[tokio::test]
async fn everything_is_made_by_http() {
    let stage = Stage::set().await;
    let app = stage.sim("POST", "graph/apps", json!({ "name": "Shop" })).await["id"].clone();
    let token = stage.sim("POST", "graph/tokens", json!({ "app": app })).await["token"].clone();
    let account = json!({ "name": "Shop", "app": app, "approves_at_once": true });
    let account = stage.sim("POST", "whatsapp/accounts", account).await["id"].clone();
    let number = stage.sim("POST", "whatsapp/numbers", json!({ "account": account })).await["id"].clone();
    let person = stage.sim("POST", "whatsapp/people", json!({ "name": "Ben" })).await["id"].clone();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (token, number, person) = (text(&token), text(&number), text(&person));
    let path = format!("whatsapp/numbers/{number}/people/{person}/messages");
    stage.sim("POST", &path, json!({ "kind": "text", "text": "Hi" })).await;
    let to = stage.sim("GET", "whatsapp/people", json!({})).await;
    let to = to.as_array().into_iter().flatten().find(|one| one["id"] == json!(person)).expect("Ben")["number"].clone();
    let body = json!({ "messaging_product": "whatsapp", "to": to, "text": { "body": "Hello" } });
    let (status, _) = stage.call_with(&token, "POST", &format!("{number}/messages"), body).await.expect("an answer");
    assert_eq!(status, 200);
    let sent = stage.sim("GET", &format!("graph/apps/{}/sent", text(&app)), json!({})).await;
    assert_eq!((&sent[0]["order"], &sent[0]["text"]), (&json!(1), &json!("Hello")));
    let code = stage.sim("POST", &format!("graph/tokens/{token}/code"), json!({})).await;
    assert!(code["code"].is_string());
    stage.sim("DELETE", &format!("graph/tokens/{token}"), json!({})).await;
    let (status, _) = stage.call_with(&token, "GET", &number, Value::Null).await.expect("an answer");
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_person_acts_by_http() {
    let stage = Stage::set().await;
    let said = stage.sim("POST", &chat("messages"), json!({ "kind": "text", "text": "Hi" })).await;
    let id = said["message_id"].as_str().expect("an id").to_owned();
    stage.sim("PATCH", &chat(&format!("messages/{id}")), json!({ "text": "Hello" })).await;
    stage.sim("PUT", &chat(&format!("messages/{id}/reaction")), json!({ "emoji": "❤" })).await;
    stage.sim("PUT", &chat("block"), json!({})).await;
    stage.sim("PUT", &chat("marketing-stop"), json!({})).await;
    let phone = stage.sim("GET", &chat("phone"), json!({})).await;
    assert_eq!((&phone["blocked"], &phone["marketing_stopped"]), (&json!(true), &json!(true)));
    assert_eq!(
        (&phone["messages"][0]["edited"], &phone["messages"][0]["person_reaction"]),
        (&json!(true), &json!("❤"))
    );
    stage.sim("DELETE", &chat("block"), json!({})).await;
    stage.sim("DELETE", &chat("marketing-stop"), json!({})).await;
    stage.sim("DELETE", &chat(&format!("messages/{id}")), json!({})).await;
    assert_eq!(stage.sim("GET", &chat("messages"), json!({})).await[0]["deleted"], true);
    let changed = json!({ "hides_number": true, "username": "anna.r", "number": "393450000001" });
    let changed = stage.sim("PATCH", &format!("whatsapp/people/{ANNA}"), changed).await;
    assert_eq!((&changed["hides_number"], &changed["moves"]), (&json!(true), &json!(1)));
}

#[tokio::test]
async fn buttons_voices_and_templates_by_http() {
    let stage = Stage::set().await;
    stage.greet();
    let reply = json!({ "type": "reply", "reply": { "id": "go", "title": "Go" } });
    let content = json!({ "type": "button", "body": { "text": "Go?" }, "action": { "buttons": [reply] } });
    let id = stage.send(Stage::to_anna("interactive", content)).await;
    stage.sim("POST", &chat("reads"), json!({})).await;
    stage.sim("POST", &chat(&format!("messages/{id}/taps")), json!({ "id": "go" })).await;
    stage.sim("POST", &chat(&format!("messages/{id}/plays")), json!({})).await;
    let messages = stage.sim("GET", &chat("messages"), json!({})).await;
    assert_eq!((&messages[1]["ticks"], &messages[2]["text"]), (&json!("played"), &json!("Go")));
    let path = format!("whatsapp/accounts/{ACCOUNT}/templates");
    let made = json!({ "name": "a", "status": "PENDING", "components": [{ "type": "BODY", "text": "A" }] });
    let id = stage.sim("POST", &path, made).await["id"].as_str().expect("an id").to_owned();
    stage.sim("PATCH", &format!("{path}/{id}"), json!({ "status": "APPROVED", "quality": "GREEN" })).await;
    assert_eq!(stage.sim("GET", &path, json!({})).await[0]["template"]["status"], "APPROVED");
    stage.sim("PATCH", &format!("whatsapp/numbers/{NUMBER}"), json!({ "quality": "YELLOW" })).await;
    stage.sim("POST", &format!("whatsapp/accounts/{ACCOUNT}/news/account_update"), json!({ "event": "X" })).await;
}

#[tokio::test]
async fn faults_are_ordered_listed_and_cleared() {
    let stage = Stage::set().await;
    let path = format!("graph/apps/{APP}/faults");
    stage.sim("POST", &format!("{path}/calls"), json!({ "fault": "cut_after", "only": "POST messages" })).await;
    stage.sim("POST", &format!("{path}/messages"), json!({ "fault": "fail_later", "code": 131_049 })).await;
    stage.sim("POST", &format!("{path}/deliveries"), json!({ "fault": "batch", "hold": 3 })).await;
    let listed = stage.sim("GET", &path, json!({})).await;
    assert_eq!(listed["calls"][0]["fault"], "cut_after");
    assert_eq!((&listed["messages"][0]["code"], &listed["deliveries"][0]["hold"]), (&json!(131_049), &json!(3)));
    stage.sim("DELETE", &path, json!({})).await;
    let listed = stage.sim("GET", &path, json!({})).await;
    assert_eq!(listed, json!({ "calls": [], "messages": [], "deliveries": [] }));
    let callback = json!({ "object": super::stage::OBJECT, "url": "http://127.0.0.1:9/x" });
    stage.sim("PUT", &format!("graph/apps/{APP}/callback"), callback).await;
    stage.greet();
    assert_eq!(stage.sim("GET", &format!("graph/apps/{APP}/pending"), json!({})).await["pending"], 1);
    assert!(stage.sim("GET", &format!("graph/apps/{APP}/calls"), json!({})).await.is_object());
}

#[tokio::test]
async fn the_phone_is_told_of_every_change_and_shows_files() {
    let stage = Stage::set().await;
    let said = json!({ "kind": "image", "name": "a.png", "base64": "cG5n" });
    stage.sim("POST", &chat("messages"), said).await;
    let mut events = stage.http.get(format!("{}/sim/{}", stage.base, chat("events"))).send().await.expect("a stream");
    let first = view(&mut events).await;
    let url = first["messages"][0]["media"]["url"].as_str().expect("an address").to_owned();
    let file = stage.http.get(format!("{}{url}", stage.base)).send().await.expect("a file");
    assert_eq!(file.bytes().await.expect("a body").as_ref(), b"png");
    stage.send(Stage::words("Hello")).await;
    let now = view(&mut events).await;
    assert_eq!(now["messages"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn the_page_has_everything_it_names() {
    let stage = Stage::set().await;
    let text = async |path: &str| {
        let answer = stage.http.get(format!("{}{path}", stage.base)).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.text().await.expect("text")
    };
    let mut wanted = vec!["/phone/phone.js".to_owned()];
    let mut at = 0;
    while let Some(path) = wanted.get(at).cloned() {
        let script = text(&path).await;
        for name in script.split("from \"./").skip(1).filter_map(|rest| rest.split('"').next()) {
            let path = format!("/phone/{name}");
            if !wanted.contains(&path) {
                wanted.push(path);
            }
        }
        at += 1;
    }
    assert!(wanted.contains(&"/phone/whatsapp.js".to_owned()) && wanted.contains(&"/phone/wording.js".to_owned()));
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
