//! 25 MB in both directions, by a process that never has much of it.

use std::fs;

use serde_json::json;

use super::servers::servers;
use super::{mail, received, settings, with_file};
use crate::client::{Client, text_of};
use crate::house::until;
use crate::process::Installation;

/// A file as large as a mail may have, in bytes.
const FILE: usize = 25_000_000;
/// By how much the process may grow while it sends it, in bytes: less than the file has, and much less than it has in base64.
const SENDING: u64 = 24_000_000;
/// And while it receives it. The mail is read as a whole once, to find its parts; the file itself is brought in pieces.
const RECEIVING: u64 = 128 << 20;

/// The largest size the process had since it was last looked from, in bytes.
fn peak(process: u32) -> u64 {
    size(process, "VmHWM:")
}

/// Its size now, from where it is looked from now on.
fn look_from_here(process: u32) -> u64 {
    fs::write(format!("/proc/{process}/clear_refs"), "5").unwrap();
    size(process, "VmRSS:")
}

fn size(process: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
}

async fn conversation_with(agent: &Client, text: &str) -> (String, serde_json::Value) {
    until(&format!("a mail that says {text}"), async || {
        for conversation in agent.list("/conversations?limit=100").await {
            let id = text_of(&conversation["id"]);
            let found = agent.messages(&id).await.into_iter().find(|message| message["text"] == text);
            if let Some(message) = found {
                return Some((id, message));
            }
        }
        None
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_files_go_both_ways_in_little_room() {
    let servers = servers().await;
    let (shop, anna) = (servers.dovecot.mailbox(), servers.dovecot.mailbox());
    let allowed = format!("127.0.0.1:{},127.0.0.1:{}", servers.dovecot.imap, servers.smtp);
    let installation = Installation::new(&[("PARLOIR_OUTBOUND_ALLOW_PRIVATE", &allowed)]);
    let process = installation.start().await;
    let workspace = installation.workspace("Bäckerei Nord");
    let owner = installation.client(&installation.member(&workspace, "Olga", "olga@example.org", "owner"));
    let order =
        json!({ "kind": "email", "name": "Post", "settings": settings(&shop, servers.dovecot.imap, servers.smtp) });
    assert_eq!(owner.post("/channels", order).await["state"], "ready");
    shop.deliver(&mail("ask@anna.example", &anna.address, &shop.address, "Avete pane?"));
    let (conversation, _) = conversation_with(&owner, "Avete pane?").await;
    // Once with a small file: what is made at the first use is not the file's.
    let small = owner.upload("piccolo.txt", b"small").await;
    let order = json!({ "text": "Sì", "attachments": [small] });
    let answer = owner.post(&format!("/conversations/{conversation}/messages"), order).await;
    owner.reaches(&conversation, &answer, "sent").await;
    until("a copy of it", async || (shop.mails(".Sent").len() == 1).then_some(())).await;

    let file: Vec<u8> = (0..=252_u8).cycle().take(FILE).collect();
    let uploaded = owner.upload("listino.bin", &file).await;
    let before = look_from_here(process.id());
    let order = json!({ "text": "Eccolo", "attachments": [uploaded] });
    let answer = owner.post(&format!("/conversations/{conversation}/messages"), order).await;
    owner.reaches(&conversation, &answer, "sent").await;
    until("a copy of it", async || (shop.mails(".Sent").len() == 2).then_some(())).await;
    let grown = peak(process.id()).saturating_sub(before);
    assert!(grown < SENDING, "it grew by {grown} bytes");
    let got = received(&anna, "listino.bin").await;
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &file);
    assert!(got.replace(['\r', '\n'], "").contains(&encoded), "the file is whole");

    let large = with_file("large@anna.example", &anna.address, &shop.address, "Ecco", &file);
    let before = look_from_here(process.id());
    shop.deliver(&large);
    let (conversation, message) = conversation_with(&owner, "Ecco").await;
    let stored = until("the file is stored", async || {
        let now = owner.message(&conversation, &text_of(&message["id"])).await;
        (now["attachments"][0]["state"] == "stored").then(|| text_of(&now["attachments"][0]["id"]))
    })
    .await;
    let grown = peak(process.id()).saturating_sub(before);
    assert!(grown < RECEIVING, "it grew by {grown} bytes");
    assert!(owner.bytes(&format!("/attachments/{stored}/content")).await == file, "the file is whole");
    process.stop().await;
    // The servers' folder outlives the tests; that much need not lie in it.
    for mailbox in [&shop, &anna] {
        fs::remove_dir_all(&mailbox.folder).ok();
    }
}
