//! The seeds: many of them must be well, and each must be the same every time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::run::{Outcome, run};

/// How many seeds are run if nobody says otherwise.
const SEEDS: u64 = 500;
/// How many seeds are run twice, to see whether their traces are the same.
const TWICE: u64 = 6;
/// How many worlds at a time.
const AT_ONCE: usize = 2;
/// How many failing seeds are told of: one story is long enough.
const TOLD: usize = 1;

/// The number in a variable, if it is set.
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

/// How many seeds are to be run.
pub(crate) fn how_many() -> u64 {
    number("PARLOIR_DEV_SEEDS").unwrap_or(SEEDS)
}

/// What a failing seed has to say.
pub(crate) fn tell(outcome: &Outcome) -> String {
    let complaints: Vec<String> = outcome.complaints.iter().map(|complaint| format!("  - {complaint}")).collect();
    format!(
        "{}\nseed {}: {} things are wrong:\n{}\n\nrun it again with: PARLOIR_DEV_SEED={} cargo test -p server \
         --features server/testing,vault/testing --test it simulation::seeds::every_seed_is_well -- --nocapture\n",
        outcome.story,
        outcome.seed,
        outcome.complaints.len(),
        complaints.join("\n"),
        outcome.seed,
    )
}

/// Runs seeds on several threads, a world on each, until all are run or one of them makes `stop` say so.
pub(crate) fn run_all(seeds: u64, each: impl Fn(u64) -> bool + Sync) {
    let next = AtomicU64::new(0);
    let stopped = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while !stopped.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    if each(seed) {
                        stopped.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
}

#[test]
fn every_seed_is_well() {
    if let Some(seed) = number("PARLOIR_DEV_SEED") {
        let outcome = run(seed, None);
        println!("trace {}", outcome.hash);
        assert!(outcome.complaints.is_empty(), "{:#?}", outcome.complaints);
        return;
    }
    let failed = Mutex::new(Vec::new());
    let crashes = AtomicU64::new(0);
    run_all(how_many(), |seed| {
        let outcome = run(seed, None);
        crashes.fetch_add(outcome.crashes as u64, Ordering::Relaxed);
        if !outcome.complaints.is_empty() {
            failed.lock().unwrap().push(outcome);
        }
        failed.lock().unwrap().len() > 20
    });
    println!("{} seeds, {} crashes", how_many(), crashes.load(Ordering::Relaxed));
    let mut failed = failed.into_inner().unwrap();
    failed.sort_by_key(|outcome| outcome.seed);
    for outcome in failed.iter().take(TOLD) {
        println!("{}", tell(outcome));
    }
    let all: Vec<_> = failed.iter().map(|outcome| (outcome.seed, outcome.complaints.first())).collect();
    assert!(failed.is_empty(), "{} seeds failed: {all:#?}", failed.len());
}

#[test]
fn a_seed_is_the_same_every_time() {
    for seed in 0..TWICE {
        let first = run(seed, None);
        // Another thread, after other worlds, and beside one.
        let again = std::thread::spawn(move || {
            let beside = std::thread::spawn(move || run(seed + 1_000, None));
            let again = run(seed, None);
            drop(beside.join());
            again
        });
        let again = again.join().expect("it runs");
        let differs = first.story.lines().zip(again.story.lines()).find(|(one, other)| one != other);
        assert_eq!(first.hash, again.hash, "seed {seed}: the traces part at {differs:#?}");
    }
}
