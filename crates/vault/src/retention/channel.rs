//! The end of what a disconnected channel brought, where its kind has a term for that (D-2): whoever is known by it alone is erased, as if
//! they had asked for it; of everybody else goes what was said on it, by which name they were known there, and the keys of all
//! that, so that no older backup can be read either. What a legal hold covers waits until it is lifted.

use std::sync::LazyLock;

use super::plan::brought;
use super::trusted::Standing;
use super::{DAY_MS, copies};
use crate::id::KeyId;
use crate::jobs::{self, JobKind};
use crate::keys::Deed;
use crate::statement::{Reach, Statement, sql};
use crate::value::{Param, params};
use crate::{ChannelId, ContactId, Millis, Result, Scope, Tx, Vault, audit, contacts, erase, holds};

/// How soon it is looked again after a hold, or a clock that is not believed, in milliseconds.
const AGAIN_MS: Millis = DAY_MS;
/// People who are erased in one transaction.
const PEOPLE: i64 = 10;
/// Keys that are destroyed at once, and names that are forgotten at once.
const TOGETHER: i64 = 500;
/// Tables whose removed rows are to leave the engine's files too.
const SCRUBBED: &[&str] = &[
    "contacts",
    "contact_keys",
    "identities",
    "conversation_labels",
    "reactions",
    "remotes",
    "attachments",
    "messages",
    "conversations",
    "drafts",
    "scheduled",
    "mentions",
    "changes",
    "templates",
];

/// How far the end of a channel's content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelEnd {
    /// There is more.
    More,
    /// Nothing is left of it.
    Gone,
    /// It is not to be: the channel was connected again.
    Called,
    /// A hold covers the rest, or the clock is not believed: to be looked at again then.
    Waits(Millis),
}

/// The end of one channel's content, under way.
#[derive(Debug)]
pub struct EndOfChannel {
    channel: ChannelId,
    /// All people up to this one were looked at.
    after: String,
    people: bool,
    /// The lot it is at.
    at: usize,
}

impl EndOfChannel {
    /// To be begun, or begun anew where it stopped.
    pub fn of(channel: ChannelId) -> Self {
        Self { channel, after: String::new(), people: true, at: 0 }
    }
}

/// What one step found.
enum Found {
    /// Something went.
    Some,
    /// Nothing of its kind is left.
    None,
    /// These keys are to be destroyed first.
    Keys(Vec<(ContactId, KeyId)>),
}

/// Who is known by one channel alone, `$2`, and is not covered by a hold at `$5`: at most `$3` of those after `$4`.
static ALONE: LazyLock<Statement> = LazyLock::new(|| {
    let has = |table: &str, which: &str| {
        format!(
            "EXISTS (SELECT 1 FROM {table} k WHERE k.workspace_id = $1 AND k.contact_id = p.id AND k.channel_id {which} $2)"
        )
    };
    made(format!(
        "SELECT p.id FROM contacts p WHERE p.workspace_id = $1 AND p.id > $4 AND p.erased_at IS NULL AND p.merged_into IS NULL \
         AND NOT EXISTS (SELECT 1 FROM contacts f WHERE f.workspace_id = $1 AND f.merged_into = p.id) \
         AND ({} OR {}) AND NOT {} AND NOT {} AND NOT {} ORDER BY p.id LIMIT $3",
        has("identities", "="),
        has("conversations", "="),
        has("identities", "<>"),
        has("conversations", "<>"),
        holds::held(Some("p.id"), None, "$5"),
    ))
});

/// Keys of a channel, `$2`, of contacts whom no hold covers at `$4`; at most `$3`.
static KEYS: LazyLock<Statement> = LazyLock::new(|| {
    made(format!(
        "SELECT k.contact_id, k.key_id FROM contact_keys k WHERE k.workspace_id = $1 AND k.channel_id = $2 AND NOT {} \
         ORDER BY k.key_id LIMIT $3",
        holds::held(Some("k.contact_id"), None, "$4")
    ))
});

