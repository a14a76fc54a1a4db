//! Posts to systems that anybody may name. Each such system has two at a time and no more: one that is slow keeps the others
//! waiting no longer than its own.

use std::collections::BTreeMap;

use super::claim::{claimed, lease};
use super::{ClaimedJob, JobKind, enqueue};
use crate::statement::{installation_sql, sql};
use crate::value::{Row, params};
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

/// A job that may be taken, and the system it goes to, if that is one of those.
type Candidate = (ClaimedJob, Option<String>);

/// Takes jobs whose lease has run out, then due ones; of each system no more than it has left.
pub(super) fn claim(tx: &Tx<'_>, limit: i64, lease_ms: Millis) -> Result<Vec<ClaimedJob>> {
    let mut found = lapsed(tx, limit)?;
    found.extend(due(tx, limit)?);
    let (mut jobs, mut taken) = (Vec::new(), BTreeMap::new());
    for (job, endpoint) in found {
        if i64::try_from(jobs.len()).unwrap_or(limit) >= limit {
            break;
        }
        if let Some(endpoint) = endpoint {
            let under_way = match taken.get(&endpoint) {
                Some(known) => *known,
                None => under_way(tx, &endpoint)?,
            };
            taken.insert(endpoint, (under_way + 1).min(PER_ENDPOINT));
            if under_way >= PER_ENDPOINT {
                continue;
            }
        }
        lease(tx, &job, lease_ms)?;
        jobs.push(job);
    }
    Ok(jobs)
}

fn under_way(tx: &Tx<'_>, endpoint: &str) -> Result<i64> {
    let count = tx.maybe(
        installation_sql!("SELECT COUNT(*) FROM jobs WHERE endpoint_id = $1 AND lease_until > $2"),
        params![endpoint, tx.now()],
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}

fn lapsed(tx: &Tx<'_>, limit: i64) -> Result<Vec<Candidate>> {
    tx.all(
        installation_sql!(
            "SELECT id, workspace_id, kind, subject, attempts, endpoint_id FROM jobs WHERE lease_until <= $1 \
             AND kind IN ('push', 'post_webhook') ORDER BY lease_until LIMIT $2 {skip_locked}"
        ),
        params![tx.now(), limit],
        |row| candidate(tx, row),
    )
}

/// Those of a system that has its two are passed over, however many they are.
fn due(tx: &Tx<'_>, limit: i64) -> Result<Vec<Candidate>> {
    tx.all(
        installation_sql!(
            "SELECT id, workspace_id, kind, subject, attempts, endpoint_id FROM jobs \
             WHERE due_at <= $1 AND lease IS NULL AND failure IS NULL AND kind IN ('push', 'post_webhook') \
             AND (endpoint_id IS NULL OR (SELECT COUNT(*) FROM jobs o WHERE o.endpoint_id = jobs.endpoint_id \
             AND o.lease_until > $1) < $3) ORDER BY due_at LIMIT $2 {skip_locked}"
        ),
        params![tx.now(), limit, PER_ENDPOINT],
        |row| candidate(tx, row),
    )
}

fn candidate(tx: &Tx<'_>, row: &Row<'_>) -> Result<Candidate> {
    Ok((claimed(tx, row)?, row.get(5)?))
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
