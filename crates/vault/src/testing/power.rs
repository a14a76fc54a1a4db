//! The power of one run of the program. It fails at a step that was chosen beforehand, or when somebody pulls the plug; from
//! then on nothing becomes durable, nobody gets an answer, and whoever asks waits until the run is forgotten.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// On which side of a durable step the power fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The step did not happen.
    Before,
    /// The step happened, and nobody heard of it.
    After,
}

/// The power of one run. Clones are the same power.
#[derive(Clone, Default)]
pub struct Power(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    off: Notify,
}

#[derive(Default)]
struct State {
    failed: Option<Failure>,
    /// Durable steps so far.
    steps: u64,
    fails: Option<(u64, Side)>,
    /// What waits for an answer that will not come: dropped, it would look like an answer.
    unanswered: Vec<Box<dyn Any + Send>>,
}

/// Where the power failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// The durable step, by its number in the run; `None`: between two.
    pub step: Option<(u64, Side)>,
    /// What the step was: `commit`, `custody`, `file`.
    pub what: &'static str,
}

impl Power {
    /// Whether it is still there.
    pub fn is_on(&self) -> bool {
        self.state().failed.is_none()
    }

    /// Pulls the plug between two steps.
    pub fn pull(&self) {
        self.fail(Failure { step: None, what: "plug" });
    }

    /// Lets the power fail at the `nth` durable step from now, counted from 1.
    pub fn fail_at(&self, nth: u64, side: Side) {
        let mut state = self.state();
        let at = state.steps + nth;
        state.fails = Some((at, side));
    }

    /// How many durable steps were taken.
    pub fn steps(&self) -> u64 {
        self.state().steps
    }

    /// Where it failed, if it did.
    pub fn failure(&self) -> Option<Failure> {
        self.state().failed
    }

    /// Resolves when the power has failed.
    pub async fn failed(&self) {
        let off = self.0.off.notified();
        tokio::pin!(off);
        off.as_mut().enable();
        if self.is_on() {
            off.await;
        }
    }

    /// Lets go of what the run left unanswered, once nothing of it can run any more.
    pub fn forget(&self) {
        let unanswered = std::mem::take(&mut self.state().unanswered);
        drop(unanswered);
    }

    /// Begins a durable step; `false` if it must not happen.
    pub(crate) fn begin(&self, what: &'static str) -> bool {
        let mut state = self.state();
        if state.failed.is_some() {
            return false;
        }
        state.steps += 1;
        let step = state.steps;
        let fails = state.fails == Some((step, Side::Before));
        drop(state);
        if fails {
            self.fail(Failure { step: Some((step, Side::Before)), what });
        }
        !fails
    }

    /// Ends a durable step; `false` if nobody may hear of it.
    pub(crate) fn end(&self, what: &'static str) -> bool {
        let state = self.state();
        let step = state.steps;
        let fails = state.failed.is_none() && state.fails == Some((step, Side::After));
        drop(state);
        if fails {
            self.fail(Failure { step: Some((step, Side::After)), what });
        }
        self.is_on()
    }

    /// Keeps what will not be answered.
    pub(crate) fn keep(&self, unanswered: Box<dyn Any + Send>) {
        self.state().unanswered.push(unanswered);
    }

    fn fail(&self, failure: Failure) {
        self.state().failed.get_or_insert(failure);
        self.0.off.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
