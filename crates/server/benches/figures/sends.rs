//! Members' messages on their way out: queued while the channel is held back, then released to a local receiver that
//! checks that each conversation arrives in its order.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{Method, StatusCode};
use serde_json::Value;
use server::telemetry::Monotonic;
use tokio::net::TcpListener;

use crate::house::{Channel, House};
use crate::pairs::{Wanted, load, median, real, told};
use crate::wire::Volley;
use crate::{Plan, bodies, hooks};

/// How many conversations are answered.
const CONVERSATIONS: usize = 200;
/// How many messages each gets in a round.
const EACH: usize = 15;

/// How long between two that are written while it is measured whether they go out as fast.
const SUSTAINED: Duration = Duration::from_millis(1);

/// What arrived, in its order.
type Arrived = Arc<Mutex<Vec<Sent>>>;

/// A message that arrived.
#[derive(Clone)]
struct Sent {
    text: String,
    conversation: String,
    /// Its place there.
    seq: i64,
    at: Duration,
}

/// Measures rounds of sends.
pub(crate) async fn measure(plan: &Plan) {
    let arrived = Arrived::default();
    let receiver = receiver(plan.clock.clone(), Arc::clone(&arrived)).await;
    let house = House::open(&receiver.to_string()).await;
    let channel = house.api(&format!("http://{receiver}/")).await;
    let conversations = conversations(plan, &house, &channel).await;
    let mut rates = Vec::new();
    for round in 0..plan.pairs {
        arrived.lock().unwrap().clear();
        let commits = house.app.vault.commits();
        queue(plan, &house, &channel, &conversations, round).await;
        let released = plan.clock.now();
        let queued = house.app.vault.commits();
        let all = wait_for(&arrived).await;
        check_order(&all);
        let took = all.last().unwrap().at.saturating_sub(released);
        let rate = real(u64::try_from(all.len()).unwrap()) / took.as_secs_f64();
        let sends = real(u64::try_from(all.len()).unwrap());
        println!(
            "  {rate:>8.0} sends/s of {} in {} conversations, in order; {:.2} commits a send ({:.2} to queue it)   load {}",
            all.len(),
            conversations.len(),
            real(house.app.vault.commits() - queued) / sends,
            real(queued - commits) / sends,
            load()
        );
        rates.push(rate);
    }
    told("sends in order", Wanted::AtLeast(2_000.0), median(rates), "/s");
    sustained(plan, &house, &conversations, &arrived).await;
    house.close().await;
}

