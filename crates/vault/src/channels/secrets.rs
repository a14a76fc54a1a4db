//! New values for a channel's secrets, while those before are still accepted for a time: a provider learns of the new one
//! a moment after we do, and what it signed with the old one is on its way.
//!
//! Only what comes in may be proven by a previous secret; calls are made with the present ones alone.

use serde::{Deserialize, Serialize};

use super::settings::{ChannelAccount, ChannelSecret, kept};
use super::{bump, changed, require_on, write_kept};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, Error, Millis, Result, Right, Tx};

/// No previous secret is accepted for longer: seven days.
pub const GRACE_MOST_MS: Millis = 7 * 24 * 60 * 60 * 1000;
/// Channels looked at in one transaction.
const PAGE: i64 = 200;

/// A secret that a new one has taken the place of.
#[derive(Clone, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// What it was.
    pub value: ChannelSecret,
    /// It is accepted before this moment.
    pub until: Millis,
}

impl ChannelAccount {
    /// The account with the secrets that it had before and that are still accepted: with each of them, then with all.
    pub fn earlier(&self, now: Millis) -> Vec<Self> {
        let accepted: Vec<_> = self.previous.iter().filter(|(_, previous)| now < previous.until).collect();
        let each = accepted.iter().map(std::slice::from_ref);
        let all = Some(&accepted[..]).filter(|all| all.len() > 1);
        let with = |secrets: &[(&String, &PreviousSecret)]| {
            let mut account = self.clone();
            account.secrets.extend(secrets.iter().map(|(key, previous)| ((*key).clone(), previous.value.clone())));
            account
        };
        each.chain(all).map(with).collect()
    }
}

/// Gives a channel's secret a new value. What it was is accepted for `grace_ms` more.
///
/// # Errors
/// `channel_off` if the channel was disconnected, [`Error::Invalid`] for a longer grace than [`GRACE_MOST_MS`].
pub fn rotate_secret(tx: &Tx<'_>, id: ChannelId, key: &str, value: &ChannelSecret, grace_ms: Millis) -> Result<()> {
    tx.scope()?.require(Right::ManageChannels)?;
    require_on(tx, id)?;
    if !(0..=GRACE_MOST_MS).contains(&grace_ms) {
        return Err(Error::Invalid("a previous secret is accepted for seven days at most".into()));
    }
    let mut kept = kept(tx, id)?;
    kept.previous.remove(key);
    let before = kept.secrets.insert(key.to_owned(), value.clone());
    if let Some(before) = before.filter(|before| before != value && grace_ms > 0) {
        kept.previous
            .insert(key.to_owned(), PreviousSecret { value: before, until: tx.now().saturating_add(grace_ms) });
    }
    write_kept(tx, id, &kept)?;
    bump(tx, id)?;
    changed(tx, id, "channel.secret_rotated")
}

/// Puts what its provider gave in place of a secret; `false` if the channel is off or has another one by now. The old one is of no
/// use any more, so none is accepted beside it; and as it happens by itself every hour, nobody is told.
pub fn keep_renewed(
    tx: &Tx<'_>,
    id: ChannelId,
    key: &str,
    before: &ChannelSecret,
    value: &ChannelSecret,
) -> Result<bool> {
    tx.scope()?.require(Right::ManageChannels)?;
    if require_on(tx, id).is_err() {
        return Ok(false);
    }
    let mut kept = kept(tx, id)?;
    if kept.secrets.get(key) != Some(before) {
        return Ok(false);
    }
    kept.secrets.insert(key.to_owned(), value.clone());
    write_kept(tx, id, &kept)?;
    bump(tx, id)?;
    Ok(true)
}

