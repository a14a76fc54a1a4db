//! The lock on a data folder: an embedded installation has one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::LOCK_FILE;

/// A data folder is held until this is dropped; if the process dies, the system lets go of it.
#[derive(Debug)]
pub struct DataLock(#[expect(dead_code, reason = "held, never read")] File);

impl DataLock {
    /// Holds a folder; `None` if another process does.
    ///
    /// # Errors
    /// If the lock file cannot be made, or the file system knows no locks.
    pub fn take(data: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).truncate(false).write(true).mode(0o600).open(data.join(LOCK_FILE))?;
        match file.try_lock() {
            Ok(()) => {
                // For people only: whoever is refused is told which process it is.
                file.set_len(0)?;
                file.write_all(std::process::id().to_string().as_bytes())?;
                Ok(Some(Self(file)))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The number of the process that held a folder last.
    pub fn holder(data: &Path) -> Option<u32> {
        std::fs::read_to_string(data.join(LOCK_FILE)).ok()?.trim().parse().ok()
    }
}
