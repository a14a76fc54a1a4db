//! Everybody who uses the program while it is killed: people on Telegram, another system that posts hooks and sometimes
//! hangs up, members who answer. Each writes down what was acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connect::{Secret, standard_webhooks};
use http::Method;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use server::machine::SystemClock;
use simulator::faults::{CallFault, DeliveryFault, Order};
use simulator::telegram::{BotCard, Person, Says, Upload};
use simulator::{DeliveryOptions, Options, Simulator, Telegram};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use vault::Clock;

use super::ledger::{Ledger, Reply, Said};
use crate::client::{Client, text_of};
use crate::house::until;
use crate::process::{Installation, as_address};
use crate::receiver::Receiver;

const PEOPLE: usize = 12;
const SYSTEMS: usize = 4;
const MEMBERS: usize = 3;

/// The program's surroundings.
pub struct World {
    pub installation: Installation,
    pub telegram: Telegram,
    pub bot: String,
    pub receiver: Receiver,
    pub member: Client,
    /// Each contact's name, and the conversation with it.
    pub conversations: BTreeMap<String, String>,
    people: Vec<i64>,
    hook: Arc<Hook>,
}

/// The API channel's hook, as the other system knows it.
#[derive(Default)]
struct Hook {
    address: String,
    path: String,
    secret: String,
    http: reqwest::Client,
}

/// Those who are at work.
pub struct Load {
    ended: Arc<AtomicBool>,
    working: JoinSet<Ledger>,
}

impl World {
    /// An installation with a workspace and a member, and a provider beside it.
    pub async fn new(database: Option<&str>) -> Self {
        let clock = SystemClock::default();
        let deliveries = DeliveryOptions { retry_first_ms: 30, retry_max_ms: 200, timeout_ms: 5_000, parallel: true };
        let clock = Arc::new(move || clock.now());
        let simulator = Simulator::new(Options { clock, deliveries, ..Options::default() });
        let endpoint = simulator.start().await.unwrap();
        let telegram = simulator.telegram().clone();
        let bot = telegram.create_bot(BotCard::default()).unwrap().token;
        let people = (0..PEOPLE).map(|number| telegram.create_person(Person::named(&person(number), "it")).id).collect();
        let receiver = Receiver::start().await;
        let mut settings =
            vec![("PARLOIR_ENDPOINTS_TELEGRAM", endpoint.as_str()), ("PARLOIR_OUTBOUND_ALLOW_PRIVATE", receiver.authority())];
        let database = database.map(as_address);
        settings.extend(database.as_deref().map(|address| ("PARLOIR_DATABASE", address)));
        let installation = Installation::new(&settings);
        let workspace = installation.workspace("Bäckerei Nord");
        let member = installation.client(&installation.member(&workspace, "Ada", "ada@example.org", "owner"));
        let (conversations, hook) = (BTreeMap::new(), Arc::default());
        Self { installation, telegram, bot, receiver, member, conversations, people, hook }
    }

    /// Connects the channels and lets everybody say a first word, so that there are conversations.
    pub async fn open(&mut self) {
        let telegram = json!({ "kind": "telegram", "name": "Shop", "settings": { "bot_token": self.bot } });
        assert_eq!(self.member.post("/channels", telegram).await["state"], "ready");
        let api = json!({ "kind": "api", "name": "App", "settings": { "webhook_url": self.receiver.url() } });
        let api = self.member.post("/channels", api).await;
        let url = text_of(&api["hook_url"]);
        let path = url.strip_prefix(&self.installation.base()).unwrap().to_owned();
        let address = self.installation.base().trim_start_matches("http://").to_owned();
        self.hook = Arc::new(Hook { address, path, secret: text_of(&api["shown_once"]["signing_secret"]), http: client() });
        for (number, id) in self.people.iter().enumerate() {
            self.telegram.say_text(&self.bot, *id, &first_words(&person(number))).unwrap();
        }
        for number in 0..SYSTEMS {
            let name = system(number);
            assert!(self.hook.post(&body(&name, "0", &first_words(&name))).await, "the first hook is taken");
        }
        let expected = PEOPLE + SYSTEMS;
        self.conversations = until("everybody's conversation", async || {
            let found = self.member.list("/conversations?limit=100").await;
            let named = found.iter().map(|one| (text_of(&one["contact"]["name"]), text_of(&one["id"])));
            (found.len() == expected).then(|| named.collect())
        })
        .await;
        self.order_faults();
    }

    fn order_faults(&self) {
        let call = |fault, probability| {
            let order = Order::always(fault).only("sendMessage").with_probability(probability);
            self.telegram.order_call_fault(&self.bot, order).unwrap();
        };
        call(CallFault::Slow { ms: 150 }, 0.2);
        call(CallFault::TooManyRequests { retry_after: 1 }, 0.02);
        call(CallFault::CutAfter, 0.04);
        call(CallFault::ErrorAfter, 0.02);
        let twice = Order::always(DeliveryFault::Duplicate).with_probability(0.2);
        self.telegram.order_delivery_fault(&self.bot, twice).unwrap();
    }

    /// Sets everybody to work.
    pub fn begin(&self) -> Load {
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

    /// Waits until nothing is on its way any more.
    pub async fn settle(&self) {
        self.telegram.clear_faults(&self.bot).unwrap();
        let still = async || {
            let metrics = self.metrics().await;
            let waiting = ["inbox", "outbox"].map(|queue| depth(&metrics, queue)).iter().sum::<usize>();
            waiting + self.telegram.pending(&self.bot).unwrap()
        };
        let mut left = usize::MAX;
        for _ in 0..1_200 {
            left = still().await;
            if left == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(left, 0, "something is still under way a minute after the last kill");
        assert_eq!(depth(&self.metrics().await, "inbox_set_aside"), 0);
    }

    async fn metrics(&self) -> String {
        String::from_utf8(Client::new(&self.installation.base()).bytes("/metrics").await).unwrap()
    }
}

impl Load {
    /// Lets everybody finish what they are at; what they have written down.
    pub async fn end(mut self) -> Ledger {
        self.ended.store(true, Ordering::SeqCst);
        let mut ledger = Ledger::default();
        while let Some(theirs) = self.working.join_next().await {
            ledger.add(theirs.unwrap());
        }
        ledger
    }
}

/// What a contact says before anything is killed.
pub fn first_words(name: &str) -> String {
    format!("{name} opens")
}

fn person(number: usize) -> String {
    format!("person{number}")
}

fn system(number: usize) -> String {
    format!("system{number}")
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
        let is_file = chance.next_u32() % 12 == 0;
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

fn body(name: &str, id: &str, text: &str) -> String {
    let contact = json!({ "id": name, "name": name });
    json!({ "type": "message.created", "data": { "id": format!("{name}-{id}"), "contact": contact, "text": text } }).to_string()
}

impl Hook {
    fn headers(&self, body: &str) -> Vec<(&'static str, String)> {
        let now = SystemClock::default().now();
        standard_webhooks::sign(&Secret::new(&self.secret), "evt", now, body.as_bytes()).unwrap()
    }

    /// Whether it was answered 200.
    async fn post(&self, body: &str) -> bool {
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
            request.push_str(&format!("{name}: {value}\r\n"));
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
fn client() -> reqwest::Client {
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
            if let Some(id) = reply(&key, &path, &text, chance.next_u32() % 8 == 0).await {
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

fn depth(metrics: &str, queue: &str) -> usize {
    let label = format!("\"{queue}\"}}");
    let line = metrics.lines().find(|line| line.contains("queue_depth") && line.contains(&label));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or_else(|| panic!("no depth of {queue}: {metrics}"))
}
