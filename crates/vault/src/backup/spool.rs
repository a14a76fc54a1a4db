//! What was committed since the last backup, until the next one takes it along: segments in a folder beside the data, sealed as
//! they will lie in the backup, and a note of how far they reach.
//!
//! A segment is durable before the note says so, and the note before the engine may forget what the segment holds.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::place::{Part, seal};
use super::segment::Gathered;
use crate::keys::Key;
use crate::store::LogMark;
use crate::{Chance, Millis, Result};

/// The note's name.
const NOTE: &str = "log.json";

/// Some commits, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Segment {
    /// Its number in the chain, from 1.
    pub(crate) number: u64,
    pub(crate) part: Part,
    /// The moments of its first and last commit.
    pub(crate) first_at: Millis,
    pub(crate) last_at: Millis,
    /// How many commits.
    pub(crate) commits: u64,
}

/// How a database's file was when all of its log was moved into it: who wrote to it since left another size or time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settled {
    pub(crate) size: u64,
    pub(crate) seconds: i64,
    pub(crate) nanoseconds: i64,
}

#[derive(Serialize, Deserialize)]
struct Note {
    /// The chain to which the segments belong.
    chain: String,
    /// The number of the next segment.
    next: u64,
    /// How far the engine's log was taken in.
    mark: Option<LogMark>,
    /// Set where that log was emptied.
    settled: Option<Settled>,
    waiting: Vec<Segment>,
}

/// Where a chain's segments wait.
pub(crate) struct Spool {
    folder: PathBuf,
    key: Key,
    chance: Arc<dyn Chance>,
    note: Note,
}

/// The name that a segment has in a backup.
fn name(chain: &str, number: u64) -> String {
    format!("chains/{chain}/log/{number:010}")
}

impl Spool {
    /// What a folder has waiting; `None` if no backup is being continued there, or its note cannot be read.
    pub(crate) fn resume(folder: &Path, key: Key, chance: Arc<dyn Chance>) -> Option<Self> {
        let note = serde_json::from_slice(&fs::read(folder.join(NOTE)).ok()?).ok()?;
        Some(Self { folder: folder.to_owned(), key, chance, note })
    }

    /// Begins anew, for a chain whose base is being made.
    pub(crate) fn begin(
        folder: &Path,
        key: Key,
        chance: Arc<dyn Chance>,
        chain: &str,
        mark: Option<LogMark>,
    ) -> Result<Self> {
        private_folder(folder)?;
        clear(folder)?;
        let note = Note { chain: chain.to_owned(), next: 1, mark, settled: None, waiting: Vec::new() };
        let spool = Self { folder: folder.to_owned(), key, chance, note };
        spool.save()?;
        Ok(spool)
    }

    pub(crate) fn chain(&self) -> &str {
        &self.note.chain
    }

    pub(crate) fn mark(&self) -> Option<LogMark> {
        self.note.mark
    }

    pub(crate) fn settled(&self) -> Option<&Settled> {
        self.note.settled.as_ref()
    }

    /// What waits, oldest first.
    pub(crate) fn waiting(&self) -> &[Segment] {
        &self.note.waiting
    }

    /// How many bytes wait.
    pub(crate) fn bytes(&self) -> u64 {
        self.note.waiting.iter().map(|segment| segment.part.size).sum()
    }

    /// Keeps a segment, and notes that the engine's log was taken in up to a mark.
    pub(crate) fn keep(&mut self, gathered: &Gathered, mark: Option<LogMark>) -> Result<()> {
        let number = self.note.next;
        let name = name(&self.note.chain, number);
        let sealed = seal(&name, &self.key, self.chance.draw(), gathered.bytes())?;
        durably(&self.folder, &format!("{number:010}"), &sealed)?;
        let Gathered { first_at, last_at, commits, .. } = *gathered;
        self.note.waiting.push(Segment { number, part: Part::of(&name, &sealed), first_at, last_at, commits });
        self.note.next = number.saturating_add(1);
        self.note.mark = mark;
        self.note.settled = None;
        self.save()
    }

    /// Notes that the engine's log is empty, and all of it was taken in.
    pub(crate) fn settle(&mut self, settled: Settled) -> Result<()> {
        self.note.mark = None;
        self.note.settled = Some(settled);
        self.save()
    }

    /// The sealed bytes of a segment that waits.
    pub(crate) fn read(&self, segment: &Segment) -> Result<Vec<u8>> {
        Ok(fs::read(self.folder.join(format!("{:010}", segment.number)))?)
    }

    /// Lets go of segments that a backup has taken along.
    pub(crate) fn let_go(&mut self, taken: u64) -> Result<()> {
        let gone: Vec<Segment> = self.note.waiting.extract_if(.., |segment| segment.number <= taken).collect();
        self.save()?;
        for segment in gone {
            remove(&self.folder.join(format!("{:010}", segment.number)))?;
        }
        Ok(())
    }

    /// Ends it: the next backup is a whole one.
    pub(crate) fn end(self) -> Result<()> {
        clear(&self.folder)
    }

    fn save(&self) -> Result<()> {
        let text = serde_json::to_vec(&self.note).map_err(|error| crate::Error::Engine(error.to_string()))?;
        durably(&self.folder, NOTE, &text)
    }
}

/// Makes a folder that only its owner can look into.
pub(super) fn private_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    Ok(fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?)
}

/// Writes a file whole or not at all.
fn durably(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let draft = folder.join(format!("{name}.new"));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, folder.join(name))?;
    Ok(fs::File::open(folder)?.sync_all()?)
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Removes the note, then whatever it told of.
fn clear(folder: &Path) -> Result<()> {
    remove(&folder.join(NOTE))?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_segment = |name: &str| name.trim_end_matches(".new").bytes().all(|byte| byte.is_ascii_digit());
        if path.file_name().and_then(|name| name.to_str()).is_some_and(is_segment) {
            remove(&path)?;
        }
    }
    Ok(())
}
