//! The log of a request: one line for each step, numbered, never changed. What was said in it is sealed.

use crate::id::StepId;
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{Error, Millis, Personal, RequestId, Result, Tx};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum StepKind {
    Received,
    Verified,
    Noted,
    Extended,
    /// Members were reminded that its time runs out.
    Reminded,
    /// Its time ran out unanswered.
    Overdue,
    Closed,
}

const STEPS: [(StepKind, &str); 7] = [
    (StepKind::Received, "received"),
    (StepKind::Verified, "verified"),
    (StepKind::Noted, "noted"),
    (StepKind::Extended, "extended"),
    (StepKind::Reminded, "reminded"),
    (StepKind::Overdue, "overdue"),
    (StepKind::Closed, "closed"),
];

impl StepKind {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        STEPS.iter().find(|(step, _)| *step == self).map_or("", |(_, word)| word)
    }

    fn parse(word: &str) -> Result<Self> {
        let found = STEPS.iter().find(|(_, known)| *known == word).map(|(step, _)| *step);
        found.ok_or_else(|| Error::Engine("a stored step of a request is unknown".into()))
    }
}

/// One line of the log.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its number, from 1.
    pub number: i64,
    /// When.
    pub at: Millis,
    /// What.
    pub kind: StepKind,
    /// By whom: a member's id, or empty for the platform and the operator.
    pub actor: String,
    /// What was said.
    pub detail: Option<Personal<String>>,
}

/// Writes the next line.
pub(super) fn note(tx: &Tx<'_>, id: RequestId, kind: StepKind, detail: Option<&Personal<String>>) -> Result<()> {
    let last = tx.maybe(
        sql!("SELECT COALESCE(MAX(number), 0) FROM request_steps WHERE workspace_id = $1 AND request_id = $2"),
        params![id],
        |row| row.get::<i64>(0),
    )?;
    let number = last.unwrap_or(0) + 1;
    let step: StepId = tx.id();
    let row = step.to_string();
    let sealed = detail.map(|detail| tx.seal_text(Under::Evidence, place(&row), detail)).transpose()?;
    tx.run(
        sql!(
            "INSERT INTO request_steps (workspace_id, id, request_id, number, at, step, actor, detail_sealed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        params![step, id, number, tx.now(), kind.as_str(), tx.scope()?.actor().id(), sealed],
    )?;
    Ok(())
}

/// All lines.
pub(super) fn of(tx: &Tx<'_>, id: RequestId) -> Result<Vec<Step>> {
    let rows = tx.all(
        sql!(
            "SELECT id, number, at, step, actor, detail_sealed FROM request_steps WHERE workspace_id = $1 \
             AND request_id = $2 ORDER BY number LIMIT 1000"
        ),
        params![id],
        |row| {
            let step = Step {
                number: row.get(1)?,
                at: row.get(2)?,
                kind: StepKind::parse(&row.text(3)?)?,
                actor: row.text(4)?,
                detail: None,
            };
            Ok((row.get::<StepId>(0)?, step, row.get::<Option<Vec<u8>>>(5)?))
        },
    )?;
    let open = |(step, mut line, sealed): (StepId, Step, Option<Vec<u8>>)| {
        let row = step.to_string();
        line.detail = sealed.map(|sealed| tx.open_text(place(&row), &sealed)).transpose()?.flatten();
        Ok(line)
    };
    rows.into_iter().map(open).collect()
}

fn place(row: &str) -> Place<'_> {
    Place { table: "request_steps", column: "detail_sealed", row }
}
