//! `parloir demo`.
use anyhow::Result;
use crate::settings::Settings;
/// The folder.
pub const FOLDER: &str = "parloir-demo";
/// Runs.
pub fn run(_: Settings, _: bool, _: bool) -> Result<()> {
    anyhow::bail!("in the making")
}
