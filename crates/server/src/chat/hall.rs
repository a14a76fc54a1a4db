//! Who looks on, and what they are told: one reader of a workspace's facts, however many streams are open. Ten thousand
//! visitors then cost nothing while nobody speaks to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use vault::channels::AdmittedHook;
use vault::facts::{self, Fact, FactKind};
use vault::{ChannelId, ContactId, ConversationId, Scope, Wake, WorkspaceId, conversations};

use crate::app::{Shared, Signal};

/// How long the reader waits for a wake before it looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many facts are read in one go.
const BATCH: i64 = 200;
/// How much a stream may fall behind before it has to begin anew.
const BEHIND: usize = 64;

/// Where a visitor's thread is kept: the channel and the thread's name there.
type Thread = (ChannelId, String);

/// What a stream is told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    /// Something happened in its conversation.
    Fact(Fact),
    /// A member types there, or stopped.
    Typing(bool),
    /// More was missed than is remembered.
    Missed(i64),
}

/// Everybody who looks on, by workspace.
#[derive(Default)]
pub struct Hall {
    crowds: Mutex<BTreeMap<WorkspaceId, Crowd>>,
}

/// A workspace's visitors with a stream open.
#[derive(Default)]
struct Crowd {
    next: u64,
    ears: BTreeMap<u64, Ear>,
    by_thread: BTreeMap<Thread, BTreeSet<u64>>,
    /// Those whose conversation is known.
    by_conversation: BTreeMap<ConversationId, BTreeSet<u64>>,
}

struct Ear {
    tell: mpsc::Sender<Told>,
    thread: Thread,
    conversation: Option<ConversationId>,
    /// Whose conversation it is.
    contact: Option<ContactId>,
}

/// A stream's place in the hall. It is given up when this is dropped.
pub(super) struct Listener {
    hall: Arc<Hall>,
    workspace: WorkspaceId,
    number: u64,
    told: mpsc::Receiver<Told>,
}

impl Listener {
    /// What comes next; `None` when it has to begin anew.
    pub(super) async fn next(&mut self) -> Option<Told> {
        self.told.recv().await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(crowd) = self.hall.crowds().get_mut(&self.workspace) {
            crowd.leave(self.number);
        }
    }
}

/// Takes a place for a visitor. Whatever happens after this call is told, and perhaps some of what happened before.
pub(super) async fn listen(app: &Shared, hook: &AdmittedHook, thread: &str) -> vault::Result<Listener> {
    let place = (hook.channel, thread.to_owned());
    let (channel, name) = place.clone();
    // Read before the place is taken: a reader that begins here begins early enough.
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let conversation = conversations::with_thread(tx, channel, &name)?;
        let head = conversation.map(|id| conversations::head(tx, id)).transpose()?;
        Ok((facts::head(tx)?, conversation, head.map(|head| head.contact)))
    };
    let (head, conversation, contact) = app.vault.read(&hook.scope, read).await?;
    let (tell, told) = mpsc::channel(BEHIND);
    let hall = Arc::clone(&app.hall);
    let mut crowds = hall.crowds();
    let is_first = !crowds.contains_key(&hook.workspace);
    let number = crowds.entry(hook.workspace).or_default().enter(Ear { tell, thread: place, conversation, contact });
    drop(crowds);
    if is_first {
        tokio::spawn(
            Reader { app: app.clone(), workspace: hook.workspace, scope: hook.scope.clone(), seq: head }.run(),
        );
    }
    Ok(Listener { hall, workspace: hook.workspace, number, told })
}

impl Hall {
    fn crowds(&self) -> MutexGuard<'_, BTreeMap<WorkspaceId, Crowd>> {
        self.crowds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anybody listens. If not, the crowd is gone, and the next listener brings a new reader.
    fn is_attended(&self, workspace: WorkspaceId) -> bool {
        let mut crowds = self.crowds();
        let attended = crowds.get(&workspace).is_some_and(|crowd| !crowd.ears.is_empty());
        if !attended {
            crowds.remove(&workspace);
        }
        attended
    }

    fn with<T>(&self, workspace: WorkspaceId, act: impl FnOnce(&mut Crowd) -> T) -> Option<T> {
        self.crowds().get_mut(&workspace).map(act)
    }
}

