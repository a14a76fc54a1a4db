//! Updates brought to a webhook.

use serde_json::json;

use crate::stage::{Hook, Stage, TOKEN};

#[tokio::test]
async fn updates_come_in_sequence_with_the_secret() {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage, json!({})).await;
    for _ in 0..5 {
        stage.greet();
    }
    let numbers = hook.brought(5).await;
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
    let notes = hook.notes.lock().expect("no panic");
    assert!(notes.secrets.iter().all(|secret| secret.as_deref() == Some("s3cret")));
}

#[tokio::test]
async fn what_came_before_the_webhook_is_brought_or_dropped() {
    let stage = Stage::set().await;
    stage.greet();
    Hook::of(&stage, json!({})).await.brought(1).await;
    stage.result("deleteWebhook", json!({})).await;
    stage.greet();
    let hook = Hook::of(&stage, json!({ "drop_pending_updates": true })).await;
    stage.greet();
    hook.brought(1).await;
    let info = stage.result("getWebhookInfo", json!({})).await;
    assert_eq!((&info["url"], &info["max_connections"]), (&json!(hook.url), &json!(40)));
}

#[tokio::test]
async fn a_failed_delivery_is_repeated_until_it_is_taken() {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage, json!({})).await;
    hook.answering(&[(500, json!({})), (503, json!({})), (404, json!({}))]);
    stage.greet();
    let numbers = hook.brought(4).await;
    assert!(numbers.iter().all(|number| *number == numbers[0]));
    let attempts: Vec<_> = loop {
        let noted = stage.telegram().deliveries(TOKEN).expect("a bot");
        if noted.len() == 4 {
            break noted.into_iter().map(|delivery| (delivery.attempt, delivery.status)).collect();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(attempts, [(1, Some(500)), (2, Some(503)), (3, Some(404)), (4, Some(200))]);
    let info = stage.result("getWebhookInfo", json!({})).await;
    assert_eq!(info["pending_update_count"], 0);
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 404 Not Found");
}

#[tokio::test]
async fn a_webhook_may_answer_with_a_call() {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage, json!({})).await;
    let mut call = stage.words("In reply");
    call["method"] = json!("sendMessage");
    hook.answering(&[(200, call)]);
    stage.greet();
    hook.brought(1).await;
    while stage.sent_texts().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.sent_texts(), ["In reply"]);
}

#[tokio::test]
async fn polling_and_webhook_exclude_each_other() {
    let stage = Stage::set().await;
    Hook::of(&stage, json!({})).await;
    let (code, words) = stage.refusal("getUpdates", json!({})).await;
    assert!(code == 409 && words.contains("while webhook is active"), "{words}");
    stage.result("deleteWebhook", json!({})).await;
    stage.result("getUpdates", json!({})).await;
}

#[tokio::test]
async fn unusable_webhooks_are_refused() {
    let stage = Stage::set().await;
    let no_url = stage.refusal("setWebhook", json!({ "url": "ftp://x" })).await;
    assert_eq!(no_url.0, 400);
    let secret = json!({ "url": "http://localhost/", "secret_token": "a b" });
    let (_, words) = stage.refusal("setWebhook", secret).await;
    assert_eq!(words, "Bad Request: secret token contains unallowed characters");
}
