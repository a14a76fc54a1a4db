//! A widely used client library for WhatsApp against the simulator, by a script beside the workspace.

use super::stage::{APP, SECRET, Stage, TOKEN};
use crate::script::run;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pywa_works() {
    let stage = Stage::set().await;
    let said = run("whatsapp", "./run.sh", &[&stage.base, APP, SECRET, TOKEN]).await;
    let last = said.trim_end().lines().next_back().unwrap_or_default();
    assert!(last.ends_with(" passed, 0 failed") && !last.starts_with("0 "), "{said}");
}
