//! People of whom nothing is left but a name: no conversation, nothing ordered or agreed, and no word for a term. They are
//! erased as if they had asked for it.

use std::sync::LazyLock;

use crate::map::{Due, MAP, Path, Table};
use crate::statement::{Reach, Statement};
use crate::value::params;
use crate::{ContactId, Result, Tx, erase, holds};

/// Who stays and has been silent since `$2`, with all who are one with them, and of whom no table keeps anything: `$3` of them whom no
/// hold covers at `$4`; and how many they are, and since when the first is silent.
static INACTIVE: LazyLock<[Statement; 2]> = LazyLock::new(|| {
    let kept: Vec<String> = MAP.iter().filter_map(keeping).collect();
    let kept = kept.concat();
    let whose = format!(
        "FROM contacts p WHERE p.workspace_id = $1 AND p.active_at <= $2 AND p.erased_at IS NULL \
         AND p.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM contacts f WHERE f.workspace_id = $1 AND f.merged_into = p.id \
         AND f.active_at > $2){kept}"
    );
    [
        made(format!(
            "SELECT p.id {whose} AND NOT {} ORDER BY p.active_at, p.id LIMIT $3",
            holds::held(Some("p.id"), None, "$4")
        )),
        made(format!("SELECT COUNT(*), MIN(p.active_at) {whose}")),
    ]
});

/// That no row of a table keeps the person.
fn keeping(table: &Table) -> Option<String> {
    let (Some(condition), Path::Column(column)) = (table.keeps, table.contact) else { return None };
    Some(format!(
        " AND NOT EXISTS (SELECT 1 FROM {name} k JOIN contacts f ON f.workspace_id = k.workspace_id AND f.id = k.{column} \
         WHERE k.workspace_id = $1 AND (f.id = p.id OR f.merged_into = p.id) AND {condition})",
        name = table.name,
    ))
}

fn made(text: String) -> Statement {
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
}

/// Erases who is due; how many it were.
pub(crate) fn erase_inactive(tx: &Tx<'_>, due: &Due) -> Result<u64> {
    let found = tx.all(&INACTIVE[0], params![due.before, due.limit, tx.now()], |row| row.get::<ContactId>(0))?;
    for contact in &found {
        erase::begin(tx, *contact)?;
    }
    Ok(found.len() as u64)
}

/// Who is due, at most `$3` of whom no hold covers at `$4`.
pub(super) fn due() -> &'static Statement {
    &INACTIVE[0]
}

/// How many are due, and since when the first was silent; `$2` is the moment.
pub(super) fn coming() -> &'static Statement {
    &INACTIVE[1]
}

/// The statements, for the tests that prepare every one.
#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = &'static Statement> {
    INACTIVE.iter()
}
