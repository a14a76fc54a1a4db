//! Receiving: verified requests that reach a workspace at the same time become durable together, by one closure with a few
//! statements instead of one closure each.
//!
//! Whoever comes while a group waits for the database joins it. The group is closed when its closure begins to run, so a
//! group is as large as the database is slow, and nobody waits for others to come. What is received is sealed before
//! that, on the caller's own thread.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::channels::{self, AdmittedHook};
use crate::inbox::{self, Fresh};
use crate::store::{Access, Failure, Setting, Task};
use crate::{Actor, ChannelId, Error, InboxId, Result, Scope, Tx, Vault, WorkspaceId};

/// No more callers than this in one group.
const MOST: usize = 256;

/// The groups that can still be joined, one for each workspace, and how many callers came so far.
#[derive(Clone, Default)]
pub(crate) struct Receiving {
    open: Arc<Mutex<HashMap<WorkspaceId, Arc<Group>>>>,
    callers: Arc<AtomicU64>,
}

#[derive(Default)]
struct Group(Mutex<Vec<Caller>>);

/// Somebody who waits until what he brought is durable.
struct Caller {
    channel: ChannelId,
    /// The version of the channel whose account proved the request; `None`: whichever.
    version: Option<i64>,
    requests: Vec<Fresh>,
    answer: oneshot::Sender<Result<bool>>,
    /// His place in the bounded queue; that of the first is the closure's.
    room: Option<OwnedSemaphorePermit>,
}

impl Vault {
    /// Keeps the parts of one verified request, all or none. Once this answers `true`, the provider may be told 200.
    /// `false`: the channel was changed since the hook was admitted, and nothing was kept: admit and verify anew.
    pub async fn keep(&self, hook: &AdmittedHook, bodies: Vec<Vec<u8>>) -> Result<bool> {
        self.put(&hook.scope, Some(hook.version), bodies).await.map(|(_, kept)| kept)
    }

    /// Keeps a verified request of a hook admitted just now.
    pub async fn receive(&self, scope: &Scope, body: Vec<u8>) -> Result<InboxId> {
        let (ids, _) = self.put(scope, None, vec![body]).await?;
        ids.first().copied().ok_or(Error::NotFound("request"))
    }

    /// How many requests have come so far, kept or not: whoever compares sees how many come.
    pub fn received(&self) -> u64 {
        self.receiving().callers.load(Ordering::Relaxed)
    }

    async fn put(&self, scope: &Scope, version: Option<i64>, bodies: Vec<Vec<u8>>) -> Result<(Vec<InboxId>, bool)> {
        let Actor::Channel(channel) = scope.actor() else {
            return Err(Error::Forbidden("only an admitted hook can put requests into the inbox"));
        };
        let setting = self.setting(Access::Write, Some(scope.clone())).await?;
        let mut rng = ChaCha20Rng::from_seed(setting.moment.chance);
        let mut chance = || {
            let mut bytes = [0; 32];
            rng.fill_bytes(&mut bytes);
            bytes
        };
        let now = setting.moment.now;
        let requests: Result<Vec<Fresh>> =
            bodies.iter().map(|body| Fresh::seal(self.keys(), now, channel, [chance(), chance()], body)).collect();
        let requests = requests?;
        let ids = requests.iter().map(|request| request.id).collect();
        let (answer, answered) = oneshot::channel();
        let caller = Caller { channel, version, requests, answer, room: None };
        self.join(scope.workspace(), caller, setting);
        let kept = answered.await.unwrap_or(Err(Error::Closed))?;
        #[cfg(any(test, feature = "testing"))]
        self.pause().await;
        Ok((ids, kept))
    }

    /// Lets a caller join the group that waits, or makes one of him and hands it over.
    fn join(&self, workspace: WorkspaceId, caller: Caller, setting: Setting) {
        let receiving = self.receiving();
        let Some((group, setting)) = receiving.joined(workspace, caller, setting) else { return };
        let (closing, closure_group) = (receiving.clone(), Arc::clone(&group));
        let closure = move |tx: &Tx<'_>| {
            closing.close(workspace, &closure_group);
            write(tx, &closure_group.callers())
        };
        let closing = receiving.clone();
        let answer = move |fates: Result<Vec<bool>>| {
            closing.close(workspace, &group);
            group.answer(fates);
        };
        self.hand_over(Task::answering(setting, closure, answer));
    }
}

impl Receiving {
    /// The new group with the setting of its closure, if there was none to join.
    fn joined(&self, workspace: WorkspaceId, mut caller: Caller, setting: Setting) -> Option<(Arc<Group>, Setting)> {
        self.callers.fetch_add(1, Ordering::Relaxed);
        let mut open = locked(&self.open);
        if let Some(group) = open.get(&workspace) {
            let mut callers = group.callers();
            if callers.len() < MOST {
                caller.room = Some(setting.room);
                callers.push(caller);
                return None;
            }
        }
        let group = Arc::new(Group(Mutex::new(vec![caller])));
        open.insert(workspace, Arc::clone(&group));
        Some((group, setting))
    }

    /// Lets nobody join any more.
    fn close(&self, workspace: WorkspaceId, group: &Arc<Group>) {
        let mut open = locked(&self.open);
        if open.get(&workspace).is_some_and(|other| Arc::ptr_eq(other, group)) {
            open.remove(&workspace);
        }
    }
}

impl Group {
    fn callers(&self) -> MutexGuard<'_, Vec<Caller>> {
        locked(&self.0)
    }

    /// Tells each what became of his requests. All fail together.
    fn answer(&self, fates: Result<Vec<bool>>) {
        let callers = std::mem::take(&mut *self.callers());
        let fates = fates.map_err(Failure::from);
        for (number, caller) in callers.into_iter().enumerate() {
            let fate = match &fates {
                Ok(fates) => fates.get(number).copied().ok_or(Error::Closed),
                Err(failure) => Err(failure.clone().into()),
            };
            drop(caller.room);
            // Who hung up meanwhile is not told.
            let _ = caller.answer.send(fate);
        }
    }
}

/// Puts the requests into the inbox, except those whose channel was changed meanwhile: for each caller, whether his were kept.
fn write(tx: &Tx<'_>, callers: &[Caller]) -> Result<Vec<bool>> {
    let mut known: Vec<((ChannelId, i64), bool)> = Vec::new();
    let mut fates = Vec::with_capacity(callers.len());
    for caller in callers {
        fates.push(match caller.version {
            Some(version) => stands(tx, &mut known, (caller.channel, version))?,
            None => true,
        });
    }
    let kept = callers.iter().zip(&fates).filter(|(_, kept)| **kept);
    let requests: Vec<&Fresh> = kept.flat_map(|(caller, _)| &caller.requests).collect();
    inbox::put_together(tx, &requests)?;
    Ok(fates)
}

fn stands(tx: &Tx<'_>, known: &mut Vec<((ChannelId, i64), bool)>, asked: (ChannelId, i64)) -> Result<bool> {
    if let Some((_, stands)) = known.iter().find(|(other, _)| *other == asked) {
        return Ok(*stands);
    }
    let stands = channels::is_version(tx, asked.0, asked.1)?;
    known.push((asked, stands));
    Ok(stands)
}

// No code that can panic leaves these lists half changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
