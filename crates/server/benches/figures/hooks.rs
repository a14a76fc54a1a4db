//! Webhooks that were verified, sealed and made durable before their 200, against a bare echo of the same requests on the
//! same threads.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::house::{Channel, House};
use crate::pairs::{Wanted, compare, real, told};
use crate::wire::Volley;
use crate::{Plan, bodies};

/// How many connections stay open.
pub(crate) const CONNECTIONS: usize = 64;
/// Numbers of one round; the next begins after them, so that no message comes twice.
const NUMBERS: u64 = 10_000_000;

/// How a channel's requests are made.
pub(crate) type Make = fn(&Channel, u64) -> Vec<u8>;

/// One thing to compare: how requests are proven, and whether what is received is worked off meanwhile.
struct Variant {
    name: &'static str,
    is_bot: bool,
    working: bool,
    wanted: Option<Wanted>,
}

const WANTED: Option<Wanted> = Some(Wanted::AtLeast(0.3));
const VARIANTS: [Variant; 3] = [
    Variant { name: "secret header", is_bot: true, working: true, wanted: WANTED },
    Variant { name: "signature", is_bot: false, working: true, wanted: WANTED },
    Variant { name: "signature, nothing worked off meanwhile", is_bot: false, working: false, wanted: None },
];

/// Compares both ways of proving a request, and the receiving alone.
pub(crate) async fn measure(plan: &Plan) {
    let echo = echo().await;
    for variant in VARIANTS {
        println!("  {}:", variant.name);
        against(plan, echo, &variant).await;
    }
}

async fn against(plan: &Plan, echo: SocketAddr, variant: &Variant) {
    let house = House::open_with("127.0.0.1:9", variant.working).await;
    let (channel, make) = if variant.is_bot {
        (house.telegram().await, bodies::update as Make)
    } else {
        (house.api("http://127.0.0.1:9/").await, bodies::event as Make)
    };
    let (round, received, before) = (AtomicU64::new(0), AtomicU64::new(0), house.app.vault.commits());
    let ours = async || {
        let from = round.fetch_add(NUMBERS, Ordering::Relaxed);
        let answered = volley(plan, house.bound, &channel, make, from).fire().await;
        received.fetch_add(answered.count, Ordering::Relaxed);
        if variant.working {
            let began = plan.clock.now();
            house.drained(&channel).await;
            let (took, meanwhile) = (plan.clock.since(began), plan.clock.since(began) + answered.took);
            let rate = real(answered.count) / meanwhile.as_secs_f64();
            println!(
                "    what was left was worked off in {took:.2?}: {rate:.0}/s from the first request to the last message"
            );
        }
        answered.rate()
    };
    let theirs = async || volley(plan, echo, &channel, make, 0).fire().await.rate();
    let pair = compare(plan.pairs, ("hooks", ours), ("echo", theirs)).await;
    if let Some(wanted) = variant.wanted {
        told(&format!("webhooks against echo, {}", variant.name), wanted, pair.ratio, "");
    }
    let (commits, received) = (house.app.vault.commits() - before, received.into_inner());
    println!("  {received} received, {commits} commits in all");
    house.close().await;
}

/// A round's requests.
pub(crate) fn volley(plan: &Plan, to: SocketAddr, channel: &Channel, make: Make, from: u64) -> Volley {
    let channel = channel.clone();
    Volley {
        to,
        connections: CONNECTIONS,
        most: NUMBERS,
        within: plan.round,
        every: None,
        clock: plan.clock.clone(),
        make: Arc::new(move |number| make(&channel, from + number)),
    }
}

/// The least that a server can do with a body.
async fn echo() -> SocketAddr {
    let router = Router::new().route("/hooks/{channel}", post(async |body: Bytes| body));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bound = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    bound
}
