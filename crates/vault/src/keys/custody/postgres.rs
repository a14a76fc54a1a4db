//! Custody in a PostgreSQL database of its own, through one connection on a thread of its own: the driver must not be
//! called from an asynchronous task, and custody is asked from anywhere.
//!
//! Deleted rows leave the table's file by `VACUUM`; the database's own log keeps them until it is recycled.

use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};

use ::postgres::types::{ToSql, Type};
use ::postgres::{Client, Row};

use super::{Ground, SCHEMA, Step, Value, malformed};
use crate::store::Connector;
use crate::{Error, Result};

type Errand = Box<dyn FnOnce(&mut Link) + Send>;

/// The way to the connection's thread. Dropping it ends the thread.
pub(super) struct Postgres(Mutex<mpsc::Sender<Errand>>);

struct Link {
    connector: Connector,
    client: Option<Client>,
}

impl Postgres {
    /// Connects, and makes the tables if they are missing.
    pub(super) fn open(url: &str) -> Result<Self> {
        let connector = Connector::parse(url)?;
        let (errands, waiting) = mpsc::channel::<Errand>();
        std::thread::Builder::new().name("custody".into()).spawn(move || {
            let mut link = Link { connector, client: None };
            for errand in waiting {
                errand(&mut link);
            }
        })?;
        let postgres = Self(Mutex::new(errands));
        postgres.run(|client| {
            for text in SCHEMA {
                client.batch_execute(&text.replace("{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"))?;
            }
            Ok(())
        })?;
        Ok(postgres)
    }

    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Client) -> Result<T, ::postgres::Error> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = mpsc::channel();
        let errand: Errand = Box::new(move |link| {
            let result = link.client().and_then(work).map_err(|error| failure(&error));
            // Whoever asked is waiting below; if it is gone, so is the need for an answer.
            let _ = answer.send(result);
        });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).send(errand).map_err(|_| Error::Closed)?;
        answered.recv().map_err(|_| Error::Closed)?
    }
}

impl Link {
    fn client(&mut self) -> Result<&mut Client, ::postgres::Error> {
        let client = match self.client.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => self.connect()?,
        };
        Ok(self.client.insert(client))
    }

    fn connect(&self) -> Result<Client, ::postgres::Error> {
        self.connector.connect()
    }
}

impl Ground for Postgres {
    fn commit(&self, steps: Vec<Step>) -> Result<Vec<u64>> {
        self.run(move |client| {
            let mut transaction = client.transaction()?;
            // One at a time over all nodes, as SQLite does it; who only reads is not kept waiting.
            transaction.batch_execute("LOCK TABLE keys IN SHARE ROW EXCLUSIVE MODE")?;
            let mut changed = Vec::with_capacity(steps.len());
            for step in &steps {
                let text = step.text.replace("{overriding}", "OVERRIDING SYSTEM VALUE");
                changed.push(transaction.execute(&text, &bound(&step.values))?);
            }
            transaction.commit()?;
            Ok(changed)
        })
    }

    fn rows(&self, step: Step) -> Result<Vec<Vec<Value>>> {
        let rows = self.run(move |client| client.query(step.text, &bound(&step.values)))?;
        rows.iter().map(values_of).collect()
    }

    fn filled(&self) -> Result<()> {
        self.run(|client| {
            client.batch_execute(
                "SELECT setval(pg_get_serial_sequence('ledger', 'seq'), (SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger), false)",
            )
        })
    }

    fn scrub(&self) -> Result<()> {
        self.run(|client| client.batch_execute("VACUUM keys"))
    }
}

fn bound(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(bind).collect()
}

fn bind(value: &Value) -> &(dyn ToSql + Sync) {
    match value {
        Value::Text(text) => text,
        Value::Int(value) => value,
        Value::Bytes(bytes) => bytes,
    }
}

fn values_of(row: &Row) -> Result<Vec<Value>> {
    let read = |(index, column): (usize, &::postgres::Column)| {
        let value = match *column.type_() {
            Type::TEXT => row.try_get(index).map(Value::Text),
            Type::INT8 => row.try_get(index).map(Value::Int),
            Type::INT4 => row.try_get::<_, i32>(index).map(|value| Value::Int(value.into())),
            Type::BYTEA => row.try_get(index).map(Value::Bytes),
            _ => return Err(malformed()),
        };
        value.map_err(|_| malformed())
    };
    row.columns().iter().enumerate().map(read).collect()
}

/// The server's code only: its messages can quote values.
fn failure(error: &::postgres::Error) -> Error {
    match error.code() {
        Some(code) => Error::Engine(format!("custody: PostgreSQL answered {}", code.code())),
        None => Error::Engine("custody: the connection to PostgreSQL failed".into()),
    }
}
