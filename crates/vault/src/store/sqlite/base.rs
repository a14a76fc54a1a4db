//! A database page by page, as of one moment, while it is written to.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::log::{Held, Log};
use super::session::failure;
use super::{connect, make_private};
use crate::backup::Pending;
use crate::store::MIGRATIONS;
use crate::{Error, Millis, Result};

/// Pages copied at a time: a mebibyte.
const STEP: i32 = 256;
/// How long a step waits that somebody stands in the way of.
const PAUSE: Duration = Duration::from_millis(20);

/// Copies all pages to a new file. `at` is called at the moment as of which they are, while nobody commits; what is committed
/// later goes on meanwhile and is not in the copy.
pub(in crate::store) fn copy_pages<T>(
    path: &Path,
    log: &Log,
    target: &Path,
    at: impl FnOnce(&mut Held<'_>) -> Result<T>,
) -> Result<T> {
    make_private(target)?;
    let source = connect(Some(path), false)?;
    let told = {
        let mut held = log.hold();
        source.execute_batch("BEGIN").map_err(|error| failure(&error))?;
        let look = source.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
        look.map_err(|error| failure(&error))?;
        at(&mut held)?
    };
    let mut copy =
        Connection::open_with_flags(target, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| failure(&error))?;
    copy.execute_batch("PRAGMA synchronous = OFF").map_err(|error| failure(&error))?;
    let backup = Backup::new(&source, &mut copy).map_err(|error| failure(&error))?;
    loop {
        match backup.step(STEP).map_err(|error| failure(&error))? {
            StepResult::Done => return Ok(told),
            StepResult::More => {}
            _ => std::thread::sleep(PAUSE),
        }
    }
}

/// Looks through a database that was laid down, brings its schema up to date, and notes that its restore is to be finished.
///
/// # Errors
/// [`Error::Engine`] where it is damaged, or of a newer program.
pub(in crate::store) fn lay_down(path: &Path, pending: &Pending, now: Millis) -> Result<()> {
    let mut connection = connect(Some(path), true)?;
    let verdict = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    if verdict.map_err(|error| failure(&error))? != "ok" {
        return Err(Error::Engine("the database in the backup is damaged".into()));
    }
    super::migrate(&mut connection, MIGRATIONS, now)?;
    let Pending { chain, number, at, ledger } = pending;
    let number = i64::try_from(*number).unwrap_or(i64::MAX);
    let hash = hex::decode(&ledger.hash).unwrap_or_default();
    let noted = connection.execute(
        "INSERT INTO backups (id, act, outcome, chain_id, number, reaches_at, bytes, begun_at, ended_at, ledger_lines, \
         ledger_last, ledger_hash) VALUES (?1, 'restore', 'pending', ?1, ?2, ?3, 0, ?4, ?4, ?5, ?6, ?7)",
        rusqlite::params![chain, number, at, now, ledger.lines, ledger.last, hash],
    );
    noted.map_err(|error| failure(&error))?;
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    if busy.map_err(|error| failure(&error))? == 0 { Ok(()) } else { Err(Error::Again) }
}
