//! Received requests become messages, in the order of receipt: a channel's oldest are taken and applied in one transaction.
//! Where that fails, one worker holds the channel and applies them one by one, with pauses.
//!
//! Receiving goes before working off: while many wait for the database, whoever waits for his 200 would repeat what he sent,
//! and what is kept already is safe. But what waits is worked off all the time, and takes its turn once it is old.

use std::time::Duration;

use engine::receive::{self, Applied, Source};
use futures_util::future::join_all;
use vault::inbox::{self, ClaimedInbox, Failed, Ready, Received};
use vault::{InboxId, Millis, Scope, Tx, Wake};

use crate::app::{Shared, Signal};

/// How many channels are worked on at once.
const CHANNELS: i64 = 16;
/// How many requests are applied in one transaction…
const BATCH: i64 = 96;
/// …and how many while the database is busy: what waits for it waits for the whole transaction.
const BUSY_BATCH: i64 = 48;
/// From how many requests that come during one full batch on it is busy, and a channel pauses after each…
const BUSY: u64 = 16;
/// …for so many times as long as the batch took…
const BUSY_SHARE: u64 = 6;
/// …but for these milliseconds…
const BUSY_PAUSE: std::ops::RangeInclusive<u64> = 50..=600;
/// …unless what it works on was received longer ago than this, in milliseconds.
const PATIENCE: Millis = 10_000;
/// How long a channel's turn is, in milliseconds: then it is seen on which channels something waits.
const TURN: Millis = 200;
/// How long a channel is held without renewal, in milliseconds.
const LEASE: Millis = 30_000;

pub(super) async fn run(app: Shared) {
    super::whenever(&app, |wake| wake == Wake::Inbox, || step(&app)).await;
}

/// Works off what waits on every channel; how many requests it were.
async fn step(app: &Shared) -> vault::Result<usize> {
    let ready = app.vault.ready_inboxes(CHANNELS).await?;
    let worked = join_all(ready.iter().map(|ready| work(app, ready))).await;
    worked.into_iter().sum()
}

/// Works a channel off, a batch in a transaction. Whatever stands in the way is for the careful to find out.
async fn work(app: &Shared, ready: &Ready) -> vault::Result<usize> {
    let Some(connector) = connect::channels::by_kind(&ready.kind) else { return carefully(app).await };
    let source = Source { channel: ready.channel, connector };
    let (mut done, mut busy, began) = (0, false, app.now());
    // No channel's work is so long that the others' would wait for it.
    while !*app.stopping.borrow() && app.now() - began < TURN {
        let (before, from) = (app.vault.received(), app.now());
        let most = if busy { BUSY_BATCH } else { BATCH };
        let Ok(batch) = app.vault.write(&ready.scope, move |tx| take_and_apply(tx, source, most)).await else {
            return Ok(done + carefully(app).await?);
        };
        let Some(received_at) = batch.received_at else { break };
        done += batch.requests;
        batch.applied.into_iter().for_each(|change| note(app, &ready.scope, change));
        let is_full = i64::try_from(batch.requests).is_ok_and(|requests| requests == most);
        busy = is_full && app.vault.received() - before >= BUSY;
        if busy && app.now() - received_at < PATIENCE {
            tokio::time::sleep(pause_after(app.now() - from)).await;
        }
    }
    Ok(done)
}

/// How long a busy channel pauses after a batch that took so many milliseconds.
fn pause_after(took: Millis) -> Duration {
    let share = u64::try_from(took).unwrap_or(0).saturating_mul(BUSY_SHARE);
    Duration::from_millis(share.clamp(*BUSY_PAUSE.start(), *BUSY_PAUSE.end()))
}

/// A batch that was applied.
struct Batch {
    requests: usize,
    /// When the oldest of it was received; `None`: nothing waited.
    received_at: Option<Millis>,
    applied: Vec<Applied>,
}

fn take_and_apply(tx: &Tx<'_>, source: Source, most: i64) -> vault::Result<Batch> {
    let waiting = inbox::next(tx, source.channel, most)?;
    if !waiting.unreadable.is_empty() {
        return Err(vault::Error::Seal("a received request cannot be opened"));
    }
    let applied = receive::process(tx, source, &waiting.requests)?;
    let received_at = waiting.requests.first().map(|request| request.received.at);
    Ok(Batch { requests: waiting.requests.len(), received_at, applied })
}

/// Works off, one request at a time where need be, what waits on every channel nobody else holds; how many requests it were.
async fn carefully(app: &Shared) -> vault::Result<usize> {
    let claimed = app.vault.claim_inbox(CHANNELS, LEASE).await?;
    let drained = join_all(claimed.iter().map(|claimed| drain(app, claimed))).await;
    drained.into_iter().sum()
}

