//! SQLite's write-ahead log, read beside the engine: which pages each commit changed.
//!
//! A frame counts if its salts are the header's and the running checksum fits, as the engine itself decides after a crash.
//! <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Result;

const HEADER: usize = 32;
const FRAME: usize = 24;
/// The last bit says in which order the bytes of a checksum's words are.
const MAGIC: u32 = 0x377f_0682;
/// How much is read at a time.
const AHEAD: usize = 1 << 18;

/// How far a log was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// Which log: another one begins with other salts.
    salts: [u32; 2],
    /// Frames read.
    pub(crate) frames: u64,
    /// The checksum so far.
    sums: [u32; 2],
}

/// What one commit changed.
pub(crate) struct Commit {
    /// How many pages the database has from then on.
    pub(crate) pages: u32,
    /// Numbers and bytes of the pages.
    pub(crate) frames: Vec<(u32, Vec<u8>)>,
}

struct Header {
    mark: Mark,
    page_size: usize,
    big_endian: bool,
}

/// What was found after a mark.
pub(super) enum Found {
    /// These commits, and how far they reach. No log at all: no commits, and no mark.
    Commits(Option<Mark>, u32, Vec<Commit>),
    /// The log that the mark belongs to is gone, and not by a restart right after it.
    Lost,
}

/// Reads on from a mark; without one, from the beginning.
pub(super) fn read_on(path: &Path, from: Option<Mark>) -> Result<Found> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        opened => Some(opened?),
    };
    let Some((mut file, header)) = file.map(with_header).transpose()?.flatten() else {
        return Ok(if from.is_none() { Found::Commits(None, 0, Vec::new()) } else { Found::Lost });
    };
    let mut mark = match from {
        Some(mark) if mark.salts == header.mark.salts => mark,
        // All of it was moved into the database, and the next commit began the log anew.
        Some(mark) if mark.salts[0].wrapping_add(1) == header.mark.salts[0] => header.mark,
        Some(_) => return Ok(Found::Lost),
        None => header.mark,
    };
    let whole = (FRAME + header.page_size) as u64;
    file.seek(SeekFrom::Start(HEADER as u64 + mark.frames * whole))?;
    let mut reader = BufReader::with_capacity(AHEAD, file);
    let (mut commits, mut open, mut at) = (Vec::new(), Vec::new(), mark);
    while let Some((number, pages, page)) = frame(&mut reader, &header, &mut at)? {
        open.push((number, page));
        if pages > 0 {
            commits.push(Commit { pages, frames: std::mem::take(&mut open) });
            mark = at;
        }
    }
    Ok(Found::Commits(Some(mark), u32::try_from(header.page_size).unwrap_or(0), commits))
}

/// The next frame: its page's number, the size of the database where it ends a commit (else 0), the page.
fn frame(reader: &mut impl Read, header: &Header, at: &mut Mark) -> Result<Option<(u32, u32, Vec<u8>)>> {
    let mut head = [0; FRAME];
    let mut page = vec![0; header.page_size];
    if !fill(reader, &mut head)? || !fill(reader, &mut page)? {
        return Ok(None);
    }
    let sums = sum(sum(at.sums, head.get(..8).unwrap_or_default(), header.big_endian), &page, header.big_endian);
    let valid = [word(&head, 8), word(&head, 12)] == at.salts && [word(&head, 16), word(&head, 20)] == sums;
    if !valid {
        return Ok(None);
    }
    at.sums = sums;
    at.frames += 1;
    Ok(Some((word(&head, 0), word(&head, 4), page)))
}

/// A log that has a whole header.
fn with_header(mut file: File) -> Result<Option<(File, Header)>> {
    let mut head = [0; HEADER];
    if !fill(&mut file, &mut head)? {
        return Ok(None);
    }
    let magic = word(&head, 0);
    let big_endian = magic & 1 == 1;
    let sums = sum([0, 0], head.get(..24).unwrap_or_default(), big_endian);
    let page_size = word(&head, 8) as usize;
    let valid = magic & !1 == MAGIC && [word(&head, 24), word(&head, 28)] == sums;
    if !valid || !(512..=65536).contains(&page_size) {
        return Ok(None);
    }
    let mark = Mark { salts: [word(&head, 16), word(&head, 20)], frames: 0, sums };
    Ok(Some((file, Header { mark, page_size, big_endian })))
}

/// Fills a buffer; `false` where the file ends before.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_be_bytes(*word))
}

fn sum([mut one, mut two]: [u32; 2], bytes: &[u8], big_endian: bool) -> [u32; 2] {
    let read = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
    for pair in bytes.as_chunks::<8>().0 {
        let half = |at: usize| pair.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |half| read(*half));
        one = one.wrapping_add(half(0)).wrapping_add(two);
        two = two.wrapping_add(half(4)).wrapping_add(one);
    }
    [one, two]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commits(found: Found) -> (Option<Mark>, Vec<Commit>) {
        match found {
            Found::Commits(mark, _, commits) => (mark, commits),
            Found::Lost => panic!("the log was lost"),
        }
    }

    #[test]
    fn what_the_engine_wrote_is_read_commit_by_commit() {
        let folder = tempfile::tempdir().unwrap();
        let (path, wal) = (folder.path().join("a.db"), folder.path().join("a.db-wal"));
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0").unwrap();
        assert!(matches!(read_on(&wal, None).unwrap(), Found::Commits(None, 0, commits) if commits.is_empty()));
        connection.execute_batch("CREATE TABLE t (v BLOB); INSERT INTO t VALUES (zeroblob(9000))").unwrap();
        let (mark, first) = commits(read_on(&wal, None).unwrap());
        assert_eq!(first.len(), 2, "a commit each");
        assert!(first[1].pages > first[0].pages && first[1].frames.len() > 2);
        // What is not committed is none yet, and what is rolled back is never one.
        connection.execute_batch("BEGIN; INSERT INTO t VALUES (zeroblob(100)); ROLLBACK").unwrap();
        assert!(commits(read_on(&wal, mark).unwrap()).1.is_empty());
        connection.execute_batch("DELETE FROM t").unwrap();
        let (next, second) = commits(read_on(&wal, mark).unwrap());
        assert_eq!(second.len(), 1);
        // A log that began anew right after goes on; any other is lost.
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get(0)).unwrap();
        assert_eq!(busy, 0);
        connection.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        assert_eq!(commits(read_on(&wal, next).unwrap()).1.len(), 1);
        let older = mark.map(|mark| Mark { salts: [mark.salts[0].wrapping_sub(1), mark.salts[1]], ..mark });
        assert!(matches!(read_on(&wal, older).unwrap(), Found::Lost));
    }
}
