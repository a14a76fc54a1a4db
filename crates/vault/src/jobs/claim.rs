//! Claiming: how a worker comes by a job and by the scope that goes with it.

use super::{JobKind, LEASED, Lane, outside, posts};
use crate::node::lease_word;
use crate::statement::installation_sql;
use crate::value::{Row, params, word};
use crate::{Actor, Error, JobId, Millis, Result, Scope, Tx, Vault, WorkspaceId};

/// A job that this worker holds for the length of its lease.
#[derive(Debug, Clone)]
pub struct ClaimedJob {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// To what: an id.
    pub subject: String,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    workspace: WorkspaceId,
    pub(super) lease: String,
}

impl ClaimedJob {
    /// The scope of this job: the platform in the job's workspace, for the purpose of its kind.
    pub fn scope(&self) -> Scope {
        Scope::new(self.workspace, Actor::Platform, self.kind.purpose())
    }

    /// Whose it is.
    pub(super) fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The subject as an id.
    ///
    /// # Errors
    /// Whatever the id's own parsing says: the job was enqueued with another kind of subject.
    pub fn subject_id<T: std::str::FromStr<Err = Error>>(&self) -> Result<T> {
        self.subject.parse()
    }
}

impl Vault {
    /// Takes up to `limit` due jobs of [`Lane::House`] for `lease_ms` milliseconds, also such whose worker has let its lease
    /// run out.
    pub async fn claim_jobs(&self, limit: i64, lease_ms: Millis) -> Result<Vec<ClaimedJob>> {
        self.write_installation(move |tx| claim(tx, limit, lease_ms)).await
    }

    /// The same of [`Lane::Outside`], of each workspace at most a quarter of [`super::OUTSIDE_AT_ONCE`] at a time.
    pub async fn claim_outside(&self, limit: i64, lease_ms: Millis) -> Result<Vec<ClaimedJob>> {
        self.write_installation(move |tx| outside::claim(tx, limit, lease_ms)).await
    }

    /// The same of [`Lane::Posts`], at most two at a time for each webhook.
    pub async fn claim_posts(&self, limit: i64, lease_ms: Millis) -> Result<Vec<ClaimedJob>> {
        self.write_installation(move |tx| posts::claim(tx, limit, lease_ms)).await
    }

    /// When the next job of a lane is due or the next lease runs out: how long a worker may sleep if nothing wakes it.
    pub async fn next_due_of(&self, lane: Lane) -> Result<Option<Millis>> {
        let next = match lane {
            Lane::House => next_due,
            Lane::Outside => outside::next_due,
            Lane::Posts => posts::next_due,
        };
        self.read_installation(next).await
    }

    /// The same of all jobs.
    pub async fn next_job_due(&self) -> Result<Option<Millis>> {
        let first = |tx: &Tx<'_>| {
            let others = outside::next_due(tx)?.into_iter().chain(posts::next_due(tx)?);
            Ok(next_due(tx)?.into_iter().chain(others).min())
        };
        self.read_installation(first).await
    }
}

/// Takes jobs whose lease has run out, then due ones. A kind that this program does not know is left to the newer node
/// that does.
pub(crate) fn claim(tx: &Tx<'_>, limit: i64, lease_ms: Millis) -> Result<Vec<ClaimedJob>> {
    // Two queries, each in the order of one index, so that a long backlog is not sorted for each claim.
    let mut jobs = lapsed(tx, limit)?;
    jobs.extend(due(tx, limit.saturating_sub(i64::try_from(jobs.len()).unwrap_or(limit)))?);
    jobs.iter().try_for_each(|job| lease(tx, job, lease_ms))?;
    Ok(jobs)
}

/// From now on the job is its claimer's.
pub(super) fn lease(tx: &Tx<'_>, job: &ClaimedJob, lease_ms: Millis) -> Result<()> {
    tx.run(
        installation_sql!("UPDATE jobs SET lease = $2, lease_until = $3, attempts = $4, due_at = $5 WHERE id = $1"),
        params![job.id, &job.lease, tx.now().saturating_add(lease_ms), job.attempt, LEASED],
    )?;
    Ok(())
}

fn lapsed(tx: &Tx<'_>, limit: i64) -> Result<Vec<ClaimedJob>> {
    tx.all(
        installation_sql!(
            "SELECT id, workspace_id, kind, subject, attempts FROM jobs WHERE lane = 'house' AND lease_until <= $1 \
             AND kind IN ('drop_file', 'index', 'erase_rows', 'audit_tree', 'remind_request', 'rotate', 'sweep', 'end_channel', 'end_workspace', 'resume_held', 'wake_conversation', 'send_scheduled', \
             'meet_deletion') ORDER BY lease_until LIMIT $2 {skip_locked}"
        ),
        params![tx.now(), limit],
        |row| claimed(tx, row),
    )
}

fn due(tx: &Tx<'_>, limit: i64) -> Result<Vec<ClaimedJob>> {
    tx.all(
        installation_sql!(
            "SELECT id, workspace_id, kind, subject, attempts FROM jobs \
             WHERE lane = 'house' AND due_at <= $1 AND lease IS NULL AND failure IS NULL \
             AND kind IN ('drop_file', 'index', 'erase_rows', 'audit_tree', 'remind_request', 'rotate', 'sweep', 'end_channel', 'end_workspace', 'resume_held', 'wake_conversation', 'send_scheduled', \
             'meet_deletion') ORDER BY due_at LIMIT $2 {skip_locked}"
        ),
        params![tx.now(), limit],
        |row| claimed(tx, row),
    )
}

pub(super) fn claimed(tx: &Tx<'_>, row: &Row<'_>) -> Result<ClaimedJob> {
    Ok(ClaimedJob {
        id: row.get(0)?,
        workspace: row.get(1)?,
        kind: word(row, 2)?,
        subject: row.text(3)?,
        attempt: row.get::<i64>(4)?.saturating_add(1),
        lease: lease_word(tx),
    })
}

fn next_due(tx: &Tx<'_>) -> Result<Option<Millis>> {
    let first = tx.maybe(
        installation_sql!(
            "SELECT due_at FROM jobs WHERE lane = 'house' AND failure IS NULL AND lease IS NULL \
             AND kind IN ('drop_file', 'index', 'erase_rows', 'audit_tree', 'remind_request', 'rotate', 'sweep', 'end_channel', 'end_workspace', 'resume_held', 'wake_conversation', 'send_scheduled', \
             'meet_deletion') ORDER BY due_at LIMIT 1"
        ),
        params![],
        |row| row.get::<Millis>(0),
    )?;
    let lapsing = tx.maybe(
        installation_sql!(
            "SELECT lease_until FROM jobs WHERE lane = 'house' AND lease_until IS NOT NULL \
             AND kind IN ('drop_file', 'index', 'erase_rows', 'audit_tree', 'remind_request', 'rotate', 'sweep', 'end_channel', 'end_workspace', 'resume_held', 'wake_conversation', 'send_scheduled', \
             'meet_deletion') ORDER BY lease_until LIMIT 1"
        ),
        params![],
        |row| row.get::<Millis>(0),
    )?;
    Ok(first.into_iter().chain(lapsing).min())
}
