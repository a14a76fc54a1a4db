//! What a sweep should have ended and has not: the sweep's own statements, asked as of some time ago.

use std::sync::LazyLock;

use super::plan::{Entry, Way, free, plan};
use super::{DAY_MS, copies, days_of, inactive};
use crate::map::{Due, Path};
use crate::statement::{Reach, Statement, sql};
use crate::value::params;
use crate::{Millis, Result, Tx};

/// Rows of a table that are past their term.
#[derive(Debug)]
pub(crate) struct Overdue {
    pub(crate) name: &'static str,
    /// The term.
    pub(crate) days: u32,
    /// How many rows the table has.
    pub(crate) looked_at: u64,
    /// Ids of those that are past it; of the row that they belong to, where they have none.
    pub(crate) ids: Vec<String>,
}

/// How many rows each table of the plan has.
static ALL: LazyLock<Vec<(&'static str, Statement)>> = LazyLock::new(|| {
    let all = |entry: &Entry| {
        let text = format!("SELECT COUNT(*) FROM {} WHERE workspace_id = $1", entry.table.name);
        (entry.table.name, Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!()))
    };
    plan().iter().map(all).collect()
});

/// The statements, for the tests that prepare every one.
#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = &'static Statement> {
    ALL.iter().map(|(_, statement)| statement)
}

/// The tables of a promise's categories that sweeps look at, with what has been past its term for `grace`; at most `limit` of each.
pub(crate) fn overdue(tx: &Tx<'_>, promise: &str, grace: Millis, limit: i64) -> Result<Vec<Overdue>> {
    let mut found = Vec::new();
    for entry in plan().iter().filter(|entry| entry.table.category.promise() == promise) {
        let Some(days) = days_of(tx, entry.table)? else { continue };
        let before = tx.now().saturating_sub(Millis::from(days) * DAY_MS).saturating_sub(grace);
        let name = entry.table.name;
        let all = ALL.iter().find(|(known, _)| *known == name);
        let looked_at = all.map(|(_, all)| tx.maybe(all, params![], |row| row.get::<i64>(0))).transpose()?.flatten();
        found.push(Overdue {
            name,
            days,
            looked_at: looked_at.unwrap_or_default().unsigned_abs(),
            ids: past(tx, entry, Due { before, limit })?,
        });
    }
    Ok(found)
}

fn past(tx: &Tx<'_>, entry: &'static Entry, due: Due) -> Result<Vec<String>> {
    if let Way::Rows(rows) = &entry.way {
        let named = entry.table.key.first().is_some_and(|key| *key == "id" || key.ends_with("_id"));
        let read = |row: &crate::value::Row<'_>| if named { row.text(0) } else { Ok(String::new()) };
        return tx.all(&rows.due, &copies::asked(rows, due, tx.now()), read);
    }
    // Of a workspace that is held, these rest.
    if tx.maybe(free(), params![tx.now()], |_| Ok(()))?.is_none() {
        return Ok(Vec::new());
    }
    match (entry.table.contact, entry.table.name) {
        (Path::Own, _) => tx.all(inactive::due(), params![due.before, due.limit, tx.now()], |row| row.text(0)),
        (_, "audit") => {
            let named = sql!(
                "SELECT seq FROM audit WHERE workspace_id = $1 AND salt IS NOT NULL AND at <= $2 ORDER BY seq LIMIT $3"
            );
            tx.all(named, params![due.before, due.limit], |row| row.get::<i64>(0).map(|seq| seq.to_string()))
        }
        _ => {
            let left = sql!(
                "SELECT id FROM channels WHERE workspace_id = $1 AND disconnected_at <= $2 \
                 AND (settings_sealed IS NOT NULL OR account_sealed IS NOT NULL) ORDER BY id LIMIT $3"
            );
            tx.all(left, params![due.before, due.limit], |row| row.text(0))
        }
    }
}