/// Who is called as a channel, `$2`, called them, and is not covered by a hold at `$4`; at most `$3`.
static NAMED: LazyLock<Statement> = LazyLock::new(|| {
    made(format!(
        "SELECT p.id FROM contacts p WHERE p.workspace_id = $1 AND p.erased_at IS NULL AND (p.name_from = $2 OR p.language_from = $2) \
         AND NOT {} ORDER BY p.id LIMIT $3",
        holds::held(Some("p.id"), None, "$4")
    ))
});

fn made(text: String) -> Statement {
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
}

/// The statements, for the tests that prepare every one.
#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = &'static Statement> {
    [&*ALONE, &*KEYS, &*NAMED].into_iter()
}

impl Vault {
    /// Goes on with the end of a channel's content, by one batch. What the job [`JobKind::EndChannel`] does.
    ///
    /// # Errors
    /// Whatever stopped it: begun anew it finds what is left by itself.
    pub async fn carry_on_channel_end(&self, scope: &Scope, end: &mut EndOfChannel) -> Result<ChannelEnd> {
        if let Standing::Ahead { shows, .. } = self.note_time().await? {
            tracing::error!(
                "the clock is days ahead of what was noted last: what a disconnected channel brought stays meanwhile"
            );
            return Ok(ChannelEnd::Waits(shows.saturating_add(AGAIN_MS)));
        }
        let channel = end.channel;
        if !self.read(scope, move |tx| is_due(tx, channel)).await? {
            return Ok(ChannelEnd::Called);
        }
        self.end_some(scope, end).await
    }

    /// After a restore: what the ledger says was ended goes again.
    pub(crate) async fn end_channel_again(&self, scope: &Scope, channel: ChannelId) -> Result<()> {
        let mut end = EndOfChannel::of(channel);
        while self.end_some(scope, &mut end).await? == ChannelEnd::More {}
        Ok(())
    }

    async fn end_some(&self, scope: &Scope, end: &mut EndOfChannel) -> Result<ChannelEnd> {
        let (channel, at) = (end.channel, end.at);
        if end.people {
            let after = std::mem::take(&mut end.after);
            let erased = self.write(scope, move |tx| erase_alone(tx, channel, &after)).await?;
            end.people = erased.is_some();
            end.after = erased.map(|last| last.to_string()).unwrap_or_default();
            return Ok(ChannelEnd::More);
        }
        if at < brought().len() {
            let more = self.write(scope, move |tx| remove_some(tx, channel, at)).await?;
            end.at += usize::from(!more);
            return Ok(ChannelEnd::More);
        }
        match self.write(scope, move |tx| forget_some(tx, channel)).await? {
            Found::Some => return Ok(ChannelEnd::More),
            Found::Keys(keys) => {
                let ids: Vec<KeyId> = keys.iter().map(|(_, key)| *key).collect();
                self.keys().destroy(scope.workspace(), &ids)?;
                self.write(scope, move |tx| drop_keys(tx, channel, &keys)).await?;
                return Ok(ChannelEnd::More);
            }
            Found::None => {}
        }
        self.scrub(SCRUBBED).await?;
        self.write(scope, move |tx| finish(tx, channel)).await
    }
}

/// Whether the term of a channel's content is over, and nobody connected it again.
fn is_due(tx: &Tx<'_>, channel: ChannelId) -> Result<bool> {
    let due = tx.maybe(
        sql!(
            "SELECT 1 FROM channels WHERE workspace_id = $1 AND id = $2 AND disconnected_at IS NOT NULL AND content_ends_at <= $3 \
             AND content_gone_at IS NULL"
        ),
        params![channel, tx.now()],
        |_| Ok(()),
    )?;
    Ok(due.is_some())
}

/// Erases some of whom nothing else is known; the last of them, if there was any.
fn erase_alone(tx: &Tx<'_>, channel: ChannelId, after: &str) -> Result<Option<ContactId>> {
    let found = tx.all(&ALONE, params![channel, PEOPLE, after, tx.now()], |row| row.get::<ContactId>(0))?;
    found.iter().try_for_each(|contact| erase::begin(tx, *contact).map(|_| ()))?;
    Ok(found.last().copied())
}

