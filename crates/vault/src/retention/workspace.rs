//! The end of a workspace (D-3), carried out: its channels are disconnected, everybody is erased as if they had asked for it, and
//! what the data map knows beside that goes, whatever its term. What outlives it is said by [`outlives`]. What a legal hold covers
//! waits until it is lifted.

use std::sync::LazyLock;

use super::plan::{Lot, gone_with_workspace, outlives};
use super::trusted::Standing;
use super::{DAY_MS, copies};
use crate::channels::ChannelAccount;
use crate::erase::State;
use crate::jobs::{self, JobKind};
use crate::keys::Deed;
use crate::map::{Due, MAP};
use crate::statement::{Reach, Statement, sql};
use crate::value::{Param, params};
use crate::{
    ChannelId, ContactId, Millis, Result, Scope, SiteId, Tx, Vault, audit, channels, ending, erase, holds, sites,
};

/// How soon it is looked again after a hold, a clock that is not believed, or an export that nobody made, in milliseconds.
const AGAIN_MS: Millis = DAY_MS;
/// How soon it is looked again for erasures that are under way, in milliseconds.
const SOON_MS: Millis = 60_000;
/// People who are erased in one transaction.
const PEOPLE: i64 = 10;
/// Entries of the audit log that lose their words at once.
const ENTRIES: i64 = 500;

/// How far the end of a workspace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkspaceEnd {
    /// There is more.
    More,
    /// Nothing is left of it but what outlives it.
    Gone,
    /// It is not to be: the order was taken back, or it is over already.
    Called,
    /// Nobody had the export yet, a hold covers the rest, erasures are under way, or the clock is not believed: to be looked at again
    /// then.
    Waits(Millis),
}

/// The end of one workspace, under way.
#[derive(Debug, Default)]
pub struct EndOfWorkspace {
    at: Stage,
    /// The accounts of the channels that were disconnected, for whoever tells their providers.
    pub departed: Vec<ChannelAccount>,
}

#[derive(Debug, Default, Clone, Copy)]
enum Stage {
    #[default]
    Channels,
    People,
    Lot(usize),
    Words,
    Rest,
}

/// Who is not erased and not covered by a hold at `$2`: at most `$3`.
static PEOPLE_LEFT: LazyLock<Statement> = LazyLock::new(|| {
    made(format!(
        "SELECT p.id FROM contacts p WHERE p.workspace_id = $1 AND p.erased_at IS NULL AND p.merged_into IS NULL AND NOT {} \
         ORDER BY p.id LIMIT $3",
        holds::held(Some("p.id"), None, "$2")
    ))
});

fn made(text: String) -> Statement {
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
}

/// The statements, for the tests that prepare every one.
#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = &'static Statement> {
    std::iter::once(&*PEOPLE_LEFT)
}

/// The tables of which the engine's files are to keep nothing.
fn scrubbed() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&'static str>> =
        LazyLock::new(|| MAP.iter().filter(|table| !outlives(table)).map(|table| table.name).collect());
    &NAMES
}

impl Vault {
    /// Goes on with the end of a workspace, by one batch. What the job [`JobKind::EndWorkspace`] does.
    ///
    /// # Errors
    /// Whatever stopped it: begun anew it finds what is left by itself.
    pub async fn carry_on_workspace_end(&self, scope: &Scope, end: &mut EndOfWorkspace) -> Result<WorkspaceEnd> {
        if let Standing::Ahead { shows, .. } = self.note_time().await? {
            tracing::error!(
                "the clock is days ahead of what was noted last: a workspace that is to end stays meanwhile"
            );
            return Ok(WorkspaceEnd::Waits(shows.saturating_add(AGAIN_MS)));
        }
        match self.write(scope, begin).await? {
            WorkspaceEnd::More => self.end_some_of_workspace(scope, end).await,
            other => Ok(other),
        }
    }

