//! Requests of data subjects over the API: recorded by whoever talks with people, answered by whoever may.

use http::Method;
use serde_json::json;

use crate::client::text_of;
use crate::house::House;

both_engines!(a_request_is_recorded_verified_and_met, a_request_is_extended_and_refused, the_clock_is_the_countrys);

async fn a_request_is_recorded_verified_and_met(house: &House) {
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let contact = text_of(&agent.post("/contacts", json!({ "name": "Anna" })).await["id"]);
    let keyed = agent.with("idempotency-key", "k");
    let order =
        json!({ "kind": "erasure", "came_by": "conversation", "contact_id": contact, "text": "Forget me, please" });
    let request = keyed.post("/requests", order.clone()).await;
    assert_eq!(keyed.post("/requests", order).await["id"], request["id"]);
    let path = format!("/requests/{}", text_of(&request["id"]));
    agent.call(Method::GET, &path, None).await.problem(403, "forbidden");
    assert_eq!(owner.list("/requests").await[0]["text"], "Forget me, please");
    let close = format!("{path}/closing");
    let met = json!({ "outcome": "met" });
    owner.call(Method::POST, &close, Some(&met)).await.problem(409, "not_verified");
    let proof = json!({ "proof": "same_channel" });
    let verified = owner.call(Method::POST, &format!("{path}/verification"), Some(&proof)).await.json(200);
    assert_eq!(verified["verified_by"], "same_channel");
    let closed = owner.call(Method::POST, &close, Some(&met)).await.json(200);
    assert_eq!(closed["outcome"], "met");
    let steps: Vec<_> = closed["steps"].as_array().unwrap().iter().map(|step| text_of(&step["step"])).collect();
    assert_eq!(steps, ["received", "verified", "closed"]);
    owner.call(Method::GET, &format!("/contacts/{contact}"), None).await.problem(404, "not_found");
    assert!(owner.list("/requests").await.is_empty());
    let kept = &owner.list("/requests?closed=true").await[0];
    assert_eq!(kept["text"], "Forget me, please", "the proof of the answer outlives the erasure");
    owner.call(Method::POST, &close, Some(&met)).await.problem(409, "request_closed");
}

async fn a_request_is_extended_and_refused(house: &House) {
    let owner = &house.workspace.owner;
    let request = owner.post("/requests", json!({ "kind": "access", "came_by": "mail" })).await;
    let path = format!("/requests/{}", text_of(&request["id"]));
    let extension = format!("{path}/extension");
    owner.call(Method::POST, &extension, Some(&json!({ "reason": "" }))).await.problem(422, "invalid");
    let why = json!({ "reason": "Nine years of mail" });
    let extended = owner.call(Method::POST, &extension, Some(&why)).await.json(200);
    assert!(text_of(&extended["due_at"]) > text_of(&request["due_at"]));
    owner.call(Method::POST, &extension, Some(&why)).await.problem(409, "already_extended");
    let noted = owner.call(Method::POST, &format!("{path}/notes"), Some(&json!({ "text": "Called" }))).await.json(200);
    assert_eq!(noted["steps"][2]["text"], "Called");
    let close = format!("{path}/closing");
    owner.call(Method::POST, &close, Some(&json!({ "outcome": "refused" }))).await.problem(422, "invalid");
    let refused = json!({ "outcome": "refused", "reason": "It is not yours" });
    assert_eq!(owner.call(Method::POST, &close, Some(&refused)).await.json(200)["outcome"], "refused");
    for wrong in [
        json!({ "kind": "wish", "came_by": "mail" }),
        json!({ "kind": "access", "came_by": "pigeon" }),
        json!({ "kind": "access", "came_by": "mail", "received_at": "2999-01-01T00:00:00Z" }),
        json!({ "kind": "access", "came_by": "mail", "text": "x".repeat(10_001) }),
    ] {
        owner.call(Method::POST, "/requests", Some(&wrong)).await.problem(422, "invalid");
    }
}

async fn the_clock_is_the_countrys(house: &House) {
    let owner = &house.workspace.owner;
    assert_eq!(owner.patch("/workspace", json!({ "country": "it" })).await["country"], "IT");
    owner.call(Method::PATCH, "/workspace", Some(&json!({ "country": "Italy" }))).await.problem(422, "invalid");
    let request = owner.post("/requests", json!({ "kind": "access", "came_by": "page" })).await;
    assert_eq!(request["country"], "IT");
    assert_eq!(owner.patch("/workspace", json!({ "country": null })).await["country"], json!(null));
}
