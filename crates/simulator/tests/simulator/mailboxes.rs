//! Google's and Microsoft's own client libraries against the simulated mailboxes, by scripts beside the workspace.

use simulator::{DeliveryOptions, Options, Simulator};

use crate::script::{folder, run};

const ADDRESS: &str = "info@shop.example";

/// A world whose clock is the libraries' own: what is signed there is good for a time.
fn world() -> Simulator {
    let deliveries = DeliveryOptions { retry_first_ms: 20, retry_max_ms: 50, ..DeliveryOptions::default() };
    Simulator::new(Options { deliveries, ..Options::default() })
}

fn all_passed(said: &str) {
    let last = said.trim_end().lines().next_back().unwrap_or_default();
    assert!(last.ends_with(" passed, 0 failed") && !last.starts_with("0 "), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn googles_own_libraries_work() {
    let simulator = world();
    let base = simulator.start().await.expect("a free port");
    let known = simulator.google().create(ADDRESS);
    let arguments = [base.as_str(), ADDRESS, &known.client_id, &known.client_secret];
    all_passed(&run("google", "./run.sh", &arguments).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn microsofts_own_library_works() {
    if !folder("microsoft").join("node_modules").exists() {
        run("microsoft", "npm", &["ci", "--no-audit", "--no-fund"]).await;
    }
    let simulator = world();
    let base = simulator.start().await.expect("a free port");
    let known = simulator.microsoft().create(ADDRESS);
    simulator.microsoft().reach(ADDRESS, true);
    let arguments = ["interop.mjs", base.as_str(), ADDRESS, &known.client_id, &known.client_secret];
    all_passed(&run("microsoft", "node", &arguments).await);
}
