//! Legal holds over the API: set, told, and what they stopped goes on by itself; and what limits the use of a contact's data.

use http::Method;
use serde_json::json;

use crate::bot::Bot;
use crate::client::text_of;
use crate::house::{House, until};

both_engines!(
    an_erasure_waits_for_the_hold_and_then_happens,
    a_hold_is_described_refused_and_lifted,
    restriction_and_objection_are_noted_shown_and_lifted,
);

async fn an_erasure_waits_for_the_hold_and_then_happens(house: &House) {
    let bot = Bot::connect(house).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let (person, conversation) = bot.talk("Anna", "Salve").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let reply = agent.say(&conversation, "Cara Anna").await;
    agent.reaches(&conversation, &reply, "sent").await;
    let order = json!({ "on": "conversation", "conversation_id": conversation, "reason": "Causa 12/2026" });
    let hold = owner.post("/legal-holds", order).await;
    assert_eq!(
        (&hold["on"], &hold["active"], &hold["reason"]),
        (&json!("conversation"), &json!(true), &json!("Causa 12/2026"))
    );
    assert_eq!(agent.get(&format!("/contacts/{contact}")).await["legal_hold"], true, "members see it");

    let path = format!("/contacts/{contact}/erasure");
    let refused = owner.with("idempotency-key", "k").call(Method::POST, &path, None).await;
    refused.problem(409, "legal_hold");
    let told = text_of(&refused.json(409)["detail"]);
    assert!(told.contains("Art. 17(3)") && !told.contains("Causa"), "the ground is told, the case is not: {told}");
    owner.with("idempotency-key", "k").call(Method::POST, &path, None).await.problem(409, "legal_hold");
    owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.problem(409, "legal_hold");
    let erasure = told.split_whitespace().find(|word| word.starts_with("era_")).unwrap();
    let erasure = format!("/erasures/{erasure}");
    let waiting = owner.get(&erasure).await;
    assert_eq!(waiting["state"], "held");
    assert!(waiting["kept"][0]["what"].as_str().unwrap().contains("legal hold"), "{waiting}");

    // Nothing of it goes: not by a member, and what the contact takes back is kept, although nobody sees it.
    let message = format!("/messages/{}", text_of(&reply["id"]));
    agent.call(Method::DELETE, &message, None).await.problem(409, "legal_hold");
    house.quiet().await;
    assert_eq!(agent.get(&format!("/contacts/{contact}")).await["name"], "Anna");
    assert!(bot.phone(person).iter().all(|shown| !shown.deleted));

    assert_eq!(owner.call(Method::DELETE, &format!("/legal-holds/{}", text_of(&hold["id"])), None).await.status, 204);
    until("the erasure is done by itself", async || (owner.get(&erasure).await["state"] == "done").then_some(())).await;
    agent.call(Method::GET, &format!("/contacts/{contact}"), None).await.problem(404, "not_found");
    let again = owner.call(Method::POST, &path, None).await.json(202);
    assert!(erasure.ends_with(again["id"].as_str().unwrap()), "the wish that waited is the erasure");
}

