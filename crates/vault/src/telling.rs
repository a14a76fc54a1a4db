//! Facts on their way to who listens elsewhere: each is told once, in order, and moves on as work with a due time. Only
//! workspaces that somebody listens to have a place up to which that is done; all others pay nothing.

use crate::facts::{self, FactKind};
use crate::statement::{installation_sql, sql};
use crate::value::params;
use crate::{Actor, Purpose, Result, Scope, Tx, Vault, WorkspaceId, push, webhooks};

/// Facts that are told in one transaction.
const AT_ONCE: i64 = 20;
/// Workspaces that are looked for at once.
const WORKSPACES: i64 = 500;

impl Vault {
    /// Tells some of what happened in a workspace; whether there may be more.
    pub async fn tell(&self, workspace: WorkspaceId) -> Result<bool> {
        let scope = Scope::new(workspace, Actor::Platform, Purpose::Delivery);
        if !self.read(&scope, is_behind).await? {
            return Ok(false);
        }
        self.write(&scope, tell).await
    }

    /// Workspaces in which something happened that was not told yet.
    pub async fn untold(&self) -> Result<Vec<WorkspaceId>> {
        let behind = |tx: &Tx<'_>| {
            tx.all(
                installation_sql!(
                    "SELECT t.workspace_id FROM counters t JOIN counters f ON f.workspace_id = t.workspace_id \
                     AND f.name = 'facts' WHERE t.name = 'told' AND f.value > t.value LIMIT $1"
                ),
                params![WORKSPACES],
                |row| row.get(0),
            )
        };
        self.read_installation(behind).await
    }
}

/// From now on somebody listens.
pub(crate) fn listen(tx: &Tx<'_>) -> Result<()> {
    tx.run(
        sql!("INSERT INTO counters (workspace_id, name, value) VALUES ($1, 'told', $2) ON CONFLICT DO NOTHING"),
        params![facts::head(tx)?],
    )?;
    Ok(())
}

fn place(tx: &Tx<'_>) -> Result<Option<i64>> {
    tx.maybe(sql!("SELECT value FROM counters WHERE workspace_id = $1 AND name = 'told'"), params![], |row| row.get(0))
}

fn is_behind(tx: &Tx<'_>) -> Result<bool> {
    match place(tx)? {
        Some(place) => Ok(place < facts::head(tx)?),
        None => Ok(false),
    }
}

fn tell(tx: &Tx<'_>) -> Result<bool> {
    let Some(place) = place(tx)? else { return Ok(false) };
    let Some(facts) = facts::since(tx, place, AT_ONCE)? else {
        // What is older than facts are kept is told to nobody any more.
        moved(tx, facts::head(tx)?)?;
        return Ok(true);
    };
    let webhooks = webhooks::list(tx)?;
    for fact in &facts {
        webhooks.iter().filter(|webhook| webhook.listens(fact)).try_for_each(|it| webhooks::order(tx, it, fact))?;
        if let (FactKind::MessageCreated, Some(message)) = (fact.kind, fact.about.message) {
            push::written(tx, message)?;
        }
    }
    // What only a newer program knows by name is passed over.
    let last = facts.last().map_or(place + AT_ONCE, |fact| fact.seq);
    moved(tx, last.min(facts::head(tx)?))?;
    Ok(true)
}

fn moved(tx: &Tx<'_>, place: i64) -> Result<()> {
    tx.run(sql!("UPDATE counters SET value = $2 WHERE workspace_id = $1 AND name = 'told'"), params![place])?;
    Ok(())
}
