//! What is committed is kept for the next backup, from the first backup on: read from the engine's own log after each commit, and
//! safe before that log begins anew. So the engine does not move its log into the database by itself meanwhile; the writer does.
//!
//! Whatever goes wrong here ends the keeping and nothing else: the next backup is then a whole one.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::session::failure;
use super::wal::{self, Found, Mark};
use crate::backup::{Gathered, Settled, Spool};
use crate::{Clock, Error, Millis, Result};

/// A segment of this size is finished.
const SEGMENT: usize = 4 << 20;
/// The engine's log is moved into the database from so many pages on.
const FRAMES: u64 = 4000;
/// More than this is not kept beside the database while no backup comes.
const MOST: u64 = 1 << 30;

/// The keeping of a database's log.
pub(crate) struct Log {
    database: PathBuf,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<Kept>>,
}

/// A log that is kept.
struct Kept {
    spool: Spool,
    mark: Option<Mark>,
    gathered: Gathered,
    last_at: Millis,
    /// From how many pages on the engine's log is moved into the database.
    due: u64,
}

/// The log, while nobody else commits or looks at it.
pub(crate) struct Held<'a> {
    log: &'a Log,
    kept: MutexGuard<'a, Option<Kept>>,
}

impl Log {
    /// The log of a database in a file, kept on with where `spool` ended.
    pub(crate) fn new(database: PathBuf, clock: Arc<dyn Clock>, spool: Option<Spool>) -> Self {
        let kept = spool.map(|spool| {
            let mark = spool.mark();
            let last_at = spool.waiting().last().map_or(Millis::MIN, |segment| segment.last_at);
            Kept { spool, mark, gathered: Gathered::default(), last_at, due: FRAMES }
        });
        Self { database, clock, kept: Mutex::new(kept) }
    }

    /// Keeps others from committing and looking.
    pub(crate) fn hold(&self) -> Held<'_> {
        // What is torn by a panic is found by the checksums, at the next commit.
        Held { log: self, kept: self.kept.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    /// Takes in what a killed process left in the engine's log, before anything is written. Where somebody else wrote since,
    /// the keeping ends.
    pub(super) fn resume(&self) {
        let mut held = self.hold();
        let Some(kept) = held.kept.as_ref() else { return };
        let is_settled = || settled(&self.database).is_ok_and(|now| kept.spool.settled() == Some(&now));
        if kept.mark.is_none() && !is_settled() {
            held.give_up("the database was written to by another program, or its log was emptied");
        }
        held.take_in();
    }

    fn wal(&self) -> PathBuf {
        let mut name = self.database.clone().into_os_string();
        name.push("-wal");
        name.into()
    }
}

impl Held<'_> {
    /// Whether anything is kept.
    pub(super) fn is_keeping(&self) -> bool {
        self.kept.is_some()
    }

    /// The chain that the log continues.
    pub(crate) fn chain(&self) -> Option<&str> {
        self.kept.as_ref().map(|kept| kept.spool.chain())
    }

    /// What is kept, to be read and let go of.
    pub(crate) fn spool(&mut self) -> Option<&mut Spool> {
        self.kept.as_mut().map(|kept| &mut kept.spool)
    }

    /// Keeps from now on, for a chain; what was kept before is dropped.
    pub(crate) fn begin(&mut self, begin: impl FnOnce(Option<Mark>) -> Result<Spool>) -> Result<()> {
        *self.kept = None;
        let Found::Commits(mark, ..) = wal::read_on(&self.log.wal(), None)? else { return Err(Error::Again) };
        let last_at = self.log.clock.now();
        *self.kept = Some(Kept { spool: begin(mark)?, mark, gathered: Gathered::default(), last_at, due: FRAMES });
        Ok(())
    }

    /// After a commit: takes it in, and where it is time moves the engine's log into the database.
    pub(super) fn committed(&mut self, connection: &Connection) {
        self.take_in();
        if self.kept.as_mut().is_some_and(Kept::is_due) {
            self.finish();
            let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            if let Err(error) = moved {
                tracing::warn!(error = %failure(&error), "the database's log could not be moved into it");
            }
        }
    }

    /// Finishes the segment, so that all that was committed is in the spool. The moment up to which that holds.
    pub(crate) fn finish(&mut self) -> Millis {
        self.take_in();
        let finished = self.kept.as_mut().map(Kept::finish);
        if let Some(Err(error)) = finished {
            self.give_up(&error.to_string());
        }
        self.log.clock.now().max(self.kept.as_ref().map_or(Millis::MIN, |kept| kept.last_at))
    }

    /// Empties the engine's log into the database.
    ///
    /// # Errors
    /// [`Error::Again`] while somebody reads what is in it.
    pub(super) fn empty(&mut self, connection: &Connection) -> Result<()> {
        self.finish();
        let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        if busy.map_err(|error| failure(&error))? != 0 {
            return Err(Error::Again);
        }
        let noted = self.kept.as_mut().map(|kept| {
            kept.mark = None;
            kept.spool.settle(settled(&self.log.database)?)
        });
        if let Some(Err(error)) = noted {
            self.give_up(&error.to_string());
        }
        Ok(())
    }

    fn take_in(&mut self) {
        let Some(kept) = self.kept.as_mut() else { return };
        let taken = kept.take_in(&self.log.wal(), self.log.clock.now());
        if let Err(error) = taken {
            self.give_up(&error.to_string());
        }
    }

    fn give_up(&mut self, why: &str) {
        if let Some(kept) = self.kept.take() {
            tracing::warn!(why, "what is committed is no longer kept for the next backup, which will be a whole one");
            if let Err(error) = kept.spool.end() {
                tracing::warn!(%error, "what was kept for the next backup could not be removed");
            }
        }
    }
}

impl Kept {
    /// Whether it is time to move the engine's log into the database. While somebody reads from it for long, that is tried
    /// now and then.
    fn is_due(&mut self) -> bool {
        let frames = self.mark.map_or(0, |mark| mark.frames);
        let is_due = frames >= self.due;
        self.due = if frames < FRAMES { FRAMES } else { self.due.max(frames + u64::from(is_due) * FRAMES / 4) };
        is_due
    }

    fn take_in(&mut self, wal: &Path, now: Millis) -> Result<()> {
        let Found::Commits(mark, page_size, commits) = wal::read_on(wal, self.mark)? else {
            return Err(Error::Engine("the database's log began anew before all of it was kept".into()));
        };
        for commit in &commits {
            self.last_at = self.last_at.max(now);
            self.gathered.push(self.last_at, page_size, commit);
        }
        self.mark = mark;
        if self.gathered.len() >= SEGMENT { self.finish() } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        self.spool.keep(&std::mem::take(&mut self.gathered), self.mark)?;
        if self.spool.bytes() > MOST {
            return Err(Error::Engine("no backup took it along for too long".into()));
        }
        Ok(())
    }
}

fn settled(database: &Path) -> Result<Settled> {
    let found = std::fs::metadata(database)?;
    Ok(Settled { size: found.len(), seconds: found.mtime(), nanoseconds: found.mtime_nsec() })
}
