//! Care for a database in a file.

use std::path::Path;

use super::log::Log;
use super::session::failure;
use super::{connect, make_private};
use crate::{Error, Result};

/// What is wrong with the file.
pub(in crate::store) fn examine(path: &Path) -> Result<Vec<String>> {
    use std::os::unix::fs::PermissionsExt;
    let mut faults = Vec::new();
    if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        faults.push(format!("others may read {}: chmod 600", path.display()));
    }
    let connection = connect(Some(path), false)?;
    let check = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    let verdict = check.map_err(|error| failure(&error))?;
    if verdict != "ok" {
        faults.push(format!("{} is damaged: restore a backup", path.display()));
    }
    Ok(faults)
}

/// Moves the log into the file and empties it; waits for readers, and is refused while one does not end.
pub(in crate::store) fn empty_log(path: &Path, log: Option<&Log>) -> Result<()> {
    let connection = connect(Some(path), true)?;
    if let Some(log) = log {
        return log.hold().empty(&connection);
    }
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    match busy.map_err(|error| failure(&error))? {
        0 => Ok(()),
        _ => Err(Error::Again),
    }
}

/// Copies the database as of one moment, durably.
pub(in crate::store) fn copy(path: &Path, target: &Path) -> Result<()> {
    let target_text = target.to_str().ok_or_else(|| Error::Invalid("a backup's path is UTF-8".into()))?;
    if target.exists() {
        return Err(Error::Invalid(format!("{target_text} exists already")));
    }
    make_private(target)?;
    let connection = connect(Some(path), false)?;
    // query_only forbids VACUUM INTO as well, although it writes elsewhere.
    connection.execute_batch("PRAGMA query_only = OFF").map_err(|error| failure(&error))?;
    connection.execute("VACUUM INTO ?1", [target_text]).map_err(|error| failure(&error))?;
    std::fs::File::open(target)?.sync_all()?;
    Ok(())
}
