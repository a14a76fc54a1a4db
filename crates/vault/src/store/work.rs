//! A closure on its way through an engine: queued, run (perhaps more than once), and answered when its fate is durable.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::Access;
use crate::keys::Keys;
use crate::tx::{Moment, Session};
use crate::{Error, Result, Scope, Tx, Wake, WorkspaceId};

/// What is to become of a closure's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They are to be committed.
    Keep,
    /// The closure failed: they are to be undone, the others of its batch are not.
    Undo,
    /// The engine asked for another run of the whole batch.
    Again,
}

/// Why a closure that ran is nevertheless not done: its batch did not become durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The engine's words, without values.
    Engine(String),
    /// The vault is closed.
    Closed,
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Engine(words) => Self::Engine(words),
            Failure::Closed => Self::Closed,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Closed => Self::Closed,
            Error::Engine(words) => Self::Engine(words),
            other => Self::Engine(other.to_string()),
        }
    }
}

/// A closure with its types erased.
pub(crate) trait Work: Send {
    /// The workspace it belongs to; `None`: the installation.
    fn workspace(&self) -> Option<WorkspaceId>;
    /// Whether it may change anything.
    fn access(&self) -> Access;
    /// Runs it in an open savepoint or transaction. It never panics.
    fn run(&mut self, session: &dyn Session) -> Verdict;
    /// Answers whoever waits: the closure's own result, or the failure of its batch. Returns whom to wake.
    fn answer(self: Box<Self>, failure: Option<Failure>) -> Vec<Wake>;
}

/// What every closure needs to run.
pub(crate) struct Setting {
    pub(crate) access: Access,
    pub(crate) scope: Option<Scope>,
    pub(crate) moment: Moment,
    pub(crate) keys: Arc<Keys>,
    /// Its place in the bounded queue, given back when it is answered.
    pub(crate) room: OwnedSemaphorePermit,
}

/// A closure, its setting, and who is told.
pub(crate) struct Task<F, T, E, A> {
    setting: Setting,
    closure: F,
    result: Option<Result<T, E>>,
    wakes: Vec<Wake>,
    answer: A,
}

impl<F, T, E, A> Task<F, T, E, A>
where
    F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    A: FnOnce(Result<T, E>) + Send + 'static,
{
    /// The work whose answer is told by `answer`, on the database's thread.
    pub(crate) fn answering(setting: Setting, closure: F, answer: A) -> Box<dyn Work> {
        Box::new(Self { setting, closure, result: None, wakes: Vec::new(), answer })
    }
}

/// The work, and where its answer arrives.
pub(crate) fn waiting_for<F, T, E>(setting: Setting, closure: F) -> (Box<dyn Work>, oneshot::Receiver<Result<T, E>>)
where
    F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    // Nobody waits any more when the caller's future was dropped; what was committed stays committed.
    let tell = |result| {
        let _ = answer.send(result);
    };
    (Task::answering(setting, closure, tell), answered)
}

impl<F, T, E, A> Work for Task<F, T, E, A>
where
    F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    A: FnOnce(Result<T, E>) + Send + 'static,
{
    fn workspace(&self) -> Option<WorkspaceId> {
        self.setting.scope.as_ref().map(Scope::guarded)
    }

    fn access(&self) -> Access {
        self.setting.access
    }

    fn run(&mut self, session: &dyn Session) -> Verdict {
        let Setting { scope, moment, keys, .. } = &self.setting;
        let tx = Tx::new(session, scope.as_ref(), *moment, keys);
        // The closure's own state may be torn after a panic, but its changes are undone and `Fn` keeps none.
        let result = catch_unwind(AssertUnwindSafe(|| (self.closure)(&tx)))
            .unwrap_or_else(|_| Err(Error::Engine("a closure panicked; its changes were undone".into()).into()));
        // What the closure put off is written in its own savepoint, and its failure is the closure's.
        let result = match result {
            Ok(done) if self.setting.access == Access::Write && !session.failed() => {
                tx.settle().map(|()| done).map_err(E::from)
            }
            result => result,
        };
        if tx.must_run_again() {
            return Verdict::Again;
        }
        // PostgreSQL refuses everything after a failed statement; so that both engines agree, SQLite does too.
        let result = match result {
            Ok(_) if session.failed() => Err(Error::Engine("a closure went on after a failed statement".into()).into()),
            result => result,
        };
        let keep = result.is_ok() && self.setting.access == Access::Write;
        self.wakes = if keep { tx.into_wakes() } else { Vec::new() };
        self.result = Some(result);
        if keep { Verdict::Keep } else { Verdict::Undo }
    }

    fn answer(self: Box<Self>, failure: Option<Failure>) -> Vec<Wake> {
        let Self { setting, result, wakes, answer, .. } = *self;
        let (result, wakes) = match (failure, result) {
            // What failed by itself keeps its own error: nothing of it was to become durable.
            (Some(_), Some(Err(own))) => (Err(own), Vec::new()),
            (Some(failure), _) => (Err(Error::from(failure).into()), Vec::new()),
            (None, Some(result)) => (result, wakes),
            (None, None) => (Err(Error::Closed.into()), Vec::new()),
        };
        drop(setting.room);
        answer(result);
        wakes
    }
}

/// Answers a batch with one fate, and collects whom to wake, each once.
pub(super) fn answer_all(batch: impl IntoIterator<Item = Box<dyn Work>>, failure: Option<&Failure>) -> Vec<Wake> {
    let mut wakes = Vec::new();
    for work in batch {
        for wake in work.answer(failure.cloned()) {
            if !wakes.contains(&wake) {
                wakes.push(wake);
            }
        }
    }
    wakes
}
