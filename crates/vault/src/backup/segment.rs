//! Commits as a backup keeps them: a segment is some of them in their order, each with its moment and the pages it changed.
//!
//! A head (mark, version, page size), then per commit its moment, the database's size in pages, how many pages changed, and
//! these, each behind its number; all numbers big-endian.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use crate::store::Commit;
use crate::{Millis, Result};

const MARK: &[u8; 5] = b"prlw\x01";

/// Commits that are gathered.
#[derive(Default)]
pub(crate) struct Gathered {
    bytes: Vec<u8>,
    /// The moments of the first and the last commit.
    pub(crate) first_at: Millis,
    pub(crate) last_at: Millis,
    /// How many commits.
    pub(crate) commits: u64,
}

impl Gathered {
    /// How large the segment is by now.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was gathered.
    pub(crate) fn is_empty(&self) -> bool {
        self.commits == 0
    }

    /// The segment.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds a commit. Moments do not go back: a clock that was set back counts as standing still.
    pub(crate) fn push(&mut self, at: Millis, page_size: u32, commit: &Commit) {
        if self.is_empty() {
            self.bytes.extend_from_slice(MARK);
            self.bytes.extend_from_slice(&page_size.to_be_bytes());
            self.first_at = at;
        }
        self.last_at = at;
        self.commits += 1;
        self.bytes.extend_from_slice(&at.to_be_bytes());
        self.bytes.extend_from_slice(&commit.pages.to_be_bytes());
        self.bytes.extend_from_slice(&u32::try_from(commit.frames.len()).unwrap_or(u32::MAX).to_be_bytes());
        for (number, page) in &commit.frames {
            self.bytes.extend_from_slice(&number.to_be_bytes());
            self.bytes.extend_from_slice(page);
        }
    }
}

/// Reads numbers from the left.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn moment(&mut self) -> Option<Millis> {
        self.take(8)?.try_into().ok().map(Millis::from_be_bytes)
    }
}

/// Does to a database's file what a segment's commits did, up to a moment; `None`: the segment is malformed. Whether all of it was
/// done.
pub(super) fn replay(segment: &[u8], page_size: u32, until: Millis, file: &mut File) -> Result<Option<bool>> {
    let mut cursor = Cursor(segment);
    if cursor.take(MARK.len()) != Some(MARK) || cursor.number() != Some(page_size) {
        return Ok(None);
    }
    while !cursor.0.is_empty() {
        let (Some(at), Some(pages), Some(count)) = (cursor.moment(), cursor.number(), cursor.number()) else {
            return Ok(None);
        };
        if at > until {
            return Ok(Some(false));
        }
        for _ in 0..count {
            let (Some(number), Some(page)) = (cursor.number(), cursor.take(page_size as usize)) else {
                return Ok(None);
            };
            let Some(index) = number.checked_sub(1) else { return Ok(None) };
            file.seek(SeekFrom::Start(u64::from(index) * u64::from(page_size)))?;
            file.write_all(page)?;
        }
        file.set_len(u64::from(pages) * u64::from(page_size))?;
    }
    Ok(Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(pages: u32, number: u32, byte: u8) -> Commit {
        Commit { pages, frames: vec![(number, vec![byte; 512])] }
    }

    #[test]
    fn commits_are_done_again_up_to_a_moment() {
        let mut gathered = Gathered::default();
        for (at, pages, number, byte) in [(10, 2, 2, 7), (20, 3, 3, 8), (30, 1, 1, 9)] {
            gathered.push(at, 512, &commit(pages, number, byte));
        }
        assert_eq!((gathered.first_at, gathered.last_at, gathered.commits), (10, 30, 3));
        for (until, whole, size, first) in
            [(9, false, 512, 1), (20, false, 1536, 1), (29, false, 1536, 1), (30, true, 512, 9)]
        {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&[1; 512]).unwrap();
            assert_eq!(replay(gathered.bytes(), 512, until, &mut file).unwrap(), Some(whole));
            assert_eq!(file.metadata().unwrap().len(), size, "until {until}");
            let mut byte = [0];
            std::os::unix::fs::FileExt::read_exact_at(&file, &mut byte, 0).unwrap();
            assert_eq!(byte[0], first);
        }
    }

    #[test]
    fn what_is_cut_or_of_another_size_is_malformed() {
        let mut gathered = Gathered::default();
        gathered.push(1, 512, &commit(1, 1, 1));
        let mut file = tempfile::tempfile().unwrap();
        for cut in 0..gathered.len() {
            let done = replay(&gathered.bytes()[..cut], 512, 5, &mut file).unwrap();
            assert!(done.is_none() || cut == MARK.len() + 4, "cut at {cut}");
        }
        assert_eq!(replay(gathered.bytes(), 1024, 5, &mut file).unwrap(), None);
    }
}