/// Works a channel's requests off and gives the channel back, also when something stood in the way: then with a pause.
async fn drain(app: &Shared, claimed: &ClaimedInbox) -> vault::Result<usize> {
    let done = work_off(app, claimed).await;
    let pause = match &done {
        Ok((_, pause)) => *pause,
        Err(_) => Some(inbox::pause_after(0)),
    };
    app.vault.release_inbox(claimed, pause).await?;
    done.map(|(done, _)| done)
}

/// How many requests were worked off, and for how long the channel is to wait if one of them failed.
async fn work_off(app: &Shared, claimed: &ClaimedInbox) -> vault::Result<(usize, Option<Millis>)> {
    let mut done = 0;
    let mut renewed = app.now();
    let source = source(app, claimed).await?;
    loop {
        let channel = claimed.channel;
        let waiting = app.vault.read(&claimed.scope, move |tx| inbox::waiting(tx, channel, BATCH)).await?;
        set_aside(app, claimed, waiting.unreadable).await?;
        let batch = waiting.requests;
        if batch.is_empty() || *app.stopping.borrow() {
            return Ok((done, None));
        }
        let count = batch.len();
        if let Some(pause) = apply(app, claimed, source, batch).await? {
            return Ok((done, Some(pause)));
        }
        done += count;
        if app.now() - renewed > LEASE / 3 {
            if !app.vault.renew_inbox(claimed, LEASE).await? {
                return Ok((done, None));
            }
            renewed = app.now();
        }
    }
}

/// What cannot be opened any more is set aside at once: its key is gone, and the others go on.
async fn set_aside(app: &Shared, claimed: &ClaimedInbox, unreadable: Vec<InboxId>) -> vault::Result<()> {
    if unreadable.is_empty() {
        return Ok(());
    }
    tracing::warn!(channel = %claimed.channel, count = unreadable.len(), "received requests cannot be opened and are set aside");
    let write = move |tx: &Tx<'_>| unreadable.iter().try_for_each(|id| inbox::set_aside(tx, *id, "cannot_be_opened"));
    app.vault.write(&claimed.scope, write).await
}

/// Applies a batch in one transaction; if that fails, one by one, as far as the first that fails. How long the channel is
/// then to wait for it, so that what came later does not overtake it.
async fn apply(
    app: &Shared,
    claimed: &ClaimedInbox,
    source: Option<Source>,
    batch: Vec<Received>,
) -> vault::Result<Option<Millis>> {
    let Some(source) = source else {
        // A channel of another version of the program, which may come back.
        let Some(first) = batch.into_iter().next() else { return Ok(None) };
        return put_off(app, claimed, first, vault::Error::conflict("no_connector", "no connector for this channel"))
            .await;
    };
    if try_apply(app, claimed, source, batch.clone()).await.is_ok() {
        return Ok(None);
    }
    for request in batch {
        if let Err(error) = try_apply(app, claimed, source, vec![request.clone()]).await
            && let Some(pause) = put_off(app, claimed, request, error).await?
        {
            return Ok(Some(pause));
        }
    }
    Ok(None)
}

async fn try_apply(app: &Shared, claimed: &ClaimedInbox, source: Source, batch: Vec<Received>) -> vault::Result<()> {
    let applied = app.vault.write(&claimed.scope, move |tx| receive::process(tx, source, &batch)).await?;
    for change in applied {
        note(app, &claimed.scope, change);
    }
    Ok(())
}

fn note(app: &Shared, scope: &Scope, change: Applied) {
    match change {
        Applied::Changed(kind) | Applied::Nothing(kind) => app.metrics.event(kind),
        Applied::Typing(conversation, contact) => {
            app.signal(Signal::ContactTyping(scope.workspace(), conversation, contact));
        }
    }
}

async fn source(app: &Shared, claimed: &ClaimedInbox) -> vault::Result<Option<Source>> {
    let channel = claimed.channel;
    let (kind, _) = app.vault.read(&claimed.scope, move |tx| vault::channels::kind_and_state(tx, channel)).await?;
    Ok(connect::channels::by_kind(&kind).map(|connector| Source { channel, connector }))
}

/// Notes a failure; how long the channel waits, unless the request was set aside.
async fn put_off(
    app: &Shared,
    claimed: &ClaimedInbox,
    request: Received,
    error: vault::Error,
) -> vault::Result<Option<Millis>> {
    tracing::warn!(request = %request.id, attempts = request.attempts, %error, "a received request could not be applied");
    let note = move |tx: &Tx<'_>| inbox::put_off(tx, &request, &error, "not_applied");
    Ok(match app.vault.write(&claimed.scope, note).await? {
        Failed::Pause(pause) => Some(pause),
        Failed::SetAside => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_channel_takes_a_seventh_of_the_time_and_never_waits_long() {
        for (took, pause) in [(-5, 50), (0, 50), (8, 50), (30, 180), (100, 600), (5_000, 600)] {
            assert_eq!(pause_after(took), Duration::from_millis(pause), "after {took} ms");
        }
    }
}
