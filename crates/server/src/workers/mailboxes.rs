//! Mailboxes in which mail is waited for: one connection for each account that has one. What it says is a hint to ask the
//! account now, and nothing else: without it the account is asked all the same, only later.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connect::MailServer;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use vault::polls::Asked;
use vault::{ChannelId, Wake, channels};

use super::polling;
use crate::app::Shared;
use crate::outbound::WatchEnd;

/// How many connections are kept at most; the accounts above that are asked from time to time.
const MOST: usize = 500;
/// How soon it is seen at most that a channel was connected, changed or disconnected here…
const AT_MOST_EVERY: Duration = Duration::from_secs(2);
/// …or on another node.
const AT_LEAST_EVERY: Duration = Duration::from_mins(1);
/// Hints that come so close together are one.
const GATHER: Duration = Duration::from_secs(1);
/// The first pause after a connection that ended; it doubles…
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// …up to this.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// The pause where the server cannot be waited at, or lets us not in: whoever asks the account tells the members.
const WITHOUT: Duration = Duration::from_mins(30);

/// A channel as it was when it was looked at.
struct Known {
    version: i64,
    /// Whoever waits in its mailbox; nobody, if it has none.
    watcher: Option<Watcher>,
}

/// A task that ends with this.
struct Watcher(JoinHandle<()>);

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) async fn run(app: Shared) {
    let mut known = BTreeMap::new();
    let mut wakes = app.vault.wakes();
    let mut stopping = app.stopping.subscribe();
    while !*stopping.borrow() {
        match look(&app, &mut known).await {
            Ok(()) => {}
            Err(vault::Error::Closed) => return,
            Err(error) => tracing::warn!(%error, "it could not be seen where mail is to be waited for"),
        }
        let next = async {
            tokio::time::sleep(AT_MOST_EVERY).await;
            let changed = super::woken(&mut wakes, |wake| matches!(wake, Wake::Facts(_)));
            tokio::time::timeout(AT_LEAST_EVERY, changed).await.ok();
        };
        tokio::select! {
            biased;
            _ = stopping.changed() => {}
            () = next => {}
        }
    }
}

/// Compares what there is with what is watched.
async fn look(app: &Shared, known: &mut BTreeMap<ChannelId, Known>) -> vault::Result<()> {
    let mut there = BTreeMap::new();
    for connector in connect::channels::all().iter().filter(|connector| connector.spec().limits.poll_ms > 0) {
        let asked = app.vault.asked(connector.spec().kind).await?;
        there.extend(asked.into_iter().map(|asked| (asked.channel, asked)));
    }
    known.retain(|channel, known| there.get(channel).is_some_and(|asked| asked.version == known.version));
    for (channel, asked) in there {
        let watching = known.values().filter(|known| known.watcher.is_some()).count();
        if known.contains_key(&channel) || watching >= MOST {
            continue;
        }
        let version = asked.version;
        let watcher = mailbox(app, &asked).await?.map(|mailbox| {
            let app = app.clone();
            Watcher(tokio::spawn(async move { keep(&app, &asked, &mailbox).await }))
        });
        known.insert(channel, Known { version, watcher });
    }
    Ok(())
}

/// The mailbox of a channel's account, if it has one.
async fn mailbox(app: &Shared, asked: &Asked) -> vault::Result<Option<MailServer>> {
    let channel = asked.channel;
    let kept = match app.vault.read(&asked.scope, move |tx| channels::account(tx, channel)).await {
        Ok(kept) => kept,
        // It was disconnected just now.
        Err(vault::Error::Conflict { .. } | vault::Error::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(connector) = connect::channels::by_kind(&kept.kind) else { return Ok(None) };
    Ok(connector.mailbox(&app.account(&kept, connector.spec())))
}

/// Waits in a mailbox, connects again when that ends, and has the account asked whenever something may have come.
async fn keep(app: &Shared, asked: &Asked, mailbox: &MailServer) {
    let (news, opened) = (Notify::new(), AtomicBool::new(false));
    let changed = || {
        opened.store(true, Ordering::Relaxed);
        news.notify_one();
    };
    let watching = async {
        let mut failures = 0;
        while let Some(watch) = app.outbound.watch(mailbox, &changed) {
            let end = watch.await;
            failures = if opened.swap(false, Ordering::Relaxed) { 1 } else { failures + 1 };
            tracing::debug!(channel = %asked.channel, ?end, failures, "a mailbox is no longer waited at");
            tokio::time::sleep(pause(end, failures, app.ctx().chance[0])).await;
        }
    };
    let waking = async {
        loop {
            news.notified().await;
            if let Err(error) = polling::wake(app, &asked.scope, asked.channel).await {
                tracing::warn!(channel = %asked.channel, %error, "an account with news could not be had asked");
            }
            tokio::time::sleep(GATHER).await;
        }
    };
    tokio::select! {
        () = watching => {}
        () = waking => {}
    }
}

/// How long it is until a mailbox is tried again; the last quarter is left to chance, so that many do not come at once.
fn pause(end: WatchEnd, failures: u32, chance: u8) -> Duration {
    let full = match end {
        WatchEnd::Broken => (FIRST_PAUSE * 2_u32.pow(failures.clamp(1, 10) - 1)).min(LONGEST_PAUSE),
        WatchEnd::Denied | WatchEnd::Unable => WITHOUT,
    };
    full.saturating_sub(full / 4 * u32::from(chance) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow() {
        let pauses: Vec<u64> = (0..12).map(|failures| pause(WatchEnd::Broken, failures, 0).as_secs()).collect();
        assert_eq!(pauses, [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(pause(WatchEnd::Broken, u32::MAX, 255), Duration::from_secs(225));
        assert_eq!(pause(WatchEnd::Denied, 1, 0), WITHOUT);
    }
}
