//! Widely used bot libraries against the simulator, by a script beside the workspace.

use crate::script::{folder, run};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grammy_and_telegraf_work() {
    if !folder("telegram").join("node_modules").exists() {
        run("telegram", "npm", &["ci", "--no-audit", "--no-fund"]).await;
    }
    let stage = Stage::set().await;
    let said = run("telegram", "node", &["interop.mjs", &stage.base]).await;
    let last = said.trim_end().lines().next_back().unwrap_or_default();
    assert!(last.ends_with(" passed, 0 failed") && !last.starts_with("0 "), "{said}");
}