impl Crowd {
    /// Whoever did not find their conversation, but sits beside somebody who has, listens to the same: another tab was here
    /// first, and the reader has passed on the message with which it began.
    fn enter(&mut self, mut ear: Ear) -> u64 {
        self.next += 1;
        if ear.conversation.is_none() {
            let mut beside = self.by_thread.get(&ear.thread).into_iter().flatten().filter_map(|one| self.ears.get(one));
            if let Some(found) = beside.find(|ear| ear.conversation.is_some()) {
                (ear.conversation, ear.contact) = (found.conversation, found.contact);
            }
        }
        self.by_thread.entry(ear.thread.clone()).or_default().insert(self.next);
        if let Some(conversation) = ear.conversation {
            self.by_conversation.entry(conversation).or_default().insert(self.next);
        }
        self.ears.insert(self.next, ear);
        self.next
    }

    fn leave(&mut self, number: u64) {
        let Some(ear) = self.ears.remove(&number) else { return };
        forget(&mut self.by_thread, &ear.thread, number);
        if let Some(conversation) = ear.conversation {
            forget(&mut self.by_conversation, &conversation, number);
        }
    }

    /// Those whose thread this is listen to its conversation from now on.
    fn seat(&mut self, thread: &Thread, conversation: ConversationId, contact: ContactId) {
        for number in self.by_thread.get(thread).cloned().unwrap_or_default() {
            let Some(ear) = self.ears.get_mut(&number) else { continue };
            ear.contact = Some(contact);
            if let Some(before) = ear.conversation.replace(conversation) {
                forget(&mut self.by_conversation, &before, number);
            }
            self.by_conversation.entry(conversation).or_default().insert(number);
        }
    }

    fn tell(&mut self, conversation: ConversationId, told: Told) {
        for number in self.by_conversation.get(&conversation).cloned().unwrap_or_default() {
            self.tell_one(number, told);
        }
    }

    /// Who was erased is shown nothing more: their streams end.
    fn cut(&mut self, contact: ContactId) {
        let theirs = self.ears.iter().filter(|(_, ear)| ear.contact == Some(contact));
        for number in theirs.map(|(number, _)| *number).collect::<Vec<_>>() {
            self.leave(number);
        }
    }

    fn tell_all(&mut self, told: Told) {
        for number in self.ears.keys().copied().collect::<Vec<_>>() {
            self.tell_one(number, told);
        }
    }

    /// Whoever cannot keep up is let go: their stream ends, and the page resumes where it was.
    fn tell_one(&mut self, number: u64, told: Told) {
        if self.ears.get(&number).is_some_and(|ear| ear.tell.try_send(told).is_err()) {
            self.leave(number);
        }
    }
}

fn forget<K: Ord>(places: &mut BTreeMap<K, BTreeSet<u64>>, key: &K, number: u64) {
    if let Some(numbers) = places.get_mut(key) {
        numbers.remove(&number);
        if numbers.is_empty() {
            places.remove(key);
        }
    }
}

/// Reads a workspace's facts for its whole crowd.
struct Reader {
    app: Shared,
    workspace: WorkspaceId,
    scope: Scope,
    seq: i64,
}

/// A reader that a panic ended leaves nobody waiting in vain: their streams end, and the first to come again brings another.
impl Drop for Reader {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.app.hall.crowds().remove(&self.workspace);
        }
    }
}

