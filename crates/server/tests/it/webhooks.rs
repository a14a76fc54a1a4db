//! Webhooks: what happens is told to other systems, signed, at least once, and without whom it must not name any more.

use http::Method;
use serde_json::{Value, json};

use crate::api_channel::Other;
use crate::client::{Client, text_of};
use crate::house::{House, until};
use crate::receiver::Posted;

both_engines!(
    what_happens_is_told_and_signed,
    a_failed_post_is_tried_again_with_its_id,
    who_was_erased_meanwhile_is_not_named,
    a_webhook_that_fails_for_three_days_is_switched_off,
    webhooks_are_changed_and_deleted,
    who_is_slow_keeps_nobody_else_waiting,
);

const DAY: i64 = 24 * 3_600_000;

async fn made(house: &House, types: &[&str]) -> (String, String) {
    let order = json!({ "url": house.receiver.url(), "types": types });
    let webhook = house.workspace.owner.post("/webhooks", order).await;
    (text_of(&webhook["id"]), text_of(&webhook["secret"]))
}

/// Posts of events: what the other system's channel gets has other ids.
fn posts(house: &House) -> Vec<Posted> {
    let of_webhook = |posted: &Posted| posted.headers.contains_key("webhook-id") && posted.id().starts_with("dlv_");
    house.receiver.posted().into_iter().filter(of_webhook).collect()
}

async fn arrive(house: &House, count: usize) -> Vec<Posted> {
    until(&format!("{count} posts"), async || {
        let all = posts(house);
        (all.len() >= count).then_some(all)
    })
    .await
}

async fn deliveries(owner: &Client, webhook: &str) -> Vec<Value> {
    owner.list(&format!("/webhooks/{webhook}/deliveries")).await
}

async fn reaches(owner: &Client, webhook: &str, state: &str) -> Value {
    until(state, async || deliveries(owner, webhook).await.into_iter().find(|it| it["state"] == state)).await
}

async fn what_happens_is_told_and_signed(house: &House) {
    use vault::Clock;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    agent.post("/contacts", json!({ "name": "Before" })).await;
    let (id, secret) = made(house, &["contact.created", "contact.updated"]).await;
    assert!(secret.starts_with("whsec_"));
    assert!(!owner.get("/webhooks").await.to_string().contains(&secret), "shown once");
    agent.post("/labels", json!({ "name": "Not asked for" })).await;
    let anna = agent.post("/contacts", json!({ "name": "Anna" })).await;
    let posted = arrive(house, 1).await.remove(0);
    let body = posted.json();
    assert_eq!((&body["type"], &body["data"]["id"]), (&json!("contact.created"), &anna["id"]));
    assert_eq!(body["data"]["name"], "Anna");
    assert!(posted.is_signed_with(&secret, house.clock.now()) && body["timestamp"].is_string());
    let delivered = reaches(owner, &id, "delivered").await;
    assert_eq!((&delivered["id"], &delivered["status"]), (&json!(posted.id()), &json!(204)));
    assert_eq!((&delivered["attempts"], &delivered["type"]), (&json!(1), &json!("contact.created")));
    let path = format!("/webhooks/{id}/deliveries/{}/replay", posted.id());
    agent.patch(&format!("/contacts/{}", text_of(&anna["id"])), json!({ "name": "Anna Alt" })).await;
    arrive(house, 2).await;
    owner.call(Method::POST, &path, None).await.json(202);
    let again = arrive(house, 3).await.remove(2);
    assert_eq!((again.id(), &again.json()["data"]["name"]), (posted.id(), &json!("Anna Alt")));
    house.quiet().await;
    assert_eq!(posts(house).len(), 3, "nothing from before, and nothing that was not asked for");
    agent.call(Method::GET, "/webhooks", None).await.problem(403, "forbidden");
    agent.call(Method::POST, &path, None).await.problem(403, "forbidden");
}

async fn a_failed_post_is_tried_again_with_its_id(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let (id, _) = made(house, &["contact.created"]).await;
    house.receiver.answer_with(&[500, 302]);
    agent.post("/contacts", json!({ "name": "Anna" })).await;
    let first = arrive(house, 1).await.remove(0).id();
    let waiting = until("it was tried", async || {
        deliveries(owner, &id).await.into_iter().find(|delivery| delivery["attempts"] == 1)
    })
    .await;
    assert_eq!((&waiting["state"], &waiting["status"]), (&json!("waiting"), &json!(500)));
    assert!(owner.list("/webhooks").await[0]["failing_since"].is_string());
    for tried in 2..=3 {
        house.clock.advance(20_000);
        arrive(house, tried).await;
    }
    let delivered = reaches(owner, &id, "delivered").await;
    assert_eq!(delivered["attempts"], 3);
    assert!(posts(house).iter().all(|posted| posted.id() == first));
    assert_eq!(owner.list("/webhooks").await[0]["failing_since"], Value::Null);
}

async fn who_was_erased_meanwhile_is_not_named(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let (id, _) = made(house, &[]).await;
    let other = Other::connect(house, &house.workspace).await;
    house.quiet().await;
    house.receiver.answer_with(&[503; 12]);
    let conversation = other.writes(agent, "c-1", "m-1", "A canary").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    until("all of it was tried", async || {
        let all = deliveries(owner, &id).await;
        let said = posts(house).iter().any(|posted| posted.json()["data"]["text"] == "A canary");
        (said && all.iter().all(|delivery| delivery["attempts"] != 0)).then_some(())
    })
    .await;
    owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.json(202);
    // What was on its way before the erasure may arrive just after it.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let before = posts(house).len();
    until("the erasure is told", async || {
        house.clock.advance(20_000);
        let erased =
            |posted: &Posted| posted.json()["type"] == "contact.erased" && posted.json()["data"]["id"] == contact;
        posts(house).iter().any(erased).then_some(())
    })
    .await;
    until("all that waited is tried again", async || {
        house.clock.advance(60_000);
        let found = posts(house).split_off(before);
        found.iter().any(|posted| posted.json()["type"] == "message.created").then_some(())
    })
    .await;
    for posted in posts(house).split_off(before) {
        assert!(!posted.json().to_string().contains("canary"), "{}", posted.json());
    }
    until("all of it has arrived", async || {
        house.clock.advance(60_000);
        deliveries(owner, &id).await.iter().all(|delivery| delivery["state"] == "delivered").then_some(())
    })
    .await;
}

