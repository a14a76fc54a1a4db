//! Posts to systems that anybody may name. Each such system has two at a time and no more: one that is slow keeps the others
//! waiting no longer than its own.

#[cfg(test)]
mod tests;

use super::claim::{claimed, lease};
use super::{ClaimedJob, JobKind, enqueue};
use crate::statement::{installation_sql, sql};
use crate::value::params;
use crate::{Millis, Result, Tx};

/// How many posts are under way to one system.
pub(super) const PER_ENDPOINT: i64 = 2;

/// Asks for a post to one of the systems that have two at a time each, by its id.
pub(crate) fn post(tx: &Tx<'_>, kind: JobKind, subject: &str, endpoint: &str, due_at: Millis) -> Result<()> {
    enqueue(tx, kind, subject, due_at)?;
    tx.run(
        sql!("UPDATE jobs SET endpoint_id = $4 WHERE workspace_id = $1 AND kind = $2 AND subject = $3"),
        params![kind.as_str(), subject, endpoint],
    )?;
    Ok(())
}

/// A system that something is due for, and of what it has two at a time, how many it has left.
struct Served {
    id: String,
    left: i64,
}

/// Takes jobs whose lease has run out, then due ones; of each system no more than it has left. It looks at the systems, and of each
/// at its oldest jobs alone: how many wait behind them costs nothing.
pub(super) fn claim(tx: &Tx<'_>, limit: i64, lease_ms: Millis) -> Result<Vec<ClaimedJob>> {
    let mut found = Vec::new();
    for system in served(tx, limit)? {
        let mut jobs = lapsed(tx, &system)?;
        jobs.extend(due(tx, &system)?);
        jobs.truncate(usize::try_from(system.left).unwrap_or(0));
        found.extend(jobs);
    }
    // What was begun first; of it, and of the rest, what waits longest.
    found.sort_by_key(|(is_new, since, job)| (*is_new, *since, job.id));
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let jobs: Vec<ClaimedJob> = found.into_iter().map(|(_, _, job)| job).collect();
    jobs.iter().try_for_each(|job| lease(tx, job, lease_ms))?;
    Ok(jobs)
}

/// The systems that are not as busy as they may be and for which something is due, the longest waiting first. Each is found by a
/// step along an index, from one to the next.
fn served(tx: &Tx<'_>, limit: i64) -> Result<Vec<Served>> {
    tx.all(
        installation_sql!(
            "WITH RECURSIVE systems (id) AS (SELECT MIN(endpoint_id) FROM jobs UNION ALL \
             SELECT (SELECT MIN(j.endpoint_id) FROM jobs j WHERE j.endpoint_id > systems.id) FROM systems \
             WHERE systems.id IS NOT NULL), \
             known (id, first_due, first_lapse, under_way) AS (SELECT systems.id, \
             (SELECT MIN(j.due_at) FROM jobs j WHERE j.endpoint_id = systems.id AND j.due_at <= $1 AND j.lease IS NULL \
             AND j.failure IS NULL), \
             (SELECT MIN(j.lease_until) FROM jobs j WHERE j.endpoint_id = systems.id AND j.lease_until <= $1), \
             (SELECT COUNT(*) FROM jobs j WHERE j.endpoint_id = systems.id AND j.lease_until > $1) \
             FROM systems WHERE systems.id IS NOT NULL) \
             SELECT id, $3 - under_way FROM known WHERE under_way < $3 \
             AND (first_due IS NOT NULL OR first_lapse IS NOT NULL) \
             ORDER BY CASE WHEN first_lapse IS NULL THEN 1 ELSE 0 END, first_lapse, first_due LIMIT $2"
        ),
        params![tx.now(), limit, PER_ENDPOINT],
        |row| Ok(Served { id: row.text(0)?, left: row.get(1)? }),
    )
}

/// Whether nobody has begun it, since when it waits, and the job.
type Candidate = (bool, Millis, ClaimedJob);

fn lapsed(tx: &Tx<'_>, of: &Served) -> Result<Vec<Candidate>> {
    tx.all(
        installation_sql!(
            "SELECT id, workspace_id, kind, subject, attempts, lease_until FROM jobs WHERE endpoint_id = $1 AND lease_until <= $2 \
             AND kind IN ('push', 'post_webhook') ORDER BY lease_until LIMIT $3 {skip_locked}"
        ),
        params![&of.id, tx.now(), of.left],
        |row| Ok((false, row.get(5)?, claimed(tx, row)?)),
    )
}

fn due(tx: &Tx<'_>, of: &Served) -> Result<Vec<Candidate>> {
    tx.all(
        installation_sql!(
            "SELECT id, workspace_id, kind, subject, attempts, due_at FROM jobs WHERE endpoint_id = $1 AND due_at <= $2 \
             AND lease IS NULL AND failure IS NULL AND kind IN ('push', 'post_webhook') \
             ORDER BY due_at LIMIT $3 {skip_locked}"
        ),
        params![&of.id, tx.now(), of.left],
        |row| Ok((true, row.get(5)?, claimed(tx, row)?)),
    )
}

pub(super) fn next_due(tx: &Tx<'_>) -> Result<Option<Millis>> {
    let first = tx.maybe(
        installation_sql!(
            "SELECT due_at FROM jobs WHERE failure IS NULL AND lease IS NULL AND kind IN ('push', 'post_webhook') \
             ORDER BY due_at LIMIT 1"
        ),
        params![],
        |row| row.get::<Millis>(0),
    )?;
    let lapsing = tx.maybe(
        installation_sql!(
            "SELECT lease_until FROM jobs WHERE lease_until IS NOT NULL AND kind IN ('push', 'post_webhook') \
             ORDER BY lease_until LIMIT 1"
        ),
        params![],
        |row| row.get::<Millis>(0),
    )?;
    Ok(first.into_iter().chain(lapsing).min())
}
