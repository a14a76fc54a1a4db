//! Orders become calls: claimed through the gate at the account's pace, called, recorded.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use connect::{Connector, Content, Outgoing, Receipt, Reply, SendError};
use engine::deliver::{self, Outcome};
use futures_util::FutureExt;
use tokio::task::{JoinError, JoinSet};
use vault::outbox::{Cleared, Due, OutboxRow, Verdict};
use vault::{ChannelId, ConversationId, Millis, OutboxId, Scope, Wake, WorkspaceId, channels, conversations, messages};

use crate::app::Shared;
use crate::files::Door;
use crate::limits::Rate;
use crate::outbound::{Heard, drive};
use crate::telemetry::SendResult;
use crate::views::{ConversationView, MessageView};
use crate::{preferences, unsubscribing};

/// How many sends are under way at once. One channel has at most as many as are free beside it (half of all if it is alone, a
/// third if there are two), so that others have their share whatever some providers do.
const AT_ONCE: usize = 64;
/// How many may be under way for one that ends to bring a look at once; with more, others are let end first…
const FEW: usize = AT_ONCE / 4;
/// …for so long.
const GATHER: std::time::Duration = std::time::Duration::from_millis(4);
/// How many due rows are looked at.
const LOOK: i64 = 256;
/// How long a claim lasts, in milliseconds: longer than the longest send with files may take.
const LEASE: Millis = 10 * 60_000;
/// How often recording what came of a call is tried.
const RECORD_TRIES: usize = 5;

/// The sends that are under way.
#[derive(Default)]
struct Sends {
    tasks: JoinSet<ChannelId>,
    /// How many each channel has.
    of: BTreeMap<ChannelId, usize>,
}

impl Sends {
    /// How many more may begin.
    fn room(&self) -> usize {
        AT_ONCE.saturating_sub(self.tasks.len())
    }

    /// How many a channel has.
    fn of(&self, channel: ChannelId) -> usize {
        self.of.get(&channel).copied().unwrap_or(0)
    }

    fn begin(&mut self, app: &Shared, scope: Scope, row: Cleared<OutboxRow>) {
        let (app, channel) = (app.clone(), row.channel);
        *self.of.entry(channel).or_default() += 1;
        self.tasks.spawn(async move {
            // Whatever happens, its place is free afterwards.
            if AssertUnwindSafe(send(&app, &scope, row)).catch_unwind().await.is_err() {
                tracing::error!(%channel, "a send ended in the middle; what came of it is taken for unknown");
            }
            app.pace().ended(&channel.to_string());
            channel
        });
    }

    /// One that ended.
    fn ended(&mut self, one: &Result<ChannelId, JoinError>) {
        let Ok(channel) = one else { return };
        if let Some(count) = self.of.get_mut(channel) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.of.remove(channel);
            }
        }
    }
}

pub(super) async fn run(app: Shared) {
    let mut sends = Sends::default();
    let mut wakes = app.vault.wakes();
    let mut stopping = app.stopping.subscribe();
    while !*stopping.borrow() {
        let pause = match step(&app, &mut sends).await {
            Ok(pause) => pause,
            Err(vault::Error::Closed) => break,
            Err(error) => {
                tracing::error!(%error, "the outbox could not be read and will be looked at again");
                super::AFTER_FAILURE
            }
        };
        tokio::select! {
            biased;
            () = super::woken(&mut wakes, |wake| wake == Wake::Outbox) => {}
            Some(one) = sends.tasks.join_next() => sends.ended(&one),
            () = tokio::time::sleep(pause) => {}
            _ = stopping.changed() => {}
        }
        if sends.tasks.len() > FEW {
            tokio::time::sleep(GATHER).await;
        }
        while let Some(one) = sends.tasks.try_join_next() {
            sends.ended(&one);
        }
    }
    // What is under way is finished: a call cut here would be a message of unknown outcome.
    while sends.tasks.join_next().await.is_some() {}
}

/// Claims what may go now and starts sending it; how long until something else may.
async fn step(app: &Shared, sends: &mut Sends) -> vault::Result<std::time::Duration> {
    if sends.room() == 0 {
        return Ok(super::LOOK_EVERY);
    }
    let due = app.vault.due_outbox(LOOK).await?;
    let (ready, wait) = paced(app, due, sends);
    for (workspace, rows) in ready {
        let claimed = app.vault.claim_outbox(workspace, rows, LEASE).await.unwrap_or_else(|error| {
            tracing::error!(%workspace, %error, "a workspace's sends could not be claimed and will be looked at again");
            Vec::new()
        });
        for claimed in claimed {
            match claimed.verdict {
                Verdict::Cleared(row) => sends.begin(app, claimed.scope, *row),
                Verdict::Stopped(message, refusal) => {
                    tracing::info!(%message, code = refusal.code(), "a send was stopped at the gate");
                }
                Verdict::Waits(message, _) => {
                    tracing::info!(%message, "a template waits until its account may write first to more people");
                }
                Verdict::Unknown(message) => {
                    tracing::info!(%message, "what became of a send was never told");
                }
                Verdict::Gone => {}
            }
        }
    }
    Ok(wait)
}

