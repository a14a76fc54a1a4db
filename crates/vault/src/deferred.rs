//! What a closure writes in one go at its end: its facts, its marks for the index, and how far its counters went. A message
//! makes two facts and a mark, and thirty messages in one transaction would otherwise be a hundred and twenty statements.
//!
//! Nobody can tell: before any other statement on one of these tables, what was put off is written
//! ([`crate::statement::Statement::meets_deferred`]).

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};

use crate::facts::{About, FactKind};
use crate::jobs::{self, JobKind};
use crate::statement::sql;
use crate::value::{Param, params};
use crate::{ContactId, MessageId, Result, Tx};

/// The tables whose rows are put off.
pub(crate) const TABLES: [&str; 3] = ["facts", "index_pending", "counters"];
/// Rows that one statement writes, if there are as many.
pub(crate) const TOGETHER: usize = 8;
/// How long after a change the index takes it in, in milliseconds: changes that come meanwhile go with it.
const INDEX_AFTER: i64 = 500;

/// What a transaction has put off.
#[derive(Default)]
pub(crate) struct Deferred {
    facts: RefCell<Vec<NewFact>>,
    marks: RefCell<Vec<(MessageId, ContactId)>>,
    counters: RefCell<Vec<Counter>>,
    index_asked: Cell<bool>,
}

struct NewFact {
    seq: i64,
    kind: FactKind,
    about: About,
}

/// A counter this transaction has used: nobody else uses it before the commit.
struct Counter {
    name: &'static str,
    value: i64,
    /// Whether the table says so too.
    written: bool,
}