async fn a_hold_is_described_refused_and_lifted(house: &House) {
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let contact = text_of(&agent.post("/contacts", json!({ "name": "Anna" })).await["id"]);
    let order = json!({ "on": "contact", "contact_id": contact, "reason": "Case", "ends_at": "2999-01-01T00:00:00Z" });
    agent.call(Method::POST, "/legal-holds", Some(&order)).await.problem(403, "forbidden");
    let keyed = owner.with("idempotency-key", "k");
    let hold = keyed.post("/legal-holds", order.clone()).await;
    assert_eq!(keyed.post("/legal-holds", order).await["id"], hold["id"]);
    assert_eq!((&hold["contact_id"], &hold["ends_at"]), (&json!(contact), &json!("2999-01-01T00:00:00Z")));
    for (wrong, field) in [
        (json!({ "on": "contact", "reason": "Case" }), "on"),
        (json!({ "on": "workspace", "contact_id": contact, "reason": "Case" }), "on"),
        (json!({ "on": "contact", "contact_id": "cnv_1", "reason": "Case" }), "contact_id"),
        (json!({ "on": "workspace", "reason": "" }), "reason"),
        (json!({ "on": "workspace", "reason": "Case", "ends_at": "2001-01-01T00:00:00Z" }), "ends_at"),
        (json!({ "on": "workspace", "reason": "Case", "ends_at": "soon" }), "ends_at"),
    ] {
        let answer = owner.call(Method::POST, "/legal-holds", Some(&wrong)).await;
        answer.problem(422, "invalid");
        let problem = answer.json(422);
        assert!(problem["fields"][field].is_string(), "{problem}");
    }
    let unknown = json!({ "on": "contact", "contact_id": format!("con_{}", "0".repeat(32)), "reason": "Case" });
    owner.call(Method::POST, "/legal-holds", Some(&unknown)).await.problem(404, "not_found");
    let path = format!("/legal-holds/{}", text_of(&hold["id"]));
    assert_eq!(owner.get(&path).await, hold);
    assert_eq!(owner.list("/legal-holds?active=true").await.len(), 1);
    for _ in 0..2 {
        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 204);
    }
    assert!(owner.list("/legal-holds?active=true").await.is_empty());
    let lifted = &owner.list("/legal-holds").await[0];
    assert_eq!((&lifted["active"], lifted["lifted_at"].is_string()), (&json!(false), true), "it stays to be looked up");
    let acts = owner.list("/audit?limit=100").await;
    for act in ["hold.set", "hold.read", "hold.lifted", "holds.listed"] {
        assert!(acts.iter().any(|entry| entry["act"] == act), "{act} is in the log");
    }
    assert_eq!(agent.get(&format!("/contacts/{contact}")).await["legal_hold"], false);
}

async fn restriction_and_objection_are_noted_shown_and_lifted(house: &House) {
    let (agent, viewer) = (&house.workspace.agent, &house.workspace.viewer);
    let contact = text_of(&agent.post("/contacts", json!({ "name": "Anna" })).await["id"]);
    let path = format!("/contacts/{contact}");
    let (restriction, objection) = (format!("{path}/restriction"), format!("{path}/objection"));
    for limit in [&restriction, &objection] {
        viewer.call(Method::POST, limit, Some(&json!({}))).await.problem(403, "forbidden");
        viewer.call(Method::DELETE, limit, None).await.problem(403, "forbidden");
    }
    let noted = agent.call(Method::POST, &restriction, Some(&json!({ "reason": "She contests the address" }))).await;
    let noted = noted.json(200);
    assert_eq!(
        (&noted["restricted"], &noted["restriction"]["reason"]),
        (&json!(true), &json!("She contests the address"))
    );
    assert_eq!(noted["restriction"]["by"], house.workspace.agent_id.to_string());
    let some = json!({ "purposes": ["profiling"] });
    assert_eq!(
        agent.call(Method::POST, &objection, Some(&some)).await.json(200)["objection"]["purposes"],
        json!(["profiling"])
    );
    let all = agent.call(Method::POST, &objection, Some(&json!({ "reason": "By mail" }))).await.json(200);
    assert_eq!(all["objection"]["purposes"], json!(["marketing", "profiling", "analytics"]));
    assert_eq!(agent.get(&path).await["objection"], all["objection"]);
    let wrong = json!({ "purposes": ["fun"] });
    agent.call(Method::POST, &objection, Some(&wrong)).await.problem(422, "invalid");
    agent.call(Method::POST, &objection, Some(&json!({ "purposes": [] }))).await.problem(422, "invalid");
    assert_eq!(agent.call(Method::DELETE, &restriction, None).await.json(200)["restricted"], false);
    let free = agent.call(Method::DELETE, &objection, None).await.json(200);
    assert_eq!((&free["restriction"], &free["objection"]), (&json!(null), &json!(null)));
}
