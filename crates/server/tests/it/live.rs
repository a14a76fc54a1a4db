//! The live stream: without a gap, without a doubling, and honest about what it cannot show any more.

use std::time::Duration;

use serde_json::json;

use crate::api_channel::Other;
use crate::client::text_of;
use crate::house::{House, PATIENCE, until};
use crate::stream::Stream;

both_engines!(a_stream_resumes_without_a_gap, what_is_too_old_is_read_anew, all_that_changes_is_told);

async fn a_stream_resumes_without_a_gap(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let start = Stream::open(agent, "/events", None).await;
    let begin = start.next("hello", |event| event.kind == "hello").await.id;
    start.close().await;
    let writing = async {
        for number in 0..60 {
            let contact = json!({ "id": format!("c-{}", number % 7) });
            let data = json!({ "id": format!("m-{number}"), "contact": contact, "text": format!("text {number}") });
            other.post("message.created", data).await;
        }
    };
    let reading = async {
        let (mut last, mut seen) = (begin, Vec::new());
        let start_at = tokio::time::Instant::now();
        let mut longer = 0;
        for round in 0_u64.. {
            let stream = Stream::open(agent, "/events", last).await;
            tokio::time::sleep(Duration::from_millis(20 + round % 5 * 10 + longer)).await;
            let events = stream.seen();
            stream.close().await;
            let new: Vec<_> = events.into_iter().filter(|event| event.kind != "hello").collect();
            // A machine with much to do says nothing in so short a time.
            longer = if new.is_empty() { longer + 20 } else { 0 };
            last = new.iter().filter_map(|event| event.id).next_back().or(last);
            seen.extend(new);
            let texts = seen.iter().filter(|event| event.kind == "message.created").count();
            if texts >= 60 || start_at.elapsed() > PATIENCE {
                break;
            }
        }
        seen
    };
    let (seen, ()) = tokio::join!(reading, writing);
    let ids: Vec<i64> = seen.iter().filter_map(|event| event.id).collect();
    let begin = begin.unwrap();
    let expected: Vec<i64> = (begin + 1..=begin + i64::try_from(ids.len()).unwrap()).collect();
    assert_eq!(ids, expected, "every fact once, in order");
    let texts =
        seen.iter().filter(|event| event.kind == "message.created").map(|event| text_of(&event.data["data"]["text"]));
    let mut texts: Vec<_> = texts.collect();
    texts.sort();
    let mut expected: Vec<_> = (0..60).map(|number| format!("text {number}")).collect();
    expected.sort();
    assert_eq!(texts, expected);
}

async fn what_is_too_old_is_read_anew(house: &House) {
    let agent = &house.workspace.agent;
    agent.post("/contacts", json!({ "name": "Anna" })).await;
    house.clock.advance(8 * 24 * 3_600_000);
    house.app.vault.sweep().await.unwrap();
    agent.post("/contacts", json!({ "name": "Bea" })).await;
    let stream = Stream::open(agent, "/events", Some(0)).await;
    let reset = stream.next("a reset", |event| event.kind == "reset").await;
    let bea = agent.post("/contacts", json!({ "name": "Carla" })).await;
    let next = stream.next("what comes after", |event| event.kind == "contact.created").await;
    assert_eq!((next.id, &next.data["data"]["id"]), (reset.id.map(|id| id + 1), &bea["id"]));
    let future = Stream::open(agent, "/events", Some(1_000_000)).await;
    future.next("a reset", |event| event.kind == "reset").await;
    let wrong = agent.with("last-event-id", "x").call(http::Method::GET, "/events", None).await;
    wrong.problem(422, "invalid");
}

async fn all_that_changes_is_told(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let stream = Stream::open(agent, "/events", None).await;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let path = format!("/conversations/{conversation}");
    let change = json!({ "status": "pending", "assignee_id": house.workspace.agent_id, "priority": "high",
                         "labels": ["Retour", "VIP"] });
    let changed = agent.patch(&path, change).await;
    assert_eq!((&changed["status"], &changed["priority"]), (&json!("pending"), &json!("high")));
    assert_eq!(changed["assignee_id"], house.workspace.agent_id.to_string());
    let told = stream
        .next("the change", |event| event.kind == "conversation.updated" && event.data["data"]["status"] == "pending")
        .await;
    assert_eq!(told.data["data"]["labels"].as_array().unwrap().len(), 2);
    for (query, found) in [
        ("status=pending", 1),
        ("status=open", 0),
        ("assignee=me", 1),
        ("assignee=none", 0),
        ("label=vip", 1),
        ("label=other", 0),
        (&format!("channel={}", other.channel)[..], 1),
    ] {
        assert_eq!(agent.list(&format!("/conversations?{query}")).await.len(), found, "{query}");
    }
    let cleared = agent.patch(&path, json!({ "assignee_id": null, "labels": [] })).await;
    assert_eq!((&cleared["assignee_id"], &cleared["status"]), (&json!(null), &json!("pending")));
    other.writes(agent, "c-1", "m-2", "Still there?").await;
    assert_eq!(agent.get(&path).await["status"], "open", "who writes again opens it again");
    assert_eq!(agent.patch(&path, json!({ "read": true })).await["unread_count"], 0);
    for wrong in [
        json!({ "status": "gone" }),
        json!({ "priority": "most" }),
        json!({ "labels": [""] }),
        json!({ "assignee_id": "x" }),
        json!({ "colour": "red" }),
    ] {
        agent.call(http::Method::PATCH, &path, Some(&wrong)).await.problem(422, "invalid");
    }
    until("contacts come, the most active first", async || {
        (agent.list("/contacts?limit=1").await[0]["name"] == "Contact c-1").then_some(())
    })
    .await;
}
