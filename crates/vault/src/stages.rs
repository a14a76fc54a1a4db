//! How workers take what waits between the stages: over the whole installation, ids only, and each claim makes the
//! scope of its workspace.

use crate::inbox::{self, ClaimedInbox, Ready};
use crate::outbox::{self, Due, Verdict};
use crate::scope::{Actor, Purpose};
use crate::{Millis, OutboxId, Result, Scope, Vault, WorkspaceId};

/// How many rows one sweep of a table removes in a transaction.
const SWEPT_AT_ONCE: i64 = 500;

/// How much waits between the stages.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "plain counts")]
pub struct Depths {
    pub inbox: i64,
    pub inbox_set_aside: i64,
    pub outbox: i64,
}

/// Something to be sent, claimed within its workspace.
#[derive(Debug, Clone)]
pub struct ClaimedOutbox {
    /// The scope for building and recording the send.
    pub scope: Scope,
    /// What came of the claim.
    pub verdict: Verdict,
}

impl Vault {
    /// Up to `limit` channels that have requests to process and that nobody holds.
    pub async fn ready_inboxes(&self, limit: i64) -> Result<Vec<Ready>> {
        self.read_installation(move |tx| inbox::ready(tx, limit)).await
    }

    /// Takes up to `limit` channels that have requests to process and no worker, for `lease_ms`.
    pub async fn claim_inbox(&self, limit: i64, lease_ms: Millis) -> Result<Vec<ClaimedInbox>> {
        self.write_installation(move |tx| inbox::claim(tx, limit, lease_ms)).await
    }

    /// Keeps a claimed channel for longer; `false` if it was lost.
    pub async fn renew_inbox(&self, claimed: &ClaimedInbox, lease_ms: Millis) -> Result<bool> {
        let claimed = claimed.clone();
        self.write_installation(move |tx| inbox::renew(tx, &claimed, lease_ms)).await
    }

    /// Gives a claimed channel back; nobody takes it before a pause of `pause_ms` is over.
    pub async fn release_inbox(&self, claimed: &ClaimedInbox, pause_ms: Option<Millis>) -> Result<()> {
        let claimed = claimed.clone();
        self.write_installation(move |tx| inbox::release(tx, &claimed, pause_ms)).await
    }

    /// Rows that may be sent now: the oldest of each conversation.
    pub async fn due_outbox(&self, limit: i64) -> Result<Vec<Due>> {
        self.read_installation(move |tx| outbox::due(tx, limit)).await
    }

    /// Claims due rows of one workspace for `lease_ms`, each through the gate.
    pub async fn claim_outbox(
        &self,
        workspace: WorkspaceId,
        rows: Vec<OutboxId>,
        lease_ms: Millis,
    ) -> Result<Vec<ClaimedOutbox>> {
        let scope = Scope::new(workspace, Actor::Platform, Purpose::Delivery);
        let together = rows.clone();
        let verdicts: Result<Vec<Verdict>> =
            self.write(&scope, move |tx| together.iter().map(|id| outbox::claim(tx, *id, lease_ms)).collect()).await;
        let verdicts = match verdicts {
            Ok(verdicts) => verdicts,
            Err(_) => self.claim_one_by_one(&scope, &rows, lease_ms).await?,
        };
        Ok(verdicts.into_iter().map(|verdict| ClaimedOutbox { scope: scope.clone(), verdict }).collect())
    }

    /// A row that cannot be claimed waits and holds up nobody else's.
    async fn claim_one_by_one(&self, scope: &Scope, rows: &[OutboxId], lease_ms: Millis) -> Result<Vec<Verdict>> {
        let mut verdicts = Vec::with_capacity(rows.len());
        for id in rows.iter().copied() {
            match self.write(scope, move |tx| outbox::claim(tx, id, lease_ms)).await {
                Ok(verdict) => verdicts.push(verdict),
                Err(error) => {
                    tracing::error!(row = %id, %error, "a row of the outbox cannot be claimed and waits a minute");
                    self.write(scope, move |tx| outbox::set_back(tx, id, tx.now() + 60_000)).await?;
                }
            }
        }
        Ok(verdicts)
    }

    /// When the next outbox row becomes due, if any waits.
    pub async fn next_outbox_due(&self) -> Result<Option<Millis>> {
        self.read_installation(outbox::next_due).await
    }

    /// The platform's own scope in the workspace of somebody who may write there: what a member orders and the platform
    /// carries out at a provider. `None` for whoever may not.
    pub fn platform_scope(&self, ordered_by: &Scope) -> Option<Scope> {
        let may = ordered_by.may(crate::Right::WriteConversations) || ordered_by.may(crate::Right::ManageChannels);
        may.then(|| Scope::new(ordered_by.workspace(), Actor::Platform, Purpose::Delivery))
    }

    /// Removes what is past its short term: facts, idempotent answers, spent challenges, sessions, jobs given up, settings of disconnected
    /// channels, and the inbox's keys of days gone by.
    pub async fn sweep(&self) -> Result<()> {
        while self.sweep_sessions(SWEPT_AT_ONCE).await? == SWEPT_AT_ONCE.unsigned_abs() {}
        self.sweep_invitations().await?;
        self.retire_day_keys().await?;
        for workspace in self.workspaces().await? {
            let scope = Scope::new(workspace.id, Actor::Platform, Purpose::Administration);
            if let Err(error) = self.sweep_workspace(&scope).await {
                tracing::warn!(workspace = %workspace.id, %error, "sweeping a workspace failed; the others go on");
            }
        }
        Ok(())
    }

    async fn sweep_workspace(&self, scope: &Scope) -> Result<()> {
        const FULL: u64 = SWEPT_AT_ONCE.unsigned_abs();
        while self.write(scope, crate::facts::sweep).await? {}
        while self.write(scope, crate::attachments::sweep).await? {}
        while self.write(scope, |tx| crate::idempotency::sweep(tx, SWEPT_AT_ONCE)).await? == FULL {}
        while self.write(scope, |tx| crate::visitors::sweep(tx, SWEPT_AT_ONCE)).await? == FULL {}
        while self.write(scope, |tx| crate::conversations::sweep(tx, SWEPT_AT_ONCE)).await? == FULL {}
        while self.write(scope, |tx| crate::scheduled::sweep(tx, SWEPT_AT_ONCE)).await? == FULL {}
        while self.write(scope, |tx| crate::webhooks::sweep(tx, SWEPT_AT_ONCE)).await? == FULL {}
        while self.write(scope, |tx| crate::jobs::sweep(tx, SWEPT_AT_ONCE)).await? == FULL {}
        while self.write(scope, |tx| crate::remotes::sweep(tx, SWEPT_AT_ONCE)).await? == FULL {}
        while self.write(scope, |tx| crate::suppressions::sweep(tx, SWEPT_AT_ONCE)).await? == FULL {}
        self.write(scope, crate::initiations::sweep).await?;
        self.write(scope, crate::sign_in::sweep_devices).await?;
        let mut after = String::new();
        loop {
            let from = after.clone();
            let last = self.write(scope, move |tx| crate::channels::sweep_secrets(tx, &from)).await?;
            let Some(last) = last else { break };
            after = last.to_string();
        }
        Ok(())
    }

    /// How much waits between the stages, for metrics and readiness.
    pub async fn depths(&self) -> Result<Depths> {
        self.read_installation(|tx| {
            let (inbox, inbox_set_aside) = inbox::depth(tx)?;
            Ok(Depths { inbox, inbox_set_aside, outbox: outbox::depth(tx)? })
        })
        .await
    }
}
