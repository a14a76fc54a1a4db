//! What webhooks are told, and how.

use serde_json::json;
use simulator::graph::whatsapp::{AccountCard, NumberCard};
use simulator::graph::{AppCard, signature};

use super::stage::{ACCOUNT, ANNA, ANNAS, APP, Hook, NUMBER, OBJECT, SECRET, Stage};

#[tokio::test]
async fn the_body_is_metas_down_to_its_escaping() {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage).await;
    let id = stage.whatsapp().say_text(NUMBER, ANNA, "Perché 24/7? 😀").expect("Anna can write");
    let told = hook.told(1).await;
    let user_id = stage.whatsapp().user_id(NUMBER, ANNA).expect("Anna");
    let contact = json!({ "profile": { "name": "Anna Rossi" }, "wa_id": ANNAS, "user_id": user_id });
    let message = json!({
        "from": ANNAS, "from_user_id": user_id, "id": id, "timestamp": "1700000000", "type": "text",
        "text": { "body": "Perché 24/7? 😀" },
    });
    let metadata = json!({ "display_phone_number": "390255500199", "phone_number_id": NUMBER });
    let value = json!({
        "messaging_product": "whatsapp", "metadata": metadata, "contacts": [contact], "messages": [message],
    });
    let expected =
        json!({ "object": OBJECT, "entry": [{ "id": ACCOUNT, "changes": [{ "field": "messages", "value": value }] }] });
    assert_eq!(told[0], expected);
    let notes = hook.notes.lock().expect("no panic");
    let (wire, given) = &notes.told[0];
    assert!(wire.contains(r"Perch\u00e9 24\/7? \ud83d\ude00") && wire.is_ascii(), "{wire}");
    let encoded_anew = signature(SECRET, told[0].to_string().as_bytes());
    assert_ne!(*given, encoded_anew);
}

#[tokio::test]
async fn what_is_not_taken_comes_again() {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage).await;
    hook.notes.lock().expect("no panic").answers = vec![500, 404, 302];
    stage.greet();
    let told = hook.told(4).await;
    assert!(told.iter().all(|body| *body == told[0]));
    let attempts = loop {
        let noted = stage.graph().deliveries(APP).expect("an app");
        if noted.len() == 4 {
            break noted.into_iter().map(|delivery| (delivery.attempt, delivery.status)).collect::<Vec<_>>();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(attempts, [(1, Some(500)), (2, Some(404)), (3, Some(302)), (4, Some(200))]);
    assert_eq!(stage.graph().pending(APP), Ok(0));
}

#[tokio::test]
async fn every_subscribed_app_is_told_with_its_own_secret() {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage).await;
    let other = stage.graph().create_app(AppCard { secret: "other-secret".to_owned(), ..AppCard::default() });
    let elsewhere = Hook::start().await;
    stage.graph().set_callback(&other.id, OBJECT, &elsewhere.url, &["messages"]).expect("an app");
    let token = simulator::graph::TokenCard { app: other.id.clone(), ..Default::default() };
    let token = stage.graph().create_token(token).expect("an app").token;
    let path = format!("{ACCOUNT}/subscribed_apps");
    let (status, _) = stage.call_with(&token, "POST", &path, json!({})).await.expect("an answer");
    assert_eq!(status, 200);
    stage.greet();
    let told = hook.told(1).await;
    while elsewhere.notes.lock().expect("no panic").told.is_empty() {
        tokio::task::yield_now().await;
    }
    let notes = elsewhere.notes.lock().expect("no panic");
    let (body, given) = &notes.told[0];
    assert_eq!(*given, signature("other-secret", body.as_bytes()));
    assert_eq!(serde_json::from_str::<serde_json::Value>(body).expect("JSON"), told[0]);
}

#[tokio::test]
async fn two_accounts_behind_one_app_are_told_apart() {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage).await;
    let account = AccountCard { app: Some(APP.to_owned()), ..AccountCard::default() };
    let account = stage.whatsapp().create_account(account).expect("an app");
    let number = NumberCard { account: account.id.clone(), ..NumberCard::default() };
    let number = stage.whatsapp().create_number(number).expect("an account");
    stage.greet();
    stage.whatsapp().say_text(&number.id, ANNA, "Ciao").expect("Anna can write");
    let told = hook.told(2).await;
    assert_eq!((&told[0]["entry"][0]["id"], &told[1]["entry"][0]["id"]), (&json!(ACCOUNT), &json!(account.id)));
    let id = |at: usize| &told[at]["entry"][0]["changes"][0]["value"]["messages"][0]["from_user_id"];
    assert_ne!(id(0), id(1));
}
