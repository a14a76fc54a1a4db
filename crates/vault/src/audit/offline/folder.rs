//! Reading an exported log from a file of lines, or from a folder with those lines, the tiles and the newest checkpoint. All of
//! it is looked at: a tile that is not what the lines give, or a file too many, is a fault.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use super::{OfflineReport, Trust, Walk};
use crate::audit::Fault;
use crate::audit::lines::Line;
use crate::audit::tiles::Tile;
use crate::{Error, Result, WorkspaceId};

/// The file of lines in a folder.
pub(in crate::audit) const LINES: &str = "log.jsonl";
/// The newest checkpoint in a folder.
pub(in crate::audit) const NEWEST: &str = "checkpoint";
/// The folder of tiles in a folder.
pub(in crate::audit) const TILES: &str = "tile";
/// Longest line, in bytes.
const LINE_MAX: u64 = 1 << 20;
/// How deep tiles lie at most.
const DEPTH_MAX: usize = 12;

/// Verifies a file of lines.
///
/// # Errors
/// [`Error::Invalid`] if it cannot be read. What was tampered with is no error but a [`Fault`].
pub fn verify_file(path: &Path, trust: Trust) -> Result<OfflineReport> {
    let mut walk = Walk::new(trust);
    read_lines(path, &mut walk, |_, _| Vec::new())?;
    walk.end();
    Ok(walk.report)
}

/// Verifies a folder as `parloir audit export` writes it.
///
/// # Errors
/// As [`verify_file`].
pub fn verify_folder(folder: &Path, trust: Trust) -> Result<OfflineReport> {
    let mut walk = Walk::new(trust);
    let mut known = BTreeSet::from([LINES.to_owned(), NEWEST.to_owned()]);
    let mut compare = |tile: &Tile, bytes: &[u8]| {
        let name = format!("{TILES}/{}", tile.path());
        let found = fs::read(folder.join(&name)).is_ok_and(|found| found == bytes);
        known.insert(name.clone());
        if found { Vec::new() } else { vec![name] }
    };
    read_lines(&folder.join(LINES), &mut walk, &mut compare)?;
    let rest = walk.end();
    let wrong: Vec<String> = rest.iter().flat_map(|(tile, bytes)| compare(tile, bytes)).collect();
    walk.note_tiles(wrong);
    let newest = fs::read(folder.join(NEWEST)).unwrap_or_default();
    if newest != walk.newest.as_bytes() {
        walk.note_at(NEWEST.into(), Fault::Checkpoint { number: walk.number });
    }
    let mut found = BTreeSet::new();
    list(folder, "", 0, &mut found)?;
    walk.note_tiles(found.difference(&known).cloned().collect());
    Ok(walk.report)
}

/// Whose log an export says it is.
///
/// # Errors
/// [`Error::Invalid`] if it does not say.
pub fn workspace_of(path: &Path) -> Result<WorkspaceId> {
    let file = if path.is_dir() { path.join(LINES) } else { path.to_owned() };
    let mut line = String::new();
    let opened = File::open(&file).map(|file| BufReader::new(file).take(LINE_MAX));
    opened.and_then(|mut lines| lines.read_line(&mut line)).map_err(|error| unreadable(&file, &error))?;
    match Line::read(&line) {
        Some(Line::Log { workspace, .. }) => workspace.parse(),
        _ => Err(Error::Invalid(format!("{} is no exported audit log", file.display()))),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Invalid(format!("{} cannot be read: {}", path.display(), error.kind()))
}

fn read_lines(path: &Path, walk: &mut Walk, mut compare: impl FnMut(&Tile, &[u8]) -> Vec<String>) -> Result<()> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut lines = BufReader::new(File::open(path).map_err(|error| unreadable(path, &error))?);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let read =
            lines.by_ref().take(LINE_MAX).read_until(b'\n', &mut line).map_err(|error| unreadable(path, &error))?;
        if read == 0 {
            break;
        }
        let full = walk.take(format!("{name}:{number}"), &String::from_utf8_lossy(&line));
        let wrong: Vec<String> = full.iter().flat_map(|(tile, bytes)| compare(tile, bytes)).collect();
        walk.note_tiles(wrong);
    }
    Ok(())
}

/// All files under a folder, by their paths within it.
fn list(folder: &Path, within: &str, depth: usize, found: &mut BTreeSet<String>) -> Result<()> {
    let entries = match fs::read_dir(folder.join(within)) {
        Ok(entries) if depth <= DEPTH_MAX => entries,
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        Ok(_) | Err(_) => return Ok(()),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if within.is_empty() { name } else { format!("{within}/{name}") };
        if entry.file_type()?.is_dir() {
            list(folder, &path, depth + 1, found)?;
        } else {
            found.insert(path);
        }
    }
    Ok(())
}
