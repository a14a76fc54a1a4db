//! What an account's provider was asked to tell here, and whether it does.
//!
//! What it tells is a hint: the account is asked what came, sooner than it would have been. How much rarer it is asked otherwise
//! depends on whether hints come. One has to be heard first; and where asking brings something that no hint told of, the provider is
//! taken to be silent until the next is heard.

use super::{bump, place, require_on, require_over};
use crate::jobs::{self, JobKind};
use crate::sealing::Under;
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, Error, Millis, Result, Tx};

/// How often at most it is noted that something was heard.
const NOTED_MS: Millis = 30_000;

/// Keeps what the provider was asked to tell and until when it will (`None`: nothing more). Where it is another than before, a
/// hint of it has to be heard before it is relied on.
///
/// # Errors
/// `channel_off` if the channel was disconnected.
pub fn keep_watch(tx: &Tx<'_>, id: ChannelId, watch: Option<(&str, Millis)>) -> Result<()> {
    require_over(tx, id)?;
    require_on(tx, id)?;
    let row = id.to_string();
    let kept = tx
        .maybe(sql!("SELECT watch_sealed FROM channels WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get::<Option<Vec<u8>>>(0)
        })?
        .flatten();
    let (text, until) = watch.unzip();
    if open(tx, &row, kept)? == text.unwrap_or_default() {
        tx.run(sql!("UPDATE channels SET watch_until = $3 WHERE workspace_id = $1 AND id = $2"), params![id, until])?;
        return Ok(());
    }
    let seal = |text: &str| tx.seal(Under::Workspace, place("watch_sealed", &row), text.as_bytes());
    let sealed = text.map(seal).transpose()?;
    tx.run(
        sql!(
            "UPDATE channels SET watch_sealed = $3, watch_until = $4, watch_heard_at = NULL \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, sealed, until],
    )?;
    bump(tx, id)
}

/// The provider told that there is news: the account is asked now, unless it said to wait.
pub fn told(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    require_over(tx, id)?;
    tx.run(
        sql!(
            "UPDATE channels SET watch_heard_at = $3 WHERE workspace_id = $1 AND id = $2 AND watch_sealed IS NOT NULL \
             AND (watch_heard_at IS NULL OR watch_heard_at < $4)"
        ),
        params![id, tx.now(), tx.now() - NOTED_MS],
    )?;
    jobs::hint(tx, JobKind::PollChannel, &id.to_string())
}

/// Whether the provider can be relied on to tell of news, after the account was asked: `brought` says whether something had come.
/// If it had, and nothing was heard `within` that time, the provider is silent, and it is looked after at once.
pub fn is_told(tx: &Tx<'_>, id: ChannelId, brought: bool, within: Millis) -> Result<bool> {
    let found = tx.maybe(
        sql!(
            "SELECT watch_until, watch_heard_at FROM channels WHERE workspace_id = $1 AND id = $2 \
             AND watch_until IS NOT NULL AND watch_heard_at IS NOT NULL"
        ),
        params![id],
        |row| Ok((row.get::<Millis>(0)?, row.get::<Millis>(1)?)),
    )?;
    let Some((until, heard_at)) = found else { return Ok(false) };
    if brought && heard_at < tx.now() - within {
        tx.run(sql!("UPDATE channels SET watch_heard_at = NULL WHERE workspace_id = $1 AND id = $2"), params![id])?;
        jobs::enqueue(tx, JobKind::WatchAccount, &id.to_string(), tx.now())?;
        return Ok(false);
    }
    Ok(tx.now() < until)
}

/// The text of a sealed cell; empty if there is none.
pub(super) fn open(tx: &Tx<'_>, row: &str, sealed: Option<Vec<u8>>) -> Result<String> {
    let Some(sealed) = sealed else { return Ok(String::new()) };
    let plain = tx.open(place("watch_sealed", row), &sealed)?.ok_or(Error::Erased)?;
    String::from_utf8(plain).map_err(|_| Error::Seal("what a provider was asked to tell is no text"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;
    use crate::channels::{account, disconnect, version};
    use crate::testing::house::{House, code, on_both};

    const WITHIN: Millis = 60_000;

    async fn keeps(house: &House, scope: &Scope, id: ChannelId, watch: Option<(&'static str, Millis)>) {
        house.does(scope, move |tx| keep_watch(tx, id, watch)).await;
    }

    async fn relied(house: &House, scope: &Scope, id: ChannelId, brought: bool) -> bool {
        house.does(scope, move |tx| is_told(tx, id, brought, WITHIN)).await
    }

    /// Whether a job of this kind is due now.
    async fn due(house: &House, kind: JobKind) -> bool {
        let claimed = house.vault.claim_outside(20, 1_000).await.unwrap();
        claimed.iter().any(|job| job.kind == kind)
    }

    #[tokio::test]
    async fn who_was_heard_is_relied_on_until_it_ends_or_misses_something() {
        on_both(async |house| {
            let scope = house.workspace().await;
            let id = house.channel(&scope, "pigeon").await;
            let until = house.clock_now() + 500_000;
            assert!(!relied(house, &scope, id, false).await, "nobody was asked");
            house.does(&scope, move |tx| told(tx, id)).await;
            assert!(!relied(house, &scope, id, false).await, "nor was anybody listened to");
            let before = house.sees(&scope, move |tx| version(tx, id)).await;
            keeps(house, &scope, id, Some(("first", until))).await;
            assert_eq!(house.sees(&scope, move |tx| account(tx, id)).await.watch, "first");
            let changed = house.sees(&scope, move |tx| version(tx, id)).await;
            assert!(changed > before, "every node opens the account anew");
            assert!(!relied(house, &scope, id, true).await, "it has not been heard yet");
            house.does(&scope, move |tx| told(tx, id)).await;
            assert!(relied(house, &scope, id, true).await);
            // Renewed, it is the same as before.
            keeps(house, &scope, id, Some(("first", until + 1))).await;
            assert_eq!(house.sees(&scope, move |tx| version(tx, id)).await, changed);
            house.clock.advance(WITHIN + 1);
            assert!(relied(house, &scope, id, false).await, "nothing came, so nothing was missed");
            due(house, JobKind::WatchAccount).await;
            assert!(!relied(house, &scope, id, true).await, "something came of which nothing was heard");
            assert!(due(house, JobKind::WatchAccount).await, "it is looked after");
            house.does(&scope, move |tx| told(tx, id)).await;
            assert!(relied(house, &scope, id, true).await, "it is heard again");
            keeps(house, &scope, id, Some(("second", until))).await;
            assert!(!relied(house, &scope, id, false).await, "another has to be heard first");
            house.does(&scope, move |tx| told(tx, id)).await;
            house.clock.advance(500_000);
            assert!(!relied(house, &scope, id, false).await, "it has ended");
        })
        .await;
    }

    #[tokio::test]
    async fn a_hint_has_the_account_asked_unless_it_is_to_wait() {
        on_both(async |house| {
            let scope = house.workspace().await;
            let id = house.channel(&scope, "pigeon").await;
            let later = house.clock_now() + 300_000;
            let poll = move |tx: &Tx<'_>| jobs::enqueue(tx, JobKind::PollChannel, &id.to_string(), later);
            house.does(&scope, poll).await;
            house.does(&scope, move |tx| told(tx, id)).await;
            let claimed = house.vault.claim_outside(20, 1_000).await.unwrap();
            let job = claimed.into_iter().find(|job| job.kind == JobKind::PollChannel).expect("it is due");
            let held = job.clone();
            house.does(&scope, move |tx| jobs::put_off(tx, &held, later)).await;
            house.does(&scope, move |tx| told(tx, id)).await;
            assert!(!due(house, JobKind::PollChannel).await, "its provider said to wait");
        })
        .await;
    }

    #[tokio::test]
    async fn nothing_is_kept_of_a_channel_that_was_disconnected() {
        on_both(async |house| {
            let scope = house.workspace().await;
            let id = house.channel(&scope, "pigeon").await;
            keeps(house, &scope, id, Some(("first", house.clock_now() + 1))).await;
            let last = house.does(&scope, move |tx| disconnect(tx, id)).await;
            assert_eq!(last.watch, "first", "so that the provider can be told to stop");
            assert_eq!(code(house.vault.write(&scope, move |tx| keep_watch(tx, id, None)).await), "channel_off");
        })
        .await;
    }
}
