//! What the newest sweep of a workspace did: one row, which each sweep writes anew.

use std::collections::BTreeMap;

use crate::jobs::JobKind;
use crate::statement::sql;
use crate::value::params;
use crate::{Error, Millis, Result, Right, Tx};

/// How far a sweep is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweepState {
    /// Something may still be due.
    Running,
    /// All that was due went.
    Done,
    /// The clock is not believed: nothing goes.
    Stopped,
}

const STATES: [(SweepState, &str); 3] =
    [(SweepState::Running, "running"), (SweepState::Done, "done"), (SweepState::Stopped, "stopped")];

impl SweepState {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn parse(word: &str) -> Result<Self> {
        let found = STATES.iter().find(|(_, known)| *known == word).map(|(state, _)| *state);
        found.ok_or_else(|| Error::Engine("a stored state of a sweep is unknown".into()))
    }
}

/// The newest sweep.
#[derive(Debug, Clone)]
pub struct LastSweep {
    /// How far it is.
    pub state: SweepState,
    /// What was due at this moment goes.
    pub as_of: Millis,
    /// When it began.
    pub started_at: Millis,
    /// When all that was due had gone.
    pub finished_at: Option<Millis>,
    /// How many rows went, by the category's word.
    pub removed: BTreeMap<String, i64>,
}

/// The newest sweep, if there was one, and when the next is due.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ManageRetention`].
pub fn last(tx: &Tx<'_>) -> Result<(Option<LastSweep>, Option<Millis>)> {
    tx.scope()?.require(Right::ManageRetention)?;
    let next = tx.maybe(
        sql!("SELECT due_at FROM jobs WHERE workspace_id = $1 AND kind = $2 AND subject = $3 AND lease IS NULL"),
        params![JobKind::Sweep.as_str(), tx.workspace()?.to_string()],
        |row| row.get(0),
    )?;
    Ok((read(tx)?, next))
}

pub(super) fn read(tx: &Tx<'_>) -> Result<Option<LastSweep>> {
    tx.maybe(
        sql!("SELECT state, as_of, started_at, finished_at, removed FROM sweeps WHERE workspace_id = $1"),
        params![],
        |row| {
            let malformed = |_| Error::Engine("a sweep's stored record is malformed".into());
            Ok(LastSweep {
                state: SweepState::parse(&row.text(0)?)?,
                as_of: row.get(1)?,
                started_at: row.get(2)?,
                finished_at: row.get(3)?,
                removed: serde_json::from_str(&row.text(4)?).map_err(malformed)?,
            })
        },
    )
}

pub(super) fn write(tx: &Tx<'_>, sweep: &LastSweep) -> Result<()> {
    let removed = serde_json::to_string(&sweep.removed)
        .map_err(|_| Error::Invalid("a sweep's record cannot be written as JSON".into()))?;
    tx.run(
        sql!(
            "INSERT INTO sweeps (workspace_id, state, as_of, started_at, finished_at, removed) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (workspace_id) DO UPDATE SET state = excluded.state, as_of = excluded.as_of, \
             started_at = excluded.started_at, finished_at = excluded.finished_at, removed = excluded.removed"
        ),
        params![sweep.state.as_str(), sweep.as_of, sweep.started_at, sweep.finished_at, removed],
    )?;
    Ok(())
}
