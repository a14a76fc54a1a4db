//! The server's side: listening, reading one line at a time, answering each with one.

use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use super::{Answer, LONGEST_LINE, SOCKET_FILE, with_socket_path};
use crate::app::Shared;
use crate::cli::{self, Command, Workers};

/// The superuser may read the data anyhow.
const SUPERUSER: u32 = 0;

/// The open control socket of a data folder.
pub struct Control {
    listener: UnixListener,
    owner: u32,
    path: PathBuf,
}

impl Drop for Control {
    fn drop(&mut self) {
        // Best effort: the next server replaces what is left behind.
        std::fs::remove_file(&self.path).ok();
    }
}

impl Control {
    /// Listens in a folder whose lock is held: a socket that lies there is left from a server that is gone.
    ///
    /// # Errors
    /// If the socket cannot be made.
    pub fn bind(data: &Path) -> io::Result<Self> {
        let path = data.join(SOCKET_FILE);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = with_socket_path(data, |path| UnixListener::bind(path))?;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600))?;
        let owner = std::fs::metadata(&path)?.uid();
        Ok(Self { listener, owner, path })
    }

    /// Answers until the program stops.
    pub async fn run(self, app: Shared) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) if self.is_ours(&stream) => {
                    tokio::spawn(converse(app.clone(), stream));
                }
                Ok(_) => tracing::warn!("another user tried the control socket and was refused"),
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
            }
        }
    }

    /// The socket's mode keeps others out already; this holds where a file system does not keep modes.
    fn is_ours(&self, stream: &UnixStream) -> bool {
        stream.peer_cred().is_ok_and(|peer| peer.uid() == self.owner || peer.uid() == SUPERUSER)
    }
}

async fn converse(app: Shared, stream: UnixStream) {
    let (reading, mut writing) = stream.into_split();
    let mut reading = BufReader::new(reading);
    loop {
        let mut line = Vec::new();
        match (&mut reading).take(LONGEST_LINE).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let whole = line.ends_with(b"\n");
        let answer = match read(&line) {
            Ok(command) if whole => carry_out(&app, command).await,
            Ok(_) => Answer::Failed("the line has no end, or is too long".to_owned()),
            Err(words) => Answer::Failed(words),
        };
        let mut line = serde_json::to_vec(&answer).unwrap_or_default();
        line.push(b'\n');
        if writing.write_all(&line).await.is_err() || !whole {
            return;
        }
    }
}

async fn carry_out(app: &Shared, command: Command) -> Answer {
    match cli::run(app, Workers::Running, command).await {
        Ok(value) => Answer::Done(value),
        Err(error) => Answer::Failed(cli::in_words(&error)),
    }
}

/// The command of a line. What is wrong with it is told by its place: the line may hold a password.
pub(super) fn read(line: &[u8]) -> Result<Command, String> {
    serde_json::from_slice(line).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            "the running server does not know this command; is it of another version?".to_owned()
        }
        _ => format!("the line is no JSON (column {})", error.column()),
    })
}
