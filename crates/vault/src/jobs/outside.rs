//! What waits for systems outside: providers, mail servers. No workspace has more than a quarter of what a node does at once, so
//! however many of its accounts do not answer, there is room for the others'.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::ClaimedJob;
use super::claim::{claimed, lease};
use crate::statement::installation_sql;
use crate::value::params;
use crate::{Millis, Result, Tx, WorkspaceId};

/// How many jobs of [`super::Lane::Outside`] a node does at once: they wait more than they work.
pub const OUTSIDE_AT_ONCE: usize = 32;
/// How many of them are one workspace's: a quarter.
const PER_WORKSPACE: i64 = 8;

/// A job that may be taken, and how many its workspace has under way.
type Candidate = (ClaimedJob, i64);

/// Takes jobs whose lease has run out, then due ones; of each workspace no more than it may have.
pub(super) fn claim(tx: &Tx<'_>, limit: i64, lease_ms: Millis) -> Result<Vec<ClaimedJob>> {
    let mut taking = Taking { left: limit, lease_ms, of: BTreeMap::new(), taken: Vec::new() };
    taking.all(tx, lapsed)?;
    taking.all(tx, due)?;
    Ok(taking.taken)
}

struct Taking {
    /// For how many there is room.
    left: i64,
    lease_ms: Millis,
    /// How many each workspace has under way.
    of: BTreeMap<WorkspaceId, i64>,
    taken: Vec<ClaimedJob>,
}

impl Taking {
    /// Takes what is found until there is no room, or nothing is left to be taken. Whose workspace has become full is not found
    /// again, so each look takes something or is the last.
    fn all(&mut self, tx: &Tx<'_>, look: fn(&Tx<'_>, i64) -> Result<Vec<Candidate>>) -> Result<()> {
        while self.left > 0 {
            let before = self.left;
            for (job, under_way) in look(tx, self.left)? {
                let of = self.of.entry(job.workspace()).or_insert(under_way);
                if *of >= PER_WORKSPACE {
                    continue;
                }
                *of += 1;
                lease(tx, &job, self.lease_ms)?;
                self.left -= 1;
                self.taken.push(job);
            }
            if self.left == before {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn lapsed(tx: &Tx<'_>, limit: i64) -> Result<Vec<Candidate>> {
    tx.all(
        installation_sql!(
            "SELECT j.id, j.workspace_id, j.kind, j.subject, j.attempts, (SELECT COUNT(*) FROM jobs b \
             WHERE b.lane = 'outside' AND b.lease_until > $1 AND b.workspace_id = j.workspace_id) \
             FROM jobs j WHERE j.lane = 'outside' AND j.lease_until <= $1 \
             AND j.kind IN ('fetch_file', 'erase_remote', 'connect_channel', 'ask_person', 'poll_channel', 'watch_account', 'sync_templates', \
             'renew_tokens', 'send_request_code') AND j.workspace_id NOT IN (SELECT b.workspace_id FROM jobs b WHERE b.lane = 'outside' \
             AND b.lease_until > $1 GROUP BY b.workspace_id HAVING COUNT(*) >= $3) \
             ORDER BY j.lease_until LIMIT $2 {skip_locked}"
        ),
        params![tx.now(), limit, PER_WORKSPACE],
        |row| Ok((claimed(tx, row)?, row.get(5)?)),
    )
}

fn due(tx: &Tx<'_>, limit: i64) -> Result<Vec<Candidate>> {
    tx.all(
        installation_sql!(
            "SELECT j.id, j.workspace_id, j.kind, j.subject, j.attempts, (SELECT COUNT(*) FROM jobs b \
             WHERE b.lane = 'outside' AND b.lease_until > $1 AND b.workspace_id = j.workspace_id) \
             FROM jobs j WHERE j.lane = 'outside' AND j.due_at <= $1 AND j.lease IS NULL AND j.failure IS NULL \
             AND j.kind IN ('fetch_file', 'erase_remote', 'connect_channel', 'ask_person', 'poll_channel', 'watch_account', 'sync_templates', \
             'renew_tokens', 'send_request_code') AND j.workspace_id NOT IN (SELECT b.workspace_id FROM jobs b WHERE b.lane = 'outside' \
             AND b.lease_until > $1 GROUP BY b.workspace_id HAVING COUNT(*) >= $3) \
             ORDER BY j.due_at LIMIT $2 {skip_locked}"
        ),
        params![tx.now(), limit, PER_WORKSPACE],
        |row| Ok((claimed(tx, row)?, row.get(5)?)),
    )
}

pub(super) fn next_due(tx: &Tx<'_>) -> Result<Option<Millis>> {
    let first = tx.maybe(
        installation_sql!(
            "SELECT due_at FROM jobs WHERE lane = 'outside' AND failure IS NULL AND lease IS NULL \
             AND kind IN ('fetch_file', 'erase_remote', 'connect_channel', 'ask_person', 'poll_channel', 'watch_account', 'sync_templates', \
             'renew_tokens', 'send_request_code') ORDER BY due_at LIMIT 1"
        ),
        params![],
        |row| row.get::<Millis>(0),
    )?;
    let lapsing = tx.maybe(
        installation_sql!(
            "SELECT lease_until FROM jobs WHERE lane = 'outside' AND lease_until IS NOT NULL \
             AND kind IN ('fetch_file', 'erase_remote', 'connect_channel', 'ask_person', 'poll_channel', 'watch_account', 'sync_templates', \
             'renew_tokens', 'send_request_code') ORDER BY lease_until LIMIT 1"
        ),
        params![],
        |row| row.get::<Millis>(0),
    )?;
    Ok(first.into_iter().chain(lapsing).min())
}
