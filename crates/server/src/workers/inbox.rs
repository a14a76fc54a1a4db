//! Received requests become messages: one worker per channel at a time, in the order of receipt.

use engine::receive::{self, Applied, Source};
use futures_util::future::join_all;
use vault::inbox::{self, ClaimedInbox, Failed, Received};
use vault::{InboxId, Millis, Tx, Wake};

use crate::app::{Shared, Signal};

/// How many channels are worked on at once.
const CHANNELS: i64 = 16;
/// How many requests are applied in one transaction…
const BATCH: i64 = 32;
/// …and how many while others wait for the database: providers that wait for their 200 repeat, what is kept does not.
const SMALL_BATCH: i64 = 4;
/// From how many waiting closures on the batch is small.
const BUSY: usize = 16;
/// How long a channel is held without renewal, in milliseconds.
const LEASE: Millis = 30_000;

pub(super) async fn run(app: Shared) {
    super::whenever(&app, |wake| wake == Wake::Inbox, || step(&app)).await;
}

/// Works off what waits on every channel nobody else works on; how many requests it were.
async fn step(app: &Shared) -> vault::Result<usize> {
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
        let most = if app.vault.busy() < BUSY { BATCH } else { SMALL_BATCH };
        let waiting = app.vault.read(&claimed.scope, move |tx| inbox::waiting(tx, channel, most)).await?;
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
        note(app, claimed, change);
    }
    Ok(())
}

fn note(app: &Shared, claimed: &ClaimedInbox, change: Applied) {
    match change {
        Applied::Changed(kind) | Applied::Nothing(kind) => app.metrics.event(kind),
        Applied::Typing(conversation, contact) => {
            app.signal(Signal::ContactTyping(claimed.scope.workspace(), conversation, contact));
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
