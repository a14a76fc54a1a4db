//! The whole way: from the first byte of a webhook to a stored message, against rows that SQLite writes with nothing
//! around them, a hundred a commit, as durably, in the same folder. Then: when can the last one be found?

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Method;
use vault::testing::yardstick::RawRows;

use crate::house::{Channel, House};
use crate::pairs::{Wanted, compare, median, real, told};
use crate::{Plan, bodies, hooks};

/// Rows in one commit of the yardstick.
const A_COMMIT: u32 = 100;
/// Bytes of a yardstick's row: as many as a sealed message has.
const ROW: usize = 400;
/// Numbers of one round.
const NUMBERS: u64 = 10_000_000;

/// Compares, then searches.
pub(crate) async fn measure(plan: &Plan) {
    let house = House::open("127.0.0.1:9").await;
    let channel = house.api("http://127.0.0.1:9/").await;
    let mut raw = RawRows::open(&house.data().join("yardstick.db"), ROW).unwrap();
    let stored = AtomicU64::new(0);
    let round = AtomicU64::new(0);
    let last = AtomicU64::new(0);
    let ours = async || {
        let from = round.fetch_add(NUMBERS, Ordering::Relaxed);
        let began = plan.clock.now();
        let mut volley = hooks::volley(plan, house.bound, &channel, bodies::event, from);
        volley.within = plan.round / 2;
        let count = volley.fire().await.count;
        house.drained(&channel).await;
        let took = plan.clock.since(began);
        last.store(from + count - 1, Ordering::Relaxed);
        stored.fetch_add(count, Ordering::Relaxed);
        real(count) / took.as_secs_f64()
    };
    let theirs = async || {
        let (began, mut rows) = (plan.clock.now(), 0);
        while plan.clock.since(began) < plan.round / 2 {
            raw.commit(A_COMMIT).unwrap();
            rows += u64::from(A_COMMIT);
        }
        real(rows) / plan.clock.since(began).as_secs_f64()
    };
    let pair = compare(plan.pairs, ("messages", ours), ("raw rows", theirs)).await;
    told("stored messages against raw rows", Wanted::AtLeast(0.04), pair.ratio, "");
    let last = last.into_inner();
    let after = found_after(plan, &house, last).await;
    let stored = stored.into_inner();
    println!("  {stored} messages stored; the last one, n{last}n, was found {after:.2?} after the last was stored");
    told("stored, then found", Wanted::AtMost(2.0), after.as_secs_f64(), " s");
    quiet(plan, &house, &channel).await;
    house.close().await;
}

/// Time until a message can be searched for.
async fn found_after(plan: &Plan, house: &House, number: u64) -> Duration {
    let began = plan.clock.now();
    loop {
        let found = house.call(Method::GET, &format!("/search?q=n{number}n"), None).await;
        if found["data"].as_array().is_some_and(|hits| !hits.is_empty()) {
            return plan.clock.since(began);
        }
        assert!(plan.clock.since(began) < Duration::from_mins(2), "n{number}n is not found");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Single messages, with nothing else going on.
async fn quiet(plan: &Plan, house: &House, channel: &Channel) {
    let mut times = Vec::new();
    for round in 0..5 {
        let number = 900_000_000_000 + round;
        let mut volley = hooks::volley(plan, house.bound, channel, bodies::event, number);
        (volley.most, volley.connections) = (1, 1);
        let began = plan.clock.now();
        volley.fire().await;
        found_after(plan, house, number).await;
        times.push(plan.clock.since(began).as_secs_f64());
    }
    told("a single message is found after its webhook began", Wanted::AtMost(2.0), median(times), " s");
}
