//! One batch of a table: its rows, what hangs on them, and what exists of them elsewhere.

use super::plan::{Rows, Step};
use crate::jobs::{self, JobKind};
use crate::map::{Copied, Due};
use crate::value::{Param, params};
use crate::{AttachmentId, ContactId, ConversationId, MessageId, Millis, Result, Tx, conversations, indexing, remotes};

/// Removes the rows that are due, at most [`Due::limit`] of the table itself; how many of it, and how many with those that hung
/// on them.
pub(super) fn remove(tx: &Tx<'_>, rows: &'static Rows, due: Due, as_of: Millis) -> Result<(u64, u64)> {
    remove_all(tx, &rows.steps, &asked(rows, due, as_of))
}

/// The same for steps that are asked with something else.
pub(super) fn remove_all(tx: &Tx<'_>, steps: &'static [Step], asked: &[Param<'_>]) -> Result<(u64, u64)> {
    let (mut own, mut all) = (0, 0);
    for step in steps {
        own = remove_some(tx, step, asked)?;
        all += own;
    }
    // The table's own rows are the last step.
    Ok((own, all))
}

/// Whether anything is due.
pub(super) fn is_any(tx: &Tx<'_>, rows: &'static Rows, due: Due, as_of: Millis) -> Result<bool> {
    Ok(tx.maybe(&rows.any, &asked(rows, due, as_of), |_| Ok(()))?.is_some())
}

/// What the statements of a table that find its rows are asked with.
pub(super) fn asked(rows: &Rows, due: Due, as_of: Millis) -> Vec<Param<'static>> {
    let mut asked = vec![Param::Int(due.before), Param::Int(due.limit)];
    if rows.asks_holds {
        asked.push(Param::Int(as_of));
    }
    asked
}

fn remove_some(tx: &Tx<'_>, step: &'static Step, asked: &[Param<'_>]) -> Result<u64> {
    let elsewhere = step.named.as_ref().map(|named| tx.all(named, asked, Elsewhere::read)).transpose()?;
    let elsewhere = elsewhere.unwrap_or_default();
    if let Some(unask) = &step.unask {
        tx.run(unask, asked)?;
    }
    if let Some(remember) = &step.remember {
        let mut asked = asked.to_vec();
        asked.extend_from_slice(params![tx.now() - remotes::KEPT_MS]);
        tx.run(remember, &asked)?;
    }
    let removed = tx.run(&step.remove, asked)?;
    if step.table.copies.contains(&Copied::Blob) {
        elsewhere
            .iter()
            .try_for_each(|row| jobs::enqueue(tx, JobKind::DropFile, &row.file()?.to_string(), tx.now()))?;
    }
    if step.table.copies.contains(&Copied::Index) {
        elsewhere.iter().try_for_each(|row| indexing::pend(tx, row.message()?, row.contact()?))?;
        left_behind(tx, &elsewhere)?;
    }
    Ok(removed)
}

/// Conversations of which messages went say what is left of them.
fn left_behind(tx: &Tx<'_>, messages: &[Elsewhere]) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for message in messages {
        let conversation: ConversationId = message.conversation.parse()?;
        if seen.insert(conversation) {
            conversations::count_what_is_left(tx, conversation)?;
        }
    }
    Ok(())
}

/// A row of which something is elsewhere.
struct Elsewhere {
    id: String,
    contact: String,
    conversation: String,
}

impl Elsewhere {
    fn read(row: &crate::value::Row<'_>) -> Result<Self> {
        Ok(Self { id: row.text(0)?, contact: row.text(1)?, conversation: row.text(2)? })
    }

    fn file(&self) -> Result<AttachmentId> {
        self.id.parse()
    }

    fn message(&self) -> Result<MessageId> {
        self.id.parse()
    }

    fn contact(&self) -> Result<ContactId> {
        self.contact.parse()
    }
}
