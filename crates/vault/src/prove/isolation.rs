//! No row names a row of another workspace: what is named is in the row's own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{ROWS, Seen, count, found};
use crate::map::{MAP, Table};
use crate::statement::{Reach, Statement};
use crate::value::params;
use crate::{Result, Tx};

/// For each column that names a row: the table, how many rows have it, and what it names that the workspace does not have.
static REFERENCES: LazyLock<Vec<(&'static str, Statement, Statement)>> =
    LazyLock::new(|| MAP.iter().flat_map(references).collect());

fn references(table: &'static Table) -> Vec<(&'static str, Statement, Statement)> {
    let mut columns: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (column, other) in table.with {
        columns.entry(column).or_default().push(other);
    }
    let made = |text: String| Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!());
    let reference = |(column, others): (&str, Vec<&str>)| {
        let name = table.name;
        let rows = format!("FROM {name} t WHERE t.workspace_id = $1 AND t.{column} IS NOT NULL AND t.{column} <> ''");
        let in_other = |other: &&str| {
            format!("NOT EXISTS (SELECT 1 FROM {other} o WHERE o.workspace_id = $1 AND o.id = t.{column})")
        };
        let in_none = others.iter().map(in_other).collect::<Vec<_>>().join(" AND ");
        let strange = format!("SELECT DISTINCT t.{column} {rows} AND {in_none} ORDER BY t.{column} LIMIT $2");
        (name, made(format!("SELECT COUNT(*) {rows}")), made(strange))
    };
    columns.into_iter().map(reference).collect()
}

/// The statements, for the tests that prepare every one.
#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = &'static Statement> {
    REFERENCES.iter().flat_map(|(_, all, strange)| [all, strange])
}

/// X-3, the half that is the same on both engines.
pub(super) fn references_within(tx: &Tx<'_>) -> Result<Seen> {
    let mut seen = Seen::default();
    for (table, all, strange) in REFERENCES.iter() {
        seen.looked_at += count(tx, all, params![])?;
        let words = ("a row names something that its workspace does not have", *table);
        seen = seen.and(found(tx, strange, params![ROWS], words)?);
    }
    Ok(seen)
}
