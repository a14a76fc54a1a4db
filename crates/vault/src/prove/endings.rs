//! What ends as a whole: what a disconnected channel brought (D-2), and a workspace (D-3).

use std::sync::LazyLock;

use super::{DAY_MS, ROWS, Seen, count, found};
use crate::holds;
use crate::statement::{Reach, Statement, sql};
use crate::value::params;
use crate::{Millis, Result, Tx, ending};

/// How late an end may be: it is looked at once a day, and what a hold kept goes on within a day of its lifting.
const GRACE_MS: Millis = 2 * DAY_MS;

/// Disconnected channels whose end was due at `$2` and of which there still are keys of people whom no hold covers at `$3`, nor did until
/// `$2`; at most `$4`.
static LATE: LazyLock<Statement> = LazyLock::new(|| {
    let held = holds::held(Some("k.contact_id"), None, "$3");
    let text = format!(
        "SELECT c.id FROM channels c WHERE c.workspace_id = $1 AND c.content_ends_at <= $2 AND c.content_gone_at IS NULL AND ( \
         NOT EXISTS (SELECT 1 FROM contact_keys n WHERE n.workspace_id = $1 AND n.channel_id = c.id) OR \
         EXISTS (SELECT 1 FROM contact_keys k WHERE k.workspace_id = $1 AND k.channel_id = c.id AND NOT {held})) \
         AND NOT EXISTS (SELECT 1 FROM legal_holds l WHERE l.workspace_id = $1 AND (l.lifted_at > $2 OR (l.ends_at > $2 AND l.ends_at <= $3))) \
         ORDER BY c.id LIMIT $4"
    );
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
});

/// The workspace, if it has people whom no hold covers at `$2`, or no hold stands, nor did until `$3`.
static GOES_ON: LazyLock<Statement> = LazyLock::new(|| {
    let held = holds::held(Some("p.id"), None, "$2");
    let text = format!(
        "SELECT w.id FROM workspaces w WHERE w.id = $1 AND (EXISTS (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 \
         AND p.erased_at IS NULL AND p.merged_into IS NULL AND NOT {held}) OR NOT EXISTS (SELECT 1 FROM legal_holds s \
         WHERE s.workspace_id = $1 AND s.lifted_at IS NULL AND (s.ends_at IS NULL OR s.ends_at > $2))) \
         AND NOT EXISTS (SELECT 1 FROM legal_holds l WHERE l.workspace_id = $1 AND (l.lifted_at > $3 OR (l.ends_at > $3 AND l.ends_at <= $2)))"
    );
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
});

/// The statements, for the tests that prepare every one.
#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = &'static Statement> {
    [&*LATE, &*GOES_ON].into_iter()
}

/// D-2.
pub(super) fn disconnected(tx: &Tx<'_>) -> Result<Seen> {
    let all = sql!("SELECT COUNT(*) FROM channels WHERE workspace_id = $1 AND disconnected_at IS NOT NULL");
    let words = ("what a disconnected channel brought is there two days after its end", "channels");
    let late = found(tx, &LATE, params![tx.now() - GRACE_MS, tx.now(), ROWS], words)?;
    Ok(Seen::of(count(tx, all, params![])?).and(late))
}

/// D-3.
pub(super) fn workspace(tx: &Tx<'_>) -> Result<Seen> {
    let Some(ending) = ending::view(tx)? else { return Ok(Seen::of(0)) };
    let mut seen = Seen::of(1);
    if ending.ended_at.is_some() {
        for (left, table) in [
            (
                sql!("SELECT id FROM contacts WHERE workspace_id = $1 AND erased_at IS NULL ORDER BY id LIMIT $2"),
                "contacts",
            ),
            (sql!("SELECT id FROM messages WHERE workspace_id = $1 ORDER BY id LIMIT $2"), "messages"),
            (sql!("SELECT id FROM conversations WHERE workspace_id = $1 ORDER BY id LIMIT $2"), "conversations"),
            (sql!("SELECT id FROM attachments WHERE workspace_id = $1 ORDER BY id LIMIT $2"), "attachments"),
            (sql!("SELECT id FROM channels WHERE workspace_id = $1 ORDER BY id LIMIT $2"), "channels"),
            (sql!("SELECT id FROM requests WHERE workspace_id = $1 ORDER BY id LIMIT $2"), "requests"),
            (sql!("SELECT id FROM webhooks WHERE workspace_id = $1 ORDER BY id LIMIT $2"), "webhooks"),
        ] {
            let words = ("something is there although the workspace has ended", table);
            seen = seen.and(found(tx, left, params![ROWS], words)?);
        }
        return Ok(seen);
    }
    let due = ending.may_begin(tx.now() - GRACE_MS) && ending.exported_at.is_none_or(|at| at <= tx.now() - GRACE_MS);
    if due {
        let words = ("the workspace goes on two days after its end", "workspaces");
        seen = seen.and(found(tx, &GOES_ON, params![tx.now(), tx.now() - GRACE_MS], words)?);
    }
    Ok(seen)
}
