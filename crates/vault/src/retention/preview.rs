//! What goes within the next days: by the terms as they are, or as they would be.

use std::collections::BTreeMap;

use super::plan::{Way, plan};
use super::terms::shorter;
use super::{DAY_MS, inactive, term};
use crate::map::Category;
use crate::value::params;
use crate::{Millis, Result, Right, Tx};

/// What goes of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coming {
    /// Of which category it is.
    pub category: Category,
    /// The table: `messages`, `conversations`, …
    pub what: &'static str,
    /// How many rows.
    pub rows: i64,
    /// When the first of them is due; it may be overdue.
    pub first_at: Millis,
}

/// What becomes due within so many days, most of it first counted by its own clock: what hangs on it goes with it and is not counted
/// apart. `would`: terms in days as they would be, by category.
///
/// # Errors
/// [`crate::Error::Forbidden`] without [`Right::ManageRetention`].
pub fn preview(tx: &Tx<'_>, days: u32, would: &BTreeMap<Category, u32>) -> Result<Vec<Coming>> {
    tx.scope()?.require(Right::ManageRetention)?;
    let until = tx.now().saturating_add(Millis::from(days) * DAY_MS);
    let mut coming = Vec::new();
    for entry in plan() {
        let category = entry.table.category;
        let kept = match would.get(&category) {
            Some(days) => Some(*days),
            None => term(tx, category)?,
        };
        let Some(kept) = shorter(kept, entry.table.days) else { continue };
        let kept = Millis::from(kept) * DAY_MS;
        let found = match (&entry.way, entry.table.name) {
            (Way::Rows(rows), _) => tx.maybe(&rows.coming, params![until - kept], counted)?.flatten(),
            (Way::Own(_), "contacts") => tx.maybe(inactive::coming(), params![until - kept], counted)?.flatten(),
            (Way::Own(_), _) => None,
        };
        if let Some((rows, first)) = found {
            coming.push(Coming { category, what: entry.table.name, rows, first_at: first.saturating_add(kept) });
        }
    }
    Ok(coming)
}

/// How many rows, and the earliest anchor; `None` where there are none.
fn counted(row: &crate::value::Row<'_>) -> Result<Option<(i64, Millis)>> {
    let (rows, first): (i64, Option<Millis>) = (row.get(0)?, row.get(1)?);
    Ok(first.filter(|_| rows > 0).map(|first| (rows, first)))
}
