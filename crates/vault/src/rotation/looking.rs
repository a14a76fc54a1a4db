//! A look at sealed cells along the same way: whether they open.

use super::walk;
use crate::sealing::Opened;
use crate::{Result, Tx};

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Cells that open.
    pub(crate) opened: u64,
    /// Cells whose keys were destroyed.
    pub(crate) gone: u64,
    /// Cells that are not what was written.
    pub(crate) damaged: u64,
}

/// Where to go on: a table by its number on the way, and the key of its last row.
pub(crate) type From = (usize, Vec<String>);

/// The table at a place; nothing at the end.
pub(crate) fn table_on_the_way(table: usize) -> &'static str {
    walk::way().get(table).map_or("", |stretch| stretch.table.name)
}

/// Opens the cells of the rows after a place, at most `limit` rows; where to go on, or nothing at the end.
pub(crate) fn look(tx: &Tx<'_>, (table, after): &From, limit: i64) -> Result<(Seen, Option<From>)> {
    let mut seen = Seen::default();
    let Some(stretch) = walk::way().get(*table) else { return Ok((seen, None)) };
    let page = stretch.page(tx, after, None, limit)?;
    let next = page.last().map_or_else(|| (table + 1, Vec::new()), |heads| (*table, heads.key.clone()));
    for heads in page {
        let name = walk::row_name(stretch.table, &heads.key);
        for column in &stretch.cells {
            let Some(sealed) = column.get(tx, &heads.key)? else { continue };
            match tx.open_or_damaged(walk::place(stretch.table, column, &name), &sealed)? {
                Opened::Plain(_) => seen.opened += 1,
                Opened::KeyGone => seen.gone += 1,
                Opened::Damaged => seen.damaged += 1,
            }
        }
    }
    Ok((seen, Some(next)))
}
