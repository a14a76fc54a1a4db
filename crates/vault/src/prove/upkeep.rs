//! What is looked at beside a workspace's database: custody, the audit log, the engine itself, backups.

use super::registry::{House, Part};
use super::{DAY_MS, Fault, HOUR_MS, Seen, erasure, isolation, sealing};
use crate::backup::{Act, Outcome};
use crate::statement::sql;
use crate::value::params;
use crate::{Millis, Result, Scope, Tx, Vault};

/// After how long a backup is old.
const BACKUP_MS: Millis = 7 * DAY_MS;

/// Looks at a part of what a workspace has.
pub(super) async fn look_beside(vault: &Vault, scope: &Scope, part: Part) -> Result<Seen> {
    match part {
        Part::Audit => audit(vault, scope).await,
        Part::Sealing => sealing::look(vault, scope).await,
        Part::Ledger => erasure::ledger(vault, scope).await,
        Part::Erasure => {
            let seen = vault.read(scope, erasure::rows).await?;
            Ok(seen.and(erasure::keys(vault, scope).await?))
        }
    }
}

/// Looks at what there is once.
pub(super) async fn look(vault: &Vault, house: House) -> Result<Seen> {
    match house {
        House::Isolation => isolated(vault).await,
        House::Backups => backups(vault).await,
        House::Embedded if vault.store().is_postgres() => Ok(Seen::default()),
        House::Server if !vault.store().is_postgres() => Ok(Seen::default()),
        House::Embedded | House::Server => {
            let faults = vault.examine_database().await?;
            let faults = faults.into_iter().map(|words| Fault::of(words, "database", 1)).collect();
            Ok(Seen { looked_at: 1, faults, ..Seen::default() })
        }
    }
}

async fn isolated(vault: &Vault) -> Result<Seen> {
    let mut seen = Seen::default();
    if let Some(tables) = vault.store().protection().await? {
        seen.looked_at += tables.len() as u64;
        let open = tables.into_iter().filter(|(_, protected)| !protected).map(|(name, _)| name).collect();
        seen = seen.and(Fault::about("row-level security is not on, not forced, or not as made", "database", open));
    }
    for workspace in vault.workspaces().await? {
        let scope = vault.operator_scope(workspace.id).await?;
        seen.join(Some(workspace.id), vault.read(&scope, isolation::references_within).await?);
    }
    Ok(seen)
}

async fn audit(vault: &Vault, scope: &Scope) -> Result<Seen> {
    let report = vault.verify_audit(scope).await?;
    let covered = report.covered;
    let mut seen = Seen::of(report.entries);
    seen.faults = report.faults.iter().map(|fault| Fault::of(fault.to_string(), "audit", 1)).collect();
    let unsigned = move |tx: &Tx<'_>| {
        let old = sql!("SELECT COUNT(*) FROM audit WHERE workspace_id = $1 AND seq > $2 AND at <= $3");
        super::count(tx, old, params![covered, tx.now() - HOUR_MS])
    };
    let rows = vault.read(scope, unsigned).await?;
    Ok(seen.and(
        (rows > 0).then(|| Fault::of("entries of more than an hour ago are in no signed checkpoint", "audit", rows)),
    ))
}

async fn backups(vault: &Vault) -> Result<Seen> {
    let (newest, trial) = (vault.last_backup(Act::Backup).await?, vault.last_backup(Act::Trial).await?);
    let Some(newest) = newest else {
        return Ok(Seen::nothing_because("no backup was taken with `parloir backup`; other tools' are not known here"));
    };
    let failed = |what: &str, outcome| (outcome == Outcome::Failed).then(|| Fault::of(what, "backups", 1));
    let old = vault.clock().now().saturating_sub(newest.reaches) > BACKUP_MS;
    let seen = Seen::of(1 + u64::from(trial.is_some()))
        .and(failed("the newest backup failed", newest.outcome))
        .and(old.then(|| Fault::of("the newest backup is more than a week old", "backups", 1)));
    Ok(seen.and(trial.and_then(|trial| failed("the newest restore that was tried failed", trial.outcome))))
}
