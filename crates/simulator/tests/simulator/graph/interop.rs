//! A widely used client library for WhatsApp against the simulator, by a script beside the workspace.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::stage::{APP, SECRET, Stage, TOKEN};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/whatsapp")
}

async fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap_or_else(|error| panic!("{program} is needed for this test, but: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?} failed:\n{said}\n{complained}");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pywa_works() {
    let stage = Stage::set().await;
    let said = run("./run.sh", &[&stage.base, APP, SECRET, TOKEN]).await;
    let last = said.trim_end().lines().next_back().unwrap_or_default();
    assert!(last.ends_with(" passed, 0 failed") && !last.starts_with("0 "), "{said}");
}
