//! What holds stopped goes on by itself: wishes for erasure, and removals of messages.

use std::sync::LazyLock;

use super::covering::held;
use super::{Subject, tell};
use crate::jobs::{self, JobKind};
use crate::statement::{Reach, Statement, sql};
use crate::value::params;
use crate::{ErasureId, HoldId, MessageId, Millis, Result, Tx, attachments, audit};

/// How many of a kind are taken in one transaction.
const TOGETHER: usize = 100;
/// How soon it goes on where there is more, in milliseconds.
const SOON_MS: Millis = 1_000;

static FREED_ERASURES: LazyLock<Statement> = LazyLock::new(|| {
    let text = format!(
        "SELECT e.id FROM erasures e WHERE e.workspace_id = $1 AND e.state = 'held' AND NOT {} AND e.id > $3 \
         ORDER BY e.id LIMIT 100",
        held(Some("e.contact_id"), None, "$2")
    );
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
});
static FREED_MESSAGES: LazyLock<Statement> = LazyLock::new(|| {
    let text = format!(
        "SELECT m.id FROM messages m WHERE m.workspace_id = $1 AND m.kept_sealed IS NOT NULL AND NOT {} \
         ORDER BY m.id LIMIT 100",
        held(Some("m.contact_id"), Some("m.conversation_id"), "$2")
    );
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
});

/// The statements of this file, for the tests that prepare every one.
#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = &'static Statement> {
    [&*FREED_ERASURES, &*FREED_MESSAGES].into_iter()
}

/// Closes the holds whose end has come, and has go on what no hold stops any more; when to look again, if ever. What the job
/// [`JobKind::ResumeHeld`] does.
pub fn resume(tx: &Tx<'_>) -> Result<Option<Millis>> {
    let closed = close_ended(tx)?;
    let erasures = go_on_erasing(tx)?;
    let messages = finish_removals(tx)?;
    if [closed, erasures, messages].contains(&TOGETHER) {
        return Ok(Some(tx.now() + SOON_MS));
    }
    tx.maybe(
        sql!(
            "SELECT ends_at FROM legal_holds WHERE workspace_id = $1 AND lifted_at IS NULL AND ends_at IS NOT NULL \
             ORDER BY ends_at LIMIT 1"
        ),
        params![],
        |row| row.get(0),
    )
}

fn close_ended(tx: &Tx<'_>) -> Result<usize> {
    let ended = tx.all(
        sql!(
            "SELECT id, subject FROM legal_holds WHERE workspace_id = $1 AND lifted_at IS NULL AND ends_at <= $2 \
             ORDER BY ends_at, id LIMIT 100"
        ),
        params![tx.now()],
        |row| Ok((row.get::<HoldId>(0)?, row.text(1)?)),
    )?;
    for (id, subject) in &ended {
        tx.run(
            sql!("UPDATE legal_holds SET lifted_at = ends_at, lifted_by = '' WHERE workspace_id = $1 AND id = $2"),
            params![*id],
        )?;
        audit::record(tx, "hold.ended", &id.to_string())?;
        if let Ok(contact) = subject.parse() {
            tell(tx, Subject::Contact(contact))?;
        }
    }
    Ok(ended.len())
}

/// Each goes on by its own job, one of which it has anyway.
fn go_on_erasing(tx: &Tx<'_>) -> Result<usize> {
    let mut all = 0;
    let mut after = String::new();
    // They wait until their jobs have taken them, and would be found again.
    for _ in 0..5 {
        let freed: Vec<ErasureId> = tx.all(&FREED_ERASURES, params![tx.now(), &after], |row| row.get(0))?;
        for id in &freed {
            jobs::enqueue(tx, JobKind::EraseRows, &id.to_string(), tx.now())?;
        }
        all = freed.len();
        let Some(last) = freed.last() else { break };
        after = last.to_string();
    }
    Ok(all)
}

fn finish_removals(tx: &Tx<'_>) -> Result<usize> {
    let freed: Vec<MessageId> = tx.all(&FREED_MESSAGES, params![tx.now()], |row| row.get(0))?;
    for id in &freed {
        tx.run(sql!("UPDATE messages SET kept_sealed = NULL WHERE workspace_id = $1 AND id = $2"), params![*id])?;
        attachments::drop_of(tx, *id)?;
    }
    Ok(freed.len())
}
