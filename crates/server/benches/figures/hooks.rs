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
use crate::pairs::{compare, real};
use crate::wire::Volley;
use crate::{Plan, bodies};

/// How many connections stay open.
pub const CONNECTIONS: usize = 64;
/// Numbers of one round; the next begins after them, so that no message comes twice.
const NUMBERS: u64 = 10_000_000;

/// How a channel's requests are made.
pub type Make = fn(&Channel, u64) -> Vec<u8>;

/// Compares both ways of proving a request, and the receiving alone.
pub async fn measure(plan: &Plan) {
    let echo = echo().await;
    for (name, make, working) in [
        ("secret header", bodies::update as Make, true),
        ("signature", bodies::event as Make, true),
        ("signature, workers off", bodies::event as Make, false),
    ] {
        println!("  {name}:");
        let house = House::open_with("127.0.0.1:9", working).await;
        let channel = if make == bodies::update as Make {
            house.telegram().await
        } else {
            house.api("http://127.0.0.1:9/").await
        };
        let round = AtomicU64::new(0);
        let commits = house.app.vault.commits();
        let received = AtomicU64::new(0);
        let ours = async || {
            let volley = volley(plan, house.bound, &channel, make, round.fetch_add(NUMBERS, Ordering::Relaxed));
            let answered = volley.fire().await;
            received.fetch_add(answered.count, Ordering::Relaxed);
            if working {
                house.drained(&channel).await;
            }
            answered.rate()
        };
        let theirs = async || volley(plan, echo, &channel, make, 0).fire().await.rate();
        compare(plan.pairs, ("hooks", ours), ("echo", theirs)).await;
        let commits = house.app.vault.commits() - commits;
        println!(
            "  {} received, {:.2} commits each, all told",
            received.load(Ordering::Relaxed),
            real(commits) / real(received.into_inner())
        );
        house.close().await;
    }
}

/// A round's requests.
pub fn volley(plan: &Plan, to: SocketAddr, channel: &Channel, make: Make, from: u64) -> Volley {
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
