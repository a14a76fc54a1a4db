//! After a restore: the database is old, the ledger is not. Whatever was erased since is erased again before the first
//! request is served (D-4).

use std::collections::{BTreeMap, HashSet};

use super::begin_again;
use crate::keys::{Deed, Keys};
use crate::statement::sql;
use crate::value::params;
use crate::{
    ChannelId, ContactId, ErasureId, Millis, Result, Scope, Tx, Vault, WorkspaceId, audit, merges, retention, rotation,
    suppressions,
};

/// Ledger lines read, and contacts looked at, at once.
const PAGE: i64 = 500;

impl Vault {
    /// Brings a workspace's restored data to what the custody ledger says; the erasures that this began.
    ///
    /// # Errors
    /// Whatever stopped it; it may be run again.
    pub async fn reapply_ledger(&self, scope: &Scope) -> Result<Vec<ErasureId>> {
        let said = Said::read(self.keys(), scope.workspace())?;
        self.write(scope, rotation::go_on_with_newest).await?;
        let mut key = Some(String::new());
        while let Some(from) = key {
            key = self.write(scope, move |tx| rotation::retire_lost(tx, &from, PAGE)).await?;
        }
        if let Some(signed) = self.keys().last_checkpoint(scope.workspace())? {
            self.write(scope, move |tx| audit::go_on_after(tx, signed.size)).await?;
        }
        for chunk in said.identities.chunks(usize::try_from(PAGE).unwrap_or(1)) {
            let chunk = chunk.to_vec();
            self.write(scope, move |tx| chunk.iter().try_for_each(|hash| restore_erased(tx, hash))).await?;
        }
        for chunk in said.refusals.chunks(usize::try_from(PAGE).unwrap_or(1)) {
            let chunk = chunk.to_vec();
            let apply = move |tx: &Tx<'_>| {
                chunk.iter().try_for_each(|(hash, reason)| suppressions::restore(tx, hash, reason.as_deref()))
            };
            self.write(scope, apply).await?;
        }
        self.sweep_again(scope, said.swept).await?;
        self.end_channels_again(scope, &said.channels).await?;
        if said.ended {
            self.end_workspace_again(scope).await?;
        }
        let mut begun = Vec::new();
        let mut after = String::new();
        loop {
            let from = after.clone();
            let contacts = self.read(scope, move |tx| unerased(tx, &from)).await?;
            let Some(last) = contacts.last() else { return Ok(begun) };
            after = last.to_string();
            for contact in contacts {
                let line = self.keys().line(scope.workspace(), Deed::ContactErased, contact.to_string().as_bytes())?;
                if said.contacts.contains(&line.subject) {
                    begun.push(self.write(scope, move |tx| begin_alone(tx, contact)).await?);
                }
            }
        }
    }
}

impl Vault {
    async fn end_channels_again(&self, scope: &Scope, ended: &HashSet<Vec<u8>>) -> Result<()> {
        for channel in self.read(scope, with_content).await? {
            let line = self.keys().line(scope.workspace(), Deed::ChannelEnded, channel.to_string().as_bytes())?;
            if ended.contains(&line.subject) {
                self.write(scope, move |tx| retention::ended_before(tx, channel)).await?;
                self.end_channel_again(scope, channel).await?;
            }
        }
        Ok(())
    }
}

fn with_content(tx: &Tx<'_>) -> Result<Vec<ChannelId>> {
    tx.all(
        sql!("SELECT id FROM channels WHERE workspace_id = $1 AND content_gone_at IS NULL ORDER BY id"),
        params![],
        |row| row.get(0),
    )
}

/// What a workspace's ledger says of erasures and refusals.
#[derive(Default)]
struct Said {
    contacts: HashSet<Vec<u8>>,
    identities: Vec<Vec<u8>>,
    /// In the order in which they were said, so that the last word stands: a reason, or none where it was lifted.
    refusals: Vec<(Vec<u8>, Option<String>)>,
    /// Channels of which what they brought has ended.
    channels: HashSet<Vec<u8>>,
    /// The workspace has ended.
    ended: bool,
    /// Up to which moment which table was swept.
    swept: BTreeMap<String, Millis>,
}

impl Said {
    fn read(keys: &Keys, workspace: WorkspaceId) -> Result<Self> {
        let mut said = Self::default();
        let mut after = 0;
        loop {
            let lines = keys.ledger(workspace, after, PAGE)?;
            let Some((last, _)) = lines.last() else { return Ok(said) };
            after = *last;
            for (_, line) in lines {
                match line.deed {
                    Deed::ContactErased => {
                        said.contacts.insert(line.subject);
                    }
                    Deed::IdentityErased => said.identities.push(line.subject),
                    Deed::Suppressed => said.refusals.push((line.subject, Some(line.detail))),
                    Deed::Unsuppressed => said.refusals.push((line.subject, None)),
                    Deed::Swept => {
                        if let Some((table, before)) = retention::said(&line.detail) {
                            let latest = said.swept.entry(table).or_insert(before);
                            *latest = before.max(*latest);
                        }
                    }
                    Deed::ChannelEnded => {
                        said.channels.insert(line.subject);
                    }
                    Deed::WorkspaceEnded => said.ended = true,
                    Deed::KeyDestroyed => {}
                }
            }
        }
    }
}

/// An erased identity that the backup knows keeps its time: whoever came back since is not erased anew. For one it does not
/// know, all that the backup still has waiting is from before.
fn restore_erased(tx: &Tx<'_>, hash: &[u8]) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO suppressions (workspace_id, value_hash, purpose, reason, at) \
             VALUES ($1, $2, 'identity', 'erased', $3) ON CONFLICT (workspace_id, value_hash, purpose) DO NOTHING"
        ),
        params![hash, tx.now()],
    )?;
    Ok(())
}

/// The ledger has a line for each contact that was erased. With whom one was merged is older knowledge in a restored
/// database: who has no line of their own was split off before, and stays.
fn begin_alone(tx: &Tx<'_>, contact: ContactId) -> Result<ErasureId> {
    merges::leave(tx, contact)?;
    begin_again(tx, contact)
}

fn unerased(tx: &Tx<'_>, after: &str) -> Result<Vec<ContactId>> {
    tx.all(
        sql!("SELECT id FROM contacts WHERE workspace_id = $1 AND erased_at IS NULL AND id > $2 ORDER BY id LIMIT $3"),
        params![after, PAGE],
        |row| row.get(0),
    )
}
