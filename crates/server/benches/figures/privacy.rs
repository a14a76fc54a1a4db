//! What keeping the promises costs: erasing somebody with ten thousand messages, in a database a hundred times larger too; exporting
//! them; and what the live stream feels of a sweep.

use std::time::Duration;

use http::{Method, StatusCode};
use vault::jobs::{self, JobKind};
use vault::messages::{self, Body, Direction, NewMessage, State, Writer};
use vault::{ContactId, ConversationId, Personal, Scope, Tx, retention};

use crate::Plan;
use crate::house::{Channel, House};
use crate::live::paced;
use crate::pairs::{Wanted, load, median, percentile, told};
use crate::search::{fill, person};

/// Messages of whoever is erased or exported.
const MESSAGES: usize = 10_000;
/// How much larger the larger database is.
const TIMES: usize = 100;
/// Other people in it.
const OTHERS: usize = 1_000;
/// What a sweep takes.
const SWEPT: usize = 100_000;
/// Rows of one transaction.
const A_COMMIT: usize = 500;
const DAY_MS: i64 = 24 * 3_600_000;
/// Where the numbers of the paced messages begin.
const FROM: u64 = 500_000_000;
/// How often the live stream is written to while a sweep runs.
const EVERY: Duration = Duration::from_millis(10);

/// One after the other.
pub(crate) async fn measure(plan: &Plan) {
    exporting(plan).await;
    erasing(plan).await;
    sweeping(plan).await;
}

/// A member's download of somebody's archive.
async fn exporting(plan: &Plan) {
    let house = House::open_with("127.0.0.1:9", false).await;
    let channel = house.api("http://127.0.0.1:9/").await;
    let scope = house.scope().await;
    let (contact, _) = people(&house, &scope, &channel, 1).await[0];
    let mut times = Vec::new();
    for _ in 0..plan.pairs {
        let export = house.call(Method::POST, &format!("/contacts/{contact}/export"), None).await;
        let path = format!("/exports/{}", export["id"].as_str().unwrap());
        let began = plan.clock.now();
        let (status, bytes) = house.fetch(Method::GET, &path).await;
        times.push(plan.clock.since(began).as_secs_f64());
        assert!(status.is_success() && bytes > MESSAGES, "an archive of {bytes} bytes");
    }
    told("an export of 10,000 messages", Wanted::AtMost(2.0), median(times), " s");
    house.close().await;
}

/// What erasing somebody takes.
struct Erased {
    /// Until nothing of them can be read, in seconds.
    unreadable: f64,
    /// Until their rows are gone.
    removed: f64,
}

async fn erasing(plan: &Plan) {
    let mut small = Vec::new();
    for _ in 0..plan.pairs {
        let house = House::open("127.0.0.1:9").await;
        let (scope, channel) = (house.scope().await, house.api("http://127.0.0.1:9/").await);
        let one = people(&house, &scope, &channel, 1).await[0];
        small.push(erase(plan, &house, one).await);
        house.close().await;
    }
    let house = House::open("127.0.0.1:9").await;
    let (scope, channel) = (house.scope().await, house.api("http://127.0.0.1:9/").await);
    let began = plan.clock.now();
    let (id, mut others) = (channel.id, Vec::new());
    for first in (0..OTHERS).step_by(A_COMMIT) {
        let meet = move |tx: &Tx<'_>| {
            (first..first + A_COMMIT).map(|number| person(tx, id, number)).collect::<vault::Result<Vec<_>>>()
        };
        others.extend(house.app.vault.write(&scope, meet).await.unwrap());
    }
    let several = people(&house, &scope, &channel, plan.pairs).await;
    fill(&house, &scope, id, &others, MESSAGES * (TIMES - plan.pairs)).await;
    indexed(&house, &scope).await;
    println!("  {} messages stored and indexed in {:.0?}   load {}", MESSAGES * TIMES, plan.clock.since(began), load());
    let mut large = Vec::new();
    for one in several {
        large.push(erase(plan, &house, one).await);
    }
    house.close().await;
    for (what, all) in [("alone", &small), ("among a hundred times as many", &large)] {
        let middle = |of: fn(&Erased) -> f64| median(all.iter().map(of).collect());
        println!(
            "  {MESSAGES} messages {what}: unreadable after {:.0} ms, removed after {:.2} s (medians of {})",
            middle(|one| one.unreadable) * 1_000.0,
            middle(|one| one.removed),
            all.len()
        );
    }
    let unreadable = small.iter().chain(&large).map(|one| one.unreadable).collect();
    told("an erasure of 10,000 messages, p99", Wanted::AtMost(1.0), percentile(unreadable, 0.99), " s");
    let removed = |all: &[Erased]| median(all.iter().map(|one| one.removed).collect());
    told("the same in a database a hundred times larger", Wanted::AtMost(1.2), removed(&large) / removed(&small), "");
}

