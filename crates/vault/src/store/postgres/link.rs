//! A thread's connection: made when needed, made anew when lost, with its prepared statements.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use postgres::{Client, SimpleQueryMessage};

use super::connect::{Connector, refused};
use crate::statement::Statement;
use crate::{Error, Result};

/// Attempts to connect before a closure is refused: 0, 0.05, 0.1, 0.2 … 5 s apart, some 20 s in all.
const ATTEMPTS: u32 = 11;

/// A connection that may have to be made.
pub(super) struct Link {
    connector: Arc<Connector>,
    open: Option<Connection>,
}

/// An open connection.
pub(super) struct Connection {
    pub(super) client: Client,
    prepared: HashMap<usize, postgres::Statement>,
}

impl Link {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, open: None }
    }

    /// The connection, made with patience: the server may be restarting or failing over.
    pub(super) fn connection(&mut self) -> Result<&mut Connection> {
        if self.open.as_ref().is_none_or(|open| open.client.is_closed()) {
            self.open = Some(self.connect()?);
        }
        self.open.as_mut().ok_or(Error::Again)
    }

    fn connect(&self) -> Result<Connection> {
        let mut attempt = 0;
        loop {
            match self.connector.connect() {
                Ok(client) => return Ok(Connection { client, prepared: HashMap::new() }),
                Err(error) if attempt + 1 >= ATTEMPTS => return Err(refused(&error)),
                Err(_) => pause(attempt),
            }
            attempt += 1;
        }
    }

    /// Forgets the connection, so the next use makes a new one.
    pub(super) fn cut(&mut self) {
        self.open = None;
    }
}

/// Waits longer with each attempt: 50 ms doubled, 5 s at most.
pub(super) fn pause(attempt: u32) {
    std::thread::sleep(Duration::from_millis((50 << attempt.min(7)).min(5_000)));
}

impl Connection {
    /// The prepared form of a statement.
    pub(super) fn prepare(&mut self, statement: &'static Statement) -> Result<postgres::Statement, postgres::Error> {
        let key = std::ptr::from_ref(statement).addr();
        if let Some(prepared) = self.prepared.get(&key) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(statement.postgres())?;
        self.prepared.insert(key, prepared.clone());
        Ok(prepared)
    }

    /// Runs our own fixed words.
    pub(super) fn say(&mut self, words: &str) -> Result<()> {
        let said = self.client.batch_execute(words);
        said.map_err(|error| self.trouble(&error))
    }

    /// Runs our own fixed words; the first column of the last row that came back.
    pub(super) fn ask(&mut self, words: &str) -> Result<Option<String>> {
        let answer = self.client.simple_query(words);
        let answer = answer.map_err(|error| self.trouble(&error))?;
        let row = answer.iter().rev().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        Ok(row.and_then(|row| row.get(0)).map(str::to_owned))
    }

    /// What an error means: another run of the batch, or a failure in the server's words.
    pub(super) fn trouble(&self, error: &postgres::Error) -> Error {
        if self.client.is_closed() || is_passing(error) { Error::Again } else { Error::Engine(words(error)) }
    }
}

/// Serialisation, deadlock, a lost or refused connection, a plan that a migration outdated.
fn is_passing(error: &postgres::Error) -> bool {
    match error.code().map(postgres::error::SqlState::code) {
        Some("40001" | "40P01" | "0A000" | "26000" | "57P01" | "57P02" | "57P03") => true,
        Some(code) => code.starts_with("08"),
        None => {
            error.is_closed()
                || std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
        }
    }
}

/// The server's words, where they cannot hold a value: DETAIL quotes rows and data exceptions (class 22) quote values, so
/// both are left out.
pub(super) fn words(error: &postgres::Error) -> String {
    let Some(refusal) = error.as_db_error() else {
        let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        return format!("PostgreSQL driver: {error} {why}").trim_end().to_owned();
    };
    let code = refusal.code().code();
    match (refusal.constraint(), code.get(..2)) {
        (Some(constraint), _) => format!("PostgreSQL {code}: constraint {constraint}"),
        (None, Some("23" | "25" | "3D" | "3F" | "42" | "53" | "55")) => {
            format!("PostgreSQL {code}: {}", refusal.message())
        }
        _ => format!("PostgreSQL {code}"),
    }
}
