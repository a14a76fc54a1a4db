//! After the storm: nothing goes wrong any more, and everything that is under way comes to its end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use vault::Clock;
use vault::jobs::JobKind;
use vault::stages::Depths;
use vault::testing::door;

use super::{Sim, deeds, later};

/// How often is looked whether all is quiet.
const LOOKS: u32 = 400;
/// After so many looks the program's clock is helped along: what waits for a later time need not be waited for.
const PATIENT_LOOKS: u32 = 12;
/// How often in a row nothing must be under way.
const QUIET_LOOKS: u32 = 3;
/// The audit tree is built once a minute, whatever happens: a job that is due later than this is no work left.
const SOON_MS: i64 = 30_000;

/// Jobs that are waited for, however late they are due.
const AWAITED: [JobKind; 4] =
    [JobKind::FetchFile, JobKind::PostWebhook, JobKind::SendScheduled, JobKind::WakeConversation];

/// Waits until nothing is under way; complains if that never comes.
pub(crate) async fn fall(sim: &Arc<Sim>) {
    deeds::storm(sim, false);
    answered(sim).await;
    // What was put off while the clock was ahead comes due.
    sim.time.jump(sim.time.furthest() - sim.time.wrong() + later::LATEST_MS);
    let mut quiet = 0;
    let mut left = String::new();
    for look in 0..LOOKS {
        tokio::time::sleep(Duration::from_millis(300)).await;
        match under_way(sim).await {
            None => quiet += 1,
            Some(words) => {
                quiet = 0;
                left = words;
                if look > PATIENT_LOOKS {
                    sim.time.jump(5_000);
                }
            }
        }
        if quiet == QUIET_LOOKS {
            sim.story.tell("all is quiet");
            return;
        }
    }
    sim.story.wrong(&format!("it never grows quiet: {left}"));
}

/// Waits a while for the members who repeat what they asked: who does so a day later orders it anew.
async fn answered(sim: &Arc<Sim>) {
    for _ in 0..LOOKS {
        if sim.busy.load(Ordering::Relaxed) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What is still under way, if anything is.
async fn under_way(sim: &Arc<Sim>) -> Option<String> {
    if !sim.program.is_up() {
        return Some("the program is down".to_owned());
    }
    let busy = sim.busy.load(Ordering::Relaxed);
    if busy > 0 {
        return Some(format!("{busy} members wait for answers"));
    }
    let calls = sim.calls.load(Ordering::Relaxed);
    if calls > 0 {
        return Some(format!("{calls} calls wait for answers"));
    }
    let disconnected: Vec<usize> = sim.ledger().disconnected.keys().copied().collect();
    for (number, channel) in sim.channels().iter().enumerate() {
        let pending = channel.provider.pending();
        if pending > 0 && !disconnected.contains(&number) {
            return Some(format!("{pending} requests of {} are not taken", channel.name));
        }
    }
    let vault = sim.program.app()?.vault.clone();
    let depths = match vault.depths().await {
        Ok(depths) => depths,
        Err(error) => return Some(error.to_string()),
    };
    let Depths { inbox, inbox_set_aside, outbox } = depths;
    if inbox + inbox_set_aside + outbox > 0 {
        return Some(format!("inbox {inbox}, set aside {inbox_set_aside}, outbox {outbox}"));
    }
    if !vault.untold().await.is_ok_and(|behind| behind.is_empty()) {
        return Some("not everything is told".to_owned());
    }
    for workspace in sim.workspaces() {
        let jobs = door::jobs(&vault, &workspace.scope).await.ok()?;
        if let Some(kind) = jobs.into_iter().find(|kind| AWAITED.contains(kind)) {
            return Some(format!("a job is left: {}", kind.as_str()));
        }
    }
    let due = vault.next_job_due().await.ok().flatten().map(|due| due - sim.time.now());
    due.filter(|due| *due < SOON_MS).map(|due| format!("a job is due in {due} ms"))
}