    /// After a restore: a workspace that the ledger says has ended ends again.
    pub(crate) async fn end_workspace_again(&self, scope: &Scope) -> Result<()> {
        self.write(scope, ended_before).await?;
        let mut end = EndOfWorkspace::default();
        while self.end_some_of_workspace(scope, &mut end).await? == WorkspaceEnd::More {}
        Ok(())
    }

    async fn end_some_of_workspace(&self, scope: &Scope, end: &mut EndOfWorkspace) -> Result<WorkspaceEnd> {
        match end.at {
            Stage::Channels => match self.write(scope, disconnect_one).await? {
                Some(account) => end.departed.push(account),
                None => end.at = Stage::People,
            },
            Stage::People => {
                if !self.write(scope, erase_some).await? {
                    end.at = Stage::Lot(0);
                }
            }
            Stage::Lot(at) => {
                if !self.write(scope, move |tx| remove_some(tx, at)).await? {
                    let next = at + 1;
                    end.at = if next < last_lot() { Stage::Lot(next) } else { Stage::Words };
                }
            }
            Stage::Words => {
                if !self.write(scope, forget_words).await? {
                    end.at = Stage::Rest;
                }
            }
            Stage::Rest => {
                if let Some(waits) = self.read(scope, waits).await? {
                    return Ok(WorkspaceEnd::Waits(waits));
                }
                if self.write(scope, |tx| remove_some(tx, last_lot())).await? {
                    return Ok(WorkspaceEnd::More);
                }
                self.scrub(scrubbed()).await?;
                return self.write(scope, finish).await;
            }
        }
        Ok(WorkspaceEnd::More)
    }
}

/// The channels go last: erasures look where their people came from.
fn last_lot() -> usize {
    gone_with_workspace().len().saturating_sub(1)
}

/// Whether it is to be, now; from the first time on it cannot be taken back.
fn begin(tx: &Tx<'_>) -> Result<WorkspaceEnd> {
    let Some(ending) = ending::view(tx)? else { return Ok(WorkspaceEnd::Called) };
    if ending.ended_at.is_some() {
        return Ok(WorkspaceEnd::Called);
    }
    if ending.begun_at.is_some() {
        return Ok(WorkspaceEnd::More);
    }
    if !ending.may_begin(tx.now()) {
        let look = if tx.now() < ending.ends_at { ending.ends_at } else { tx.now().saturating_add(AGAIN_MS) };
        return Ok(WorkspaceEnd::Waits(look));
    }
    tx.run(sql!("UPDATE workspaces SET ending_begun_at = $2 WHERE id = $1"), params![tx.now()])?;
    audit::record(tx, "workspace.end_begun", &tx.workspace()?.to_string())?;
    Ok(WorkspaceEnd::More)
}

/// Disconnects a channel; its account, if there was one.
fn disconnect_one(tx: &Tx<'_>) -> Result<Option<ChannelAccount>> {
    let on = tx.maybe(
        sql!("SELECT id FROM channels WHERE workspace_id = $1 AND state <> 'off' ORDER BY id LIMIT 1"),
        params![],
        |row| row.get::<ChannelId>(0),
    )?;
    on.map(|channel| channels::disconnect(tx, channel)).transpose()
}

/// Erases some people; whether there were any.
fn erase_some(tx: &Tx<'_>) -> Result<bool> {
    let found = tx.all(&PEOPLE_LEFT, params![tx.now(), PEOPLE], |row| row.get::<ContactId>(0))?;
    found.iter().try_for_each(|contact| erase::begin(tx, *contact).map(|_| ()))?;
    Ok(!found.is_empty())
}

/// Removes some rows of a lot; whether there may be more.
fn remove_some(tx: &Tx<'_>, at: usize) -> Result<bool> {
    let Some(lot) = gone_with_workspace().get(at) else { return Ok(false) };
    let asked = asked(lot, tx.now());
    if tx.maybe(&lot.any, &asked, |_| Ok(()))?.is_none() {
        return Ok(false);
    }
    let (own, _) = copies::remove_all(tx, &lot.steps, &asked)?;
    Ok(own > 0)
}

