//! Who may be sent what, and what becomes of it.

use serde_json::{Value, json};
use simulator::graph::whatsapp::{NumberCard, Person, TemplateCard};

use super::stage::{ACCOUNT, ANNA, ANNAS, Hook, NUMBER, Stage};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

#[tokio::test]
async fn a_message_is_accepted_sent_delivered_and_read() {
    let stage = Stage::set().await;
    stage.greet();
    let hook = Hook::of(&stage).await;
    let mut body = Stage::words("Buongiorno");
    body["biz_opaque_callback_data"] = json!("msg_1");
    let answer = stage.result("POST", &format!("{NUMBER}/messages"), body).await;
    assert_eq!(answer["contacts"][0]["wa_id"], ANNAS);
    assert_eq!(answer["messages"][0]["message_status"], "accepted");
    stage.whatsapp().read(NUMBER, ANNA).expect("a chat");
    let statuses = hook.statuses(3).await;
    let words: Vec<_> = statuses.iter().map(|status| status["status"].as_str().unwrap_or_default()).collect();
    assert_eq!(words, ["sent", "delivered", "read"]);
    for status in &statuses {
        assert_eq!(status["id"], answer["messages"][0]["id"]);
        assert_eq!((&status["biz_opaque_callback_data"], &status["recipient_id"]), (&json!("msg_1"), &json!(ANNAS)));
        assert_eq!(status["recipient_user_id"], answer["contacts"][0]["user_id"]);
    }
    assert_eq!(statuses[1]["pricing"]["type"], "free_customer_service");
    assert!(statuses[0].get("pricing").is_none() && statuses[2].get("pricing").is_none());
    assert_eq!(hook.values(3).await[0]["contacts"][0]["profile"]["name"], "Anna Rossi");
}

#[tokio::test]
async fn a_phone_that_is_off_gets_it_later() {
    let stage = Stage::set().await;
    stage.greet();
    stage.whatsapp().change_person(ANNA, |anna| anna.offline = true).expect("Anna");
    let hook = Hook::of(&stage).await;
    stage.send(Stage::words("x")).await;
    hook.told(1).await;
    stage.whatsapp().change_person(ANNA, |anna| anna.offline = false).expect("Anna");
    assert_eq!(hook.statuses(2).await[1]["status"], "delivered");
}

#[tokio::test]
async fn the_window_closes_after_a_day_without_a_word() {
    let stage = Stage::set().await;
    assert_eq!(stage.send_refused(Stage::words("x")).await, (400, 131_047));
    stage.greet();
    stage.clock.advance(DAY_MS - 1);
    stage.send(Stage::words("x")).await;
    stage.clock.advance(1);
    assert_eq!(stage.send_refused(Stage::words("y")).await, (400, 131_047));
    stage.greet();
    stage.send(Stage::words("z")).await;
    assert_eq!(stage.sent_texts(), ["x", "z"]);
}

#[tokio::test]
async fn verdicts_may_come_as_failed_statuses() {
    let stage = Stage::with_number(NumberCard { late_verdicts: true, ..NumberCard::default() }).await;
    let hook = Hook::of(&stage).await;
    let id = stage.send(Stage::words("x")).await;
    let nobody = json!({ "messaging_product": "whatsapp", "to": "+390000", "type": "text", "text": { "body": "x" } });
    stage.send(nobody).await;
    let statuses = hook.statuses(2).await;
    assert_eq!((&statuses[0]["id"], &statuses[0]["status"]), (&json!(id), &json!("failed")));
    let codes: Vec<_> = statuses.iter().map(|status| status["errors"][0]["code"].as_i64()).collect();
    assert_eq!(codes, [Some(131_047), Some(131_026)]);
    assert!(hook.values(2).await[0].get("contacts").is_none());
}

#[tokio::test]
async fn whoever_is_not_there_cannot_be_written_to() {
    let stage = Stage::set().await;
    let to = |to: &str| json!({ "messaging_product": "whatsapp", "to": to, "type": "text", "text": { "body": "x" } });
    assert_eq!(stage.send_refused(to("+390000")).await, (400, 131_026));
    assert_eq!(stage.send_refused(to("+390255500199")).await, (400, 131_021));
    assert_eq!(stage.refusal("POST", "1/messages", to("+390000")).await, (400, 100));
    let mut unsaid = to(ANNAS);
    unsaid.as_object_mut().expect("an object").remove("messaging_product");
    assert_eq!(stage.send_refused(unsaid).await, (400, 100));
}

#[tokio::test]
async fn somebody_without_a_number_is_reached_by_their_id() {
    let stage = Stage::set().await;
    stage.whatsapp().change_person(ANNA, |anna| anna.hides_number = true).expect("Anna");
    let hook = Hook::of(&stage).await;
    stage.greet();
    let message = hook.values(1).await[0]["messages"][0].clone();
    let id = stage.whatsapp().user_id(NUMBER, ANNA).expect("Anna");
    assert_eq!((&message["from_user_id"], message.get("from")), (&json!(id), None));
    let body = json!({ "messaging_product": "whatsapp", "recipient": id, "type": "text", "text": { "body": "x" } });
    let answer = stage.result("POST", &format!("{NUMBER}/messages"), body.clone()).await;
    assert_eq!((&answer["contacts"][0]["user_id"], answer["contacts"][0].get("wa_id")), (&json!(id), None));
    let statuses = hook.statuses(3).await;
    assert_eq!((&statuses[0]["recipient_user_id"], statuses[0].get("recipient_id")), (&json!(id), None));
    let mut unknown = body;
    unknown["recipient"] = json!("IT.1");
    assert_eq!(stage.send_refused(unknown).await, (400, 131_009));
    stage.send(Stage::words("to her number")).await;
    assert!(stage.whatsapp().phone(NUMBER, ANNA).expect("a chat").number_shown);
}

