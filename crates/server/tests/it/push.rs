//! Web push: who is told when, by what, and that nothing is said. The other system plays the push service and verifies what
//! it is shown as one does (RFC 8292).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};
use simulator::graph::TokenCard;
use vault::{Clock, Role};

use crate::api_channel::Other;
use crate::client::{Client, text_of};
use crate::house::{House, member, until};
use crate::number::Number;
use crate::receiver::Posted;

both_engines!(
    who_is_concerned_is_told_without_a_word,
    a_mention_and_an_assignment_are_told,
    a_channel_that_stops_is_told_once_to_whoever_may_mend_it,
    a_gone_browser_is_forgotten_and_a_busy_service_waited_for,
    browsers_are_ones_own,
    slow_push_services_are_waited_for_together,
);

/// Pushes that arrived.
fn pushes(house: &House) -> Vec<Posted> {
    house.receiver.posted().into_iter().filter(|posted| posted.headers.contains_key("topic")).collect()
}

async fn arrive(house: &House, count: usize) -> Vec<Posted> {
    until(&format!("{count} pushes"), async || {
        let all = pushes(house);
        assert!(all.len() <= count, "{} pushes, not {count}", all.len());
        (all.len() == count).then_some(all)
    })
    .await
}

/// No push comes, although there is time.
async fn stays_at(house: &House, count: usize) {
    house.quiet().await;
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    house.quiet().await;
    assert_eq!(pushes(house).len(), count);
}

async fn subscribe(house: &House, client: &Client, unassigned: bool) -> Value {
    let endpoint = format!("{}?browser={unassigned}", house.receiver.url());
    client.post("/push/subscriptions", json!({ "endpoint": endpoint, "unassigned": unassigned })).await
}

/// What the token says, after it was verified by the key that was asked for.
fn verified(posted: &Posted, key: &str) -> Value {
    let credentials = posted.headers["authorization"].to_str().unwrap();
    let (token, shown) = credentials.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    assert_eq!(shown, key);
    let point = VerifyingKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(key).unwrap()).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    point.verify(signed.as_bytes(), &signature).unwrap();
    let part = |text: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    assert_eq!(part(header), json!({ "typ": "JWT", "alg": "ES256" }));
    part(claims)
}

async fn who_is_concerned_is_told_without_a_word(house: &House) {
    let (agent, viewer) = (&house.workspace.agent, &house.workspace.viewer);
    let key = text_of(&agent.get("/push/key").await["key"]);
    assert_eq!(URL_SAFE_NO_PAD.decode(&key).unwrap().len(), 65);
    assert_eq!(text_of(&viewer.get("/push/key").await["key"]), key);
    subscribe(house, agent, false).await;
    let other = Other::connect(house, &house.workspace).await;
    let conversation = other.writes(agent, "c-1", "m-1", "Nobody's yet").await;
    stays_at(house, 0).await;
    agent.patch(&format!("/conversations/{conversation}"), json!({ "assignee_id": house.workspace.agent_id })).await;
    stays_at(house, 0).await;
    other.writes(agent, "c-1", "m-2", "A canary").await;
    let told = arrive(house, 1).await.remove(0);
    assert!(told.body.is_empty());
    assert!(told.headers["topic"] == "news" && told.headers["ttl"] == "43200", "{:?}", told.headers);
    let claims = verified(&told, &key);
    assert_eq!(text_of(&claims["aud"]), format!("http://{}", house.receiver.authority()));
    let left = claims["exp"].as_i64().unwrap() - house.clock.now() / 1_000;
    assert!((1..=24 * 3_600).contains(&left), "{left}");
    assert!(text_of(&claims["sub"]).starts_with("https://"));
    for number in 3..6 {
        other.writes(agent, "c-1", &format!("m-{number}"), "More").await;
    }
    stays_at(house, 1).await;
    house.clock.advance(61_000);
    arrive(house, 2).await;
    house.clock.advance(61_000);
    stays_at(house, 2).await;
    subscribe(house, viewer, true).await;
    other.writes(agent, "c-2", "m-7", "Nobody's").await;
    let third = arrive(house, 3).await.remove(2);
    assert_ne!(third.headers["authorization"], told.headers["authorization"]);
}

async fn a_mention_and_an_assignment_are_told(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let other = Other::connect(house, &house.workspace).await;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    subscribe(house, agent, false).await;
    let (path, id) = (format!("/conversations/{conversation}"), house.workspace.agent_id);
    owner.patch(&path, json!({ "assignee_id": id })).await;
    arrive(house, 1).await;
    house.clock.advance(61_000);
    owner.patch(&path, json!({ "assignee_id": id, "priority": "high" })).await;
    stays_at(house, 1).await;
    let note = json!({ "text": "Look", "note": true, "mention_ids": [id] });
    agent.post(&format!("{path}/messages"), note.clone()).await;
    stays_at(house, 1).await;
    owner.post(&format!("{path}/messages"), note).await;
    arrive(house, 2).await;
}