impl Tx<'_> {
    /// Puts a fact off.
    pub(crate) fn defer_fact(&self, seq: i64, kind: FactKind, about: About) {
        self.deferred.facts.borrow_mut().push(NewFact { seq, kind, about });
    }

    /// Puts a mark for the index off. One is enough for all of a transaction's changes to a message.
    pub(crate) fn defer_mark(&self, message: MessageId, contact: ContactId) {
        let mut marks = self.deferred.marks.borrow_mut();
        if !marks.iter().any(|(marked, _)| *marked == message) {
            marks.push((message, contact));
        }
    }

    /// Makes sure that a job will come for what is marked: one job a transaction is enough.
    pub(crate) fn ask_for_index(&self) -> Result<()> {
        if self.deferred.index_asked.replace(true) {
            return Ok(());
        }
        let workspace = self.workspace()?.to_string();
        jobs::enqueue(self, JobKind::Index, &workspace, self.now() + INDEX_AFTER)
    }

    /// The next value of one of the workspace's counters. The first of a transaction is asked for, the others follow.
    pub(crate) fn count(&self, name: &'static str) -> Result<i64> {
        self.count_on(name, 1)
    }

    /// Moves a counter on by `many`; where it stands then.
    pub(crate) fn count_on(&self, name: &'static str, many: i64) -> Result<i64> {
        if let Some(counter) = self.deferred.counters.borrow_mut().iter_mut().find(|counter| counter.name == name) {
            counter.value += many;
            counter.written = false;
            return Ok(counter.value);
        }
        let asked = self.all_of_engine(
            sql!(
                "INSERT INTO counters (workspace_id, name, value) VALUES ($1, $2, $3) \
                 ON CONFLICT (workspace_id, name) DO UPDATE SET value = counters.value + $3 RETURNING value"
            ),
            params![name, many],
            |row| row.get(0),
        )?;
        let value = asked.into_iter().next().ok_or(crate::Error::NotFound("counter"))?;
        self.deferred.counters.borrow_mut().push(Counter { name, value, written: true });
        Ok(value)
    }

    /// Writes all that was put off, and forgets the counters: what comes next may change them.
    pub(crate) fn settle(&self) -> Result<()> {
        let facts = self.deferred.facts.take();
        write_together(&facts, &[TOGETHER, 1], |facts| self.write_facts(facts))?;
        let marks = self.deferred.marks.take();
        write_together(&marks, &[TOGETHER, 1], |marks| self.write_marks(marks))?;
        for Counter { name, value, .. } in self.deferred.counters.take().into_iter().filter(|counter| !counter.written)
        {
            self.run_in_engine(
                sql!("UPDATE counters SET value = $3 WHERE workspace_id = $1 AND name = $2"),
                params![name, value],
            )?;
        }
        Ok(())
    }

    fn write_facts(&self, facts: &[NewFact]) -> Result<()> {
        let mut params = Vec::with_capacity(1 + 6 * facts.len());
        params.push(Param::from(self.now()));
        for NewFact { seq, kind, about } in facts {
            params.extend([Param::from(*seq), kind.stored().into(), about.conversation.into(), about.message.into()]);
            params.extend([about.contact.into(), about.member.into()]);
        }
        let statement = if facts.len() == TOGETHER {
            sql!(
                "INSERT INTO facts (workspace_id, seq, kind, conversation_id, message_id, contact_id, member_id, at) VALUES \
             ($1, $3, $4, $5, $6, $7, $8, $2), ($1, $9, $10, $11, $12, $13, $14, $2), \
             ($1, $15, $16, $17, $18, $19, $20, $2), ($1, $21, $22, $23, $24, $25, $26, $2), \
             ($1, $27, $28, $29, $30, $31, $32, $2), ($1, $33, $34, $35, $36, $37, $38, $2), \
             ($1, $39, $40, $41, $42, $43, $44, $2), ($1, $45, $46, $47, $48, $49, $50, $2)"
            )
        } else {
            sql!(
                "INSERT INTO facts (workspace_id, seq, kind, conversation_id, message_id, contact_id, member_id, at) \
                 VALUES ($1, $3, $4, $5, $6, $7, $8, $2)"
            )
        };
        self.run_in_engine(statement, &params).map(|_| ())
    }

    /// Each mark is later than the one before, also within a millisecond.
    fn write_marks(&self, marks: &[(MessageId, ContactId)]) -> Result<()> {
        let mut params = Vec::with_capacity(1 + 2 * marks.len());
        params.push(Param::from(self.now()));
        for (message, contact) in marks {
            params.extend([Param::from(*message), (*contact).into()]);
        }
        let statement = if marks.len() == TOGETHER {
            sql!(
                "INSERT INTO index_pending (workspace_id, message_id, contact_id, act, at) VALUES \
             ($1, $3, $4, 'write', $2), ($1, $5, $6, 'write', $2), ($1, $7, $8, 'write', $2), \
             ($1, $9, $10, 'write', $2), ($1, $11, $12, 'write', $2), ($1, $13, $14, 'write', $2), \
             ($1, $15, $16, 'write', $2), ($1, $17, $18, 'write', $2) \
             ON CONFLICT (workspace_id, message_id) DO UPDATE SET \
             at = CASE WHEN index_pending.at < excluded.at THEN excluded.at ELSE index_pending.at + 1 END"
            )
        } else {
            sql!(
                "INSERT INTO index_pending (workspace_id, message_id, contact_id, act, at) VALUES ($1, $3, $4, 'write', $2) \
                 ON CONFLICT (workspace_id, message_id) DO UPDATE SET \
                 at = CASE WHEN index_pending.at < excluded.at THEN excluded.at ELSE index_pending.at + 1 END"
            )
        };
        self.run_in_engine(statement, &params).map(|_| ())
    }
}

impl Deferred {
    /// Whether nothing was put off and no counter is remembered.
    pub(crate) fn is_empty(&self) -> bool {
        self.facts.borrow().is_empty() && self.marks.borrow().is_empty() && self.counters.borrow().is_empty()
    }
}

/// Writes as many at once as there is a statement for: `sizes` says for how many there is one, the largest first, 1 last.
pub(crate) fn write_together<T>(all: &[T], sizes: &[usize], write: impl Fn(&[T]) -> Result<()>) -> Result<()> {
    let mut rest = all;
    for size in sizes {
        let together = rest.chunks_exact(*size);
        rest = together.remainder();
        together.into_iter().try_for_each(&write)?;
    }
    Ok(())
}