async fn a_webhook_that_fails_for_three_days_is_switched_off(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let (id, _) = made(house, &["contact.created"]).await;
    house.receiver.answer_with(&[500, 500]);
    agent.post("/contacts", json!({ "name": "Anna" })).await;
    arrive(house, 1).await;
    until("it was noted", async || (deliveries(owner, &id).await[0]["attempts"] == 1).then_some(())).await;
    house.clock.advance(3 * DAY);
    arrive(house, 2).await;
    let failed = reaches(owner, &id, "failed").await;
    let webhook = owner.list("/webhooks").await.remove(0);
    assert_eq!((&webhook["state"], &webhook["reason"]), (&json!("off"), &json!("failing")));
    agent.post("/contacts", json!({ "name": "Unheard" })).await;
    let replay = format!("/webhooks/{id}/deliveries/{}/replay", text_of(&failed["id"]));
    owner.call(Method::POST, &replay, None).await.problem(409, "conflict");
    let path = format!("/webhooks/{id}");
    let on = owner.patch(&path, json!({ "state": "on" })).await;
    assert_eq!((&on["state"], &on["reason"], &on["failing_since"]), (&json!("on"), &Value::Null, &Value::Null));
    owner.call(Method::POST, &replay, None).await.json(202);
    assert_eq!(arrive(house, 3).await[2].id(), text_of(&failed["id"]));
    house.receiver.answer_with(&[410]);
    agent.post("/contacts", json!({ "name": "Berta" })).await;
    until("it wants no more", async || (owner.list("/webhooks").await[0]["reason"] == "gone").then_some(())).await;
    house.quiet().await;
    assert_eq!(posts(house).len(), 4);
    house.clock.advance(8 * DAY);
    house.app.vault.sweep().await.unwrap();
    assert!(deliveries(owner, &id).await.is_empty());
}

async fn webhooks_are_changed_and_deleted(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let keyed = owner.with("idempotency-key", "a-webhook");
    let order = json!({ "url": house.receiver.url() });
    let webhook = keyed.post("/webhooks", order.clone()).await;
    assert_eq!(keyed.post("/webhooks", order).await, webhook);
    let path = format!("/webhooks/{}", text_of(&webhook["id"]));
    for (field, wrong) in [
        ("url", json!({ "url": "ftp://a.example" })),
        ("types", json!({ "url": "https://a.example", "types": ["message.created", "odd"] })),
    ] {
        let refused = owner.call(Method::POST, "/webhooks", Some(&wrong)).await;
        assert!(refused.json(422)["fields"][field].is_string(), "{refused}");
    }
    let refused = owner.call(Method::PATCH, &path, Some(&json!({ "state": "maybe" }))).await;
    assert!(refused.json(422)["fields"]["state"].is_string(), "{refused}");
    let off = owner.patch(&path, json!({ "state": "off", "types": ["contact.updated"] })).await;
    assert_eq!((&off["state"], &off["types"]), (&json!("off"), &json!(["contact.updated"])));
    agent.post("/contacts", json!({ "name": "Anna" })).await;
    house.quiet().await;
    assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 204);
    owner.call(Method::DELETE, &path, None).await.problem(404, "not_found");
    assert!(posts(house).is_empty());
    // An address that must not be called is not called.
    let inside = owner.post("/webhooks", json!({ "url": "https://169.254.169.254/latest" })).await;
    agent.post("/contacts", json!({ "name": "Berta" })).await;
    let id = text_of(&inside["id"]);
    let tried = until("it was tried", async || {
        deliveries(owner, &id).await.into_iter().find(|delivery| delivery["attempts"] != 0)
    })
    .await;
    assert_eq!((&tried["failure"], &tried["status"]), (&json!("unreachable"), &Value::Null));
    assert_eq!(owner.call(Method::DELETE, &format!("/webhooks/{id}"), None).await.status, 204);
}

async fn who_is_slow_keeps_nobody_else_waiting(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let names = ["one", "two", "three", "four", "five"];
    let mut slow = Vec::new();
    for name in names {
        let order = json!({ "url": house.receiver.slow_url(name), "types": ["contact.created"] });
        slow.push(text_of(&owner.post("/webhooks", order).await["id"]));
    }
    made(house, &["contact.created"]).await;
    for number in 0..10 {
        agent.post("/contacts", json!({ "name": format!("Contact {number}") })).await;
    }
    arrive(house, 10).await;
    until("all are found", async || (agent.list("/contacts?q=Contact").await.len() == 10).then_some(())).await;
    for name in names {
        until("it is tried", async || (house.receiver.most_held(name) > 0).then_some(())).await;
    }
    for id in slow {
        assert_eq!(owner.call(Method::DELETE, &format!("/webhooks/{id}"), None).await.status, 204);
    }
    house.receiver.answer_the_slow();
    house.quiet().await;
    for name in names {
        assert!(house.receiver.most_held(name) <= 2, "{name} had {}", house.receiver.most_held(name));
    }
}
