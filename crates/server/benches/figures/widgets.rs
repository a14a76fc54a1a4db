//! Ten thousand chats open on websites: what each costs, and how soon a member's reply is shown on one of them.
//!
//! Those that only look on are held by a second process, because a system counts open files by process, and both ends of
//! ten thousand connections are twenty thousand.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use server::open_files;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Plan;
use crate::house::House;
use crate::pairs::{Wanted, load, percentile, real, told};
use crate::wire::exchange;

/// The argument with which this program holds streams for another of its kind.
pub(crate) const ONLOOKERS: &str = "--onlookers";
/// How many look on in all.
const ALL: usize = 10_000;
/// How many of them have written, and are answered.
const TALKERS: usize = 100;
/// How many are let in at once.
const AT_ONCE: usize = 50;
/// A member's replies come one after the other, this far apart.
const EVERY: Duration = Duration::from_millis(20);

/// Opens them, and lets a member reply.
pub(crate) async fn measure(plan: &Plan) {
    open_files::raise();
    let house = House::open("127.0.0.1:9").await;
    let settings = json!({ "challenge": "off" });
    let order = json!({ "kind": "web", "name": "Site", "settings": settings });
    let channel = house.call(Method::POST, "/channels", Some(order)).await;
    let channel = channel["id"].as_str().unwrap().to_owned();
    let mut talkers = Vec::new();
    for number in 0..TALKERS {
        talkers.push(Talker::enter(house.bound, &channel, number).await);
    }
    let conversations = conversations(&house).await;
    let before = resident();
    let mut others = onlookers(house.bound, &channel);
    let after = resident();
    let each = (after - before) / real(u64::try_from(ALL - TALKERS).unwrap());
    println!(
        "  {ALL} streams are open; {:.0} MiB resident before, {:.0} MiB with them   load {}",
        before / 1024.0,
        after / 1024.0,
        load()
    );
    told("memory of an open chat", Wanted::AtMost(64.0), each, " KiB");
    let mut shown = Vec::new();
    for round in 0..plan.pairs {
        shown.extend(replies(plan, &house, &conversations, &mut talkers, round).await);
    }
    println!(
        "  shown p50 {:.1} ms, max {:.1} ms of {} replies",
        percentile(shown.clone(), 0.5),
        percentile(shown.clone(), 1.0),
        shown.len()
    );
    told("a reply on one of 10,000 open chats, p99", Wanted::AtMost(100.0), percentile(shown, 0.99), " ms");
    drop(others.stdin.take());
    assert!(others.wait().unwrap().success(), "who looked on was hung up on");
    house.close().await;
}

/// A visitor who has written, with their stream.
struct Talker {
    number: usize,
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Talker {
    async fn enter(to: SocketAddr, channel: &str, number: usize) -> Self {
        let token = session(to, channel).await;
        let stream = look_on(to, channel, &token).await;
        let said = json!({ "type": "message", "id": "m", "text": format!("visitor {number}") }).to_string();
        let mut once = TcpStream::connect(to).await.unwrap();
        let request = request("POST", &format!("/chat/{channel}/messages"), Some(&token), &said);
        assert_eq!(exchange(&mut once, &request, &mut Vec::new()).await, 200);
        Self { number, stream, rest: Vec::new() }
    }

    /// Waits until a text is shown.
    async fn hears(&mut self, text: &str) {
        loop {
            if let Some(at) = self.rest.windows(text.len()).position(|seen| seen == text.as_bytes()) {
                self.rest.drain(..at + text.len());
                return;
            }
            assert!(self.stream.read_buf(&mut self.rest).await.unwrap() > 0, "visitor {}'s stream ended", self.number);
        }
    }
}

/// The conversation of each visitor, once all have one.
async fn conversations(house: &House) -> Vec<String> {
    loop {
        let page = house.call(Method::GET, "/conversations?limit=100", None).await;
        let all = page["data"].as_array().unwrap();
        let of = |number: usize| {
            let said = |conversation: &&Value| conversation["last_message"]["text"] == format!("visitor {number}");
            all.iter().find(said)?["id"].as_str().map(str::to_owned)
        };
        if let Some(found) = (0..TALKERS).map(of).collect() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A round of replies; milliseconds from when each was posted until it is shown.
async fn replies(
    plan: &Plan,
    house: &House,
    conversations: &[String],
    talkers: &mut [Talker],
    round: usize,
) -> Vec<f64> {
    let mut shown = Vec::new();
    for (talker, conversation) in talkers.iter_mut().zip(conversations) {
        let text = format!("reply {round} to {}.", talker.number);
        let began = plan.clock.now();
        let order = json!({ "text": text });
        let path = format!("/conversations/{conversation}/messages");
        let post = house.call(Method::POST, &path, Some(order));
        tokio::join!(post, talker.hears(&text));
        shown.push(plan.clock.since(began).as_secs_f64() * 1_000.0);
        tokio::time::sleep(EVERY).await;
    }
    shown
}

/// Starts who only looks on, and waits until they do.
fn onlookers(to: SocketAddr, channel: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([ONLOOKERS, &to.to_string(), channel])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "open");
    child
}

/// What the second process does: opens its streams, says so, and holds them until its input ends.
pub(crate) async fn look_on_for_another(mut arguments: impl Iterator<Item = String>) {
    open_files::raise();
    let to: SocketAddr = arguments.next().unwrap().parse().unwrap();
    let channel = arguments.next().unwrap();
    let mut streams = Vec::new();
    while streams.len() < ALL - TALKERS {
        let some = AT_ONCE.min(ALL - TALKERS - streams.len());
        let entering = (0..some).map(|_| {
            let channel = channel.clone();
            tokio::spawn(async move {
                let token = session(to, &channel).await;
                look_on(to, &channel, &token).await
            })
        });
        for entered in entering.collect::<Vec<_>>() {
            streams.push(entered.await.unwrap());
        }
    }
    println!("open");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()).unwrap()).await.unwrap();
    for stream in &streams {
        let mut signs = [0; 4096];
        // Signs of life may have come; an end must not.
        assert!(!matches!(stream.try_read(&mut signs), Ok(0)), "a stream has ended");
    }
}

async fn session(to: SocketAddr, channel: &str) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let mut answer = Vec::new();
    let request = request("POST", &format!("/chat/{channel}/sessions"), None, "{}");
    assert_eq!(exchange(&mut stream, &request, &mut answer).await, 201, "{}", String::from_utf8_lossy(&answer));
    let body = answer.iter().position(|byte| *byte == b'{').unwrap();
    let opened: Value = serde_json::from_slice(&answer[body..]).unwrap();
    opened["token"].as_str().unwrap().to_owned()
}

/// A stream whose head has come.
async fn look_on(to: SocketAddr, channel: &str, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(&request("GET", &format!("/chat/{channel}/events"), Some(token), "")).await.unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        assert!(stream.read_buf(&mut head).await.unwrap() > 0, "the server hung up");
    }
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    stream
}

fn request(method: &str, path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let proof = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{proof}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// Memory of this process, in KiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}