/// Which due rows their accounts' pace lets go now, and how long until the next. A row of a channel that is off goes on
/// to the gate, which stops it.
fn paced(app: &Shared, due: Vec<Due>, sends: &Sends) -> (BTreeMap<WorkspaceId, Vec<OutboxId>>, std::time::Duration) {
    let mut ready: BTreeMap<WorkspaceId, Vec<OutboxId>> = BTreeMap::new();
    let (now, mut next) = (app.now(), Millis::MAX);
    let (mut free, mut of): (usize, BTreeMap<ChannelId, usize>) = (sends.room(), BTreeMap::new());
    for row in due {
        if free == 0 {
            break;
        }
        let own = of.entry(row.channel).or_insert_with(|| sends.of(row.channel));
        if *own > 0 && *own >= free {
            // One that ends wakes it.
            continue;
        }
        let connector = connect::channels::by_kind(&row.kind);
        let rate = connector.map(|connector| Rate::from(&connector.spec().limits)).unwrap_or_default();
        let at = app.pace().ready_at(&row.channel.to_string(), rate, &row.conversation.to_string(), now);
        if at <= now {
            *own += 1;
            ready.entry(row.workspace).or_default().push(row.id);
            free -= 1;
        } else {
            next = next.min(at);
        }
    }
    let wait = u64::try_from(next.saturating_sub(now)).unwrap_or(0).clamp(1, 1_000);
    (ready, std::time::Duration::from_millis(wait))
}

async fn send(app: &Shared, scope: &Scope, row: Cleared<OutboxRow>) {
    if let Err(error) = try_send(app, scope, &row).await {
        // The lease runs out, and whoever finds the row then takes it for a lost reply.
        tracing::error!(message = %row.message, %error, "what came of a send could not be recorded");
    }
}

struct Prepared {
    connector: &'static dyn Connector,
    account: connect::Account,
    outgoing: Outgoing,
}

async fn try_send(app: &Shared, scope: &Scope, row: &Cleared<OutboxRow>) -> vault::Result<()> {
    let prepared = match prepare(app, scope, row).await {
        Ok(Some(prepared)) => prepared,
        Ok(None) => {
            let row = row.clone();
            return app.vault.write(scope, move |tx| deliver::nothing_left(tx, &row)).await;
        }
        // Nothing left the machine: unless an earlier worker may have sent it, it is simply tried again.
        Err(error) if !row.doubtful => {
            tracing::warn!(message = %row.message, %error, "a send could not be prepared and will be tried again");
            let row = row.clone();
            return app.vault.write(scope, move |tx| deliver::not_prepared(tx, &row)).await;
        }
        Err(error) => return Err(error),
    };
    app.pace().note(&row.channel.to_string(), prepared.connector.per_second(&prepared.account));
    let (result, row) = if deliver::is_past_repeating(row, prepared.connector, app.now()) {
        (Ok(Receipt::Unknown), row.clone())
    } else {
        call(app, scope, row, &prepared).await
    };
    let outcome = record(app, scope, &row, &result).await?;
    app.metrics.send(prepared.connector.spec().kind, counted(outcome, &result));
    if let Outcome::AccountWaits(until) = outcome {
        app.pace().throttle(&row.channel.to_string(), until);
    }
    Ok(())
}

async fn prepare(app: &Shared, scope: &Scope, row: &Cleared<OutboxRow>) -> vault::Result<Option<Prepared>> {
    let wanted = row.clone();
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let Some(connector) = deliver::connector_of(tx, &wanted)? else { return Ok(None) };
        let Some(mut outgoing) = deliver::prepare(tx, &wanted)? else { return Ok(None) };
        if connector.takes_posts() {
            let view = MessageView::from(messages::view(tx, wanted.message)?);
            outgoing.view = serde_json::to_string(&view).unwrap_or_default();
        }
        let account = channels::account(tx, wanted.channel)?;
        if connector.tells_about(&account.settings) {
            let about = ConversationView::from(conversations::view(tx, wanted.conversation)?);
            outgoing.about = serde_json::to_string(&about).unwrap_or_default();
        }
        Ok(Some((connector, outgoing, account)))
    };
    let found = app.vault.read(scope, read).await?;
    Ok(found.map(|(connector, mut outgoing, kept)| {
        outgoing.unsubscribe = outgoing.unsubscribe.map(|ticket| unsubscribing::address(app, &ticket));
        outgoing.preferences = outgoing.preferences.map(|ticket| preferences::address(app, &ticket));
        let account = app.account(&kept, connector.spec());
        Prepared { connector, account, outgoing }
    }))
}

