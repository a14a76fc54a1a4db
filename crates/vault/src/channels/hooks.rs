//! Admitting a hook: from nothing but a channel's id to the scope and the account it may speak for.
//!
//! Opened accounts are kept in memory by the channel's version, which changes with the channel, in the same transaction.
//! It is compared before anything is kept, in the transaction that keeps it ([`crate::Vault::keep`]), or read from the
//! directory first; so a change holds from the next request on, on every node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{ChannelAccount, ChannelState, settings};
use crate::statement::{installation_sql, sql};
use crate::value::{params, word};
use crate::{Actor, ChannelId, Error, Millis, Purpose, Result, Scope, Tx, Vault, WorkspaceId};

/// An opened account is not kept longer than this without being opened anew, so that what was disconnected and is never
/// called again does not stay in memory.
const KEPT_MS: Millis = 10 * 60 * 1000;
/// No more opened accounts than this are kept.
const KEPT_MOST: usize = 10_000;

/// A channel whose provider may be heard once its request is verified.
#[derive(Debug, Clone)]
pub struct AdmittedHook {
    /// The channel.
    pub channel: ChannelId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its kind, which names the connector.
    pub kind: String,
    /// What its requests may touch: receiving, as this channel.
    pub scope: Scope,
    /// Settings and secrets to verify the request with.
    pub account: Arc<ChannelAccount>,
    /// How often the channel was changed.
    pub version: i64,
    /// Whether it was admitted from memory alone: only what the vault then keeps, it believes.
    pub remembered: bool,
}

/// Accounts that were opened for hooks.
#[derive(Default)]
pub(crate) struct OpenHooks(Mutex<HashMap<ChannelId, Opened>>);

struct Opened {
    scope: Scope,
    version: i64,
    at: Millis,
    account: Arc<ChannelAccount>,
}

struct Entry {
    workspace: WorkspaceId,
    state: ChannelState,
    version: i64,
    now: Millis,
}

impl Vault {
    /// Admits a request to a channel's hook; `None` if there is no such channel or it was disconnected. A request is
    /// admitted before it is verified: the scope is for the bytes that the account then proves.
    pub async fn admit_hook(&self, channel: ChannelId) -> Result<Option<AdmittedHook>> {
        let Some(entry) = self.read_installation(move |tx| entry(tx, channel)).await? else { return Ok(None) };
        if entry.state == ChannelState::Off {
            self.hooks().forget(channel);
            return Ok(None);
        }
        let scope = Scope::new(entry.workspace, Actor::Channel(channel), Purpose::Receiving);
        if let Some(kept) = self.hooks().get(channel, entry.now).filter(|kept| kept.version == entry.version) {
            return Ok(Some(AdmittedHook { remembered: false, ..kept }));
        }
        let Some((account, version)) = self.read(&scope, move |tx| opened(tx, channel)).await? else { return Ok(None) };
        let account = Arc::new(account);
        let opened = Opened { scope: scope.clone(), version, at: entry.now, account: Arc::clone(&account) };
        self.hooks().keep(channel, opened);
        Ok(Some(AdmittedHook::new(scope, account, version)))
    }

    /// The kind of a channel that was disconnected; `None` if there is no such one.
    pub async fn disconnected_kind(&self, channel: ChannelId) -> Result<Option<String>> {
        let kind = self.read_installation(move |tx| {
            tx.maybe(
                installation_sql!("SELECT kind FROM channel_directory WHERE id = $1 AND state = 'off'"),
                params![channel],
                |row| row.text(0),
            )
        });
        kind.await
    }

    /// A hook that was admitted lately, without a look at the database. What it proves is believed only where the vault
    /// keeps it; whoever wants to refuse a request or answer it otherwise admits the hook anew.
    pub fn remembered_hook(&self, channel: ChannelId) -> Option<AdmittedHook> {
        self.hooks().get(channel, self.clock().now())
    }
}

impl AdmittedHook {
    fn new(scope: Scope, account: Arc<ChannelAccount>, version: i64) -> Self {
        let (channel, kind) = (account.channel, account.kind.clone());
        Self { channel, workspace: scope.workspace(), kind, scope, account, version, remembered: false }
    }
}

impl OpenHooks {
    fn get(&self, channel: ChannelId, now: Millis) -> Option<AdmittedHook> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Opened { scope, version, account, .. } = kept.get(&channel).filter(|opened| now - opened.at < KEPT_MS)?;
        Some(AdmittedHook { remembered: true, ..AdmittedHook::new(scope.clone(), Arc::clone(account), *version) })
    }

    fn keep(&self, channel: ChannelId, opened: Opened) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, other| opened.at - other.at < KEPT_MS);
        if kept.len() < KEPT_MOST {
            kept.insert(channel, opened);
        }
    }

    fn forget(&self, channel: ChannelId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&channel);
    }
}

fn entry(tx: &Tx<'_>, channel: ChannelId) -> Result<Option<Entry>> {
    let now = tx.now();
    tx.maybe(
        installation_sql!("SELECT workspace_id, state, version FROM channel_directory WHERE id = $1"),
        params![channel],
        |row| Ok(Entry { workspace: row.get(0)?, state: word(row, 1)?, version: row.get(2)?, now }),
    )
}

/// The account and the version it has in the same snapshot; `None` if the channel was disconnected just now.
fn opened(tx: &Tx<'_>, channel: ChannelId) -> Result<Option<(ChannelAccount, i64)>> {
    let version = tx.maybe(
        sql!("SELECT version FROM channel_directory WHERE workspace_id = $1 AND id = $2 AND state <> 'off'"),
        params![channel],
        |row| row.get::<i64>(0),
    )?;
    let Some(version) = version else { return Ok(None) };
    match settings::open_account(tx, channel) {
        Ok(account) => Ok(Some((account, version))),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
