//! The way through every sealed cell of a workspace, table by table, in the order of the data map and of each table's key.
//!
//! The statements are made from the map, so a new sealed column is on the way by itself.

use std::sync::LazyLock;

use crate::map::{MAP, Path, Seal, Table};
use crate::sealing::Place;
use crate::statement::{Reach, Statement};
use crate::value::{Param, params};
use crate::{ContactId, Result, Tx};

/// How many bytes of a cell say under which key it is.
const HEAD: usize = 17;

/// A table with sealed columns.
pub(super) struct Stretch {
    pub(super) table: &'static Table,
    /// The beginnings of the sealed cells of a page of rows; parameters: the key of the row before, how many rows.
    heads: Statement,
    /// The same, of one contact's rows; one parameter more.
    heads_of_contact: Option<Statement>,
    pub(super) cells: Vec<Column>,
}

/// A sealed column.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) seal: Seal,
    get: Statement,
    put: Statement,
}

/// The key of a row, without the workspace.
pub(super) type RowKey = Vec<String>;

/// The beginnings of a row's sealed cells, in the order of [`Stretch::cells`].
pub(super) struct Heads {
    pub(super) key: RowKey,
    pub(super) cells: Vec<Option<Vec<u8>>>,
}

static WAY: LazyLock<Vec<Stretch>> = LazyLock::new(|| MAP.iter().filter_map(Stretch::of).collect());

/// All tables with cells under keys of workspaces and contacts. What lies under a key of the day is sealed anew each day.
pub(super) fn way() -> &'static [Stretch] {
    &WAY
}

impl Stretch {
    fn of(table: &'static Table) -> Option<Self> {
        let cells = table.sealed.iter().filter(|(_, seal)| *seal != Seal::Day);
        let cells: Vec<Column> = cells.map(|(name, seal)| Column::of(table, name, *seal)).collect();
        if cells.is_empty() {
            return None;
        }
        let contact = match table.contact {
            Path::Own => Some("id"),
            Path::Column(column) => Some(column),
            Path::None | Path::Through(..) | Path::Hash(_) | Path::Subject(_) => None,
        };
        let heads_of_contact = contact.map(|column| heads(table, &cells, Some(column)));
        Some(Self { table, heads: heads(table, &cells, None), heads_of_contact, cells })
    }

    /// Whether it has cells of that kind.
    pub(super) fn has(&self, of: impl Fn(Seal) -> bool) -> bool {
        self.cells.iter().any(|column| of(column.seal))
    }

    /// The beginnings of the cells of the rows after one, at most `limit` rows; only a contact's where one is named and the
    /// table's rows name theirs.
    pub(super) fn page(
        &'static self,
        tx: &Tx<'_>,
        after: &[String],
        contact: Option<ContactId>,
        limit: i64,
    ) -> Result<Vec<Heads>> {
        let width = self.table.key.len();
        let blank = String::new();
        let mut values: Vec<Param<'_>> = (0..width).map(|at| Param::from(after.get(at).unwrap_or(&blank))).collect();
        values.push(Param::from(limit));
        let statement = match (&self.heads_of_contact, contact) {
            (Some(statement), Some(contact)) => {
                values.push(Param::from(contact));
                statement
            }
            _ => &self.heads,
        };
        tx.all(statement, &values, |row| {
            let key = (0..width).map(|at| row.text(at)).collect::<Result<_>>()?;
            let cells = (0..self.cells.len()).map(|at| row.get(width + at)).collect::<Result<_>>()?;
            Ok(Heads { key, cells })
        })
    }
}

impl Column {
    fn of(table: &Table, name: &'static str, seal: Seal) -> Self {
        let (owner, is) = (owner(table), matching(table.key, 2));
        let value = table.key.len() + 2;
        let get = format!("SELECT {name} FROM {} WHERE {owner} = $1 AND {is}", table.name);
        let put = format!("UPDATE {} SET {name} = ${value} WHERE {owner} = $1 AND {is}", table.name);
        Self { name, seal, get: made(get), put: made(put) }
    }

    /// A cell as it is stored; `None` if it is empty or its row is gone.
    pub(super) fn get(&'static self, tx: &Tx<'_>, key: &[String]) -> Result<Option<Vec<u8>>> {
        let values: Vec<Param<'_>> = key.iter().map(Param::from).collect();
        Ok(tx.maybe(&self.get, &values, |row| row.get::<Option<Vec<u8>>>(0))?.flatten())
    }

    /// Writes a cell.
    pub(super) fn put(&'static self, tx: &Tx<'_>, key: &[String], sealed: &[u8]) -> Result<()> {
        let mut values: Vec<Param<'_>> = key.iter().map(Param::from).collect();
        values.extend_from_slice(params![sealed]);
        tx.run(&self.put, &values).map(|_| ())
    }
}

/// The name of a row in its cells' places.
pub(super) fn row_name(table: &Table, key: &[String]) -> String {
    let parts = table.named.iter().filter_map(|column| {
        let at = table.key.iter().position(|known| known == column)?;
        key.get(at).map(String::as_str)
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The place of a cell.
pub(super) fn place<'a>(table: &'static Table, column: &Column, row: &'a str) -> Place<'a> {
    Place { table: table.name, column: column.name, row }
}

/// The column that names a row's workspace.
fn owner(table: &Table) -> &'static str {
    if table.name == "workspaces" { "id" } else { "workspace_id" }
}

fn matching(key: &[&str], first: usize) -> String {
    let each = key.iter().enumerate().map(|(at, column)| format!("{column} = ${}", at + first));
    each.collect::<Vec<_>>().join(" AND ")
}

fn heads(table: &Table, cells: &[Column], contact: Option<&str>) -> Statement {
    let key = table.key.join(", ");
    let begins: Vec<String> = cells.iter().map(|cell| format!("substr({}, 1, {HEAD})", cell.name)).collect();
    let after: Vec<String> = (0..table.key.len()).map(|at| format!("${}", at + 2)).collect();
    let limit = table.key.len() + 2;
    let whose = contact.map(|column| format!(" AND {column} = ${}", limit + 1)).unwrap_or_default();
    made(format!(
        "SELECT {key}, {} FROM {} WHERE {} = $1 AND ({key}) > ({}){whose} ORDER BY {key} LIMIT ${limit}",
        begins.join(", "),
        table.name,
        owner(table),
        after.join(", "),
    ))
}

/// A statement made from the map. It lives as long as the program, as the map does.
fn made(text: String) -> Statement {
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
}

/// All statements of the way, for the tests that prepare every one.
#[cfg(test)]
pub(crate) fn statements() -> impl Iterator<Item = &'static Statement> {
    way().iter().flat_map(|stretch| {
        let cells = stretch.cells.iter().flat_map(|column| [&column.get, &column.put]);
        std::iter::once(&stretch.heads).chain(&stretch.heads_of_contact).chain(cells)
    })
}
