//! Work with a due time. A job is enqueued in the transaction of the change that causes it, and carries ids only.
//!
//! There is at most one job per workspace, kind and subject. A claim leases it and moves its due time to [`LEASED`];
//! so a job that is enqueued again while it runs has another due time when it is done, and then stays for another run.
//! Everything a job does must be harmless when done twice: a lease can run out under a slow worker.

mod claim;
mod kind;
mod outside;
mod posts;
#[cfg(test)]
mod tests;

use crate::statement::sql;
use crate::value::{params, word};
use crate::{Error, JobId, Millis, Result, Tx, Wake};

pub use claim::ClaimedJob;
pub use kind::{JobKind, Lane};
pub use outside::OUTSIDE_AT_ONCE;
pub(crate) use posts::post;

/// The due time of a leased job that nobody has enqueued again.
const LEASED: Millis = Millis::MAX;
/// The first retry waits this long, each further one twice as long.
const BACKOFF_FIRST_MS: Millis = 5_000;
/// No retry waits longer.
const BACKOFF_MAX_MS: Millis = 60 * 60 * 1000;
/// How long a job that was given up stays to be looked at.
const FAILED_KEPT_MS: Millis = 30 * 24 * 60 * 60 * 1000;

/// What became of a job that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// It is due again then.
    At(Millis),
    /// It had its attempts and stays as failed.
    GivenUp,
}

/// Asks for a job in the scope's workspace. If it waits already, the earlier due time wins; if it runs now, it will run
/// once more; if it was given up, it starts anew. A subject is an id, never content.
pub fn enqueue(tx: &Tx<'_>, kind: JobKind, subject: &str, due_at: Millis) -> Result<()> {
    // A due time of its own must stay below the mark of a leased job.
    let due_at = due_at.min(LEASED - 1);
    tx.run(
        sql!(
            "INSERT INTO jobs (id, workspace_id, kind, subject, due_at, attempts, created_at, lane) \
             VALUES ($2, $1, $3, $4, $5, 0, $6, $7) \
             ON CONFLICT (workspace_id, kind, subject) DO UPDATE SET lane = excluded.lane, \
             due_at = CASE WHEN jobs.failure IS NULL AND jobs.due_at < excluded.due_at THEN jobs.due_at ELSE excluded.due_at END, \
             attempts = CASE WHEN jobs.failure IS NULL THEN jobs.attempts ELSE 0 END, failure = NULL"
        ),
        params![tx.id::<JobId>(), kind.as_str(), subject, due_at, tx.now(), kind.lane().as_str()],
    )?;
    tx.wake(Wake::Jobs);
    Ok(())
}

/// Asks for a job that comes by itself, unless it waits or runs already, whenever that may be.
pub(crate) fn plan(tx: &Tx<'_>, kind: JobKind, subject: &str, due_at: Millis) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO jobs (id, workspace_id, kind, subject, due_at, attempts, created_at) \
             VALUES ($2, $1, $3, $4, $5, 0, $6) ON CONFLICT (workspace_id, kind, subject) DO NOTHING"
        ),
        params![tx.id::<JobId>(), kind.as_str(), subject, due_at, tx.now()],
    )?;
    Ok(())
}

/// Brings a waiting job forward; one that runs will run once more. Nothing where there is none.
pub fn hasten(tx: &Tx<'_>, kind: JobKind, subject: &str, to: Millis) -> Result<()> {
    let found = tx.run(
        sql!(
            "UPDATE jobs SET due_at = $4 WHERE workspace_id = $1 AND kind = $2 AND subject = $3 AND due_at > $4 \
             AND failure IS NULL"
        ),
        params![kind.as_str(), subject, to],
    )?;
    if found > 0 {
        tx.wake(Wake::Jobs);
    }
    Ok(())
}

/// Brings a waiting job forward to now, and has one that runs run once more; one that failed, or was told to wait, keeps its time.
pub fn hint(tx: &Tx<'_>, kind: JobKind, subject: &str) -> Result<()> {
    let found = tx.run(
        sql!(
            "UPDATE jobs SET due_at = $4 WHERE workspace_id = $1 AND kind = $2 AND subject = $3 AND due_at > $4 \
             AND failure IS NULL AND (attempts = 0 OR lease IS NOT NULL)"
        ),
        params![kind.as_str(), subject, tx.now()],
    )?;
    if found > 0 {
        tx.wake(Wake::Jobs);
    }
    Ok(())
}

/// Takes a waiting job back; a running one is not stopped.
pub fn cancel(tx: &Tx<'_>, kind: JobKind, subject: &str) -> Result<()> {
    tx.run(
        sql!("DELETE FROM jobs WHERE workspace_id = $1 AND kind = $2 AND subject = $3 AND lease IS NULL"),
        params![kind.as_str(), subject],
    )?;
    Ok(())
}

/// Takes a job back that is to be tried later, or was given up; one that is due already, or runs, is left to be done.
pub fn cancel_later(tx: &Tx<'_>, kind: JobKind, subject: &str) -> Result<()> {
    tx.run(
        sql!(
            "DELETE FROM jobs WHERE workspace_id = $1 AND kind = $2 AND subject = $3 AND lease IS NULL AND due_at > $4"
        ),
        params![kind.as_str(), subject, tx.now()],
    )?;
    Ok(())
}