impl Reader {
    async fn run(mut self) {
        let mut wakes = self.app.vault.wakes();
        let mut signals = self.app.signals.subscribe();
        while self.app.hall.is_attended(self.workspace) && !*self.app.stopping.borrow() {
            match self.look().await {
                Ok(true) => {}
                Ok(false) => self.wait(&mut wakes, &mut signals).await,
                Err(error) => {
                    tracing::warn!(%error, "visitors' streams could not be told what is new; it is tried again");
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    /// Tells what is new; whether there may be more.
    async fn look(&mut self) -> vault::Result<bool> {
        let from = self.seq;
        let read =
            move |tx: &vault::Tx<'_>| -> vault::Result<_> { Ok((facts::since(tx, from, BATCH)?, facts::head(tx)?)) };
        let (found, head) = self.app.vault.read(&self.scope, read).await?;
        let Some(found) = found else {
            self.seq = head;
            self.app.hall.with(self.workspace, |crowd| crowd.tell_all(Told::Missed(head)));
            return Ok(false);
        };
        self.seat(&found).await?;
        self.app.hall.with(self.workspace, |crowd| {
            for fact in &found {
                if let (FactKind::ContactErased, Some(contact)) = (fact.kind, fact.about.contact) {
                    crowd.cut(contact);
                }
                if let Some(conversation) = fact.about.conversation {
                    crowd.tell(conversation, Told::Fact(*fact));
                }
            }
        });
        self.seq = found.last().map_or(from, |fact| fact.seq);
        Ok(self.seq - from >= BATCH)
    }

    /// Finds who waits for a conversation that has just begun.
    async fn seat(&self, found: &[Fact]) -> vault::Result<()> {
        let begun = |fact: &&Fact| matches!(fact.kind, FactKind::MessageCreated | FactKind::ConversationCreated);
        let named: BTreeSet<_> = found.iter().filter(begun).filter_map(|fact| fact.about.conversation).collect();
        let unknown = self.app.hall.with(self.workspace, |crowd| {
            let unknown = named.into_iter().filter(|conversation| !crowd.by_conversation.contains_key(conversation));
            let channels: BTreeSet<_> = crowd.by_thread.keys().map(|(channel, _)| *channel).collect();
            (unknown.collect::<Vec<_>>(), channels)
        });
        let Some((unknown, channels)) = unknown.filter(|(unknown, _)| !unknown.is_empty()) else { return Ok(()) };
        let read = move |tx: &vault::Tx<'_>| unknown.iter().map(|id| thread_of(tx, *id, &channels)).collect();
        let threads: Vec<Option<Found>> = self.app.vault.read(&self.scope, read).await?;
        self.app.hall.with(self.workspace, |crowd| {
            for (thread, conversation, contact) in threads.into_iter().flatten() {
                crowd.seat(&thread, conversation, contact);
            }
        });
        Ok(())
    }

    /// Waits until something may be new, and tells meanwhile who types.
    async fn wait(&self, wakes: &mut Receiver<Wake>, signals: &mut Receiver<Signal>) {
        let mut stopping = self.app.stopping.subscribe();
        let look = tokio::time::sleep(LOOK_EVERY);
        tokio::pin!(look);
        loop {
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stopping| *stopping) => return,
                signal = signals.recv() => if let Ok(signal) = signal { self.pass_on(signal); },
                wake = wakes.recv() => match wake {
                    Ok(Wake::Facts(whose)) if whose == self.workspace => return,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_) | RecvError::Closed) => return,
                },
                () = &mut look => return,
            }
        }
    }

    fn pass_on(&self, signal: Signal) {
        if let Signal::MemberTyping(whose, conversation, _, on) = signal
            && whose == self.workspace
        {
            self.app.hall.with(self.workspace, |crowd| crowd.tell(conversation, Told::Typing(on)));
        }
    }
}

/// A thread, its conversation, and whose that is.
type Found = (Thread, ConversationId, ContactId);

/// The thread of a conversation on one of these channels.
fn thread_of(
    tx: &vault::Tx<'_>,
    conversation: ConversationId,
    channels: &BTreeSet<ChannelId>,
) -> vault::Result<Option<Found>> {
    let head = match conversations::head(tx, conversation) {
        Err(vault::Error::NotFound(_)) => return Ok(None),
        head => head?,
    };
    if !channels.contains(&head.channel) {
        return Ok(None);
    }
    let thread = conversations::thread(tx, conversation)?;
    Ok(thread.map(|thread| ((head.channel, thread), conversation, head.contact)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tab of the only thread, which does not know its conversation.
    fn tab() -> (Ear, mpsc::Receiver<Told>) {
        let (tell, told) = mpsc::channel(BEHIND);
        let channel = format!("chn_{}", "0".repeat(32)).parse().unwrap();
        (Ear { tell, thread: (channel, "visitor".to_owned()), conversation: None, contact: None }, told)
    }

    #[test]
    fn a_second_tab_hears_the_conversation_that_the_first_has_just_begun() {
        let conversation = format!("cnv_{}", "0".repeat(32)).parse().unwrap();
        let mut crowd = Crowd::default();
        let ((first, _kept), (second, mut told)) = (tab(), tab());
        let thread = first.thread.clone();
        crowd.enter(first);
        let contact = format!("con_{}", "0".repeat(32)).parse().unwrap();
        crowd.seat(&thread, conversation, contact);
        let number = crowd.enter(second);
        crowd.tell(conversation, Told::Typing(true));
        assert!(matches!(told.try_recv(), Ok(Told::Typing(true))));
        crowd.leave(number);
        assert_eq!(crowd.by_conversation[&conversation].len(), 1);
        crowd.cut(contact);
        assert!(crowd.ears.is_empty() && crowd.by_conversation.is_empty(), "who is erased hears nothing more");
    }
}
