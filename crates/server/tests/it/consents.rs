//! Consents over the API, and the gate that asks for them.

use http::Method;
use serde_json::json;
use vault::outbox::{self, Gate, Refusal};
use vault::{ChannelId, ContactId};

use crate::bot::Bot;
use crate::client::text_of;
use crate::house::House;

both_engines!(
    a_consent_is_given_and_withdrawn,
    a_receipt_holds_the_record_and_its_text,
    a_soft_opt_in_is_for_mail,
    marketing_needs_a_consent,
    a_restriction_is_set_and_lifted
);

async fn a_consent_is_given_and_withdrawn(house: &House) {
    let agent = &house.workspace.agent;
    let contact = text_of(&agent.post("/contacts", json!({ "name": "Anna" })).await["id"]);
    let path = format!("/contacts/{contact}/consents");
    let order = json!({ "purpose": "marketing", "channel": "telegram", "ground": "consent", "text_version": "2026-01",
                        "collected_by": "form", "given_at": "2026-01-31T09:30:00Z", "evidence": "a signed card" });
    let keyed = agent.with("idempotency-key", "k");
    let given = keyed.post(&path, order.clone()).await;
    assert_eq!(keyed.post(&path, order).await["id"], given["id"]);
    assert_eq!((&given["given_at"], &given["withdrawn_at"]), (&json!("2026-01-31T09:30:00Z"), &json!(null)));
    assert!(!agent.get(&path).await.to_string().contains("signed card"), "the evidence is sealed");
    let withdraw = format!("/consents/{}", text_of(&given["id"]));
    assert_eq!(agent.call(Method::DELETE, &withdraw, None).await.status, 204);
    let first = agent.list(&path).await[0]["withdrawn_at"].clone();
    house.clock.advance(60_000);
    assert_eq!(agent.call(Method::DELETE, &withdraw, None).await.status, 204);
    assert_eq!(agent.list(&path).await[0]["withdrawn_at"], first);
    for wrong in [
        json!({}),
        json!({ "purpose": "", "channel": "any", "ground": "consent", "text_version": "1", "collected_by": "form" }),
        json!({ "purpose": "a b\nc", "channel": "any", "ground": "consent", "text_version": "1", "collected_by": "form" }),
        json!({ "purpose": "x", "channel": "any", "ground": "consent", "text_version": "1", "collected_by": "form", "given_at": "yesterday" }),
    ] {
        agent.call(Method::POST, &path, Some(&wrong)).await.problem(422, "invalid");
    }
    agent.call(Method::DELETE, &format!("/consents/cns_{}", "0".repeat(32)), None).await.problem(404, "not_found");
}

async fn a_receipt_holds_the_record_and_its_text(house: &House) {
    let (agent, viewer) = (&house.workspace.agent, &house.workspace.viewer);
    let contact = text_of(&agent.post("/contacts", json!({ "name": "Anna" })).await["id"]);
    let shown = "Ja — schreibt mir <Angebote>. \u{1f4ee}";
    let order = json!({ "purpose": "marketing", "channel": "email", "ground": "consent", "text_version": "2026-01",
                        "text": shown, "collected_by": "form", "given_at": "2026-01-31T09:30:00Z", "evidence": "a signed card" });
    let given = agent.post(&format!("/contacts/{contact}/consents"), order).await;
    let path = format!("/consents/{}/receipt", text_of(&given["id"]));
    let answer = viewer.call(Method::GET, &path, None).await;
    assert_eq!(answer.headers["content-type"], "application/ld+json");
    assert!(!answer.text().contains("signed card"), "what proves it is the workspace's");
    let receipt = agent.get(&path).await;
    let record = &receipt["dpv:hasRecordOfActivity"];
    assert_eq!((&receipt["@type"], &record["dct:identifier"]), (&json!("dpv:ConsentReceipt"), &given["id"]));
    assert_eq!(record["dpv:hasDataSubject"]["dct:identifier"], contact);
    assert!(record["dpv:hasDataController"]["dpv:hasName"].is_string());
    assert_eq!(record["dpv:hasNotice"]["dct:description"], shown);
    assert_eq!(record["dpv:hasProcess"]["dct:medium"], "email");
    assert_eq!(record["dpv:hasConsentStatus"].as_array().map(Vec::len), Some(1));
    agent.call(Method::DELETE, &format!("/consents/{}", text_of(&given["id"])), None).await;
    let ended = agent.get(&path).await["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"][1].clone();
    assert_eq!(
        (&ended["@type"], &ended["dpv:hasIndicationMethod"]),
        (&json!("dpv:ConsentWithdrawn"), &json!("member"))
    );
    let log = house.workspace.owner.get("/audit?limit=100").await.to_string();
    assert!(log.contains("consents.read"), "reading it is an act");
    agent.call(Method::GET, &format!("/consents/cns_{}/receipt", "0".repeat(32)), None).await.problem(404, "not_found");
}

