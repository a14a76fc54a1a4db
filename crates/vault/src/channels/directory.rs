//! Which channels speak for an account: where one hook of a provider serves several accounts, its deliveries are shared out
//! by what the installation's directory says. It holds a keyed hash of kind and account, so that it names nobody.

use super::{ChannelSecret, settings};
use crate::statement::{installation_sql, sql};
use crate::value::params;
use crate::{ChannelId, Result, Tx, Vault};

/// Notes under which account a channel is found: the value of its setting `key`, or none. Called whenever settings changed.
pub fn note_account(tx: &Tx<'_>, id: ChannelId, key: Option<&str>) -> Result<()> {
    let (kind, _) = super::kind_and_state(tx, id)?;
    let account = match key {
        Some(key) => settings::kept(tx, id)?.settings.remove(key).filter(|account| !account.is_empty()),
        None => None,
    };
    let hash = account.map(|account| hash(tx, &kind, &account)).transpose()?;
    tx.run(
        sql!("UPDATE channel_directory SET account_hash = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, hash],
    )?;
    Ok(())
}

/// Notes by which secret a channel's app is known, which all channels of that app have in common: the value of its secret `key`, or
/// none. Called before a channel is proven.
pub fn note_app(tx: &Tx<'_>, id: ChannelId, key: Option<&str>) -> Result<()> {
    let secret = match key {
        Some(key) => settings::kept(tx, id)?.secrets.remove(key).filter(|secret| !secret.expose().is_empty()),
        None => None,
    };
    let hash = secret.map(|secret| app_hash(tx, secret.expose())).transpose()?;
    tx.run(sql!("UPDATE channel_directory SET app_hash = $3 WHERE workspace_id = $1 AND id = $2"), params![id, hash])?;
    Ok(())
}

fn app_hash(tx: &Tx<'_>, secret: &str) -> Result<Vec<u8>> {
    tx.keys.blind_installation("channel app", secret)
}

fn hash(tx: &Tx<'_>, kind: &str, account: &str) -> Result<Vec<u8>> {
    tx.keys.blind_installation("channel account", &format!("{kind}:{account}"))
}

impl Vault {
    /// The channels of a kind that speak for any of these accounts, over the whole installation. That a delivery names an
    /// account proves nothing: each channel verifies it with its own secret.
    pub async fn channels_of_accounts(&self, kind: &str, accounts: Vec<String>) -> Result<Vec<ChannelId>> {
        let kind = kind.to_owned();
        self.read_installation(move |tx| {
            let mut found = Vec::new();
            for account in &accounts {
                let hash = hash(tx, &kind, account)?;
                let channels: Vec<ChannelId> = tx.all(
                    installation_sql!(
                        "SELECT id FROM channel_directory WHERE account_hash = $1 AND state <> 'off' ORDER BY id"
                    ),
                    params![hash],
                    |row| row.get(0),
                )?;
                found.extend(channels);
            }
            Ok(found)
        })
        .await
    }

    /// The channels of an app that is known by a secret, over the whole installation, and those of these kinds of which nobody
    /// has noted yet by which. That proves nothing: each channel verifies with its own secret.
    pub async fn channels_of_app(&self, secret: &ChannelSecret, kinds: Vec<String>) -> Result<Vec<ChannelId>> {
        let secret = secret.clone();
        self.read_installation(move |tx| {
            let mut found: Vec<ChannelId> = tx.all(
                installation_sql!("SELECT id FROM channel_directory WHERE app_hash = $1 AND state <> 'off' ORDER BY id"),
                params![app_hash(tx, secret.expose())?],
                |row| row.get(0),
            )?;
            for kind in &kinds {
                let unnoted: Vec<ChannelId> = tx.all(
                    installation_sql!(
                        "SELECT id FROM channel_directory WHERE app_hash IS NULL AND kind = $1 AND state <> 'off' ORDER BY id"
                    ),
                    params![kind],
                    |row| row.get(0),
                )?;
                found.extend(unnoted);
            }
            Ok(found)
        })
        .await
    }

    /// The channels that have an app in common with one that was disconnected, whose secret is gone.
    pub async fn channels_of_former_app(&self, former: ChannelId) -> Result<Vec<ChannelId>> {
        self.read_installation(move |tx| {
            tx.all(
                installation_sql!(
                    "SELECT o.id FROM channel_directory d JOIN channel_directory o ON o.app_hash = d.app_hash \
                     WHERE d.id = $1 AND d.state = 'off' AND o.state <> 'off' ORDER BY o.id"
                ),
                params![former],
                |row| row.get(0),
            )
        })
        .await
    }
}