/// Erases somebody, as a member does.
async fn erase(plan: &Plan, house: &House, (contact, conversation): (ContactId, ConversationId)) -> Erased {
    let began = plan.clock.now();
    let erasure = house.call(Method::POST, &format!("/contacts/{contact}/erasure"), None).await;
    let (status, _) = house.fetch(Method::GET, &format!("/conversations/{conversation}/messages")).await;
    let unreadable = plan.clock.since(began).as_secs_f64();
    assert_eq!(status, StatusCode::NOT_FOUND, "nothing can be read");
    let path = format!("/erasures/{}", erasure["id"].as_str().unwrap());
    while !matches!(house.call(Method::GET, &path, None).await["state"].as_str(), Some("remote" | "done")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Erased { unreadable, removed: plan.clock.since(began).as_secs_f64() }
}

/// What the live stream feels of a sweep.
async fn sweeping(plan: &Plan) {
    let house = House::open("127.0.0.1:9").await;
    let (scope, channel) = (house.scope().await, house.api("http://127.0.0.1:9/").await);
    let (mut before, mut during) = (Vec::new(), Vec::new());
    for round in 0..plan.pairs {
        let from = FROM + 1_000_000 * u64::try_from(round).unwrap();
        let quiet = paced(plan, &house, &channel, from, EVERY).await.0;
        past(&house, &scope, &channel).await;
        indexed(&house, &scope).await;
        let ask = |tx: &Tx<'_>| jobs::enqueue(tx, JobKind::Sweep, &tx.workspace()?.to_string(), tx.now());
        house.app.vault.write(&scope, ask).await.unwrap();
        let busy = paced(plan, &house, &channel, from + 500_000, EVERY).await.0;
        let (last, _) = house.app.vault.read(&scope, retention::last).await.unwrap();
        println!(
            "  live p99 {:.1} ms, during a sweep {:.1} ms ({:?})   load {}",
            percentile(quiet.clone(), 0.99),
            percentile(busy.clone(), 0.99),
            last.map(|last| last.removed),
            load()
        );
        before.push(percentile(quiet, 0.99));
        during.push(percentile(busy, 0.99));
    }
    let ratios = during.iter().zip(&before).map(|(during, before)| during / before).collect();
    told("live p99 during a sweep, of before", Wanted::AtMost(1.5), median(ratios), "");
    house.close().await;
}

/// People with ten thousand messages each.
async fn people(house: &House, scope: &Scope, channel: &Channel, many: usize) -> Vec<(ContactId, ConversationId)> {
    let id = channel.id;
    let meet = move |tx: &Tx<'_>| (0..many).map(|number| person(tx, id, number)).collect::<vault::Result<Vec<_>>>();
    let all = house.app.vault.write(scope, meet).await.unwrap();
    for one in &all {
        fill(house, scope, id, &[*one], MESSAGES).await;
    }
    indexed(house, scope).await;
    all
}

async fn indexed(house: &House, scope: &Scope) {
    while house.app.vault.index_step(scope).await.unwrap() {}
}

/// Messages whose term is over.
async fn past(house: &House, scope: &Scope, channel: &Channel) {
    let id = channel.id;
    let (contact, conversation) = house.app.vault.write(scope, move |tx| person(tx, id, 0)).await.unwrap();
    for _ in (0..SWEPT).step_by(A_COMMIT) {
        let write = move |tx: &Tx<'_>| {
            (0..A_COMMIT).try_for_each(|_| {
                let new = NewMessage {
                    conversation,
                    channel: id,
                    contact,
                    direction: Direction::Incoming,
                    writer: Writer::Contact(contact),
                    body: Personal::new(Body::text("past its term")),
                    reply_to: None,
                    state: State::Received,
                    written_at: tx.now() - 800 * DAY_MS,
                };
                messages::record(tx, &new).map(|_| ())
            })
        };
        house.app.vault.write(scope, write).await.unwrap();
    }
}
