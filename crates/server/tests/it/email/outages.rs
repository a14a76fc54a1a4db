//! A mailbox whose server is killed in the middle of a mail, and mail that comes while it is away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::servers::{Dovecot, servers};
use super::{Shop, mail, settings};
use crate::house::{Engine, House, until};

/// How much of the large mail comes through before the server dies.
const HALF: u64 = 3 << 20;
/// How large the large mail's file is, in bytes.
const FILE: usize = 6_000_000;

/// A line to the server that counts, and that holds what comes once it was much.
#[derive(Default)]
struct Line {
    passed: AtomicU64,
    held: AtomicBool,
}

impl Line {
    /// The port at which it is reached.
    async fn lay(self: &Arc<Self>, to: u16) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let line = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await else { continue };
                let line = Arc::clone(&line);
                tokio::spawn(async move { line.carry(near, far).await });
            }
        });
        port
    }

    async fn carry(&self, mut near: TcpStream, mut far: TcpStream) {
        let (mut near_reads, mut near_writes) = near.split();
        let (mut far_reads, mut far_writes) = far.split();
        let there = tokio::io::copy(&mut near_reads, &mut far_writes);
        let back = async {
            let mut piece = vec![0; 65_536];
            loop {
                let read = far_reads.read(&mut piece).await.unwrap_or(0);
                let passed = self.passed.fetch_add(read as u64, Ordering::SeqCst) + read as u64;
                while passed > HALF && self.held.load(Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                if read == 0 || near_writes.write_all(&piece[..read]).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            _ = there => {}
            () = back => {}
        }
    }
}

async fn nothing_is_lost_and_nothing_doubled(engine: Engine) {
    let dovecot = Dovecot::start().await;
    let line = Arc::new(Line { held: AtomicBool::new(true), ..Line::default() });
    let (imap, smtp) = (line.lay(dovecot.imap).await, servers().await.smtp);
    let allow = [imap, smtp].map(|port| format!("127.0.0.1:{port}"));
    let house = House::open_with(engine, |settings| settings.allow_private.extend(allow)).await;
    let mailbox = dovecot.mailbox();
    let own = settings(&mailbox, imap, smtp);
    let shop = Shop::of(&house, mailbox, own).await;
    let file: Vec<u8> = (0..=252_u8).cycle().take(FILE).collect();
    shop.mailbox.deliver(&mail("first@anna.example", "anna@anna.example", &shop.mailbox.address, "first"));
    shop.mailbox.deliver(&with_file(&shop.mailbox.address, &file));
    until("half of the mail is here", async || (line.passed.load(Ordering::SeqCst) > HALF).then_some(())).await;
    dovecot.kill();
    line.held.store(false, Ordering::SeqCst);
    for text in ["while it was away", "and one more"] {
        let id = format!("{}@anna.example", text.replace(' ', "-"));
        shop.mailbox.deliver(&mail(&id, "anna@anna.example", &shop.mailbox.address, text));
    }
    assert!(dovecot.start_again().await);
    let (conversation, message) = shop.arrived("with a file").await;
    shop.arrived("while it was away").await;
    shop.arrived("and one more").await;
    let stored = until("the file is stored", async || {
        let now = shop.agent.message(&conversation, message["id"].as_str().unwrap()).await;
        (now["attachments"][0]["state"] == "stored").then(|| now["attachments"][0].clone())
    })
    .await;
    let bytes = shop.agent.bytes(&format!("/attachments/{}/content", stored["id"].as_str().unwrap())).await;
    assert!(bytes == file, "the file is whole");
    // Mail that comes now is waited for again.
    shop.mailbox.deliver(&mail("last@anna.example", "anna@anna.example", &shop.mailbox.address, "last"));
    shop.arrived("last").await;
    house.quiet().await;
    assert_eq!(shop.texts().await, ["and one more", "first", "last", "while it was away", "with a file"]);
    house.close().await;
}

fn with_file(to: &str, file: &[u8]) -> Vec<u8> {
    super::with_file("large@anna.example", "anna@anna.example", to, "with a file", file)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_on_sqlite() {
    nothing_is_lost_and_nothing_doubled(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_on_postgres() {
    nothing_is_lost_and_nothing_doubled(Engine::Postgres).await;
}