fn asked(lot: &Lot, now: Millis) -> Vec<Param<'static>> {
    let mut asked = vec![Param::Int(0), Param::Int(lot.limit)];
    if lot.asks_holds {
        asked.push(Param::Int(now));
    }
    asked
}

/// The audit log's words; what proves that none of its entries is missing stays.
fn forget_words(tx: &Tx<'_>) -> Result<bool> {
    let due = Due { before: tx.now().saturating_sub(1), limit: ENTRIES };
    Ok(audit::sweep(tx, &due)? >= ENTRIES.unsigned_abs())
}

/// Until when it has to wait for people who are not erased, or not wholly.
fn waits(tx: &Tx<'_>) -> Result<Option<Millis>> {
    let held = tx.maybe(
        sql!("SELECT 1 FROM contacts WHERE workspace_id = $1 AND erased_at IS NULL LIMIT 1"),
        params![],
        |_| Ok(()),
    )?;
    if held.is_some() {
        return Ok(Some(tx.now().saturating_add(AGAIN_MS)));
    }
    let under_way = tx.maybe(
        sql!("SELECT 1 FROM erasures WHERE workspace_id = $1 AND state <> $2 LIMIT 1"),
        params![State::Done.as_str()],
        |_| Ok(()),
    )?;
    Ok(under_way.map(|()| tx.now().saturating_add(SOON_MS)))
}

/// The last: nobody comes in any more.
fn finish(tx: &Tx<'_>) -> Result<WorkspaceEnd> {
    let sites = tx.all(sql!("SELECT id FROM sites WHERE workspace_id = $1"), params![], |row| row.get::<SiteId>(0))?;
    sites.iter().try_for_each(|site| sites::remove(tx, *site))?;
    shut(tx)?;
    tx.run(sql!("UPDATE workspaces SET ended_at = $2 WHERE id = $1"), params![tx.now()])?;
    let workspace = tx.workspace()?;
    let line = tx.keys.line(workspace, Deed::WorkspaceEnded, workspace.to_string().as_bytes())?;
    tx.keys.record(workspace, vec![line])?;
    audit::record(tx, "workspace.ended", &workspace.to_string())?;
    Ok(WorkspaceEnd::Gone)
}

/// Takes away by what members and programs come in, and what waits to be taken in or sent.
fn shut(tx: &Tx<'_>) -> Result<()> {
    for statement in [
        sql!("DELETE FROM sessions WHERE workspace_id = $1"),
        sql!("DELETE FROM session_devices WHERE workspace_id = $1"),
        sql!("DELETE FROM tokens WHERE workspace_id = $1"),
        sql!("DELETE FROM invitations WHERE workspace_id = $1"),
        sql!("DELETE FROM push_subscriptions WHERE workspace_id = $1"),
        sql!("DELETE FROM second_factors WHERE workspace_id = $1"),
        sql!("DELETE FROM recovery_codes WHERE workspace_id = $1"),
        sql!("DELETE FROM inbox WHERE workspace_id = $1"),
        sql!("DELETE FROM outbox WHERE workspace_id = $1"),
        sql!("DELETE FROM idempotency WHERE workspace_id = $1"),
    ] {
        tx.run(statement, params![])?;
    }
    Ok(())
}

/// After a restore: the end has begun, as it had before. Holds that the backup still knows had ended then.
fn ended_before(tx: &Tx<'_>) -> Result<()> {
    shut(tx)?;
    tx.run(
        sql!("UPDATE legal_holds SET lifted_at = $2 WHERE workspace_id = $1 AND lifted_at IS NULL"),
        params![tx.now()],
    )?;
    tx.run(
        sql!(
            "UPDATE workspaces SET ending_ordered_at = COALESCE(ending_ordered_at, $2), ends_at = COALESCE(ends_at, $2), \
             ending_begun_at = COALESCE(ending_begun_at, $2) WHERE id = $1"
        ),
        params![tx.now()],
    )?;
    jobs::enqueue(tx, JobKind::EndWorkspace, &tx.workspace()?.to_string(), tx.now())
}
