//! From the moment a webhook should have begun to the moment a member's live stream shows its message, at a tenth of the
//! load that the program takes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use server::telemetry::Monotonic;

use crate::house::{Channel, House};
use crate::pairs::{Wanted, load, median, percentile, real, told};
use crate::{Plan, bodies, hooks};

/// Where the numbers of the paced messages begin.
const FROM: u64 = 100_000_000;

/// Finds the load, then measures at a tenth of it.
pub(crate) async fn measure(plan: &Plan) {
    let house = House::open("127.0.0.1:9").await;
    let channel = house.api("http://127.0.0.1:9/").await;
    let full = full_rate(plan, &house, &channel).await;
    let every = Duration::from_secs_f64(10.0 / full);
    println!("  at {:.0} webhooks a second, a tenth of {full:.0}:", full / 10.0);
    let (mut halves, mut nineties) = (Vec::new(), Vec::new());
    for round in 0..plan.pairs {
        let from = FROM * (u64::try_from(round).unwrap() + 1);
        let (shown, acknowledged) = paced(plan, &house, &channel, from, every).await;
        let (half, ninety_nine) = (percentile(shown.clone(), 0.5), percentile(shown.clone(), 0.99));
        println!(
            "  shown p50 {half:.1} ms, p99 {ninety_nine:.1} ms, max {:.1} ms of {}; acknowledged p50 {:.1} ms, p99 {:.1} ms   load {}",
            percentile(shown.clone(), 1.0),
            shown.len(),
            percentile(acknowledged.clone(), 0.5),
            percentile(acknowledged, 0.99),
            load()
        );
        halves.push(half);
        nineties.push(ninety_nine);
    }
    println!("  = p50 {:.1} ms (median)", median(halves));
    told("live stream, p99", Wanted::AtMost(40.0), median(nineties), " ms");
    house.close().await;
}

/// Webhooks that the program acknowledges in a second, under full load.
async fn full_rate(plan: &Plan, house: &House, channel: &Channel) -> f64 {
    let mut volley = hooks::volley(plan, house.bound, channel, bodies::event, 0);
    volley.within = Duration::from_secs(2);
    let answered = volley.fire().await;
    house.drained(channel).await;
    // The search index catches up too.
    tokio::time::sleep(Duration::from_secs(3)).await;
    answered.rate()
}

/// One round: milliseconds until shown, and until acknowledged.
pub(crate) async fn paced(
    plan: &Plan,
    house: &House,
    channel: &Channel,
    from: u64,
    every: Duration,
) -> (Vec<f64>, Vec<f64>) {
    let stream = house.stream().await;
    let mut volley = hooks::volley(plan, house.bound, channel, bodies::event, from);
    volley.most = u64::try_from(plan.round.as_nanos() / every.as_nanos()).unwrap();
    volley.every = Some(every);
    volley.within = Duration::MAX;
    let first_at = Arc::new(std::sync::Mutex::new(None));
    let (clock, base) = (plan.clock.clone(), Arc::clone(&first_at));
    let make = Arc::clone(&volley.make);
    // The first request is made when it is due: all other due times follow from it.
    volley.make = Arc::new(move |number| {
        if number == 0 {
            *base.lock().unwrap() = Some(clock.now());
        }
        make(number)
    });
    let reading = tokio::spawn(seen(stream, plan.clock.clone(), from, volley.most));
    let answered = volley.fire().await;
    let seen = tokio::time::timeout(Duration::from_secs(30), reading).await.expect("all are shown").unwrap();
    let began = first_at.lock().unwrap().expect("something was sent");
    let late =
        |(number, at): (u64, Duration)| at.saturating_sub(began + every.mul_f64(real(number))).as_secs_f64() * 1_000.0;
    (seen.into_iter().map(late).collect(), answered.latencies)
}

/// When the stream showed each message, until all were there.
async fn seen(mut stream: reqwest::Response, clock: Monotonic, from: u64, most: u64) -> HashMap<u64, Duration> {
    let (mut seen, mut buffer) = (HashMap::new(), Vec::new());
    while u64::try_from(seen.len()).unwrap() < most {
        let piece = stream.chunk().await.unwrap().expect("the stream goes on");
        let now = clock.now();
        buffer.extend_from_slice(&piece);
        while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = buffer.drain(..end + 2).collect();
            if let Some(number) = created(&block).and_then(|number| number.checked_sub(from)) {
                seen.entry(number).or_insert(now);
            }
        }
    }
    seen
}

/// The number of the message that an event tells of.
fn created(block: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(block).ok()?;
    let data = text.lines().find_map(|line| line.strip_prefix("data:"))?;
    let event: Value = text.contains("event: message.created").then(|| serde_json::from_str(data).ok())??;
    bodies::number(event["data"]["text"].as_str()?)
}
