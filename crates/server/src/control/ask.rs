//! A command's side: reaching the server, asking, reading the answer.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Answer, LONGEST_LINE, with_socket_path};
use crate::cli::Command;

/// A server that answers.
#[derive(Debug)]
pub struct Server(UnixStream);

impl Server {
    /// The server that holds a data folder; `None` if none listens.
    ///
    /// # Errors
    /// If its socket may not be used: it belongs to another user.
    pub fn reach(data: &Path) -> Result<Option<Self>> {
        match with_socket_path(data, |path| UnixStream::connect(path)) {
            Ok(stream) => Ok(Some(Self(stream))),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => Ok(None),
            Err(error) => Err(error).context("the server that holds this data cannot be reached; are you its user?"),
        }
    }

    /// Has a command carried out.
    ///
    /// # Errors
    /// What the server says, or that it went away.
    pub fn ask(mut self, command: &Command) -> Result<Value> {
        let gone = "the server that holds this data did not answer; its log says why";
        self.0.set_read_timeout(Some(command.patience())).context(gone)?;
        let mut line = serde_json::to_vec(command).context("the command cannot be written")?;
        line.push(b'\n');
        self.0.write_all(&line).context(gone)?;
        let mut answer = String::new();
        BufReader::new(self.0.take(LONGEST_LINE)).read_line(&mut answer).context(gone)?;
        match serde_json::from_str(&answer).context(gone)? {
            Answer::Done(value) => Ok(value),
            Answer::Failed(words) => bail!(words),
        }
    }
}
