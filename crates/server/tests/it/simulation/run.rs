//! One seed, from an empty machine to the verdict.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tracing::subscriber::NoSubscriber;
use vault::testing::planted::Planted;

use super::{Sim, calm, check, deeds, keeper, scene, watch};

/// What came of a seed.
pub(crate) struct Outcome {
    pub(crate) seed: u64,
    pub(crate) story: String,
    pub(crate) hash: String,
    /// What was wrong; nothing, if all is well.
    pub(crate) complaints: Vec<String>,
    /// How often the program was cut off.
    pub(crate) crashes: usize,
}

/// Runs a seed, with a bug or without.
pub(crate) fn run(seed: u64, planted: Option<Planted>) -> Outcome {
    // Other tests listen to what the program logs: a thousand worlds would be too much for them.
    let _silence = tracing::subscriber::set_default(NoSubscriber::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    let sim = runtime.block_on(async { scene::empty(seed, planted) });
    let lived = catch_unwind(AssertUnwindSafe(|| runtime.block_on(live(&sim, seed))));
    if let Err(panic) = lived {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        sim.story.wrong(&format!("something panicked: {}", words.unwrap_or_default()));
    }
    drop(runtime);
    sim.program.clear_away();
    sim.program.forget();
    Outcome {
        seed,
        story: sim.story.text(),
        hash: sim.story.hash(),
        complaints: sim.story.complaints(),
        crashes: sim.crashed.load(std::sync::atomic::Ordering::Relaxed),
    }
}

async fn live(sim: &Arc<Sim>, seed: u64) {
    scene::set(sim, seed).await;
    tokio::spawn(keeper::keep(Arc::clone(sim)));
    for workspace in 0..sim.workspaces().len() {
        tokio::spawn(watch::watch(Arc::clone(sim), workspace));
    }
    deeds::perform(sim).await;
    calm::fall(sim).await;
    check::everything(sim).await;
}
