//! Exports: everything of a contact, or of a workspace, page by page, and what is deliberately not in it, with the reason (S-3, S-5).
//!
//! It runs along the data map: a table that is added is in the export, or in the list of what is left out, or fails a test.
//! Sealed columns are opened. A page is read in a transaction of its own, so an export of any size needs little memory and stands in
//! nobody's way; what is written meanwhile may be in it or not.

mod left_out;
mod parts;
#[cfg(test)]
mod tests;

pub use left_out::{LeftOut, left_out};
#[cfg(test)]
pub(crate) use parts::statements;
pub use parts::{Part, parts};

use crate::map::Table;
use crate::sealing::{Opened, Place};
use crate::value::{Param, Plain, cells};
use crate::{ContactId, Error, Millis, Personal, Result, Tx, audit, contacts, merges};

/// How many rows a page has at most.
pub const PAGE: usize = 500;

/// Columns of truth values: of one database engine they come as numbers.
const TRUTHS: &[&str] = &[
    "automatic",
    "billable",
    "by_mail",
    "changed",
    "doomed",
    "elsewhere",
    "held",
    "in_doubt",
    "is_template",
    "lifted",
    "shared",
    "signal",
    "told_apart",
    "unassigned",
    "undetermined",
];

/// Whose data is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// A contact's, and that of all who are one with it: this is who stays of them.
    Contact(ContactId),
    /// The workspace's: all that it arranged, and everybody.
    Workspace,
}

/// What a cell says.
#[derive(Debug, Clone)]
pub enum Value {
    /// True or false.
    Truth(bool),
    /// A whole number.
    Whole(i64),
    /// Another number.
    Real(f64),
    /// A moment, in milliseconds since the epoch.
    Moment(Millis),
    /// An id, a word of the program, or what somebody wrote.
    Text(Personal<String>),
    /// What has parts: JSON.
    Parts(Personal<serde_json::Value>),
    /// A sealed value that does not open: it was altered, or its key was destroyed.
    Unreadable,
}

/// A row: columns that say something, in the order of the table.
pub type Row = Vec<(String, Value)>;

/// Where the next page of a part begins.
#[derive(Debug, Clone)]
pub struct Bookmark(Vec<Plain>);

/// A page of a part.
#[derive(Debug)]
pub struct Page {
    /// All columns of the part that are exported.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<Bookmark>,
}

/// Begins an export: whose it is, where a contact was merged into another, with the entry in the audit log.
///
/// # Errors
/// [`Error::NotFound`] if there is no such contact, or it was erased.
pub fn begin(tx: &Tx<'_>, contact: Option<ContactId>) -> Result<Whose> {
    let Some(contact) = contact else {
        audit::record(tx, "workspace.exported", &tx.workspace()?.to_string())?;
        return Ok(Whose::Workspace);
    };
    contacts::require(tx, contact)?;
    let stays = merges::standing(tx, contact)?;
    audit::record(tx, "contact.exported", &stays.to_string())?;
    Ok(Whose::Contact(stays))
}

impl Part {
    /// The rows after a bookmark, at most [`PAGE`].
    ///
    /// # Errors
    /// [`Error::NotFound`] if the contact was erased meanwhile: an export of what must not be there any more ends.
    pub fn page(&'static self, tx: &Tx<'_>, whose: Whose, after: Option<&Bookmark>) -> Result<Page> {
        let contact = match whose {
            Whose::Contact(contact) => {
                contacts::require(tx, contact)?;
                Some(contact)
            }
            Whose::Workspace => None,
        };
        let Some(statement) = self.statement(contact.is_some(), after.is_some()) else {
            return Ok(Page { columns: Vec::new(), rows: Vec::new(), next: None });
        };
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let mut values: Vec<Param<'_>> = contact.map(Param::from).into_iter().collect();
        values.push(Param::from(limit));
        values.extend(after.into_iter().flat_map(|Bookmark(key)| key.iter().map(Plain::param)));
        let rows = tx.all(statement, &values, cells)?;
        let next = if rows.len() == PAGE { rows.last().map(|row| Bookmark(key_of(self.order(), row))) } else { None };
        let named = rows.first().into_iter().flatten();
        let of_contact = contact.is_some();
        let columns = named.filter_map(|(name, _)| self.shown(name, of_contact)).collect();
        let rows = rows.into_iter().map(|row| self.open(tx, row, of_contact)).collect::<Result<_>>()?;
        Ok(Page { columns, rows, next })
    }

