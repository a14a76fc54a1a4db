//! `parloir keys`: beside a running server and by itself; the root key across a restart in the middle.

use serde_json::json;

use crate::process::Installation;

#[tokio::test]
async fn keys_rotate_beside_a_server_and_by_themselves() {
    let installation = Installation::new(&[]);
    let workspace = installation.workspace("Nord");
    let token = installation.member(&workspace, "Ada Ahrens", "ada@example.org", "owner");
    let rotated = installation.command(&["keys", "rotate", "--workspace", &workspace, "--what", "content"], None);
    assert_eq!((&rotated["data"][0]["what"], &rotated["data"][0]["state"]), (&json!("content"), &json!("done")));
    assert_eq!(installation.command(&["workspace", "list"], None)["data"][0]["name"], "Nord");

    let server = installation.start().await;
    let owner = installation.client(&token);
    let contact = owner.post("/contacts", json!({ "name": "Anna" })).await;
    let id = contact["id"].as_str().unwrap();
    let rotated = installation.command(&["keys", "rotate", "--workspace", &workspace, "--contact", id], None);
    assert_eq!(rotated["data"][0]["state"], "done", "{rotated}");
    assert_eq!(owner.get(&format!("/contacts/{id}")).await["name"], "Anna");
    installation.command(&["keys", "rotate", "--installation"], None);
    let all = installation.command(&["keys", "rotate", "--workspace", &workspace], None);
    assert_eq!(all["data"].as_array().unwrap().len(), 5);
    assert!(all["data"].as_array().unwrap().iter().all(|one| one["state"] == "done"), "{all}");
    let status = installation.command(&["keys", "status"], None);
    assert_eq!(status["workspaces"][0]["rotations"].as_array().unwrap().len(), 7);
    assert_eq!(status["root_key"], json!({ "keys": 2, "moved": 2, "next_is_named": false }));
    assert_eq!(owner.get(&format!("/contacts/{id}")).await["name"], "Anna");
    server.stop().await;
}

#[tokio::test]
async fn the_root_key_gives_way_while_the_server_runs() {
    let mut installation = Installation::new(&[]);
    let workspace = installation.workspace("Nord");
    let token = installation.member(&workspace, "Ada Ahrens", "ada@example.org", "owner");
    let server = installation.start().await;
    let owner = installation.client(&token);
    let contact = owner.post("/contacts", json!({ "name": "Anna" })).await;
    let path = format!("/contacts/{}", contact["id"].as_str().unwrap());

    let named = |next: &str| vec![("PARLOIR_ROOT_KEY_NEXT".to_owned(), next.to_owned())];
    installation.set(named("file"));
    let moved = installation.command(&["keys", "rotate", "--root"], None);
    assert_eq!((&moved["keys"], &moved["moved"]), (&json!(2), &json!(2)), "{moved}");
    assert!(moved["then"].as_str().unwrap().contains("root.key.next"));
    assert_eq!(owner.get(&path).await["name"], "Anna");
    installation.workspace("Süd");
    server.kill();

    // Killed: both are named, and either file is in its place.
    let server = installation.start().await;
    assert_eq!(owner.get(&path).await["name"], "Anna");
    let status = installation.command(&["keys", "status"], None);
    assert_eq!(status["root_key"], json!({ "keys": 3, "moved": 3, "next_is_named": true }));
    server.stop().await;

    // The old one alone opens nothing.
    installation.set(Vec::new());
    let mut alone = installation.spawn();
    assert!(!alone.is_ready().await, "the old root key was taken");
    drop(alone);
    assert!(installation.log().contains("root key"), "it says so");

    let data = installation.data();
    std::fs::rename(data.join("root.key.next"), data.join("root.key")).unwrap();
    let server = installation.start().await;
    assert_eq!(owner.get(&path).await["name"], "Anna");
    server.stop().await;
    assert!(!installation.log().contains(&std::fs::read_to_string(data.join("root.key")).unwrap()[..20]));
}
