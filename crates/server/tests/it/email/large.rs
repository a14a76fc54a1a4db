//! 25 MB in both directions, by a process that never has much of it.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

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

/// Looks all the time at how much memory of its own a process has. What it maps of its program file is none: how much of that is in
/// memory is the system's choice.
struct Watch {
    before: u64,
    peak: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    looking: JoinHandle<()>,
}

impl Watch {
    fn begin(process: u32) -> Self {
        let before = own_memory(process);
        let (peak, over) = (Arc::new(AtomicU64::new(before)), Arc::new(AtomicBool::new(false)));
        let (highest, ends) = (Arc::clone(&peak), Arc::clone(&over));
        let looking = std::thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                highest.fetch_max(own_memory(process), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Self { before, peak, over, looking }
    }

    /// By how much it grew at most, in bytes.
    fn end(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.looking.join().unwrap();
        self.peak.load(Ordering::Relaxed).saturating_sub(self.before)
    }
}

/// In bytes.
fn own_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
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
    // Once with a smaller file, of many pieces too: what is made at the first use is not the file's.
    let small = owner.upload("piccolo.txt", &vec![b'x'; FILE / 6]).await;
    let order = json!({ "text": "Un piccolissimo", "attachments": [small] });
    let answer = owner.post(&format!("/conversations/{conversation}/messages"), order).await;
    owner.reaches(&conversation, &answer, "sent").await;
    until("a copy of it", async || (shop.mails(".Sent").len() == 1).then_some(())).await;
    // Nor is what the index needs.
    let piccolo = "/search?q=piccolissimo";
    until("it can be found", async || (!owner.list(piccolo).await.is_empty()).then_some(())).await;

    let file: Vec<u8> = (0..=252_u8).cycle().take(FILE).collect();
    let uploaded = owner.upload("listino.bin", &file).await;
    let watch = Watch::begin(process.id());
    let order = json!({ "text": "Eccolo", "attachments": [uploaded] });
    let answer = owner.post(&format!("/conversations/{conversation}/messages"), order).await;
    owner.reaches(&conversation, &answer, "sent").await;
    until("a copy of it", async || (shop.mails(".Sent").len() == 2).then_some(())).await;
    let grown = watch.end();
    assert!(grown < SENDING, "it grew by {grown} bytes");
    let got = received(&anna, "listino.bin").await;
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &file);
    assert!(got.replace(['\r', '\n'], "").contains(&encoded), "the file is whole");

    let large = with_file("large@anna.example", &anna.address, &shop.address, "Ecco", &file);
    let watch = Watch::begin(process.id());
    shop.deliver(&large);
    let (conversation, message) = conversation_with(&owner, "Ecco").await;
    let stored = until("the file is stored", async || {
        let now = owner.message(&conversation, &text_of(&message["id"])).await;
        (now["attachments"][0]["state"] == "stored").then(|| text_of(&now["attachments"][0]["id"]))
    })
    .await;
    let grown = watch.end();
    assert!(grown < RECEIVING, "it grew by {grown} bytes");
    assert!(owner.bytes(&format!("/attachments/{stored}/content")).await == file, "the file is whole");
    process.stop().await;
    // The servers' folder outlives the tests; that much need not lie in it.
    for mailbox in [&shop, &anna] {
        fs::remove_dir_all(&mailbox.folder).ok();
    }
}
