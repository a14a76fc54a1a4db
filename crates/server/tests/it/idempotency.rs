//! A repeated POST with the same key acts once and gets the first answer.

use http::Method;
use serde_json::json;

use crate::api_channel::Other;
use crate::client::text_of;
use crate::house::House;

both_engines!(a_key_acts_once, a_key_belongs_to_its_request_and_its_member, a_channel_is_connected_once);

async fn a_key_acts_once(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let conversation = other.writes(&house.workspace.agent, "c-1", "m-1", "Hi").await;
    let agent = &house.workspace.agent;
    let (keyed, path) = (agent.with("idempotency-key", "k-1"), format!("/conversations/{conversation}/messages"));
    let order = json!({ "text": "once" });
    let parallel = (0..8).map(|_| keyed.call(Method::POST, &path, Some(&order)));
    let answers = futures_util::future::join_all(parallel).await;
    let ids: std::collections::BTreeSet<_> = answers.iter().map(|answer| text_of(&answer.json(201)["id"])).collect();
    assert_eq!(ids.len(), 1);
    let later = keyed.call(Method::POST, &path, Some(&order)).await.json(201);
    assert!(ids.contains(&text_of(&later["id"])));
    agent.reaches(&conversation, &later, "sent").await;
    house.quiet().await;
    assert_eq!(agent.texts(&conversation).await, ["Hi", "once"]);
    assert_eq!(house.receiver.posted().len(), 1);
    // A request that failed may be repeated with the same key.
    let keyed = agent.with("idempotency-key", "k-2");
    keyed.call(Method::POST, &path, Some(&json!({ "text": "" }))).await.problem(422, "invalid");
    keyed.call(Method::POST, &path, Some(&json!({ "text": "now right" }))).await.json(201);
}

async fn a_key_belongs_to_its_request_and_its_member(house: &House) {
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let keyed = agent.with("idempotency-key", "k-1");
    let first = keyed.post("/contacts", json!({ "name": "Anna" })).await;
    keyed.call(Method::POST, "/contacts", Some(&json!({ "name": "Bea" }))).await.problem(409, "idempotency_mismatch");
    let theirs = owner.with("idempotency-key", "k-1").post("/contacts", json!({ "name": "Bea" })).await;
    assert_ne!(first["id"], theirs["id"]);
    for wrong in ["", &"k".repeat(256)[..]] {
        let answer = agent.with("idempotency-key", wrong).call(Method::POST, "/contacts", Some(&json!({}))).await;
        answer.problem(422, "invalid");
    }
    house.clock.advance(25 * 3_600_000);
    let next = keyed.post("/contacts", json!({ "name": "Bea" })).await;
    assert_ne!(first["id"], next["id"]);
}

async fn a_channel_is_connected_once(house: &House) {
    let owner = house.workspace.owner.with("idempotency-key", "k-1");
    let settings = json!({ "webhook_url": house.receiver.url() });
    let order = json!({ "kind": "api", "name": "Shop", "settings": settings });
    let (first, again) = (owner.post("/channels", order.clone()).await, owner.post("/channels", order).await);
    assert_eq!(first["id"], again["id"]);
    assert_eq!(first["shown_once"], again["shown_once"], "the first answer, with the secret that works");
    assert_eq!(house.workspace.owner.list("/channels").await.len(), 1);
}
