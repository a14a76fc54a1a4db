//! For how long what is kept: set by members, refused where they may not, and carried out by the daily sweep.

use http::Method;
use serde_json::{Value, json};

use crate::api_channel::Other;
use crate::house::{House, until};
use crate::stream::Stream;

both_engines!(
    terms_are_seen_and_set_all_or_none,
    what_is_past_its_term_goes_and_the_page_says_so,
    a_clock_ten_years_ahead_deletes_nothing,
);

const DAY: i64 = 86_400_000;

fn of<'a>(retention: &'a Value, category: &str) -> &'a Value {
    let all = retention["categories"].as_array().unwrap();
    all.iter().find(|one| one["category"] == category).unwrap()
}

async fn terms_are_seen_and_set_all_or_none(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let seen = owner.get("/retention").await;
    let messages = of(&seen, "messages");
    assert_eq!((&messages["days"], &messages["promise"]), (&json!(730), &json!("R-3")));
    assert_eq!((&messages["least"], &messages["most"]), (&json!(1), &json!(3_653)));
    assert_eq!(of(&seen, "billing")["days"], 3_653, "Italy's ten years");
    assert_eq!(of(&seen, "security_logs")["adjustable"], false);
    agent.call(Method::GET, "/retention", None).await.problem(403, "forbidden");
    let wish = json!({ "terms": { "messages": 0, "security_logs": 30, "profiles": 60, "weather": 1 } });
    let refused = owner.call(Method::PUT, "/retention", Some(&wish)).await.json(422);
    for field in ["terms.messages", "terms.security_logs", "terms.weather"] {
        assert!(refused["fields"][field].is_string(), "{refused}");
    }
    assert!(refused["fields"]["terms.profiles"].is_null(), "{refused}");
    assert_eq!(of(&owner.get("/retention").await, "profiles")["days"], 730, "all or none");
    let stream = Stream::open(agent, "/events", None).await;
    let wish = json!({ "terms": { "messages": 30, "profiles": 60 } });
    let set = owner.call(Method::PUT, "/retention", Some(&wish)).await.json(200);
    assert_eq!((&of(&set, "messages")["days"], &of(&set, "profiles")["days"]), (&json!(30), &json!(60)));
    assert!(of(&set, "messages")["set_by"].is_string(), "{set}");
    let told =
        |event: &crate::stream::Event| event.kind == "workplace.updated" && event.data["data"]["what"] == "retention";
    stream.next("retention", told).await;
    let back = owner.call(Method::PUT, "/retention", Some(&json!({ "terms": { "messages": null } }))).await.json(200);
    assert_eq!(of(&back, "messages")["days"], 730);
}

async fn what_is_past_its_term_goes_and_the_page_says_so(house: &House) {
    let owner = &house.workspace.owner;
    let other = Other::connect(house, &house.workspace).await;
    let conversation = other.writes(owner, "c-1", "m-1", "Hello").await;
    house.app.vault.note_time().await.unwrap();
    house.app.vault.plan_sweeps().await.unwrap();
    let next = owner.get("/retention").await["next_sweep_at"].clone();
    assert!(next.is_string());
    let would = owner.get("/retention/preview?days=3&terms=messages:2").await;
    assert_eq!(would["coming"][0]["what"], "messages", "{would}");
    assert_eq!(would["coming"][0]["rows"], 1);
    assert_eq!(owner.get("/retention/preview").await["coming"], json!([]), "by the terms as they are nothing goes");
    owner.call(Method::GET, "/retention/preview?days=0", None).await.problem(422, "invalid");
    owner.call(Method::PUT, "/retention", Some(&json!({ "terms": { "messages": 2 } }))).await.json(200);
    house.clock.advance(3 * DAY);
    let done = until("the sweep is done", async || {
        let now = owner.get("/retention").await;
        (now["last_sweep"]["state"] == "done").then_some(now)
    })
    .await;
    assert!(done["last_sweep"]["removed"]["messages"].as_i64().is_some_and(|rows| rows >= 2), "{done}");
    owner.call(Method::GET, &format!("/conversations/{conversation}"), None).await.problem(404, "not_found");
}

async fn a_clock_ten_years_ahead_deletes_nothing(house: &House) {
    let owner = &house.workspace.owner;
    let other = Other::connect(house, &house.workspace).await;
    let conversation = other.writes(owner, "c-1", "m-1", "Hello").await;
    house.app.vault.note_time().await.unwrap();
    house.app.vault.plan_sweeps().await.unwrap();
    house.clock.advance(3_653 * DAY);
    let stopped = until("the sweep stops", async || {
        let now = owner.get("/retention").await;
        (now["last_sweep"]["state"] == "stopped").then_some(now)
    })
    .await;
    assert_eq!(stopped["clock"]["believed"], false);
    owner.get(&format!("/conversations/{conversation}")).await;
}