async fn a_channel_that_stops_is_told_once_to_whoever_may_mend_it(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let who = ("Adele Adam", "adele@example.org");
    let (_, admin) = member(&house.app, &house.base, &house.workspace.operator, who, Role::Admin).await;
    let number = Number::connect(house).await;
    let (_, conversation) = number.talk("Anna", "Ci siete?").await;
    house.quiet().await;
    for (name, client) in [("owner", owner), ("admin", &admin), ("agent", agent)] {
        let endpoint = format!("{}?browser={name}", house.receiver.url());
        client.post("/push/subscriptions", json!({ "endpoint": endpoint })).await;
    }
    let path = format!("/channels/{}", number.channel);
    let state = async |state: &str| {
        let all = async || (owner.get(&path).await["state"] == state).then_some(());
        until(&format!("the channel is {state}"), all).await;
    };
    let mut token = number.app.token.clone();
    for stop in 1..=2 {
        number.app.graph.revoke_token(&token);
        let message = agent.say(&conversation, "Arriviamo").await;
        state("needs_attention").await;
        let told = arrive(house, 2 * stop).await;
        assert!(told.iter().all(|push| push.body.is_empty()), "without a word");
        // The same stop, for another reason.
        house.clock.advance(61_000);
        let wrong = admin.patch(&path, json!({ "settings": { "phone_number_id": "ours" } })).await;
        assert_eq!(wrong["state_reason"], "phone_number_id_malformed");
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        assert_eq!(pushes(house).len(), 2 * stop, "a stop is told once, and not to who cannot mend it");
        let card = TokenCard { app: number.app.card.id.clone(), ..TokenCard::default() };
        token = number.app.graph.create_token(card).unwrap().token;
        let mended = json!({ "settings": { "access_token": token, "phone_number_id": number.id } });
        assert_eq!(owner.patch(&path, mended).await["state"], "ready");
        agent.reaches(&conversation, &message, "delivered").await;
        stays_at(house, 2 * stop).await;
    }
}

async fn a_gone_browser_is_forgotten_and_a_busy_service_waited_for(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let other = Other::connect(house, &house.workspace).await;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    subscribe(house, agent, false).await;
    house.receiver.answer_with(&[503, 429, 201]);
    let (path, id) = (format!("/conversations/{conversation}"), house.workspace.agent_id);
    owner.patch(&path, json!({ "assignee_id": id })).await;
    for tried in 1..=3 {
        arrive(house, tried).await;
        // Until what was answered is known: the pause is counted from there.
        house.quiet().await;
        house.clock.advance(120_000);
    }
    stays_at(house, 3).await;
    house.receiver.answer_with(&[410]);
    other.writes(agent, "c-1", "m-2", "Hi").await;
    arrive(house, 4).await;
    until("it is forgotten", async || agent.list("/push/subscriptions").await.is_empty().then_some(())).await;
    house.clock.advance(120_000);
    other.writes(agent, "c-1", "m-3", "Hi").await;
    stays_at(house, 4).await;
}

async fn browsers_are_ones_own(house: &House) {
    let (agent, viewer) = (&house.workspace.agent, &house.workspace.viewer);
    let order = json!({ "endpoint": house.receiver.url() });
    let keyed = agent.with("idempotency-key", "a-browser");
    let one = keyed.post("/push/subscriptions", order.clone()).await;
    assert_eq!(keyed.post("/push/subscriptions", order.clone()).await, one);
    assert_eq!(agent.list("/push/subscriptions").await, std::slice::from_ref(&one));
    assert!(viewer.list("/push/subscriptions").await.is_empty());
    let path = format!("/push/subscriptions/{}", text_of(&one["id"]));
    viewer.call(Method::DELETE, &path, None).await.problem(404, "not_found");
    let theirs = viewer.post("/push/subscriptions", order.clone()).await;
    assert!(agent.list("/push/subscriptions").await.is_empty(), "the browser is of whoever signed in last");
    let path = format!("/push/subscriptions/{}", text_of(&theirs["id"]));
    assert_eq!(viewer.call(Method::DELETE, &path, None).await.status, 204);
    for wrong in ["", "push.example", "ftp://push.example", "https://a b"] {
        let refused = agent.call(Method::POST, "/push/subscriptions", Some(&json!({ "endpoint": wrong }))).await;
        assert!(refused.json(422)["fields"]["endpoint"].is_string(), "{refused}");
    }
    let who = ("Paula Privat", "paula@example.org");
    let (_, privacy) = member(&house.app, &house.base, &house.workspace.operator, who, Role::Privacy).await;
    privacy.call(Method::POST, "/push/subscriptions", Some(&order)).await.problem(403, "forbidden");
}

async fn slow_push_services_are_waited_for_together(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let other = Other::connect(house, &house.workspace).await;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    for browser in 0..20 {
        let endpoint = format!("{}?browser={browser}", house.receiver.slow_url("push"));
        agent.post("/push/subscriptions", json!({ "endpoint": endpoint })).await;
    }
    let order = json!({ "assignee_id": house.workspace.agent_id });
    owner.patch(&format!("/conversations/{conversation}"), order).await;
    let together = async || (house.receiver.most_held("push") >= 10).then_some(());
    until("half of them are told at once", together).await;
    house.receiver.answer_the_slow();
    house.quiet().await;
    assert_eq!(house.receiver.most_held("push"), 10, "and no more");
}
