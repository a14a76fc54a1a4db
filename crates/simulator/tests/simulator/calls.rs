//! The Bot API's methods and refusals.

use serde_json::{Value, json};
use simulator::telegram::BotCard;

use crate::stage::{START_MS, Stage, TOKEN};

#[tokio::test]
async fn every_way_of_sending_parameters_works() {
    let stage = Stage::set().await;
    stage.greet();
    let url = format!("{}/bot{TOKEN}/sendMessage", stage.base);
    let query = format!("{url}?chat_id={}&text=query", stage.anna);
    let form = format!("chat_id={}&text=a%20form", stage.anna);
    let chat = stage.anna.to_string();
    let parts = reqwest::multipart::Form::new().text("chat_id", chat).text("text", "parts");
    let urlencoded = ("content-type", "application/x-www-form-urlencoded");
    let requests = [
        stage.http.get(query),
        stage.http.post(&url).header(urlencoded.0, urlencoded.1).body(form),
        stage.http.post(&url).multipart(parts),
    ];
    for request in requests {
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    }
    stage.result("SENDMESSAGE", stage.words("json")).await;
    assert_eq!(stage.sent_texts(), ["query", "a form", "parts", "json"]);
}

#[tokio::test]
async fn messages_are_numbered_by_chat_and_dated_by_the_clock() {
    let stage = Stage::set().await;
    assert_eq!(stage.greet(), 1);
    stage.clock.advance(5_000);
    let message = stage.result("sendMessage", stage.words("Hello")).await;
    assert_eq!(message["message_id"], 2);
    assert_eq!(message["date"], START_MS / 1_000 + 5);
    assert_eq!(message["chat"]["id"], stage.anna);
    assert_eq!(message["from"]["is_bot"], true);
}

#[tokio::test]
async fn refusals_use_telegrams_words() {
    let stage = Stage::set().await;
    let early = stage.refusal("sendMessage", stage.words("x")).await;
    assert_eq!(early, (400, "Bad Request: chat not found".to_owned()));
    stage.greet();
    let cases = [
        ("sendMessage", stage.words(""), "message text is empty"),
        ("sendMessage", stage.words(&"ä".repeat(4_097)), "message is too long"),
        ("sendPhoto", json!({ "chat_id": stage.anna }), "there is no photo in the request"),
        (
            "editMessageText",
            json!({ "chat_id": stage.anna, "message_id": 77, "text": "x" }),
            "message to edit not found",
        ),
        ("editMessageText", json!({ "chat_id": stage.anna, "message_id": 1, "text": "x" }), "message can't be edited"),
        ("deleteMessage", json!({ "chat_id": stage.anna, "message_id": 77 }), "message to delete not found"),
        (
            "sendMessage",
            json!({ "chat_id": stage.anna, "text": "x", "reply_parameters": { "message_id": 77 } }),
            "message to be replied not found",
        ),
        (
            "answerCallbackQuery",
            json!({ "callback_query_id": "1" }),
            "query is too old and response timeout expired or query ID is invalid",
        ),
        ("getFile", json!({ "file_id": "x" }), "invalid file_id"),
    ];
    for (method, body, words) in cases {
        let expected = (400, format!("Bad Request: {words}"));
        assert_eq!(stage.refusal(method, body).await, expected);
    }
    assert!(stage.sent_texts().is_empty());
    let unknown = stage.refusal("sendNothing", json!({})).await;
    assert_eq!(unknown, (404, "Not Found: method not found".to_owned()));
    let (status, body) = stage.request("GET", "/bot43:other/getMe", &json!({})).await.expect("an answer");
    assert_eq!((status.as_u16(), &body["description"]), (401, &json!("Unauthorized")));
}

#[tokio::test]
async fn the_longest_text_is_taken() {
    let stage = Stage::set().await;
    stage.greet();
    stage.result("sendMessage", stage.words(&"ä".repeat(4_096))).await;
}

