//! `kill -9` under load, again and again: nothing acknowledged is lost, nothing appears twice, nothing is sent twice.
//!
//! [`world`] is what surrounds the program, [`load`] plays everybody who uses it meanwhile and writes down what was acknowledged; [`ledger`] holds that
//! against what is found in the end. `PARLOIR_DEV_KILLS` says how often in all (100 if it says nothing).

mod ledger;
mod load;
mod world;

use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use tokio::sync::Mutex;
use tokio::time::Instant;
use vault::testing::postgres::TestDatabase;

use crate::process::{Installation, Process};
use world::World;

/// One after the other: two loads at once would only slow each other down.
static TURN: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_on_sqlite() {
    let _turn = TURN.lock().await;
    survive(None, kills() - kills() * 3 / 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_on_postgres() {
    let _turn = TURN.lock().await;
    let database = tokio::task::spawn_blocking(TestDatabase::create).await.unwrap();
    survive(Some(&database.url), kills() * 3 / 10).await;
    tokio::task::spawn_blocking(move || drop(database)).await.unwrap();
}

/// How often in all, on both engines.
fn kills() -> u32 {
    let asked = std::env::var("PARLOIR_DEV_KILLS").ok();
    asked.map_or(100, |number| number.parse().expect("PARLOIR_DEV_KILLS is a number"))
}

async fn survive(database: Option<&str>, kills: u32) {
    let mut world = World::new(database).await;
    let process = world.installation.start().await;
    world.open().await;
    let load = world.begin();
    let process = kill_again_and_again(&world.installation, process, kills).await;
    let ledger = load.end().await;
    world.settle().await;
    // What was settled stays so over a clean stop.
    process.stop().await;
    let process = world.installation.start().await;
    ledger::check(&world, &ledger).await;
    process.stop().await;
    assert!(!world.installation.log().contains("panicked"), "{}", world.installation.log());
}

/// Kills whatever runs, at moments left to chance; a server that runs in the end.
async fn kill_again_and_again(installation: &Installation, mut process: Process, kills: u32) -> Process {
    let mut chance = ChaCha20Rng::seed_from_u64(0x70_61_72_6c);
    let (mut starting, mut ready) = (Duration::ZERO, 0);
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(20 + u64::from(chance.next_u32() % 380))).await;
        process.kill();
        let begun = Instant::now();
        process = installation.spawn();
        // One in eight does not even get to listen.
        if chance.next_u32().is_multiple_of(8) {
            tokio::time::sleep(Duration::from_millis(u64::from(chance.next_u32() % 60))).await;
            continue;
        }
        assert!(process.is_ready().await, "the server does not start: {}", installation.log());
        starting += begun.elapsed();
        ready += 1;
    }
    println!("{kills} kills; a start took {} ms on average", starting.as_millis() / u128::from(ready.max(1_u32)));
    process.kill();
    installation.start().await
}
