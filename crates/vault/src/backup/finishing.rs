//! Restoring, second half: before anything is served, the old data is made to respect what the newest custody knows.
//!
//! What was erased since is erased again, refusals of messages stand again, whoever was signed in is not, what was about to be sent
//! counts as sent perhaps, and the full-text index is built anew. It may be interrupted anywhere and begins again at the next start.

use super::record;
use crate::statement::{installation_sql, sql};
use crate::value::params;
use crate::{Actor, Millis, Purpose, Result, Scope, Tx, Vault, WorkspaceId, audit, finding};

/// Rows that are changed at once.
const PAGE: i64 = 500;

/// A restore that was finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The moment as of which the data is.
    pub at: Millis,
    /// How many erasures were begun again.
    pub erasures: usize,
    /// How many sends are not made by themselves, because they may have been made.
    pub sends: u64,
}

impl Vault {
    /// Finishes a restore; `None` if there is none to finish. Nothing may be served before.
    ///
    /// # Errors
    /// `ledger_missing`, `ledger_older` or `ledger_forked` where custody is not the newest; whatever else stopped it.
    pub async fn finish_restore(&self) -> Result<Option<Finished>> {
        let Some(pending) = self.read_installation(record::pending).await? else { return Ok(None) };
        let mark = pending.ledger.clone();
        self.off_thread(move |vault| vault.keys().require_ledger(&mark)).await?;
        let (mut erasures, mut sends) = (0, 0);
        for workspace in self.workspace_ids().await? {
            let scope = Scope::new(workspace, Actor::Operator, Purpose::Administration);
            erasures += self.reapply_ledger(&scope).await?.len();
            sends += self.write(&scope, doubt_sends).await?;
            while self.write(&scope, end_sessions).await? > 0 {}
            self.write(&scope, finding::begin_anew).await?;
            let chain = pending.chain.clone();
            self.write(&scope, move |tx| audit::record(tx, "data.restored", &chain).map(|_| ())).await?;
        }
        self.write_installation(record::finished).await?;
        Ok(Some(Finished { at: pending.at, erasures, sends }))
    }

    /// The ids of all workspaces, whatever of them can still be read.
    pub(super) async fn workspace_ids(&self) -> Result<Vec<WorkspaceId>> {
        let all = installation_sql!("SELECT id FROM workspaces ORDER BY id");
        self.read_installation(move |tx| tx.all(all, params![], |row| row.get(0))).await
    }
}

/// What was to be sent then may have been sent since: it is looked at like a send whose worker was not heard of again.
fn doubt_sends(tx: &Tx<'_>) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE outbox SET lease = '', lease_until = 0, tried_at = COALESCE(tried_at, $2) \
             WHERE workspace_id = $1 AND lease_until IS NULL"
        ),
        params![tx.now()],
    )
}

/// Somebody may have been signed out since, for a reason.
fn end_sessions(tx: &Tx<'_>) -> Result<u64> {
    tx.run(
        sql!(
            "DELETE FROM sessions WHERE workspace_id = $1 AND token_hash IN \
             (SELECT token_hash FROM sessions WHERE workspace_id = $1 LIMIT $2)"
        ),
        params![PAGE],
    )
}
