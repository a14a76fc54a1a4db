//! Apps, tokens, and where webhooks go.

use serde_json::{Value, json};
use simulator::graph::{AppCard, TokenCard};

use super::stage::{ACCOUNT, APP, Hook, NUMBER, OBJECT, SECRET, Stage, TOKEN};

#[tokio::test]
async fn a_token_that_was_taken_back_is_told_so() {
    let stage = Stage::set().await;
    stage.graph().revoke_token(TOKEN);
    let (status, answer) = stage.call("GET", NUMBER, Value::Null).await.expect("an answer");
    let error = &answer["error"];
    assert_eq!((status, &error["code"], &error["error_subcode"]), (401, &json!(190), &json!(458)));
    assert_eq!(error["type"], "OAuthException");
    let unknown = stage.call_with("EAAother", "GET", NUMBER, Value::Null).await.expect("an answer");
    assert_eq!((unknown.0, &unknown.1["error"]["code"]), (401, &json!(190)));
}

#[tokio::test]
async fn a_token_ends_and_does_only_what_it_may() {
    let stage = Stage::set().await;
    let permissions = std::iter::once("whatsapp_business_management".to_owned()).collect();
    let expires_at_ms = Some(crate::stage::START_MS + 1_000);
    let card = TokenCard { app: APP.to_owned(), permissions, expires_at_ms, ..TokenCard::default() };
    let card = stage.graph().create_token(card).expect("a token");
    let refused = async |path: &str| {
        let method = if path.ends_with("messages") { "POST" } else { "GET" };
        let (_, answer) = stage.call_with(&card.token, method, path, Value::Null).await.expect("an answer");
        answer["error"]["code"].as_i64()
    };
    assert_eq!(refused(&format!("{NUMBER}/messages")).await, Some(200));
    assert_eq!(refused(NUMBER).await, None);
    stage.clock.advance(1_000);
    assert_eq!(refused(NUMBER).await, Some(190));
}

#[tokio::test]
async fn a_token_sees_only_the_accounts_it_was_given() {
    let stage = Stage::set().await;
    let accounts = Some(std::iter::once("1".to_owned()).collect());
    let card = TokenCard { app: APP.to_owned(), accounts, ..TokenCard::default() };
    let card = stage.graph().create_token(card).expect("a token");
    let (status, answer) = stage.call_with(&card.token, "GET", NUMBER, Value::Null).await.expect("an answer");
    assert_eq!((status, &answer["error"]["error_subcode"]), (400, &json!(33)), "{answer}");
}

#[tokio::test]
async fn a_signup_s_code_is_exchanged_once() {
    let stage = Stage::set().await;
    let code = stage.graph().create_code(TOKEN);
    let path = format!("oauth/access_token?client_id={APP}&client_secret={SECRET}&code={code}");
    assert_eq!(stage.result("GET", &path, Value::Null).await["access_token"], TOKEN);
    assert_eq!(stage.refusal("GET", &path, Value::Null).await, (400, 100));
    let wrong = format!("oauth/access_token?client_id={APP}&client_secret=x&grant_type=client_credentials");
    assert_eq!(stage.refusal("GET", &wrong, Value::Null).await, (400, 1));
}

#[tokio::test]
async fn a_token_can_be_looked_through() {
    let stage = Stage::set().await;
    let seen = stage.result("GET", &format!("debug_token?input_token={TOKEN}"), Value::Null).await;
    assert_eq!((&seen["data"]["app_id"], &seen["data"]["is_valid"]), (&json!(APP), &json!(true)));
    assert!(seen["data"]["scopes"].as_array().is_some_and(|all| all.contains(&json!("whatsapp_business_messaging"))));
}

#[tokio::test]
async fn a_callback_is_taken_only_if_it_says_the_challenge_back() {
    let stage = Stage::set().await;
    let hook = Hook::start().await;
    let app_token = format!("{APP}|{SECRET}");
    let subscribe = async |word: &str| {
        let body = json!({ "object": OBJECT, "callback_url": hook.url, "verify_token": word, "fields": "messages" });
        stage.call_with(&app_token, "POST", &format!("{APP}/subscriptions"), body).await.expect("an answer")
    };
    let (status, answer) = subscribe("another word").await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(2_200)));
    assert_eq!(subscribe("the word").await, (200, json!({ "success": true })));
    assert_eq!(hook.notes.lock().expect("no panic").asked, 2);
    let by_hand = stage.graph().subscribe(APP, "page", &hook.url, "another word").await;
    assert_eq!(by_hand.expect_err("a wrong word").code, 2_200);
    stage.graph().subscribe(APP, "page", &hook.url, "the word").await.expect("the word");
    let listed = stage.call_with(&app_token, "GET", &format!("{APP}/subscriptions"), Value::Null).await;
    let (_, listed) = listed.expect("an answer");
    let (first, second) = (&listed["data"][0], &listed["data"][1]);
    assert_eq!((&second["callback_url"], &second["object"]), (&json!(hook.url), &json!(OBJECT)));
    assert_eq!(first["object"], "page");
    stage.whatsapp().stop_marketing(NUMBER, "anna", true).expect("a chat");
    stage.greet();
    assert_eq!(hook.values(1).await[0]["messages"][0]["text"]["body"], "Ciao");
}