#[tokio::test]
async fn codes_need_a_number() {
    let stage = Stage::set().await;
    let components = json!([
        { "type": "BODY", "text": "{{1}} is your code." },
        { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code" }] },
    ]);
    let code = TemplateCard { components, ..TemplateCard::text("code", "en", "AUTHENTICATION", "") };
    stage.whatsapp().create_template(ACCOUNT, code).expect("an account");
    let id = stage.whatsapp().user_id(NUMBER, ANNA).expect("Anna");
    let parameters = json!([{ "type": "text", "text": "123456" }]);
    let template = json!({ "name": "code", "language": { "code": "en" }, "components": [
        { "type": "body", "parameters": parameters },
        { "type": "button", "sub_type": "url", "index": "0", "parameters": parameters },
    ] });
    let mut body = Stage::to_anna("template", template);
    stage.send(body.clone()).await;
    let fields = body.as_object_mut().expect("an object");
    fields.remove("to");
    fields.insert("recipient".to_owned(), json!(id));
    assert_eq!(stage.send_refused(body).await, (400, 131_062));
}

#[tokio::test]
async fn a_pair_and_a_number_have_their_limits() {
    let stage = Stage::set().await;
    stage.greet();
    for _ in 0..45 {
        stage.send(Stage::words("x")).await;
    }
    assert_eq!(stage.send_refused(Stage::words("x")).await, (400, 131_056));
    stage.clock.advance(6_000);
    stage.send(Stage::words("x")).await;
    let stage = Stage::with_number(NumberCard { per_second: 2, ..NumberCard::default() }).await;
    stage.greet();
    stage.send(Stage::words("x")).await;
    stage.send(Stage::words("x")).await;
    assert_eq!(stage.send_refused(Stage::words("x")).await, (400, 130_429));
    stage.clock.advance(1_000);
    stage.send(Stage::words("x")).await;
}

#[tokio::test]
async fn reading_marks_everything_before_and_shows_typing() {
    let stage = Stage::set().await;
    let (first, second) = (stage.greet(), stage.greet());
    let third = stage.greet();
    let read = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": second });
    let path = format!("{NUMBER}/messages");
    assert_eq!(stage.result("POST", &path, read.clone()).await, json!({ "success": true }));
    let phone = stage.whatsapp().phone(NUMBER, ANNA).expect("a chat");
    let seen = |id: &str| phone.messages.iter().any(|message| message.message_id == id && message.seen);
    assert!(seen(&first) && seen(&second) && !seen(&third));
    assert_eq!(phone.typing_for_ms, 0);
    let mut typing = read;
    typing["typing_indicator"] = json!({ "type": "text" });
    stage.result("POST", &path, typing.clone()).await;
    assert_eq!(stage.whatsapp().phone(NUMBER, ANNA).expect("a chat").typing_for_ms, 25_000);
    stage.send(Stage::words("x")).await;
    assert_eq!(stage.whatsapp().phone(NUMBER, ANNA).expect("a chat").typing_for_ms, 0);
    typing["message_id"] = json!("wamid.x");
    assert_eq!(stage.send_refused(typing).await, (400, 131_009));
}

#[tokio::test]
async fn a_blocked_business_gets_one_tick() {
    let stage = Stage::set().await;
    stage.greet();
    stage.whatsapp().set_blocked(NUMBER, ANNA, true).expect("a chat");
    let hook = Hook::of(&stage).await;
    stage.send(Stage::words("x")).await;
    assert_eq!(hook.statuses(1).await[0]["status"], "sent");
    assert!(stage.whatsapp().say_text(NUMBER, ANNA, "x").is_err());
}

#[tokio::test]
async fn two_numbers_know_two_people() {
    let stage = Stage::set().await;
    let second = NumberCard { account: ACCOUNT.to_owned(), ..NumberCard::default() };
    let second = stage.whatsapp().create_number(second).expect("an account").id;
    stage.whatsapp().create_person(Person { id: "ben".to_owned(), ..Person::named("Ben", "491701234567") });
    stage.whatsapp().say_text(&second, "ben", "Hallo").expect("Ben can write");
    assert_eq!(stage.send_refused(Stage::words("x")).await, (400, 131_047));
    let body = json!({ "messaging_product": "whatsapp", "to": "491701234567", "text": { "body": "Hallo" } });
    stage.result("POST", &format!("{second}/messages"), body).await;
    let shown = stage.whatsapp().transcript(&second, "ben").expect("a chat");
    assert_eq!(shown.iter().map(|message| message.from).collect::<Vec<_>>(), ["person", "business"]);
    assert_eq!(stage.result("GET", &second, Value::Null).await["id"], json!(second));
}
