//! A sweep: table by table, batch by batch, each a transaction of its own with its line in custody's ledger. Whoever carries it out
//! pauses in between. One that ended in the middle is begun anew and finds what is left by itself.

use std::collections::BTreeMap;

use super::plan::{Entry, Way, free, plan};
use super::record::{self, LastSweep, SweepState};
use super::trusted::Standing;
use super::{DAY_MS, again, copies, days_of};
use crate::jobs::{self, JobKind};
use crate::keys::{Deed, Line};
use crate::map::Due;
use crate::scope::{Actor, Purpose};
use crate::value::params;
use crate::{Millis, Result, Scope, Tx, Vault, WorkspaceId};

/// Sweeps begin within so many hours after midnight (UTC), each workspace's at its own moment.
const NIGHT_MS: Millis = 6 * 3_600_000;

/// A sweep under way.
#[derive(Debug)]
pub struct Sweep {
    as_of: Millis,
    /// The entry of the plan it is at.
    at: usize,
}

/// What one batch did.
struct Batch {
    rows: u64,
    more: bool,
}

/// When a workspace's next sweep begins: on the next day (UTC), at the workspace's moment of the night.
pub fn next_slot(workspace: WorkspaceId, now: Millis) -> Millis {
    let seed = workspace.to_string().bytes().fold(0_i64, |sum, byte| (sum * 31 + i64::from(byte)) % NIGHT_MS);
    (now.div_euclid(DAY_MS) + 1) * DAY_MS + seed
}

impl Vault {
    /// Sees to it that each workspace has a sweep before it. Harmless as often as it is called.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn plan_sweeps(&self) -> Result<()> {
        for workspace in self.workspaces().await? {
            let scope = Scope::new(workspace.id, Actor::Platform, Purpose::Erasure);
            self.write(&scope, |tx| {
                let workspace = tx.workspace()?;
                jobs::plan(tx, JobKind::Sweep, &workspace.to_string(), next_slot(workspace, tx.now()))
            })
            .await?;
        }
        Ok(())
    }

    /// Begins a workspace's sweep as of now; `None` if the clock is not believed, which is noted for whoever looks.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn begin_sweep(&self, scope: &Scope) -> Result<Option<Sweep>> {
        let standing = self.note_time().await?;
        self.write(scope, move |tx| begin(tx, standing)).await
    }

    /// Ends what is due of one table, at most a batch of it; whether the sweep goes on.
    ///
    /// # Errors
    /// Whatever stopped it: it may be called again.
    pub async fn carry_on_sweep(&self, scope: &Scope, sweep: &mut Sweep) -> Result<bool> {
        let as_of = sweep.as_of;
        while let Some(entry) = plan().get(sweep.at) {
            // Looked first: most tables have nothing due on most days, and a look waits for nobody.
            if self.read(scope, move |tx| is_any(tx, entry, as_of)).await? {
                let batch = self.write(scope, move |tx| one_batch(tx, entry, as_of)).await?;
                sweep.at += usize::from(!batch.more);
                return Ok(true);
            }
            sweep.at += 1;
        }
        self.write(scope, finish).await?;
        Ok(false)
    }

    /// A whole sweep without pauses.
    ///
    /// # Errors
    /// Whatever stopped it.
    #[cfg(any(test, feature = "testing"))]
    pub async fn sweep_all(&self, scope: &Scope) -> Result<bool> {
        let Some(mut sweep) = self.begin_sweep(scope).await? else { return Ok(false) };
        while self.carry_on_sweep(scope, &mut sweep).await? {}
        Ok(true)
    }

    /// After a restore: what the ledger says was swept goes again, up to the moment it says, whatever the terms are now.
    pub(crate) async fn sweep_again(&self, scope: &Scope, swept: BTreeMap<String, Millis>) -> Result<()> {
        for entry in plan() {
            let Some(before) = swept.get(entry.table.name).copied() else { continue };
            let due = Due { before, limit: entry.limit };
            while self.write(scope, move |tx| end_some(tx, entry, due, tx.now()).map(|batch| batch.more)).await? {}
        }
        Ok(())
    }
}

