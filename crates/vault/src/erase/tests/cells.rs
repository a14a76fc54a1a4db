//! Every cell of a database file, whatever its table.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// Table, column, bytes: all rows of all tables, a NULL as nothing.
pub(super) struct Cells(pub(super) Vec<(String, String, Vec<u8>)>, Vec<Row>);

struct Row {
    table: String,
    cells: Vec<(String, Vec<u8>)>,
}

impl Row {
    fn get(&self, column: &str) -> Option<&[u8]> {
        self.cells.iter().find(|(name, _)| name == column).map(|(_, value)| value.as_slice())
    }

    fn of(&self, contact: &[u8]) -> bool {
        self.get("contact_id") == Some(contact) || (self.table == "contacts" && self.get("id") == Some(contact))
    }
}

/// Reads them all.
pub(super) fn cells(path: &std::path::Path) -> Cells {
    let connection = Connection::open(path).unwrap();
    let text = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = connection.prepare(text).unwrap();
    let tables: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows: Vec<Row> = tables.iter().flat_map(|table| rows(&connection, table)).collect();
    let all = rows
        .iter()
        .flat_map(|row| row.cells.iter().map(|(column, value)| (row.table.clone(), column.clone(), value.clone())));
    Cells(all.collect(), rows)
}

fn rows(connection: &Connection, table: &str) -> Vec<Row> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let read = |row: &rusqlite::Row<'_>| {
        let value = |index| match row.get_ref(index).unwrap() {
            ValueRef::Null => None,
            ValueRef::Integer(value) => Some(value.to_string().into_bytes()),
            ValueRef::Real(value) => Some(value.to_string().into_bytes()),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.to_vec()),
        };
        let cells = columns.iter().enumerate().filter_map(|(index, name)| Some((name.clone(), value(index)?)));
        Ok(Row { table: table.to_owned(), cells: cells.collect() })
    };
    statement.query_map([], read).unwrap().map(Result::unwrap).collect()
}

impl Cells {
    /// The wanted columns of all rows with this value in a column.
    pub(super) fn rows_of(&self, column: &str, value: &[u8], wanted: &[&str]) -> Vec<Vec<u8>> {
        let rows = self.1.iter().filter(|row| row.get(column) == Some(value));
        rows.flat_map(|row| wanted.iter().filter_map(|wanted| row.get(wanted).map(<[u8]>::to_vec))).collect()
    }

    /// All keyed hashes in a contact's rows.
    pub(super) fn hashes_of(&self, contact: &[u8]) -> Vec<Vec<u8>> {
        let cells = self.1.iter().filter(|row| row.of(contact)).flat_map(|row| &row.cells);
        cells.filter(|(name, _)| name.ends_with("_hash")).map(|(_, value)| value.clone()).collect()
    }

    /// All sealed cells in a contact's rows that erasure removes, with their place.
    pub(super) fn sealed_of(&self, contact: &[u8]) -> Vec<(String, Vec<u8>)> {
        let rows = self.1.iter().filter(|row| row.of(contact) && row.table != "consents");
        let cells = rows.flat_map(|row| row.cells.iter().map(|(name, value)| (format!("{}.{name}", row.table), value)));
        cells.filter(|(place, _)| place.ends_with("_sealed")).map(|(place, value)| (place, value.clone())).collect()
    }
}
