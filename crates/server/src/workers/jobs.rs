//! Jobs: claimed when due, done once more if a worker dies.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use vault::jobs::{self, ClaimedJob, JobKind, Lane};
use vault::retention::Standing;
use vault::{AttachmentId, Millis, Scope, Wake};

use super::{
    asking, closing, connecting, departing, erasure, fetching, polling, posting, proving, pushing, renewing, rotation,
    sweeping, templates, watching, witnessing,
};
use crate::app::Shared;

/// How many jobs run at once.
const AT_ONCE: usize = 8;
/// How many jobs at providers and mail servers are under way at once.
const OUTSIDE_AT_ONCE: usize = jobs::OUTSIDE_AT_ONCE;
/// How many posts to others are under way at once. They wait more than they work; one workspace has twenty webhooks with two
/// each at most, so no workspace can take them all.
const POSTS_AT_ONCE: usize = 64;
/// How long a claim lasts, in milliseconds.
pub(super) const LEASE: Millis = 10 * 60_000;
/// How often a job that may take longer is kept.
const RENEW_EVERY: Duration = Duration::from_mins(2);
/// How soon it is looked again for jobs that are due and cannot be taken yet: another node was first, or those they go to
/// have all they may have.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// How long an unused search index stays in memory, in milliseconds.
const INDEX_IDLE: Millis = 5 * 60_000;
/// How often the house is swept, in milliseconds.
const SWEEP_EVERY: Millis = 60 * 60_000;
/// How often at least it is looked for files of nobody, in milliseconds; where some were found, at the next sweep again.
const FILES_EVERY: Millis = 24 * 60 * 60_000;

/// All jobs that are done here.
pub(super) async fn run(app: Shared) {
    let mut swept = 0;
    let mut running = JoinSet::new();
    let orphans = Arc::default();
    take(&app, Lane::House, &mut running, |running| {
        if app.now() - swept > SWEEP_EVERY {
            swept = app.now();
            running.spawn(sweep(app.clone(), Arc::clone(&orphans)));
        }
    })
    .await;
}

/// What providers and mail servers are asked: however slow they are, nothing that is done here waits for them, and no workspace's
/// leave the others' without room.
pub(super) async fn run_outside(app: Shared) {
    take(&app, Lane::Outside, &mut JoinSet::new(), |_| ()).await;
}

/// Posts to whom members named: however slow they are, nothing else waits for them.
pub(super) async fn run_posts(app: Shared) {
    take(&app, Lane::Posts, &mut JoinSet::new(), |_| ()).await;
}

