//! A workspace ends: its countdown is seen and taken back, its archive is fetched first, and afterwards nobody comes in (D-3).

use std::io::Read;

use http::Method;
use serde_json::json;

use crate::api_channel::Other;
use crate::client::text_of;
use crate::house::{House, PASSWORD, until};

both_engines!(it_is_counted_down_and_taken_back, it_ends_once_it_was_exported);

/// A day, in milliseconds.
const DAY_MS: i64 = 24 * 3_600_000;

async fn it_is_counted_down_and_taken_back(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let name = text_of(&owner.get("/workspace").await["name"]);
    let path = "/workspace/ending";
    agent.call(Method::POST, path, Some(&json!({ "name": name }))).await.problem(403, "forbidden");
    owner.call(Method::POST, path, Some(&json!({ "name": "Another" }))).await.problem(422, "invalid");
    owner.call(Method::POST, path, Some(&json!({ "name": name, "days": 3 }))).await.problem(422, "invalid");
    owner.call(Method::DELETE, path, None).await.problem(409, "workspace_not_ending");
    let ordered = owner.call(Method::POST, path, Some(&json!({ "name": name, "days": 7 }))).await.json(202);
    owner.call(Method::POST, path, Some(&json!({ "name": name }))).await.problem(409, "workspace_ending");
    let ends_at = &ordered["ends_at"];
    assert_eq!(&agent.get("/me").await["workspace"]["ends_at"], ends_at, "everybody sees the countdown");
    assert_eq!(&owner.get("/workspace").await["ending"]["ends_at"], ends_at);
    assert_eq!(owner.call(Method::DELETE, path, None).await.status, 204);
    assert!(agent.get("/me").await["workspace"]["ends_at"].is_null());
    later(house, 10).await;
    assert!(owner.get("/workspace").await["ending"].is_null());
}

async fn it_ends_once_it_was_exported(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let shop = Other::connect(house, &house.workspace).await;
    let conversation = shop.writes(owner, "c-1", "m-1", "Avete pane?").await;
    let name = text_of(&owner.get("/workspace").await["name"]);
    owner.call(Method::POST, "/workspace/ending", Some(&json!({ "name": name, "days": 7 }))).await.json(202);
    later(house, 12).await;
    assert_eq!(agent.texts(&conversation).await, ["Avete pane?"], "nobody has the archive yet");
    agent.call(Method::GET, "/workspace/archive", None).await.problem(403, "forbidden");
    let archive = owner.bytes("/workspace/archive").await;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let mut messages = String::new();
    archive.by_name("data/messages.json").unwrap().read_to_string(&mut messages).unwrap();
    assert!(messages.contains("Avete pane?"));
    until("that it was fetched is known", async || {
        owner.get("/workspace").await["ending"]["exported_at"].is_string().then_some(())
    })
    .await;
    later(house, 2).await;
    until("nobody comes in", async || {
        let refused = owner.call(Method::GET, "/me", None).await;
        (refused.status == 401).then_some(())
    })
    .await;
    agent.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
    let again = json!({ "email": house.workspace.agent_email, "password": PASSWORD });
    house.nobody().call(Method::POST, "/api/v1/session", Some(&again)).await.problem(409, "workspace_ended");
    let scope = house.workspace.operator.clone();
    let left = house.app.vault.read(&scope, vault::ending::view).await.unwrap().unwrap();
    assert!(left.ended_at.is_some());
}

/// Some days later, each of which is noted: the clock is believed.
async fn later(house: &House, days: i64) {
    for _ in 0..days {
        house.clock.advance(DAY_MS);
        house.app.vault.note_time().await.unwrap();
        house.quiet().await;
    }
}