#[tokio::test]
async fn accounts_and_numbers_may_be_told_elsewhere() {
    let stage = Stage::set().await;
    let (callback, of_account, of_number) = (Hook::of(&stage).await, Hook::start().await, Hook::start().await);
    let path = format!("{ACCOUNT}/subscribed_apps");
    let wanted = |url: &str| json!({ "override_callback_uri": url, "verify_token": "the word" });
    stage.result("POST", &path, wanted(&of_account.url)).await;
    let listed = stage.result("GET", &path, Value::Null).await;
    assert_eq!(listed["data"][0]["override_callback_uri"], of_account.url);
    assert_eq!(listed["data"][0]["whatsapp_business_api_data"]["id"], APP);
    stage.greet();
    of_account.told(1).await;
    stage.result("POST", NUMBER, json!({ "webhook_configuration": wanted(&of_number.url) })).await;
    stage.greet();
    of_number.told(1).await;
    stage.result("POST", NUMBER, json!({ "webhook_configuration": { "override_callback_uri": "" } })).await;
    stage.result("POST", &path, json!({})).await;
    stage.greet();
    callback.told(1).await;
    stage.result("DELETE", &path, Value::Null).await;
    stage.greet();
    assert_eq!(stage.result("GET", &path, Value::Null).await, json!({ "data": [] }));
    assert_eq!(stage.graph().pending(APP), Ok(0));
}

#[tokio::test]
async fn a_proof_of_the_secret_must_be_right() {
    let stage = Stage::set().await;
    let proof = simulator::graph::signature(SECRET, TOKEN.as_bytes());
    let proof = proof.trim_start_matches("sha256=");
    stage.result("GET", &format!("{NUMBER}?appsecret_proof={proof}"), Value::Null).await;
    assert_eq!(stage.refusal("GET", &format!("{NUMBER}?appsecret_proof=0"), Value::Null).await, (400, 100));
}

#[tokio::test]
async fn an_app_may_require_the_proof_of_every_call() {
    let stage = Stage::set().await;
    let strict = AppCard { requires_proof: true, ..AppCard::default() };
    let app = stage.graph().create_app(strict);
    let card = TokenCard { app: app.id, ..TokenCard::default() };
    let token = stage.graph().create_token(card).expect("the app is there").token;
    let proof = simulator::graph::signature(&app.secret, token.as_bytes());
    let proof = proof.trim_start_matches("sha256=");
    for (path, expected) in [(NUMBER.to_owned(), 400), (format!("{NUMBER}?appsecret_proof={proof}"), 200)] {
        let (status, answer) = stage.call_with(&token, "GET", &path, Value::Null).await.expect("an answer");
        assert_eq!(status, expected, "{answer}");
    }
}

#[tokio::test]
async fn numbers_and_accounts_tell_what_they_are_asked_for() {
    let stage = Stage::set().await;
    let number =
        stage.result("GET", &format!("{NUMBER}?fields=display_phone_number,quality_rating"), Value::Null).await;
    assert_eq!(number, json!({ "id": NUMBER, "display_phone_number": "+390255500199", "quality_rating": "GREEN" }));
    let account = stage.result("GET", &format!("{ACCOUNT}?fields=name,owner_business_info"), Value::Null).await;
    assert_eq!((&account["name"], &account["owner_business_info"]["id"]), (&json!("Bottega"), &json!("700")));
    let numbers = stage.result("GET", &format!("{ACCOUNT}/phone_numbers?fields=id"), Value::Null).await;
    assert_eq!(numbers["data"], json!([{ "id": NUMBER }]));
    stage.result("POST", &format!("{NUMBER}/deregister"), json!({})).await;
    assert_eq!(stage.send_refused(Stage::words("x")).await, (400, 133_010));
    assert_eq!(stage.refusal("POST", &format!("{NUMBER}/register"), json!({ "pin": "1" })).await, (400, 133_005));
    stage.result("POST", &format!("{NUMBER}/register"), json!({ "pin": "123456" })).await;
    stage.greet();
    stage.send(Stage::words("x")).await;
}