async fn a_soft_opt_in_is_for_mail(house: &House) {
    let agent = &house.workspace.agent;
    let contact = text_of(&agent.post("/contacts", json!({ "name": "Anna" })).await["id"]);
    let path = format!("/contacts/{contact}/consents");
    let order = |purpose: &str, channel: &str, ground: &str| json!({ "purpose": purpose, "channel": channel, "ground": ground, "text_version": "1", "collected_by": "form" });
    for (purpose, channel, ground) in [
        ("marketing", "telegram", "soft_opt_in"),
        ("marketing", "any", "soft_opt_in"),
        ("marketing", "pigeon", "soft_opt_in"),
        ("messages", "email", "soft_opt_in"),
        ("marketing", "email", "legitimate_interest"),
    ] {
        let answer = agent.call(Method::POST, &path, Some(&order(purpose, channel, ground))).await;
        answer.problem(422, "invalid");
    }
    agent.post(&path, order("marketing", "email", "soft_opt_in")).await;
}

async fn marketing_needs_a_consent(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = bot.talk("Anna", "Salve").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let (channel, id): (ChannelId, ContactId) = (bot.channel.parse().unwrap(), contact.parse().unwrap());
    let asked = async |gate: Gate| {
        let scope = &house.workspace.operator;
        house.app.vault.read(scope, move |tx| outbox::check(tx, channel, id, &gate)).await.unwrap()
    };
    let marketing = || Gate { purpose: "marketing", ..Gate::reply(None) };
    assert_eq!(asked(Gate::reply(None)).await, None);
    assert_eq!(asked(marketing()).await, Some(Refusal::NoConsent));
    let path = format!("/contacts/{contact}/consents");
    let order = |purpose: &str, channel: &str| json!({ "purpose": purpose, "channel": channel, "ground": "consent", "text_version": "1", "collected_by": "form" });
    agent.post(&path, order("marketing", "web")).await;
    agent.post(&path, order("surveys", "any")).await;
    assert_eq!(asked(marketing()).await, Some(Refusal::NoConsent), "another channel, another purpose");
    let given = agent.post(&path, order("marketing", "telegram")).await;
    assert_eq!(asked(marketing()).await, None);
    assert_eq!(asked(Gate { free_until: Some(1), ..marketing() }).await, Some(Refusal::WindowClosed));
    assert_eq!(asked(Gate { free_until: Some(1), is_template: true, ..marketing() }).await, None);
    agent.call(Method::DELETE, &format!("/consents/{}", text_of(&given["id"])), None).await;
    assert_eq!(asked(marketing()).await, Some(Refusal::NoConsent));
    house.workspace.owner.call(Method::DELETE, &format!("/channels/{}", bot.channel), None).await.json(202);
    assert_eq!(asked(Gate::reply(None)).await, Some(Refusal::ChannelOff));
    let path = format!("/conversations/{conversation}/messages");
    agent.call(Method::POST, &path, Some(&json!({ "text": "x" }))).await.problem(409, "channel_off");
}

async fn a_restriction_is_set_and_lifted(house: &House) {
    let (agent, viewer, owner) = (&house.workspace.agent, &house.workspace.viewer, &house.workspace.owner);
    let contact = agent.post("/contacts", json!({ "name": "Anna" })).await;
    let path = format!("/contacts/{}", text_of(&contact["id"]));
    viewer.call(Method::PATCH, &path, Some(&json!({ "restricted": true }))).await.problem(403, "forbidden");
    for on in [true, false] {
        assert_eq!(agent.patch(&path, json!({ "restricted": on })).await["restricted"], on);
        assert_eq!(agent.get(&path).await["restricted"], on);
    }
    let log = owner.get("/audit?limit=100").await.to_string();
    assert!(log.contains("contact.restricted") && log.contains("contact.unrestricted"), "{log}");
}