    /// The name under which a column is exported, unless it is left out.
    fn shown(&self, column: &str, of_contact: bool) -> Option<String> {
        let table = self.table();
        let hash = table.hashes.contains(&column);
        let hidden = column == "workspace_id" || hash || left_out::is_column(table.name, column, of_contact);
        (!hidden).then(|| column.strip_suffix("_sealed").unwrap_or(column).to_owned())
    }

    fn open(&self, tx: &Tx<'_>, cells: Vec<(String, Plain)>, of_contact: bool) -> Result<Row> {
        let table = self.table();
        let row_name = named(table, &cells);
        let mut row = Row::with_capacity(cells.len());
        for (column, cell) in cells {
            let Some(name) = self.shown(&column, of_contact) else { continue };
            let sealed = table.sealed.iter().find(|(sealed, _)| *sealed == column);
            let value = match (cell, sealed) {
                (Plain::Null, _) => continue,
                (Plain::Bytes(bytes), Some((column, _))) => {
                    let place = Place { table: table.name, column, row: &row_name };
                    opened(tx, place, &bytes, of_contact)?
                }
                (cell, _) => plain(&column, cell)?,
            };
            row.push((name, value));
        }
        Ok(row)
    }
}

/// The values by which a part is in order.
fn key_of(order: &[&str], row: &[(String, Plain)]) -> Vec<Plain> {
    let cell =
        |column: &&str| row.iter().find(|(name, _)| name == column).map_or(Plain::Null, |(_, cell)| cell.clone());
    order.iter().map(cell).collect()
}

/// The name of a row in its cells' places.
fn named(table: &Table, cells: &[(String, Plain)]) -> String {
    let parts = key_of(table.named, cells).into_iter().filter_map(|part| match part {
        Plain::Text(text) => Some(text),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn plain(column: &str, cell: Plain) -> Result<Value> {
    Ok(match cell {
        Plain::Text(text) => Value::Text(text.into()),
        Plain::Bool(truth) => Value::Truth(truth),
        Plain::Int(number) if TRUTHS.contains(&column) => Value::Truth(number != 0),
        Plain::Int(number) if is_moment(column) => Value::Moment(number),
        Plain::Int(number) => Value::Whole(number),
        Plain::Real(number) => Value::Real(number),
        Plain::Null | Plain::Bytes(_) => {
            return Err(Error::Engine(format!("{column} holds bytes that are neither sealed nor a hash")));
        }
    })
}

fn is_moment(column: &str) -> bool {
    column == "at" || ["_at", "_since", "_until"].iter().any(|end| column.ends_with(end))
}

/// What a sealed cell says: what has parts was sealed as JSON, everything else as it was written.
fn opened(tx: &Tx<'_>, place: Place<'_>, sealed: &[u8], of_contact: bool) -> Result<Value> {
    let Opened::Plain(bytes) = tx.open_or_damaged(place, sealed)? else { return Ok(Value::Unreadable) };
    let has_parts = matches!(bytes.first(), Some(b'{' | b'['));
    if has_parts && let Ok(parts) = serde_json::from_slice::<serde_json::Value>(&bytes) {
        return Ok(Value::Parts(left_out::without(place.table, place.column, parts, of_contact).into()));
    }
    Ok(String::from_utf8(bytes).map_or(Value::Unreadable, |text| Value::Text(text.into())))
}
