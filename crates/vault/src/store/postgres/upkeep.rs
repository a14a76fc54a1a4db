//! Care for a database on a server: settings that would betray or lose data, and vacuuming.

use postgres::Client;

use super::connect::{Connector, refused};
use super::link::words;
use crate::{Error, Result};

/// Settings of our own sessions, and what they may be. A server's log must hold no bind value and no quoted row, and a
/// commit that was answered must survive a crash.
const SETTINGS: &[(&str, &[&str])] = &[
    ("fsync", &["on"]),
    ("full_page_writes", &["on"]),
    ("synchronous_commit", &["on", "local", "remote_write", "remote_apply"]),
    ("log_statement", &["none"]),
    ("log_min_messages", &["log", "fatal", "panic"]),
    ("log_min_error_statement", &["fatal", "panic"]),
    ("log_min_duration_statement", &["-1"]),
    ("log_min_duration_sample", &["-1"]),
    ("log_transaction_sample_rate", &["0"]),
    ("log_parameter_max_length", &["0"]),
    ("log_parameter_max_length_on_error", &["0"]),
];

/// Extensions that write statements with their values into the log.
const TALKERS: &[&str] = &["auto_explain", "pgaudit"];

fn engine(error: &postgres::Error) -> Error {
    Error::Engine(words(error))
}

pub(super) fn connect(url: &str) -> Result<Client> {
    Connector::parse(url)?.connect().map_err(|error| refused(&error))
}

/// What is wrong with the settings, with what to do.
pub(in crate::store) fn examine(url: &str) -> Result<Vec<String>> {
    let mut client = connect(url)?;
    let mut faults = Vec::new();
    for (name, allowed) in SETTINGS {
        let value: Option<String> =
            client.query_one("SELECT current_setting($1, true)", &[name]).map_err(|error| engine(&error))?.get(0);
        let Some(value) = value.filter(|value| !allowed.contains(&value.as_str())) else { continue };
        let wanted = allowed.first().copied().unwrap_or_default();
        faults.push(format!(
            "PostgreSQL's {name} is {value}: set it to {wanted} in postgresql.conf, or GRANT SET ON PARAMETER {name} to the user in the URL"
        ));
    }
    let preloaded: String = client
        .query_one("SELECT current_setting('shared_preload_libraries')", &[])
        .map_err(|error| engine(&error))?
        .get(0);
    for talker in TALKERS.iter().filter(|talker| preloaded.contains(**talker)) {
        faults.push(format!(
            "PostgreSQL's extension {talker} writes values into the log: remove it from shared_preload_libraries"
        ));
    }
    Ok(faults)
}

/// Removes dead rows from tables.
pub(in crate::store) fn vacuum(url: &str, tables: &[&str]) -> Result<()> {
    let mut client = connect(url)?;
    tables.iter().try_for_each(|table| client.batch_execute(&format!("VACUUM {table}"))).map_err(|error| engine(&error))
}