/// Removes some rows of a lot; whether there may be more.
fn remove_some(tx: &Tx<'_>, channel: ChannelId, at: usize) -> Result<bool> {
    let Some(lot) = brought().get(at) else { return Ok(false) };
    let mut asked: Vec<Param<'_>> = params![channel, lot.limit].to_vec();
    if lot.asks_holds {
        asked.push(Param::Int(tx.now()));
    }
    if tx.maybe(&lot.any, &asked, |_| Ok(()))?.is_none() {
        return Ok(false);
    }
    let (own, _) = copies::remove_all(tx, &lot.steps, &asked)?;
    Ok(own > 0)
}

/// What a contact is called by the channel, then its keys.
fn forget_some(tx: &Tx<'_>, channel: ChannelId) -> Result<Found> {
    let asked = params![channel, TOGETHER, tx.now()];
    let named = tx.all(&NAMED, asked, |row| row.get::<ContactId>(0))?;
    if !named.is_empty() {
        named.iter().try_for_each(|contact| contacts::forget_from(tx, *contact, channel))?;
        return Ok(Found::Some);
    }
    let keys = tx.all(&KEYS, asked, |row| Ok((row.get::<ContactId>(0)?, row.get::<KeyId>(1)?)))?;
    Ok(if keys.is_empty() { Found::None } else { Found::Keys(keys) })
}

fn drop_keys(tx: &Tx<'_>, channel: ChannelId, keys: &[(ContactId, KeyId)]) -> Result<()> {
    for (contact, key) in keys {
        tx.run(
            sql!("DELETE FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2 AND channel_id = $3 AND key_id = $4"),
            params![*contact, channel, *key],
        )?;
    }
    Ok(())
}

/// Nothing is left, unless a hold covers it.
fn finish(tx: &Tx<'_>, channel: ChannelId) -> Result<ChannelEnd> {
    let left = tx.maybe(
        sql!("SELECT 1 FROM contact_keys WHERE workspace_id = $1 AND channel_id = $2 LIMIT 1"),
        params![channel],
        |_| Ok(()),
    )?;
    if left.is_some() {
        return Ok(ChannelEnd::Waits(tx.now().saturating_add(AGAIN_MS)));
    }
    let ended = tx.run(
        sql!(
            "UPDATE channels SET content_gone_at = $3, settings_sealed = NULL, account_sealed = NULL \
             WHERE workspace_id = $1 AND id = $2 AND content_gone_at IS NULL"
        ),
        params![channel, tx.now()],
    )?;
    if ended > 0 {
        let workspace = tx.workspace()?;
        let line = tx.keys.line(workspace, Deed::ChannelEnded, channel.to_string().as_bytes())?;
        tx.keys.record(workspace, vec![line])?;
        audit::record(tx, "channel.content_ended", &channel.to_string())?;
    }
    Ok(ChannelEnd::Gone)
}

/// Plans the end of what a channel brought, which was disconnected just now.
///
/// # Errors
/// Whatever the database says.
pub fn end_content(tx: &Tx<'_>, channel: ChannelId, at: Millis) -> Result<()> {
    tx.run(
        sql!("UPDATE channels SET content_ends_at = $3 WHERE workspace_id = $1 AND id = $2 AND disconnected_at IS NOT NULL"),
        params![channel, at],
    )?;
    jobs::enqueue(tx, JobKind::EndChannel, &channel.to_string(), at)
}

/// After a restore: the channel is off, and what it brought ends now, as it did before.
pub(crate) fn ended_before(tx: &Tx<'_>, channel: ChannelId) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE channels SET state = 'off', state_reason = 'disconnected', \
             disconnected_at = COALESCE(disconnected_at, $3), content_ends_at = COALESCE(content_ends_at, $3) \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![channel, tx.now()],
    )?;
    tx.run(
        sql!("UPDATE channel_directory SET state = 'off', account_hash = NULL, app_hash = NULL WHERE workspace_id = $1 AND id = $2"),
        params![channel],
    )?;
    jobs::enqueue(tx, JobKind::EndChannel, &channel.to_string(), tx.now())
}