/// As many as are wanted a second for a whole round, each written just then: whether they go out as fast, and in order.
async fn sustained(plan: &Plan, house: &House, conversations: &[String], arrived: &Arrived) {
    let most = u64::try_from(plan.round.as_nanos() / SUSTAINED.as_nanos()).unwrap();
    let mut rates = Vec::new();
    for _ in 0..plan.pairs {
        arrived.lock().unwrap().clear();
        let (ids, bearer) = (conversations.to_vec(), house.bearer.clone());
        let make = move |number: u64| {
            let path = format!("/api/v1/conversations/{}/messages", ids[usize::try_from(number).unwrap() % ids.len()]);
            bodies::request(&path, &[("authorization", bearer.clone())], br#"{"text":"steadily"}"#)
        };
        let volley = Volley {
            to: house.bound,
            connections: 16,
            most,
            within: Duration::MAX,
            every: Some(SUSTAINED),
            clock: plan.clock.clone(),
            make: Arc::new(make),
        };
        let began = plan.clock.now();
        volley.fire().await;
        for _ in 0..600 {
            if u64::try_from(arrived.lock().unwrap().len()).unwrap() >= most {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let all = arrived.lock().unwrap().clone();
        assert_eq!(u64::try_from(all.len()).unwrap(), most, "each goes out once");
        check_places(&all);
        let took = all.last().unwrap().at.saturating_sub(began);
        let rate = real(most) / took.as_secs_f64();
        println!("  {rate:>8.0} sends/s sustained over {most}, in order   load {}", load());
        rates.push(rate);
    }
    // The last ones are under way when the round ends: a fiftieth.
    told("sustained sends in order", Wanted::AtLeast(980.0), median(rates), "/s");
}

/// Each conversation's messages came in the order of their places.
fn check_places(all: &[Sent]) {
    let mut last: HashMap<&str, i64> = HashMap::new();
    for sent in all {
        let before = last.insert(&sent.conversation, sent.seq).unwrap_or(0);
        assert!(sent.seq > before, "{} is out of order", sent.conversation);
    }
}

/// Somebody writes in each conversation first.
pub(crate) async fn conversations(plan: &Plan, house: &House, channel: &Channel) -> Vec<String> {
    let mut volley = hooks::volley(plan, house.bound, channel, bodies::event, 0);
    (volley.most, volley.within) = (u64::try_from(CONVERSATIONS).unwrap(), Duration::MAX);
    volley.fire().await;
    house.drained(channel).await;
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            house.call(Method::GET, &format!("/conversations?limit=100&channel={}{cursor}", channel.id), None).await;
        let data = page["data"].as_array().unwrap();
        ids.extend(data.iter().map(|conversation| conversation["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), CONVERSATIONS);
    ids
}

/// Queues a round's messages. The channel waits as if its provider had said so, until all are there.
async fn queue(plan: &Plan, house: &House, channel: &Channel, conversations: &[String], round: usize) {
    let (app, id) = (house.app.clone(), channel.id.to_string());
    let held = tokio::spawn(async move {
        loop {
            app.pace().throttle(&id, app.now() + 250);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    tokio::task::yield_now().await;
    // One layer after the other, so that a conversation's messages are queued in the order of their numbers.
    for layer in 0..EACH {
        let (ids, bearer) = (conversations.to_vec(), house.bearer.clone());
        let make = move |number: u64| {
            let id = &ids[usize::try_from(number).unwrap()];
            let body = format!(r#"{{"text":"{id} {round} {layer}"}}"#);
            bodies::request(
                &format!("/api/v1/conversations/{id}/messages"),
                &[("authorization", bearer.clone())],
                body.as_bytes(),
            )
        };
        let volley = Volley {
            to: house.bound,
            connections: 16,
            most: u64::try_from(conversations.len()).unwrap(),
            within: Duration::MAX,
            every: None,
            clock: plan.clock.clone(),
            make: Arc::new(make),
        };
        volley.fire().await;
    }
    held.abort();
    held.await.ok();
    let until = house.app.now() + 250;
    house.app.pace().throttle(&channel.id.to_string(), until);
    tokio::time::sleep(Duration::from_millis(250)).await;
}

async fn wait_for(arrived: &Arrived) -> Vec<Sent> {
    let mut before = 0;
    loop {
        let all = arrived.lock().unwrap().clone();
        if all.len() == CONVERSATIONS * EACH {
            return all;
        }
        assert!(all.len() > before || all.is_empty(), "no send within three seconds, {} of all arrived", all.len());
        before = all.len();
        for _ in 0..60 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if arrived.lock().unwrap().len() == CONVERSATIONS * EACH {
                break;
            }
        }
    }
}

/// Each conversation's messages came once and in their order.
fn check_order(all: &[Sent]) {
    let mut next: HashMap<&str, usize> = HashMap::new();
    for sent in all {
        let mut words = sent.text.split(' ');
        let (conversation, layer) = (words.next().unwrap(), words.nth(1).unwrap());
        let expected = next.entry(conversation).or_default();
        assert_eq!(layer, expected.to_string(), "{conversation} is out of order");
        *expected += 1;
    }
}

async fn receiver(clock: Monotonic, arrived: Arrived) -> SocketAddr {
    let take = async |State((clock, arrived)): State<(Monotonic, Arrived)>, body: Bytes| {
        let event: Value = serde_json::from_slice(&body).unwrap();
        let data = &event["data"];
        if let Some(text) = data["text"].as_str() {
            let conversation = data["conversation_id"].as_str().unwrap_or_default().to_owned();
            let seq = data["seq"].as_i64().unwrap_or(0);
            arrived.lock().unwrap().push(Sent { text: text.to_owned(), conversation, seq, at: clock.now() });
        }
        StatusCode::NO_CONTENT
    };
    let router = Router::new().route("/", post(take)).with_state((clock, arrived));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bound = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    bound
}
