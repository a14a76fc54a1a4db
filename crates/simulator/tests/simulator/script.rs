//! Scripts beside the workspace that drive the simulator with libraries of others.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

/// Where a system's scripts are.
pub(crate) fn folder(system: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop").join(system)
}

/// Runs a program in a system's folder; what it said, if it succeeded.
pub(crate) async fn run(system: &str, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder(system))
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap_or_else(|error| panic!("{program} is needed for this test, but: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?} failed:\n{said}\n{complained}");
    said
}