/// Takes jobs of a lane until the program stops, and finishes those it has.
async fn take(app: &Shared, lane: Lane, running: &mut JoinSet<()>, mut beside: impl FnMut(&mut JoinSet<()>)) {
    let mut wakes = app.vault.wakes();
    let mut stopping = app.stopping.subscribe();
    while !*stopping.borrow() {
        let pause = step(app, lane, running).await.unwrap_or_else(|error| {
            tracing::error!(%error, "jobs could not be claimed and will be looked for again");
            super::AFTER_FAILURE
        });
        beside(running);
        tokio::select! {
            biased;
            () = super::woken(&mut wakes, |wake| wake == Wake::Jobs) => {}
            Some(_) = running.join_next() => {}
            () = tokio::time::sleep(pause) => {}
            _ = stopping.changed() => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// Claims what is due and starts it; how long until the next is.
async fn step(app: &Shared, lane: Lane, running: &mut JoinSet<()>) -> vault::Result<Duration> {
    let at_once = match lane {
        Lane::House => AT_ONCE,
        Lane::Outside => OUTSIDE_AT_ONCE,
        Lane::Posts => POSTS_AT_ONCE,
    };
    while running.try_join_next().is_some() {}
    let room = at_once.saturating_sub(running.len());
    if room == 0 {
        // Whichever ends makes room.
        return Ok(super::LOOK_EVERY);
    }
    // Looked first: each message asks for a job that is due later, and a look is cheaper than a claim.
    let mut next = app.vault.next_due_of(lane).await?.unwrap_or(Millis::MAX);
    if next <= app.now() {
        let room = i64::try_from(room).unwrap_or(0);
        let claimed = match lane {
            Lane::House => app.vault.claim_jobs(room, LEASE).await?,
            Lane::Outside => app.vault.claim_outside(room, LEASE).await?,
            Lane::Posts => app.vault.claim_posts(room, LEASE).await?,
        };
        if claimed.is_empty() {
            return Ok(AGAIN_AFTER);
        }
        for job in claimed {
            let app = app.clone();
            running.spawn(async move { work(&app, job).await });
        }
        next = app.vault.next_due_of(lane).await?.unwrap_or(Millis::MAX);
    }
    let wait = u64::try_from(next.saturating_sub(app.now())).unwrap_or(0).clamp(5, 1_000);
    Ok(Duration::from_millis(wait))
}

async fn work(app: &Shared, job: ClaimedJob) {
    let scope = job.scope();
    let done = match job.kind {
        JobKind::FetchFile => fetching::fetch(app, &scope, &job).await,
        JobKind::DropFile => drop_file(app, &scope, &job).await,
        JobKind::Index => index(app, &scope, &job).await,
        JobKind::EraseRows => erasure::rows(app, &scope, &job).await,
        JobKind::EraseRemote => erasure::remote(app, &scope, &job).await,
        JobKind::ConnectChannel => connect(app, &scope, &job).await,
        JobKind::AskPerson => asking::ask(app, &scope, &job).await,
        JobKind::MeetDeletion => meet(app, &scope, &job).await,
        JobKind::PollChannel => polling::poll(app, &scope, &job).await,
        JobKind::WatchAccount => watching::watch(app, &scope, &job).await,
        JobKind::SyncTemplates => templates::sync(app, &scope, &job).await,
        JobKind::RenewTokens => renewing::renew(app, &scope, &job).await,
        JobKind::AuditTree => audit_tree(app, &scope, &job).await,
        JobKind::RemindRequest => remind(app, &scope, &job).await,
        JobKind::SendRequestCode => proving::send(app, &scope, &job).await,
        JobKind::Rotate => rotation::go_on(app, &scope, &job).await,
        JobKind::WakeConversation => wake(app, &scope, &job).await,
        JobKind::SendScheduled => send(app, &scope, &job).await,
        JobKind::Push => pushing::push(app, &scope, &job).await,
        JobKind::PostWebhook => posting::post(app, &scope, &job).await,
        JobKind::ResumeHeld => resume_held(app, &scope, &job).await,
        JobKind::Sweep => sweeping::sweep(app, &scope, &job).await,
        JobKind::EndChannel => departing::end(app, &scope, &job).await,
        JobKind::EndWorkspace => closing::end(app, &scope, &job).await,
    };
    if let Err(error) = done {
        tracing::warn!(kind = job.kind.as_str(), job = %job.id, attempt = job.attempt, %error, "a job failed");
        let retried = app.vault.write(&scope, move |tx| jobs::retry(tx, &job, "failed", None).map(|_| ())).await;
        retried.unwrap_or_else(
            |error| tracing::warn!(%error, "a failed job could not be put off; its lease will run out"),
        );
    }
}

async fn finish(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let job = job.clone();
    app.vault.write(scope, move |tx| jobs::done(tx, &job)).await
}

async fn drop_file(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let id = job.subject_id()?;
    app.vault.off_thread(move |vault| vault.drop_file(id)).await?;
    finish(app, scope, job).await
}

/// Meets a wish for deletion, in the transaction that ends the job or puts it off.
async fn meet(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let (id, job) = (job.subject_id()?, job.clone());
    let meet = move |tx: &vault::Tx<'_>| ended(tx, &job, engine::asked::meet(tx, id)?);
    app.vault.write(scope, meet).await
}

/// Has go on what no legal hold stops any more, in the transaction that ends the job or puts it off.
async fn resume_held(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let job = job.clone();
    let resume = move |tx: &vault::Tx<'_>| ended(tx, &job, vault::holds::resume(tx)?);
    app.vault.write(scope, resume).await
}

/// Reminds members of a request of a data subject, in the transaction that puts the job off.
async fn remind(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let (id, job) = (job.subject_id()?, job.clone());
    let remind = move |tx: &vault::Tx<'_>| ended(tx, &job, vault::requests::remind(tx, id)?);
    app.vault.write(scope, remind).await
}

/// Ends a snooze, in the transaction that ends the job.
async fn wake(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let (id, job) = (job.subject_id()?, job.clone());
    let end = move |tx: &vault::Tx<'_>| ended(tx, &job, vault::conversations::wake(tx, id)?);
    app.vault.write(scope, end).await
}

/// Sends what was to be sent later, in the transaction that ends the job: once, whatever dies in between.
async fn send(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    #[cfg(feature = "testing")]
    if crate::testing::notes_afterwards(app, scope, job).await? {
        return Ok(());
    }
    let (id, job) = (job.subject_id()?, job.clone());
    let end = move |tx: &vault::Tx<'_>| ended(tx, &job, engine::schedule::release(tx, id)?);
    app.vault.write(scope, end).await
}

/// The job is done, or its time is a later one now.
fn ended(tx: &vault::Tx<'_>, job: &ClaimedJob, again: Option<Millis>) -> vault::Result<()> {
    match again {
        Some(due_at) => jobs::done_until(tx, job, due_at),
        None => jobs::done(tx, job),
    }
}

async fn index(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let work = async {
        while app.vault.index_step(scope).await? {}
        Ok::<(), vault::Error>(())
    };
    tokio::select! {
        done = work => done?,
        error = hold(app, scope, job) => return Err(error),
    }
    finish(app, scope, job).await
}

/// Keeps a job that may take long; returns only when it is another worker's all the same.
pub(super) async fn hold(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Error {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        let held = job.clone();
        match app.vault.write(scope, move |tx| jobs::renew(tx, &held, LEASE)).await {
            Ok(true) => {}
            Ok(false) => return vault::Error::conflict("lease_lost", "another worker has this job now"),
            Err(error) => tracing::warn!(%error, "a long job's lease could not be renewed and will be tried again"),
        }
    }
}

async fn audit_tree(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    app.vault.checkpoint_audit(scope).await?;
    witnessing::ask(app, scope).await?;
    finish(app, scope, job).await
}

async fn connect(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    match connecting::prove(app, scope, job.subject_id()?).await {
        Ok(()) => finish(app, scope, job).await,
        // Disconnected meanwhile: there is nothing left to prove.
        Err(connecting::Failure::Vault(vault::Error::Conflict { code: "channel_off", .. })) => {
            finish(app, scope, job).await
        }
        Err(connecting::Failure::Vault(error)) => Err(error),
        Err(connecting::Failure::Later) => {
            let job = job.clone();
            app.vault.write(scope, move |tx| jobs::retry(tx, &job, "unreachable", None).map(|_| ())).await
        }
    }
}

/// Files that nobody's row told of at the last look, and when that was.
#[derive(Default)]
struct Orphans {
    found: BTreeSet<AttachmentId>,
    looked_at: Millis,
}

/// Notes how late it is, and sweeps by it, if that is believed.
async fn swept(app: &Shared) -> vault::Result<Standing> {
    let standing = app.vault.note_time().await?;
    match standing {
        Standing::Ahead { .. } => tracing::error!(
            "the clock is more than seven days ahead of what was noted last: nothing is swept until it is right again, or confirmed \
             (parloir retention confirm-clock)"
        ),
        Standing::Believed(_) => app.vault.sweep().await?,
    }
    app.vault.plan_sweeps().await?;
    Ok(standing)
}

/// What is past its short term goes: facts, idempotent answers, sessions, jobs given up long ago, idle indexes, files of nobody.
async fn sweep(app: Shared, orphans: Arc<Mutex<Orphans>>) {
    app.vault.close_idle_indexes(INDEX_IDLE);
    match swept(&app).await {
        // Nothing goes by a clock that nobody believes.
        Ok(Standing::Ahead { .. }) => return,
        Ok(Standing::Believed(_)) => {}
        Err(error) => tracing::warn!(%error, "sweeping failed and will be tried again in an hour"),
    }
    // One sweep at a time.
    let Ok(mut orphans) = orphans.try_lock() else { return };
    if orphans.found.is_empty() && app.now() - orphans.looked_at < FILES_EVERY {
        return;
    }
    match app.vault.sweep_files(&orphans.found).await {
        Ok(found) => *orphans = Orphans { found, looked_at: app.now() },
        Err(error) => tracing::warn!(%error, "files of nobody could not be looked for; it is tried again in an hour"),
    }
}
