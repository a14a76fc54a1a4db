//! Everybody who uses the program while it is killed: people on Telegram, another system that posts hooks and sometimes
//! hangs up, members who answer. Each writes down what was acknowledged.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connect::{Secret, standard_webhooks};
use http::Method;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use server::machine::SystemClock;
use simulator::Telegram;
use simulator::telegram::{Says, Upload};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use vault::Clock;

use super::ledger::{Ledger, Reply, Said};
use super::world::{SYSTEMS, World, person, system};
use crate::client::{Client, text_of};

const MEMBERS: usize = 3;

/// Those who are at work.
pub(crate) struct Load {
    ended: Arc<AtomicBool>,
    working: JoinSet<Ledger>,
}

impl World {
    /// Sets everybody to work.
    pub(crate) fn begin(&self) -> Load {
        let ended = Arc::new(AtomicBool::new(false));
        let mut working = JoinSet::new();
        let chance = |seed: usize| ChaCha20Rng::seed_from_u64(seed as u64);
        for (number, id) in self.people.iter().enumerate() {
            let (telegram, bot) = (self.telegram.clone(), self.bot.clone());
            working.spawn(talk(telegram, bot, *id, person(number), chance(number), Arc::clone(&ended)));
        }
        for number in 0..SYSTEMS {
            working.spawn(post(Arc::clone(&self.hook), system(number), chance(100 + number), Arc::clone(&ended)));
        }
        for number in 0..MEMBERS {
            let conversations = self.conversations.values().cloned().collect();
            working.spawn(answer(self.member.clone(), conversations, number, chance(200 + number), Arc::clone(&ended)));
        }
        Load { ended, working }
    }
}

impl Load {
    /// Lets everybody finish what they are at; what they have written down.
    pub(crate) async fn end(mut self) -> Ledger {
        self.ended.store(true, Ordering::SeqCst);
        let mut ledger = Ledger::default();
        while let Some(theirs) = self.working.join_next().await {
            ledger.add(theirs.unwrap());
        }
        ledger
    }
}

/// The API channel's hook, as the other system knows it.
#[derive(Default)]
pub(crate) struct Hook {
    pub(crate) address: String,
    pub(crate) path: String,
    pub(crate) secret: String,
    pub(crate) http: reqwest::Client,
}

async fn pause(chance: &mut ChaCha20Rng, least: u64, most: u64) {
    let millis = least + u64::from(chance.next_u32()) % (most - least);
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// A person writes, and now and then sends a file. Telegram brings all of it until it is acknowledged.
async fn talk(
    telegram: Telegram,
    bot: String,
    id: i64,
    name: String,
    mut chance: ChaCha20Rng,
    ended: Arc<AtomicBool>,
) -> Ledger {
    let mut said = Vec::new();
    for number in 1.. {
        let text = format!("{name} says {number}");
        let is_file = chance.next_u32().is_multiple_of(12);
        if is_file {
            let file = Upload::new("file.txt", "text/plain", format!("content of: {text}")).captioned(&text);
            telegram.say(&bot, id, Says::Document(file)).unwrap();
        } else {
            telegram.say_text(&bot, id, &text).unwrap();
        }
        said.push(Said { text, acknowledged: true, is_file });
        if ended.load(Ordering::SeqCst) {
            break;
        }
        pause(&mut chance, 60, 300).await;
    }
    Ledger::of_contact(name, said)
}

/// Another system posts: mostly until it is acknowledged, sometimes once, sometimes it hangs up in the middle.
async fn post(hook: Arc<Hook>, name: String, mut chance: ChaCha20Rng, ended: Arc<AtomicBool>) -> Ledger {
    let mut said = Vec::new();
    for number in 1.. {
        let text = format!("{name} posts {number}");
        let body = body(&name, &number.to_string(), &text);
        let acknowledged = match chance.next_u32() % 10 {
            0 => hook.hang_up(&body, 2).await,
            1 => hook.hang_up(&body, 1).await,
            2 => hook.post(&body).await,
            _ => {
                while !hook.post(&body).await {
                    pause(&mut chance, 10, 40).await;
                }
                true
            }
        };
        said.push(Said { text, acknowledged, is_file: false });
        if ended.load(Ordering::SeqCst) {
            break;
        }
        pause(&mut chance, 5, 60).await;
    }
    Ledger::of_contact(name, said)
}

/// An event of the other system: a contact says something.
pub(crate) fn body(name: &str, id: &str, text: &str) -> String {
    let contact = json!({ "id": name, "name": name });
    json!({ "type": "message.created", "data": { "id": format!("{name}-{id}"), "contact": contact, "text": text } })
        .to_string()
}

impl Hook {
    fn headers(&self, body: &str) -> Vec<(&'static str, String)> {
        let now = SystemClock::default().now();
        standard_webhooks::sign(&Secret::new(&self.secret), "evt", now, body.as_bytes()).unwrap()
    }

    /// Whether it was answered 200.
    pub(crate) async fn post(&self, body: &str) -> bool {
        let mut request = self.http.post(format!("http://{}{}", self.address, self.path)).body(body.to_owned());
        for (name, value) in self.headers(body) {
            request = request.header(name, value);
        }
        request.send().await.is_ok_and(|answer| answer.status() == 200)
    }

    /// Sends the request, or the first of `parts` of it, and hangs up without waiting for an answer.
    async fn hang_up(&self, body: &str, parts: usize) -> bool {
        let mut request = format!("POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n", self.path, body.len());
        for (name, value) in self.headers(body) {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        request.push_str("\r\n");
        request.push_str(body);
        if let Ok(mut stream) = TcpStream::connect(&self.address).await {
            stream.write_all(&request.as_bytes()[..request.len() / parts]).await.ok();
        }
        false
    }
}

/// A client that keeps no connection: each post meets the server as it is now.
pub(crate) fn client() -> reqwest::Client {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).pool_max_idle_per_host(0);
    http.build().unwrap()
}

/// A member answers here and there, each time until it is acknowledged.
async fn answer(
    member: Client,
    conversations: Vec<String>,
    number: usize,
    mut chance: ChaCha20Rng,
    ended: Arc<AtomicBool>,
) -> Ledger {
    let mut replies = Vec::new();
    for count in 0.. {
        let conversation = conversations[chance.next_u32() as usize % conversations.len()].clone();
        let text = format!("member{number} answers {count}");
        let path = format!("/conversations/{conversation}/messages");
        let key = member.with("idempotency-key", &format!("key-{number}-{count}"));
        let id = loop {
            if let Some(id) = reply(&key, &path, &text, chance.next_u32().is_multiple_of(8)).await {
                break id;
            }
            pause(&mut chance, 10, 40).await;
        };
        replies.push(Reply { conversation, id, text });
        if ended.load(Ordering::SeqCst) {
            break;
        }
        pause(&mut chance, 150, 500).await;
    }
    Ledger::of_member(replies)
}

/// The reply's id if it was acknowledged. An impatient member hangs up almost at once.
async fn reply(member: &Client, path: &str, text: &str, impatient: bool) -> Option<String> {
    let patience = Duration::from_millis(if impatient { 3 } else { 10_000 });
    let request = member.request(Method::POST, path).timeout(patience).header("content-type", "application/json");
    let answer = request.body(json!({ "text": text }).to_string()).send().await.ok()?;
    let status = answer.status();
    assert!(status == 201 || status.is_server_error(), "{path}: {status}");
    let message: Value = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
    (status == 201).then(|| text_of(&message["id"]))
}
