//! Mail servers that take a call and never answer: whose they are waits for them, and nobody else.

use http::Method;
use serde_json::{Value, json};
use server::workers::polling;

use super::Mailbox;
use super::{letter, settings};
use crate::client::text_of;
use crate::house::{House, Workspace, until};

/// How many mailboxes do not answer: more than a workspace may have asked at once.
const HANGING: usize = 10;

async fn connected(workspace: &Workspace, address: &str) -> Value {
    let mut settings = settings();
    settings["address"] = json!(address);
    let order = json!({ "kind": "email", "name": address, "settings": settings });
    let channel = workspace.owner.post("/channels", order).await;
    assert_eq!(channel["state"], "ready", "{channel}");
    channel
}

async fn wake(house: &House, workspace: &Workspace, channel: &Value) {
    let id = text_of(&channel["id"]).parse().unwrap();
    polling::wake(&house.app, &workspace.operator, id).await.unwrap();
}

/// A mail with a file.
fn with_a_file() -> String {
    let plain = letter("Bea <bea@example.org>", "b1@x", &[], "canarina");
    let (head, _) = plain.split_once("Content-Type").unwrap();
    format!(
        "{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\ncanarina\r\n\
         --b\r\nContent-Type: image/png; name=a.png\r\nContent-Disposition: attachment; filename=a.png\r\n\r\npng\r\n--b--\r\n"
    )
}

pub(super) async fn one_workspaces_hanging_mailboxes_keep_nobody_else_waiting(house: &House, mailbox: &Mailbox) {
    let mut slow = Vec::new();
    for number in 0..HANGING {
        slow.push(connected(&house.workspace, &format!("info{number}@shop.example")).await);
    }
    let other = house.another_workspace().await;
    let quick = connected(&other, "info@other.example").await;
    house.quiet().await;
    mailbox.hangs(slow.iter().map(|channel| text_of(&channel["id"])));
    for channel in &slow {
        wake(house, &house.workspace, channel).await;
    }
    until("as many hang as may", async || (mailbox.hanging() >= 8).then_some(())).await;

    mailbox.receives(with_a_file());
    wake(house, &other, &quick).await;
    let conversation =
        until("the other workspace's mail is here", async || other.agent.list("/conversations").await.pop()).await;
    until("its file is fetched or was tried", async || {
        let messages = other.agent.messages(&text_of(&conversation["id"])).await;
        (mailbox.fetched() > 0 && messages[0]["text"] == "canarina").then_some(())
    })
    .await;
    until("it is found", async || other.agent.list("/search?q=canarina").await.pop()).await;
    let contact = text_of(&conversation["contact"]["id"]);
    let erasure = other.owner.call(Method::POST, &format!("/contacts/{contact}/erasure"), None).await.json(202);
    let path = format!("/erasures/{}", text_of(&erasure["id"]));
    until("who asked for it is erased", async || (other.owner.get(&path).await["state"] == "done").then_some(())).await;
    assert_eq!(mailbox.hanging(), 8, "a quarter of all, and no more, is one workspace's");
    mailbox.answers_again();
}
