//! Retention (PROMISES.md, R): each category of data has a term, each table of the data map an anchor from which it counts, and
//! a daily sweep ends what is due.
//!
//! [`terms`] says for how long what is kept and who may set it. [`plan`] makes the statements of a sweep from the data map,
//! [`sweeping`] carries them out in small batches, [`copies`] takes care of what exists of a row elsewhere, and [`inactive`]
//! erases people of whom nothing is left; [`channel`] ends what a disconnected channel brought, [`workspace`] a whole workspace. All of it goes by a moment that [`trusted`] believes. A term ends on the millisecond:
//! what has its anchor so many days of 24 hours ago, in UTC, is due, and goes with the next sweep.

mod again;
mod channel;
mod copies;
mod inactive;
mod law;
mod overdue;
mod plan;
mod preview;
mod record;
mod sweeping;
mod terms;
#[cfg(test)]
mod tests;
mod trusted;
mod workspace;

pub use again::has_gone;
pub(crate) use channel::ended_before;
pub use channel::{ChannelEnd, EndOfChannel, end_content};
pub(crate) use inactive::erase_inactive;
pub use law::billing_days;
pub(crate) use overdue::overdue;
pub use preview::{Coming, preview};
pub use record::{LastSweep, SweepState, last};
pub(crate) use sweeping::said;
pub use sweeping::{Sweep, next_slot};
pub(crate) use terms::days_of;
pub use terms::{Operator, Refusal, Term, check, list, set, term};
pub use trusted::{GAP_DAYS, Standing};
pub use workspace::{EndOfWorkspace, WorkspaceEnd};

use crate::Millis;

/// A day, in milliseconds. Days of retention are UTC's: no daylight saving shortens or lengthens one.
const DAY_MS: Millis = 24 * 3_600_000;

/// All statements that are made from the data map here, for the tests that prepare every one.
#[cfg(test)]
pub(crate) fn statements() -> impl Iterator<Item = &'static crate::statement::Statement> {
    plan::statements()
        .chain(channel::statements())
        .chain(inactive::statements())
        .chain(overdue::statements())
        .chain(workspace::statements())
}