fn begin(tx: &Tx<'_>, standing: Standing) -> Result<Option<Sweep>> {
    let before = record::read(tx)?;
    match standing {
        Standing::Ahead { shows, .. } => {
            tracing::error!(
                "the clock is days ahead of what was noted last: nothing is swept until it is right or confirmed (parloir doctor)"
            );
            let last = before.unwrap_or(LastSweep {
                state: SweepState::Stopped,
                as_of: shows,
                started_at: shows,
                finished_at: None,
                removed: BTreeMap::new(),
            });
            record::write(tx, &LastSweep { state: SweepState::Stopped, ..last })?;
            Ok(None)
        }
        Standing::Believed(as_of) => {
            let unfinished = before.filter(|last| last.state == SweepState::Running);
            let (started_at, removed) = unfinished.map_or((as_of, BTreeMap::new()), |it| (it.started_at, it.removed));
            record::write(
                tx,
                &LastSweep { state: SweepState::Running, as_of, started_at, finished_at: None, removed },
            )?;
            Ok(Some(Sweep { as_of, at: 0 }))
        }
    }
}

/// What is due of a table now: nothing, where its term has no end.
fn due(tx: &Tx<'_>, entry: &Entry, as_of: Millis) -> Result<Option<Due>> {
    Ok(days_of(tx, entry.table)?
        .map(|days| Due { before: as_of.saturating_sub(Millis::from(days) * DAY_MS), limit: entry.limit }))
}

fn is_any(tx: &Tx<'_>, entry: &'static Entry, as_of: Millis) -> Result<bool> {
    let Some(due) = due(tx, entry, as_of)? else { return Ok(false) };
    match &entry.way {
        Way::Rows(rows) => copies::is_any(tx, rows, due, as_of),
        Way::Own(_) => Ok(true),
    }
}

/// One batch, with the term that holds at this moment, its line in the ledger, and its count.
fn one_batch(tx: &Tx<'_>, entry: &'static Entry, as_of: Millis) -> Result<Batch> {
    let Some(due) = due(tx, entry, as_of)? else { return Ok(Batch { rows: 0, more: false }) };
    let batch = end_some(tx, entry, due, as_of)?;
    if batch.rows > 0 {
        count(tx, entry, batch.rows)?;
        write_ledger(tx, entry, due, batch.rows)?;
    }
    Ok(batch)
}

fn end_some(tx: &Tx<'_>, entry: &'static Entry, due: Due, as_of: Millis) -> Result<Batch> {
    let (own, rows) = match &entry.way {
        Way::Rows(rows) => copies::remove(tx, rows, due, as_of)?,
        Way::Own(_) if tx.maybe(free(), params![as_of], |_| Ok(()))?.is_none() => (0, 0),
        Way::Own(sweeper) => sweeper(tx, &due).map(|rows| (rows, rows))?,
    };
    if entry.table.name == "messages" && rows > 0 {
        again::note(tx, due.before)?;
    }
    Ok(Batch { rows, more: own >= due.limit.unsigned_abs() })
}

fn count(tx: &Tx<'_>, entry: &Entry, rows: u64) -> Result<()> {
    let Some(mut last) = record::read(tx)? else { return Ok(()) };
    *last.removed.entry(entry.table.category.as_str().to_owned()).or_default() +=
        i64::try_from(rows).unwrap_or(i64::MAX);
    record::write(tx, &last)
}

/// Table, moment and count: nothing of it leads to anybody.
fn write_ledger(tx: &Tx<'_>, entry: &Entry, due: Due, rows: u64) -> Result<()> {
    let workspace = tx.workspace()?;
    let table = entry.table.name;
    let line = tx.keys.line(workspace, Deed::Swept, table.as_bytes())?;
    tx.keys.record(workspace, vec![Line { detail: format!("{table} {} {rows}", due.before), ..line }])
}

/// Which table a line of the ledger is about, and up to which moment it was swept.
pub(crate) fn said(detail: &str) -> Option<(String, Millis)> {
    let mut words = detail.split(' ');
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}

fn finish(tx: &Tx<'_>) -> Result<()> {
    let Some(last) = record::read(tx)? else { return Ok(()) };
    record::write(tx, &LastSweep { state: SweepState::Done, finished_at: Some(tx.now()), ..last })
}
