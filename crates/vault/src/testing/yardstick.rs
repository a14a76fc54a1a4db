//! Rows that SQLite writes with nothing around them: what the vault's own speed is compared with.

use std::path::Path;

use rusqlite::Connection;

use crate::{Error, Result};

/// A database of one table, as durable as the vault's.
pub struct RawRows {
    connection: Connection,
    body: Vec<u8>,
}

impl RawRows {
    /// Makes it, for rows of so many bytes.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn open(path: &Path, bytes: usize) -> Result<Self> {
        let connection = Connection::open(path).map_err(|error| said(&error))?;
        let setting = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       CREATE TABLE rows (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL)";
        connection.execute_batch(setting).map_err(|error| said(&error))?;
        Ok(Self { connection, body: vec![7; bytes] })
    }

    /// Writes so many rows and makes them durable.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn commit(&mut self, rows: u32) -> Result<()> {
        self.write(rows).map_err(|error| said(&error))
    }

    fn write(&mut self, rows: u32) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        let mut insert = transaction.prepare_cached("INSERT INTO rows (at, body) VALUES (?1, ?2)")?;
        for row in 0..rows {
            insert.execute((row, &self.body))?;
        }
        drop(insert);
        transaction.commit()
    }
}

fn said(error: &rusqlite::Error) -> Error {
    Error::Engine(error.to_string())
}
