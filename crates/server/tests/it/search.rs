//! Full-text search: within two seconds of arrival, with what matched marked, and never of what is gone.

use http::Method;
use serde_json::{Value, json};

use crate::api_channel::Other;
use crate::client::{Client, text_of};
use crate::house::{House, until};

both_engines!(words_are_found, what_is_gone_is_not_found, nothing_of_another_workspace_is_found);

async fn search(client: &Client, words: &str) -> Vec<Value> {
    let query: String = form_urlencoded::byte_serialize(words.as_bytes()).collect();
    client.list(&format!("/search?q={query}")).await
}

async fn words_are_found(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let conversation = other.writes(agent, "c-1", "m-1", "My order of rye bread never arrived").await;
    let arrived = tokio::time::Instant::now();
    other.writes(agent, "c-2", "m-2", "The bread was excellent").await;
    let note = json!({ "text": "Refund promised by Ada", "note": true });
    agent.post(&format!("/conversations/{conversation}/messages"), note).await;
    until("the word is found", async || (search(agent, "rye").await.len() == 1).then_some(())).await;
    assert!(arrived.elapsed().as_millis() < 3_000, "two seconds, and one for a slow machine");
    house.quiet().await;
    for (words, found) in [
        ("bread", 2),
        ("arriv", 1),
        ("\"rye bread\"", 1),
        ("\"bread rye\"", 0),
        ("bread -rye", 1),
        ("refund", 1),
        ("nonsense", 0),
        ("RYE", 1),
        ("\"", 0),
        ("*", 0),
        ("a:b AND (", 0),
    ] {
        assert_eq!(search(agent, words).await.len(), found, "{words}");
    }
    let hit = &search(agent, "rye").await[0];
    assert_eq!((&hit["conversation"]["id"], &hit["message"]["direction"]), (&json!(conversation), &json!("incoming")));
    let highlight = &hit["highlights"][0];
    let span = &highlight["spans"][0];
    let text: Vec<char> = text_of(&highlight["text"]).chars().collect();
    let marked = |at: usize| usize::try_from(span[at].as_u64().unwrap()).unwrap();
    assert_eq!(text[marked(0)..marked(1)].iter().collect::<String>(), "rye");
    assert_eq!(agent.list("/conversations?q=excellent").await.len(), 1);
    assert_eq!(agent.list(&format!("/search?q=bread&conversation={conversation}")).await.len(), 1);
    for wrong in ["/search?q=", "/search", "/search?q=a&contact=x", "/search?q=a&limit=0", "/search?q=a&b=1"] {
        agent.call(Method::GET, wrong, None).await.problem(422, "invalid");
    }
}

async fn what_is_gone_is_not_found(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let conversation = other.writes(agent, "c-1", "m-1", "My order of rye bread never arrived").await;
    other.writes(agent, "c-2", "m-2", "Rye for me too").await;
    until("both are found", async || (search(agent, "rye").await.len() == 2).then_some(())).await;
    let edited = json!({ "id": "m-2", "contact": { "id": "c-2" }, "text": "Wheat for me" });
    other.post("message.edited", edited).await;
    until("the edit is found", async || (search(agent, "wheat").await.len() == 1).then_some(())).await;
    assert_eq!(search(agent, "rye").await.len(), 1);
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let owner = &house.workspace.owner;
    assert_eq!(owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.status, 202);
    assert!(search(agent, "rye").await.is_empty(), "at once");
    assert!(agent.list("/contacts?q=Contact").await.iter().all(|found| found["id"] != contact));
    house.quiet().await;
    assert!(search(agent, "rye").await.is_empty());
    assert_eq!(search(agent, "wheat").await.len(), 1);
}

async fn nothing_of_another_workspace_is_found(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    other.writes(&house.workspace.agent, "c-1", "m-1", "My order of rye bread").await;
    let theirs = house.another_workspace().await;
    let their_other = Other::connect(house, &theirs).await;
    their_other.writes(&theirs.agent, "c-1", "m-1", "Rye fish").await;
    until("each finds its own", async || {
        let (ours, theirs) = (search(&house.workspace.agent, "rye").await, search(&theirs.agent, "rye").await);
        (ours.len() == 1 && theirs.len() == 1 && theirs[0]["message"]["text"] == "Rye fish").then_some(())
    })
    .await;
}
