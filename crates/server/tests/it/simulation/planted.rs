//! Does the simulation find bugs? Each of these is planted, and must be found.

use std::sync::Mutex;

use vault::testing::planted::Planted;

use super::run::{Outcome, run};
use super::seeds::run_all;

/// Within so many seeds each bug must be found.
const SEEDS: u64 = 500;

#[test]
fn every_planted_bug_is_found() {
    for planted in Planted::ALL {
        let found: Mutex<Option<Outcome>> = Mutex::default();
        run_all(SEEDS, |seed| {
            let outcome = run(seed, Some(planted));
            let is_found = !outcome.complaints.is_empty();
            if is_found {
                *found.lock().unwrap() = Some(outcome);
            }
            is_found
        });
        let found = found.into_inner().unwrap();
        let outcome = found.unwrap_or_else(|| panic!("{planted:?} is not found within {SEEDS} seeds"));
        println!("{planted:?} is found by seed {}: {}", outcome.seed, outcome.complaints[0]);
    }
}
