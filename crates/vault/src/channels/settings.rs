//! A channel's settings and secrets: one sealed cell, opened for whoever calls the provider.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{ChannelChange, PreviousSecret, place};
use crate::sealing::Under;
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, Error, Result, Tx};

/// A credential of a channel. It has no `Display`, its `Debug` prints nothing, and it is wiped when dropped.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct ChannelSecret(String);

impl ChannelSecret {
    /// Wraps a credential.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The credential itself, for the connector's account alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ChannelSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChannelSecret(…)")
    }
}

/// What calling a channel's provider takes.
#[derive(Clone)]
pub struct ChannelAccount {
    /// The channel.
    pub channel: ChannelId,
    /// Its kind.
    pub kind: String,
    /// Settings by key.
    pub settings: BTreeMap<String, String>,
    /// Secrets by key.
    pub secrets: BTreeMap<String, ChannelSecret>,
    /// Secrets that new ones have taken the place of, by key: see [`ChannelAccount::earlier`].
    pub previous: BTreeMap<String, PreviousSecret>,
    /// What the provider calls the account, by key.
    pub account: BTreeMap<String, String>,
    /// What the provider was asked to tell here, as the connector keeps it ([`super::keep_watch`]); empty: nothing.
    pub watch: String,
}

// Settings can be addresses of people.
impl std::fmt::Debug for ChannelAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelAccount")
            .field("channel", &self.channel)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// The content of the sealed cell.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(default)]
    pub(super) settings: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) secrets: BTreeMap<String, ChannelSecret>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) previous: BTreeMap<String, PreviousSecret>,
}

impl Kept {
    pub(super) fn seal(&self, tx: &Tx<'_>, row: &str) -> Result<Vec<u8>> {
        let mut plain = serde_json::to_vec(self).map_err(|_| Error::Seal("settings cannot be written"))?;
        let sealed = tx.seal(Under::Workspace, place("settings_sealed", row), &plain);
        plain.zeroize();
        sealed
    }

    pub(super) fn open(tx: &Tx<'_>, row: &str, sealed: &[u8]) -> Result<Self> {
        let mut plain = tx.open(place("settings_sealed", row), sealed)?.ok_or(Error::Erased)?;
        let kept = serde_json::from_slice(&plain).map_err(|_| Error::Seal("settings are not JSON"));
        plain.zeroize();
        kept
    }

    pub(super) fn apply(&mut self, change: &ChannelChange) {
        for (key, value) in &change.settings {
            match value {
                Some(value) => drop(self.settings.insert(key.clone(), value.reveal().clone())),
                None => drop(self.settings.remove(key)),
            }
        }
        for (key, value) in &change.secrets {
            self.previous.remove(key);
            match value {
                Some(value) => drop(self.secrets.insert(key.clone(), value.clone())),
                None => drop(self.secrets.remove(key)),
            }
        }
    }
}

/// A channel's settings and secrets; empty once they were swept.
pub(super) fn kept(tx: &Tx<'_>, id: ChannelId) -> Result<Kept> {
    let sealed = tx
        .maybe(sql!("SELECT settings_sealed FROM channels WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get::<Option<Vec<u8>>>(0)
        })?
        .ok_or(Error::NotFound("channel"))?;
    sealed.map_or_else(|| Ok(Kept::default()), |sealed| Kept::open(tx, &id.to_string(), &sealed))
}

/// Everything that calling the provider takes.
pub(super) fn open_account(tx: &Tx<'_>, id: ChannelId) -> Result<ChannelAccount> {
    let (kind, account, watch) = tx
        .maybe(
            sql!("SELECT kind, account_sealed, watch_sealed FROM channels WHERE workspace_id = $1 AND id = $2"),
            params![id],
            |row| Ok((row.text(0)?, row.get::<Option<Vec<u8>>>(1)?, row.get::<Option<Vec<u8>>>(2)?)),
        )?
        .ok_or(Error::NotFound("channel"))?;
    let account = open_details(tx, &id.to_string(), account)?;
    let watch = super::watch::open(tx, &id.to_string(), watch)?;
    let Kept { settings, secrets, previous } = kept(tx, id)?;
    Ok(ChannelAccount { channel: id, kind, settings, secrets, previous, account, watch })
}

pub(super) fn seal_account(tx: &Tx<'_>, row: &str, account: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let plain = serde_json::to_vec(account).map_err(|_| Error::Seal("account details cannot be written"))?;
    tx.seal(Under::Workspace, place("account_sealed", row), &plain)
}

pub(super) fn open_details(tx: &Tx<'_>, row: &str, sealed: Option<Vec<u8>>) -> Result<BTreeMap<String, String>> {
    let Some(sealed) = sealed else { return Ok(BTreeMap::new()) };
    let plain = tx.open(place("account_sealed", row), &sealed)?.ok_or(Error::Erased)?;
    serde_json::from_slice(&plain).map_err(|_| Error::Seal("account details are not JSON"))
}