#[tokio::test]
async fn edits_change_the_message_once() {
    let stage = Stage::set().await;
    stage.greet();
    let id = stage.result("sendMessage", stage.words("One")).await["message_id"].clone();
    let edit = json!({ "chat_id": stage.anna, "message_id": id, "text": "Two" });
    let edited = stage.result("editMessageText", edit.clone()).await;
    assert_eq!((&edited["text"], &edited["edit_date"]), (&json!("Two"), &json!(START_MS / 1_000)));
    let (code, again) = stage.refusal("editMessageText", edit).await;
    assert!(code == 400 && again.starts_with("Bad Request: message is not modified"), "{again}");
    let shown = stage.telegram().transcript(TOKEN, stage.anna).expect("a chat");
    assert!(shown[1].edited && shown[1].text.as_deref() == Some("Two"));
}

#[tokio::test]
async fn only_young_messages_can_be_deleted() {
    let stage = Stage::set().await;
    let old = stage.greet();
    stage.clock.advance(48 * 3_600 * 1_000 + 1_000);
    let young = stage.greet();
    let delete = |id: i64| json!({ "chat_id": stage.anna, "message_id": id });
    let (_, words) = stage.refusal("deleteMessage", delete(old)).await;
    assert_eq!(words, "Bad Request: message can't be deleted for everyone");
    assert_eq!(stage.result("deleteMessage", delete(young)).await, true);
    let shown = stage.telegram().transcript(TOKEN, stage.anna).expect("a chat");
    assert_eq!(shown.iter().map(|message| message.deleted).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn files_go_up_and_come_down() {
    let stage = Stage::set().await;
    stage.greet();
    let part = |content: &'static [u8]| reqwest::multipart::Part::bytes(content).file_name("a.pdf");
    let form = reqwest::multipart::Form::new().text("chat_id", stage.anna.to_string());
    let url = format!("{}/bot{TOKEN}/sendDocument", stage.base);
    let sent = stage.http.post(url).multipart(form.part("document", part(b"%PDF"))).send().await;
    let body = sent.expect("an answer").bytes().await.expect("a body");
    let message: Value = serde_json::from_slice(&body).expect("JSON");
    let document = &message["result"]["document"];
    assert_eq!((&document["file_name"], &document["file_size"]), (&json!("a.pdf"), &json!(4)));
    let file = stage.result("getFile", json!({ "file_id": document["file_id"] })).await;
    let path = file["file_path"].as_str().expect("a path");
    let download = stage.http.get(format!("{}/file/bot{TOKEN}/{path}", stage.base)).send().await;
    assert_eq!(download.expect("a file").bytes().await.expect("a body").as_ref(), b"%PDF");
    let lost = stage.http.get(format!("{}/file/bot{TOKEN}/nowhere", stage.base)).send().await;
    assert_eq!(lost.expect("an answer").status(), 404);
}

#[tokio::test]
async fn polling_waits_confirms_and_gives_way() {
    let stage = Stage::set().await;
    let wait = json!({ "timeout": 5 });
    let (first, second) = tokio::join!(stage.call("getUpdates", wait.clone()), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let second = stage.call("getUpdates", wait);
        let greet = async {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            stage.greet();
        };
        tokio::join!(second, greet).0
    });
    let (first, second) = (first.expect("an answer"), second.expect("an answer"));
    assert_eq!(first["error_code"], 409, "{first}");
    let update = &second["result"][0];
    assert_eq!(update["message"]["text"], "Ciao");
    let next = update["update_id"].as_i64().expect("a number") + 1;
    assert_eq!(stage.result("getUpdates", json!({ "offset": next })).await, json!([]));
    assert_eq!(stage.telegram().pending(TOKEN), Ok(0));
}

#[tokio::test]
async fn a_new_bot_can_be_made_at_any_time() {
    let stage = Stage::set().await;
    let card = stage.telegram().create_bot(BotCard::default()).expect("a bot");
    let path = format!("/bot{}/getMe", card.token);
    let (_, me) = stage.request("GET", &path, &json!({})).await.expect("an answer");
    assert_eq!(me["result"]["username"], json!(card.username));
}
