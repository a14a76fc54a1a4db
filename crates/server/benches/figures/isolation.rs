//! One channel whose other side is slow, or throttles, while others go on: how long their members' messages take until they are
//! there, against the same with nobody in the way.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{StatusCode, header};
use serde_json::Value;
use server::telemetry::Monotonic;
use tokio::net::TcpListener;

use crate::house::House;
use crate::pairs::{Wanted, load, median, percentile, real, told};
use crate::wire::Volley;
use crate::{Plan, bodies, sends};

/// How long the slow one thinks about each message.
const SLOW: Duration = Duration::from_secs(1);
/// How often one of the others is written to.
const EVERY: Duration = Duration::from_millis(10);
/// Messages that wait for the slow one, in each of its conversations.
const QUEUED: usize = 3;
/// Where the numbers of a round begin.
const FROM: u64 = 1_000_000;

/// What the slow one does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Quick,
    Slow,
    Throttling,
}

impl Mood {
    const ALL: [Self; 3] = [Self::Quick, Self::Slow, Self::Throttling];

    fn word(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Slow => "slow",
            Self::Throttling => "throttling",
        }
    }
}

/// Both other sides.
#[derive(Clone)]
struct Others {
    clock: Monotonic,
    /// When the quick one had each message.
    heard: Arc<Mutex<HashMap<u64, Duration>>>,
    mood: Arc<AtomicU8>,
    /// How many the slow one has taken.
    taken: Arc<AtomicU64>,
}

impl Others {
    fn be(&self, mood: Mood) {
        let at = Mood::ALL.iter().position(|known| *known == mood).unwrap();
        self.mood.store(u8::try_from(at).unwrap(), Ordering::SeqCst);
    }

    fn mood(&self) -> Mood {
        Mood::ALL[usize::from(self.mood.load(Ordering::SeqCst))]
    }
}

/// A channel with its conversations.
struct Talks {
    ids: Vec<String>,
}

/// Measures pairs of rounds, with and without something in the way.
pub(crate) async fn measure(plan: &Plan) {
    let others =
        Others { clock: plan.clock.clone(), heard: Arc::default(), mood: Arc::default(), taken: Arc::default() };
    let receiver = receiver(others.clone()).await;
    let house = House::open(&receiver.to_string()).await;
    let quick = talks(plan, &house, &format!("http://{receiver}/quick")).await;
    let slow = talks(plan, &house, &format!("http://{receiver}/slow")).await;
    let mut from = FROM;
    for mood in [Mood::Slow, Mood::Throttling] {
        let mut ratios = Vec::new();
        for pair in 0..plan.pairs {
            let order = if pair % 2 == 0 { [Mood::Quick, mood] } else { [mood, Mood::Quick] };
            let mut found = [f64::NAN; 2];
            for one in order {
                from += FROM;
                found[usize::from(one == mood)] = round(plan, &house, &others, (&quick, &slow), (one, from)).await;
            }
            let [alone, beside] = found;
            let ratio = beside / alone;
            let word = mood.word();
            println!(
                "  p99 alone {alone:.1} ms, beside a {word} channel {beside:.1} ms, ratio {ratio:.2}   load {}",
                load()
            );
            ratios.push(ratio);
        }
        told(&format!("p99 beside a {} channel", mood.word()), Wanted::AtMost(1.5), median(ratios), " of before");
    }
    house.close().await;
}

async fn talks(plan: &Plan, house: &House, url: &str) -> Talks {
    let channel = house.api(url).await;
    Talks { ids: sends::conversations(plan, house, &channel).await }
}

/// One round: the 99th percentile, in milliseconds, from when each message should have been written to when it was there.
async fn round(
    plan: &Plan,
    house: &House,
    others: &Others,
    (quick, slow): (&Talks, &Talks),
    (mood, from): (Mood, u64),
) -> f64 {
    others.be(mood);
    let before = others.taken.load(Ordering::SeqCst);
    let queued = if mood == Mood::Quick { 0 } else { slow.ids.len() * QUEUED };
    if queued > 0 {
        volley(plan, house, slow, (from, u64::try_from(queued).unwrap()), None).fire().await;
    }
    let most = u64::try_from(plan.round.as_nanos() / EVERY.as_nanos()).unwrap();
    let began = Arc::new(Mutex::new(None));
    let mut paced = volley(plan, house, quick, (from, most), Some(EVERY));
    let (clock, first, make) = (plan.clock.clone(), Arc::clone(&began), Arc::clone(&paced.make));
    // The first is made when it is due: all other due times follow from it.
    paced.make = Arc::new(move |number| {
        if number == 0 {
            *first.lock().unwrap() = Some(clock.now());
        }
        make(number)
    });
    paced.fire().await;
    let heard = all_heard(others, from, most).await;
    let began = began.lock().unwrap().expect("something was written");
    let late = |(number, at): (u64, Duration)| {
        at.saturating_sub(began + EVERY.mul_f64(real(number - from))).as_secs_f64() * 1_000.0
    };
    let late = percentile(heard.into_iter().map(late).collect(), 0.99);
    others.be(Mood::Quick);
    until("what waited is taken", || others.taken.load(Ordering::SeqCst) >= before + u64::try_from(queued).unwrap())
        .await;
    late
}

/// Messages with numbers, one conversation after the other.
fn volley(plan: &Plan, house: &House, talks: &Talks, (from, most): (u64, u64), every: Option<Duration>) -> Volley {
    let (ids, bearer) = (talks.ids.clone(), house.bearer.clone());
    let make = move |number: u64| {
        let id = &ids[usize::try_from(number).unwrap() % ids.len()];
        let (path, body) =
            (format!("/api/v1/conversations/{id}/messages"), format!(r#"{{"text":"{}"}}"#, from + number));
        bodies::request(&path, &[("authorization", bearer.clone())], body.as_bytes())
    };
    Volley {
        to: house.bound,
        connections: 16,
        most,
        within: Duration::MAX,
        every,
        clock: plan.clock.clone(),
        make: Arc::new(make),
    }
}

async fn all_heard(others: &Others, from: u64, most: u64) -> HashMap<u64, Duration> {
    let of_round = |number: &u64| (from..from + most).contains(number);
    let count = || others.heard.lock().unwrap().keys().filter(|number| of_round(number)).count();
    until("all are there", || u64::try_from(count()).unwrap() == most).await;
    others.heard.lock().unwrap().drain().filter(|(number, _)| of_round(number)).collect()
}

/// Looks again and again, for two minutes at most.
async fn until(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..2_400 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("two minutes, and it is not so yet: {what}");
}

async fn receiver(others: Others) -> SocketAddr {
    let router = Router::new().route("/quick", post(quick)).route("/slow", post(slow)).with_state(others);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bound = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    bound
}

async fn quick(State(others): State<Others>, body: Bytes) -> StatusCode {
    let event: Value = serde_json::from_slice(&body).unwrap();
    if let Some(number) = event["data"]["text"].as_str().and_then(|text| text.parse().ok()) {
        others.heard.lock().unwrap().entry(number).or_insert_with(|| others.clock.now());
    }
    StatusCode::NO_CONTENT
}

async fn slow(State(others): State<Others>) -> Response {
    match others.mood() {
        Mood::Quick => {}
        Mood::Slow => tokio::time::sleep(SLOW).await,
        Mood::Throttling => return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response(),
    }
    others.taken.fetch_add(1, Ordering::SeqCst);
    StatusCode::NO_CONTENT.into_response()
}
