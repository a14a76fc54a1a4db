//! `DATA/control.sock`: how commands reach the server that holds their data.
//!
//! Whoever opens a data folder holds [`DataLock`]. A server that holds it listens on the socket, which only its own
//! user may use; each line is a [`Command`] in JSON, and each answer is one line too.

mod ask;
mod listen;
mod lock;
#[cfg(test)]
mod tests;

use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use ask::Server;
pub use listen::Control;
pub use lock::DataLock;

/// The socket's name in the data folder.
pub const SOCKET_FILE: &str = "control.sock";
/// The lock's name in the data folder.
pub const LOCK_FILE: &str = "lock";
/// The longest line taken, in bytes.
const LONGEST_LINE: u64 = 1 << 20;
/// Socket addresses hold 108 bytes with their end (unix(7)).
const LONGEST_PATH: usize = 100;

/// What came of a command, in words if it failed.
#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Value),
    Failed(String),
}

/// Calls `with` with a path by which a socket in a folder can be named, however deep the folder lies.
fn with_socket_path<T>(folder: &Path, with: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let path = folder.join(SOCKET_FILE);
    if path.as_os_str().len() <= LONGEST_PATH {
        return with(&path);
    }
    let opened = std::fs::File::open(folder)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", opened.as_raw_fd()));
    with(&short.join(SOCKET_FILE))
}
