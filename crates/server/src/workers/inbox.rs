//! Received requests become messages: one worker per channel at a time, in the order of receipt.

use engine::receive::{self, Applied, Source};
use futures_util::future::join_all;
use vault::inbox::{self, ClaimedInbox, Received};
use vault::{Millis, Wake};

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

/// Works a channel's requests off and gives the channel back, also when something stood in the way.
async fn drain(app: &Shared, claimed: &ClaimedInbox) -> vault::Result<usize> {
    let done = work_off(app, claimed).await;
    app.vault.release_inbox(claimed).await?;
    done
}

async fn work_off(app: &Shared, claimed: &ClaimedInbox) -> vault::Result<usize> {
    let mut done = 0;
    let mut renewed = app.now();
    let source = source(app, claimed).await?;
    loop {
        let channel = claimed.channel;
        let most = if app.vault.busy() < BUSY { BATCH } else { SMALL_BATCH };
        let batch = app.vault.read(&claimed.scope, move |tx| inbox::waiting(tx, channel, most)).await?;
        if batch.is_empty() || *app.stopping.borrow() {
            return Ok(done);
        }
        done += batch.len();
        apply(app, claimed, source, batch).await?;
        if app.now() - renewed > LEASE / 3 {
            if !app.vault.renew_inbox(claimed, LEASE).await? {
                return Ok(done);
            }
            renewed = app.now();
        }
    }
}

/// Applies a batch in one transaction; if that fails, one by one, so that a bad request holds up nothing but itself.
async fn apply(
    app: &Shared,
    claimed: &ClaimedInbox,
    source: Option<Source>,
    batch: Vec<Received>,
) -> vault::Result<()> {
    let Some(source) = source else {
        return put_off(app, claimed, &batch, "no_connector").await;
    };
    if try_apply(app, claimed, source, batch.clone()).await.is_ok() {
        return Ok(());
    }
    for request in batch {
        if let Err(error) = try_apply(app, claimed, source, vec![request.clone()]).await {
            tracing::warn!(request = %request.id, attempts = request.attempts, %error, "a received request could not be applied");
            put_off(app, claimed, &[request], "not_applied").await?;
        }
    }
    Ok(())
}

async fn try_apply(
    app: &Shared,
    claimed: &ClaimedInbox,
    source: Source,
    batch: Vec<Received>,
) -> vault::Result<()> {
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

async fn put_off(
    app: &Shared,
    claimed: &ClaimedInbox,
    batch: &[Received],
    code: &'static str,
) -> vault::Result<()> {
    let ids: Vec<_> = batch.iter().map(|request| request.id).collect();
    app.vault.write(&claimed.scope, move |tx| ids.iter().try_for_each(|id| inbox::put_off(tx, *id, code))).await
}