/// Finishes a job, in the transaction of its last change. If it was enqueued again meanwhile it stays, with a fresh count.
///
/// # Errors
/// `lease_lost` if another worker has it now: then this transaction's changes are undone.
pub fn done(tx: &Tx<'_>, job: &ClaimedJob) -> Result<()> {
    let ended = tx.run(
        sql!("DELETE FROM jobs WHERE workspace_id = $1 AND id = $2 AND lease = $3 AND due_at = $4"),
        params![job.id, &job.lease, LEASED],
    )?;
    if ended == 1 {
        return Ok(());
    }
    let kept = tx.run(
        sql!(
            "UPDATE jobs SET lease = NULL, lease_until = NULL, attempts = 0 \
             WHERE workspace_id = $1 AND id = $2 AND lease = $3"
        ),
        params![job.id, &job.lease],
    )?;
    tx.wake(Wake::Jobs);
    held(kept)
}

/// Finishes this run and plans the next: for what comes back by itself, such as sweeps.
///
/// # Errors
/// `lease_lost`, as [`done`].
pub fn done_until(tx: &Tx<'_>, job: &ClaimedJob, due_at: Millis) -> Result<()> {
    enqueue(tx, job.kind, &job.subject, due_at)?;
    done(tx, job)
}

/// Gives a failed job back, to be tried again after a growing pause (5 s doubling to an hour, with chance so that many do
/// not come at once) and not before `not_before`; gives it up after its last attempt. `code` is a stable word, never a
/// provider's text.
///
/// # Errors
/// `lease_lost`, as [`done`].
pub fn retry(tx: &Tx<'_>, job: &ClaimedJob, code: &'static str, not_before: Option<Millis>) -> Result<Retried> {
    if job.kind.attempts().is_some_and(|most| job.attempt >= most) {
        give_up(tx, job, code)?;
        return Ok(Retried::GivenUp);
    }
    let due_at = tx.now().saturating_add(pause(job.attempt, tx.chance())).max(not_before.unwrap_or(0)).min(LEASED - 1);
    put_off(tx, job, due_at)?;
    Ok(Retried::At(due_at))
}

/// Gives a failed job back for a moment that its worker knows better than [`retry`]. The attempt counts.
///
/// # Errors
/// `lease_lost`, as [`done`].
pub fn put_off(tx: &Tx<'_>, job: &ClaimedJob, due_at: Millis) -> Result<()> {
    let kept = tx.run(
        sql!(
            "UPDATE jobs SET lease = NULL, lease_until = NULL, due_at = $4 \
             WHERE workspace_id = $1 AND id = $2 AND lease = $3"
        ),
        params![job.id, &job.lease, due_at.min(LEASED - 1)],
    )?;
    tx.wake(Wake::Jobs);
    held(kept)
}

/// Stops trying. The job stays with its code until it is enqueued again or swept.
///
/// # Errors
/// `lease_lost`, as [`done`].
pub fn give_up(tx: &Tx<'_>, job: &ClaimedJob, code: &'static str) -> Result<()> {
    let kept = tx.run(
        sql!(
            "UPDATE jobs SET lease = NULL, lease_until = NULL, failure = $4, due_at = $5 \
             WHERE workspace_id = $1 AND id = $2 AND lease = $3"
        ),
        params![job.id, &job.lease, code, LEASED],
    )?;
    held(kept)
}

/// Keeps a job for longer; `false` if it is somebody else's now.
pub fn renew(tx: &Tx<'_>, job: &ClaimedJob, lease_ms: Millis) -> Result<bool> {
    let kept = tx.run(
        sql!("UPDATE jobs SET lease_until = $4 WHERE workspace_id = $1 AND id = $2 AND lease = $3"),
        params![job.id, &job.lease, tx.now().saturating_add(lease_ms)],
    )?;
    Ok(kept == 1)
}

/// Jobs that were given up: kind, subject and code.
pub fn given_up(tx: &Tx<'_>, limit: i64) -> Result<Vec<(JobKind, String, String)>> {
    tx.all(
        sql!("SELECT kind, subject, failure FROM jobs WHERE workspace_id = $1 AND failure IS NOT NULL ORDER BY id LIMIT $2"),
        params![limit],
        |row| Ok((word(row, 0)?, row.text(1)?, row.text(2)?)),
    )
}

/// Deletes jobs that were made thirty days ago and given up, at most `limit`; how many it was.
pub fn sweep(tx: &Tx<'_>, limit: i64) -> Result<u64> {
    tx.run(
        sql!(
            "DELETE FROM jobs WHERE workspace_id = $1 AND id IN \
             (SELECT id FROM jobs WHERE workspace_id = $1 AND failure IS NOT NULL AND created_at < $2 LIMIT $3)"
        ),
        params![tx.now() - FAILED_KEPT_MS, limit],
    )
}

fn held(changed: u64) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::conflict("lease_lost", "another worker has this job now")) }
}

/// Doubling from five seconds to an hour, of which the last quarter is left to chance.
fn pause(attempt: i64, chance: [u8; 32]) -> Millis {
    let doublings = u32::try_from(attempt.clamp(1, 16) - 1).unwrap_or(0);
    let full = (BACKOFF_FIRST_MS << doublings).min(BACKOFF_MAX_MS);
    full - full / 4 * Millis::from(chance[0]) / 255
}
