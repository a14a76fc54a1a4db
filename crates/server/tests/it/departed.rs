//! A disconnected channel: until when what it brought stays, that it is connected again until then, and that nothing of it is left
//! afterwards (D-2).

use http::Method;
use serde_json::json;

use crate::api_channel::Other;
use crate::house::{House, until};
use crate::page::Page;

both_engines!(it_is_connected_again_in_time, nothing_of_it_is_left_after_its_term);

/// A day, in milliseconds.
const DAY_MS: i64 = 24 * 3_600_000;

async fn it_is_connected_again_in_time(house: &House) {
    let page = Page::connect(house, "messenger").await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let (person, conversation) = page.talk("Anna", "Avete pane?").await;
    let path = format!("/channels/{}", page.channel);
    let again = format!("{path}/connection");
    let settings = json!({ "page_access_token": page.app.token, "app_secret": page.app.card.secret });
    let order = json!({ "settings": settings });
    owner.call(Method::POST, &again, Some(&order)).await.problem(409, "channel_on");
    let gone = owner.call(Method::DELETE, &path, None).await;
    assert_eq!(gone.status, 202);
    let seen = owner.get(&path).await;
    assert!(seen["content_ends_at"].is_string() && seen["content_gone_at"].is_null(), "{seen}");
    later(house, 20).await;
    assert_eq!(agent.texts(&conversation).await, ["Avete pane?"]);
    owner.call(Method::POST, &again, Some(&json!({ "settings": {} }))).await.problem(422, "invalid");
    agent.call(Method::POST, &again, Some(&order)).await.problem(403, "forbidden");
    let back = owner.call(Method::POST, &again, Some(&order)).await.json(200);
    assert_eq!(
        (&back["state"], &back["disconnected_at"], &back["content_ends_at"]),
        (&json!("ready"), &json!(null), &json!(null))
    );
    page.listen();
    page.says(&person, "E vino?");
    page.arrived(&conversation, "E vino?").await;
    later(house, 20).await;
    house.quiet().await;
    assert_eq!(agent.texts(&conversation).await, ["Avete pane?", "E vino?"]);
}

async fn nothing_of_it_is_left_after_its_term(house: &House) {
    let page = Page::connect(house, "messenger").await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let (_, conversation) = page.talk("Anna", "Avete pane?").await;
    let elsewhere = Other::connect(house, &house.workspace).await;
    let other = elsewhere.writes(owner, "c-1", "m-1", "Anche qui").await;
    let path = format!("/channels/{}", page.channel);
    owner.call(Method::DELETE, &path, None).await;
    later(house, 30).await;
    let seen = until("the end of it", async || {
        let seen = owner.get(&path).await;
        seen["content_gone_at"].is_string().then_some(seen)
    })
    .await;
    assert_eq!(seen["settings"], json!({}));
    house.quiet().await;
    agent.call(Method::GET, &format!("/conversations/{conversation}"), None).await.problem(404, "not_found");
    assert_eq!(agent.texts(&other).await, ["Anche qui"]);
    let order = json!({ "settings": { "page_id": page.id, "page_access_token": page.app.token, "app_secret": "x" } });
    owner.call(Method::POST, &format!("{path}/connection"), Some(&order)).await.problem(409, "channel_ended");
}

/// Some days later, each of which is noted: the clock is believed.
async fn later(house: &House, days: i64) {
    for _ in 0..days {
        house.clock.advance(DAY_MS);
        house.app.vault.note_time().await.unwrap();
        house.quiet().await;
    }
}
