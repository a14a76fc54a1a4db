//! A conversation of ten thousand messages: how long its newest take over the API, and any page of it further back.

use http::Method;

use crate::Plan;
use crate::house::House;
use crate::pairs::{Wanted, load, percentile, told};
use crate::search::{fill, person};

const MESSAGES: usize = 10_000;
/// How often it is opened.
const OPENED: usize = 200;

/// Fills it, opens it, and reads back to its beginning.
pub(crate) async fn measure(plan: &Plan) {
    let house = House::open_with("127.0.0.1:9", false).await;
    let channel = house.api("http://127.0.0.1:9/").await;
    let (scope, id) = (house.scope().await, channel.id);
    let one = house.app.vault.write(&scope, move |tx| person(tx, id, 0)).await.unwrap();
    fill(&house, &scope, id, &[one], MESSAGES).await;
    println!("  {MESSAGES} messages in one conversation   load {}", load());
    let thread = format!("/conversations/{}/messages", one.1);
    let mut opening = Vec::new();
    for _ in 0..OPENED {
        opening.push(page(plan, &house, &format!("{thread}?limit=50")).await.0);
    }
    let (mut back, mut path, mut read) = (Vec::new(), format!("{thread}?limit=100"), 0);
    loop {
        let (time, count, next) = page(plan, &house, &path).await;
        back.push(time);
        read += count;
        let Some(cursor) = next else { break };
        path = format!("{thread}?limit=100&cursor={cursor}");
    }
    assert_eq!(read, MESSAGES, "all of it was read");
    for (what, times) in [("opened", opening.clone()), ("a page of 100", back)] {
        let at = |share| percentile(times.clone(), share);
        println!("  {what}: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms of {}", at(0.5), at(0.99), at(1.0), times.len());
    }
    told("a thread of 10,000 messages opened, p99", Wanted::AtMost(100.0), percentile(opening, 0.99), " ms");
    house.close().await;
}

/// One page: milliseconds, how many messages, and where the next begins.
async fn page(plan: &Plan, house: &House, path: &str) -> (f64, usize, Option<String>) {
    let began = plan.clock.now();
    let page = house.call(Method::GET, path, None).await;
    let time = plan.clock.since(began).as_secs_f64() * 1_000.0;
    (time, page["data"].as_array().unwrap().len(), page["next"].as_str().map(str::to_owned))
}