/// Removes previous secrets that are not accepted any more, of a page of channels; the last one, if there were any.
pub(crate) fn sweep_secrets(tx: &Tx<'_>, after: &str) -> Result<Option<ChannelId>> {
    let channels = tx.all(
        sql!(
            "SELECT id FROM channels WHERE workspace_id = $1 AND id > $2 AND settings_sealed IS NOT NULL \
             ORDER BY id LIMIT $3"
        ),
        params![after, PAGE],
        |row| row.get::<ChannelId>(0),
    )?;
    for id in &channels {
        let mut kept = kept(tx, *id)?;
        let before = kept.previous.len();
        kept.previous.retain(|_, previous| tx.now() < previous.until);
        if kept.previous.len() < before {
            write_kept(tx, *id, &kept)?;
            bump(tx, *id)?;
        }
    }
    Ok(channels.last().copied())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::channels::{self, ChannelChange, NewChannel};
    use crate::testing::house::{House, code};
    use crate::{Personal, Role, Scope};

    const HOUR: Millis = 3_600_000;

    async fn channel(house: &House, scope: &Scope) -> ChannelId {
        let secrets = ["ring", "whistle"].map(|key| (key.to_owned(), ChannelSecret::new(format!("{key} 1"))));
        let new = NewChannel {
            kind: "pigeon".into(),
            name: Personal::new("Loft".into()),
            settings: Personal::new(BTreeMap::new()),
            secrets: secrets.into(),
        };
        house.does(scope, move |tx| channels::create(tx, &new)).await
    }

    async fn rotate(
        house: &House,
        scope: &Scope,
        id: ChannelId,
        key: &'static str,
        value: &'static str,
        grace: Millis,
    ) {
        house.does(scope, move |tx| rotate_secret(tx, id, key, &ChannelSecret::new(value), grace)).await;
    }

    /// The secrets by which a hook is proven now, in the order in which they are tried.
    async fn tried(house: &House, id: ChannelId) -> Vec<[String; 2]> {
        let account = house.vault.admit_hook(id).await.unwrap().unwrap().account;
        let both = |account: &ChannelAccount| ["ring", "whistle"].map(|key| account.secrets[key].expose().to_owned());
        std::iter::once(both(&account)).chain(account.earlier(house.clock_now()).iter().map(both)).collect()
    }

    fn pairs(expected: &[[&str; 2]]) -> Vec<[String; 2]> {
        expected.iter().map(|pair| pair.map(str::to_owned)).collect()
    }

    #[tokio::test]
    async fn what_was_before_is_accepted_for_its_time_and_then_removed() {
        let house = House::open();
        let scope = house.workspace().await;
        let id = channel(&house, &scope).await;
        rotate(&house, &scope, id, "ring", "ring 2", 24 * HOUR).await;
        assert_eq!(tried(&house, id).await, pairs(&[["ring 2", "whistle 1"], ["ring 1", "whistle 1"]]));
        rotate(&house, &scope, id, "whistle", "whistle 2", HOUR).await;
        let all = [["ring 2", "whistle 2"], ["ring 1", "whistle 2"], ["ring 2", "whistle 1"], ["ring 1", "whistle 1"]];
        assert_eq!(tried(&house, id).await, pairs(&all));
        house.clock.advance(HOUR);
        assert_eq!(tried(&house, id).await, pairs(&[["ring 2", "whistle 2"], ["ring 1", "whistle 2"]]));
        rotate(&house, &scope, id, "ring", "ring 3", HOUR).await;
        assert_eq!(tried(&house, id).await, pairs(&[["ring 3", "whistle 2"], ["ring 2", "whistle 2"]]), "one before");
        house.clock.advance(HOUR);
        house.vault.sweep().await.unwrap();
        let stored = house.sees(&scope, move |tx| kept(tx, id)).await;
        assert!(stored.previous.is_empty(), "nothing of it is stored any more");
        assert_eq!(tried(&house, id).await, pairs(&[["ring 3", "whistle 2"]]));
    }

    #[tokio::test]
    async fn without_grace_or_by_a_plain_change_the_old_one_goes_at_once() {
        let house = House::open();
        let scope = house.workspace().await;
        let id = channel(&house, &scope).await;
        rotate(&house, &scope, id, "ring", "ring 2", 0).await;
        assert_eq!(tried(&house, id).await, pairs(&[["ring 2", "whistle 1"]]));
        rotate(&house, &scope, id, "ring", "ring 3", HOUR).await;
        let secrets = BTreeMap::from([("ring".to_owned(), Some(ChannelSecret::new("ring 4")))]);
        let change = ChannelChange { secrets, ..ChannelChange::default() };
        house.does(&scope, move |tx| channels::update(tx, id, &change)).await;
        assert_eq!(tried(&house, id).await, pairs(&[["ring 4", "whistle 1"]]));
        rotate(&house, &scope, id, "ring", "ring 5", HOUR).await;
        let last = house.does(&scope, move |tx| channels::disconnect(tx, id)).await;
        assert_eq!(last.secrets["ring"].expose(), "ring 5");
        let stored = house.sees(&scope, move |tx| kept(tx, id)).await;
        assert!(stored.secrets.is_empty() && stored.previous.is_empty(), "disconnecting removes them all");
    }

    #[tokio::test]
    async fn who_may_not_or_wants_too_long_is_refused() {
        let house = House::open();
        let scope = house.workspace().await;
        let id = channel(&house, &scope).await;
        let (_, agent) = house.member(&scope, "agent@example.org", Role::Agent).await;
        let other = house.workspace().await;
        for (by, grace, expected) in [
            (&agent, HOUR, "forbidden"),
            (&other, HOUR, "not_found"),
            (&scope, GRACE_MOST_MS + 1, "invalid"),
            (&scope, -1, "invalid"),
            (&scope, GRACE_MOST_MS, "no error"),
        ] {
            let rotate = move |tx: &Tx<'_>| rotate_secret(tx, id, "ring", &ChannelSecret::new("new"), grace);
            assert_eq!(code(house.vault.write(by, rotate).await), expected);
        }
    }
}