/// Makes the calls; what came of them, and the row, which remembers if one may have been carried out unheard.
async fn call(
    app: &Shared,
    scope: &Scope,
    row: &Cleared<OutboxRow>,
    prepared: &Prepared,
) -> (Result<Receipt, SendError>, Cleared<OutboxRow>) {
    // The last look, whoever ordered it, and however long ago.
    let forbids = prepared.connector.spec().limits.forbids;
    if let Some(refused) = connect::forbidden::refusal(forbids, &prepared.outgoing.content) {
        return (Err(refused), row.clone());
    }
    let first = deliver::first_replies(row);
    let door = Door::sending(&app.vault, scope);
    let step = |ctx: &connect::Ctx, replies: &[Reply]| {
        let all: Vec<Reply> = first.iter().chain(replies).cloned().collect();
        prepared.connector.send(ctx, &prepared.outgoing, &prepared.account, &all)
    };
    let heard = Heard::over(&*app.outbound);
    let result = drive(&heard, &door, &row.channel.to_string(), || app.ctx(), step).await;
    let doubted = prepared.connector.repeats() && heard.missed_something();
    (result, if doubted { row.clone().doubted() } else { row.clone() })
}

async fn record(
    app: &Shared,
    scope: &Scope,
    row: &Cleared<OutboxRow>,
    result: &Result<Receipt, SendError>,
) -> vault::Result<Outcome> {
    let mut tried = 0;
    loop {
        tried += 1;
        let (row, result) = (row.clone(), result.clone());
        match app.vault.write(scope, move |tx| deliver::record(tx, &row, &result)).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) if tried == RECORD_TRIES => return Err(error),
            Err(_) => tokio::time::sleep(super::AFTER_FAILURE).await,
        }
    }
}

fn counted(outcome: Outcome, result: &Result<Receipt, SendError>) -> SendResult {
    match (outcome, result) {
        (Outcome::Sent, _) => SendResult::Sent,
        (Outcome::Unknown, _) => SendResult::Unknown,
        (Outcome::Later, _) => SendResult::Retried,
        (Outcome::AccountWaits(_), _) => SendResult::Throttled,
        (Outcome::AccountStops, _) => SendResult::Reauthorise,
        (Outcome::Failed, Err(SendError::OptedOut | SendError::OptedOutOf(_))) => SendResult::OptedOut,
        (Outcome::Failed, Err(SendError::WindowClosed)) => SendResult::WindowClosed,
        (Outcome::Failed, Err(SendError::Unsupported)) => SendResult::Unsupported,
        (Outcome::Failed, _) => SendResult::Refused,
    }
}

/// Shows the contact that a member is typing, where the channel can; nothing is kept of it, and failing is no matter.
pub fn show_typing(app: &Shared, scope: &Scope, conversation: ConversationId) {
    let (app, scope) = (app.clone(), scope.for_purpose(vault::Purpose::Delivery));
    tokio::spawn(async move {
        let Some(platform) = app.vault.platform_scope(&scope) else { return };
        let read = app.vault.read(&platform, move |tx| -> vault::Result<_> {
            let head = conversations::head(tx, conversation)?;
            let to = engine::deliver::recipient(tx, conversation, head.contact)?;
            let last = engine::reads::last_remote(tx, conversation)?;
            Ok((head.channel, to, last, channels::account(tx, head.channel)?))
        });
        let Ok((channel, to, last, kept)) = read.await else { return };
        let Some(connector) = connect::channels::by_kind(&kept.kind) else { return };
        if !connector.spec().capabilities.contains(&connect::Capability::Typing) {
            return;
        }
        let account = app.account(&kept, connector.spec());
        let message = format!("typing-{conversation}");
        // Each moment of typing is its own.
        let order = format!("{message}-{}", app.now());
        let content = Content::Typing { last };
        let outgoing = Outgoing::new(message, order, to, content);
        let door = Door::sending(&app.vault, &platform);
        let step = |ctx: &connect::Ctx, replies: &[Reply]| connector.send(ctx, &outgoing, &account, replies);
        drive(&*app.outbound, &door, &channel.to_string(), || app.ctx(), step).await.ok();
    });
}
