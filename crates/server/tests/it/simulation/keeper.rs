//! Starts the program again whenever its power has failed.

use std::sync::Arc;
use std::time::Duration;

use vault::testing::power::{Failure, Side};

use super::Sim;

/// How often of a thousand a start is cut off too.
const STARTS_FAIL: u64 = 150;

/// Keeps the program going until the world ends.
pub(crate) async fn keep(sim: Arc<Sim>) {
    loop {
        if let Some(power) = sim.program.power() {
            power.failed().await;
        }
        let failure = sim.program.clear_away();
        sim.story.tell(&format!("the program is cut off {}", where_it_was(failure)));
        sim.note_crash();
        let dark = if sim.crashes.hits(100) { sim.crashes.between(1_000, 6_000) } else { sim.crashes.between(1, 300) };
        tokio::time::sleep(Duration::from_millis(dark)).await;
        let side = if sim.crashes.hits(500) { Side::Before } else { Side::After };
        let fails = (sim.is_stormy() && sim.crashes.hits(STARTS_FAIL)).then(|| (sim.crashes.between(1, 6), side));
        let started = sim.program.start(&sim, fails);
        sim.story.tell(if started { "the program is started again" } else { "the program is cut off while it starts" });
    }
}

fn where_it_was(failure: Option<Failure>) -> String {
    match failure {
        Some(Failure { step: Some((step, Side::Before)), what }) => format!("just before its {what} (step {step})"),
        Some(Failure { step: Some((step, Side::After)), what }) => {
            format!("just after its {what} (step {step}), of which nobody heard")
        }
        Some(Failure { step: None, .. }) | None => "in the middle of things".to_owned(),
    }
}
