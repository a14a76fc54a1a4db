//! Reminders: fourteen days, seven and two before a request's time is over, at its end, and each day after that.

use super::log::{self, StepKind};
use crate::facts::{self, Workplace};
use crate::statement::sql;
use crate::value::params;
use crate::{Millis, RequestId, Result, Tx};

const DAY_MS: Millis = 86_400_000;
/// How long before the end it is reminded.
const BEFORE: [Millis; 3] = [14 * DAY_MS, 7 * DAY_MS, 2 * DAY_MS];

/// When it is to be reminded next.
pub(super) fn next(now: Millis, due_at: Millis) -> Millis {
    let before = BEFORE.iter().map(|before| due_at.saturating_sub(*before));
    let after = if now < due_at { due_at } else { now.saturating_add(DAY_MS) };
    before.chain([after]).find(|at| *at > now).unwrap_or(after)
}

/// Reminds members of a request whose time runs out; when to come again, `None` once it is closed.
pub fn remind(tx: &Tx<'_>, id: RequestId) -> Result<Option<Millis>> {
    let due = tx.maybe(
        sql!("SELECT due_at FROM requests WHERE workspace_id = $1 AND id = $2 AND closed_at IS NULL"),
        params![id],
        |row| row.get::<Millis>(0),
    )?;
    let Some(due_at) = due else { return Ok(None) };
    let overdue = tx.now() >= due_at;
    if overdue || BEFORE.iter().any(|before| tx.now() >= due_at.saturating_sub(*before)) {
        log::note(tx, id, if overdue { StepKind::Overdue } else { StepKind::Reminded }, None)?;
        facts::workplace(tx, Workplace::Requests)?;
    }
    Ok(Some(next(tx.now(), due_at)))
}
