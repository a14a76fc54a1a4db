//! The end of a workspace, as it is ordered (D-3): a countdown in which it can be taken back, and an export first. What then goes, and
//! what outlives it, is in [`crate::retention`].

use crate::facts::{self, Workplace};
use crate::jobs::{self, JobKind};
use crate::statement::sql;
use crate::value::params;
use crate::{Error, Millis, Personal, Result, Right, Tx, audit, workspaces};

/// The shortest and the longest countdown, in days.
pub const DAYS: std::ops::RangeInclusive<i64> = 7..=90;
/// The countdown where nobody says another, in days.
pub const USUAL_DAYS: i64 = 30;
const DAY_MS: Millis = 24 * 3_600_000;

/// An end that was ordered, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// When it was ordered.
    pub ordered_at: Millis,
    /// When it begins: until then it can be taken back.
    pub ends_at: Millis,
    /// Nobody wants an export first.
    pub without_export: bool,
    /// When somebody last had the whole archive, if that was after the order.
    pub exported_at: Option<Millis>,
    /// When it began: from here on it cannot be taken back.
    pub begun_at: Option<Millis>,
    /// When nothing was left.
    pub ended_at: Option<Millis>,
}

impl Ending {
    /// Whether it may begin at a moment: its time has come, and the export was made or is not wanted.
    pub fn may_begin(&self, at: Millis) -> bool {
        self.ends_at <= at && (self.without_export || self.exported_at.is_some())
    }
}

/// What is ordered.
#[derive(Debug, Clone)]
pub struct Order {
    /// The workspace's name, so that no other is meant.
    pub name: Personal<String>,
    /// The countdown, in days.
    pub days: i64,
    /// Nobody wants an export first.
    pub without_export: bool,
}

/// Orders the end of the scope's workspace. Until it is due all goes on as before.
///
/// # Errors
/// `workspace_ending` if it was ordered already, [`Error::Invalid`] for another name or a countdown outside [`DAYS`],
/// [`Error::Forbidden`] without [`Right::ManageOwners`].
pub fn order(tx: &Tx<'_>, order: &Order) -> Result<()> {
    tx.scope()?.require(Right::ManageOwners)?;
    if view(tx)?.is_some() {
        return Err(Error::conflict("workspace_ending", "the end of this workspace is ordered already"));
    }
    if workspaces::view(tx)?.name.reveal() != order.name.reveal().trim() {
        return Err(Error::Invalid("name: exactly as the workspace is called".into()));
    }
    if !DAYS.contains(&order.days) {
        return Err(Error::Invalid(format!("days: {} to {}", DAYS.start(), DAYS.end())));
    }
    let ends_at = tx.now().saturating_add(order.days * DAY_MS);
    tx.run(
        sql!(
            "UPDATE workspaces SET ending_ordered_at = $2, ending_by = $3, ends_at = $4, ending_unexported = $5 WHERE id = $1"
        ),
        params![tx.now(), tx.scope()?.actor().id(), ends_at, i64::from(order.without_export)],
    )?;
    let workspace = tx.workspace()?.to_string();
    jobs::enqueue(tx, JobKind::EndWorkspace, &workspace, ends_at)?;
    audit::record(tx, "workspace.end_ordered", &workspace)?;
    facts::workplace(tx, Workplace::Workspace)
}

/// Takes the order back.
///
/// # Errors
/// `workspace_not_ending` if there is none, `workspace_ended` once the end has begun, [`Error::Forbidden`] without
/// [`Right::ManageOwners`].
pub fn cancel(tx: &Tx<'_>) -> Result<()> {
    tx.scope()?.require(Right::ManageOwners)?;
    let ending = view(tx)?;
    let ending =
        ending.ok_or_else(|| Error::conflict("workspace_not_ending", "no end of this workspace is ordered"))?;
    if ending.begun_at.is_some() {
        return Err(Error::conflict("workspace_ended", "the end of this workspace has begun"));
    }
    tx.run(
        sql!(
            "UPDATE workspaces SET ending_ordered_at = NULL, ending_by = NULL, ends_at = NULL, ending_unexported = 0 WHERE id = $1"
        ),
        params![],
    )?;
    let workspace = tx.workspace()?.to_string();
    jobs::cancel(tx, JobKind::EndWorkspace, &workspace)?;
    audit::record(tx, "workspace.end_cancelled", &workspace)?;
    facts::workplace(tx, Workplace::Workspace)
}

/// The end of the scope's workspace; `None` if none is ordered.
///
/// # Errors
/// [`Error::NotFound`] if there is no such workspace.
pub fn view(tx: &Tx<'_>) -> Result<Option<Ending>> {
    let found = tx.maybe(
        sql!(
            "SELECT ending_ordered_at, ends_at, ending_unexported, exported_at, ending_begun_at, ended_at FROM workspaces WHERE id = $1"
        ),
        params![],
        |row| {
            let (ordered_at, ends_at) = (row.get::<Option<Millis>>(0)?, row.get::<Option<Millis>>(1)?);
            let exported_at = row.get::<Option<Millis>>(3)?;
            let (without_export, begun_at, ended_at) = (row.get::<i64>(2)? != 0, row.get(4)?, row.get(5)?);
            Ok(ordered_at.zip(ends_at).map(|(ordered_at, ends_at)| Ending {
                ordered_at,
                ends_at,
                without_export,
                exported_at: exported_at.filter(|at| *at >= ordered_at),
                begun_at,
                ended_at,
            }))
        },
    )?;
    found.ok_or(Error::NotFound("workspace"))
}

/// Notes that somebody had the whole archive of the workspace.
pub fn note_exported(tx: &Tx<'_>) -> Result<()> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    tx.run(sql!("UPDATE workspaces SET exported_at = $2 WHERE id = $1"), params![tx.now()])?;
    facts::workplace(tx, Workplace::Workspace)
}

/// Refuses whoever comes to a workspace that has ended.
///
/// # Errors
/// `workspace_ended` if it has.
pub(crate) fn require_going(tx: &Tx<'_>) -> Result<()> {
    match view(tx)? {
        Some(Ending { ended_at: Some(_), .. }) => Err(Error::conflict("workspace_ended", "this workspace has ended")),
        _ => Ok(()),
    }
}
