//! The queue before a database thread: blocking at its end, never at its start (callers hold a permit before they push).

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::work::Work;

type Item = Box<dyn Work>;

/// Closures waiting for one thread, or for any thread of a pool.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Item>,
    closed: bool,
}

impl Queue {
    /// Puts a closure at the end; gives it back if the queue is closed.
    pub(super) fn push(&self, item: Item) -> Result<(), Item> {
        let mut state = self.state();
        if state.closed {
            return Err(item);
        }
        state.waiting.push_back(item);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for the first closure; `None` when the queue is closed and drained.
    pub(super) fn take(&self) -> Option<Item> {
        let mut state = self.state();
        loop {
            if let Some(item) = state.waiting.pop_front() {
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The first waiting closure, without waiting for one.
    pub(super) fn take_waiting(&self) -> Option<Item> {
        self.state().waiting.pop_front()
    }

    /// Up to `limit` waiting closures of the same workspace as `first`, in their order. Whoever is then first in the
    /// queue is served next, so no workspace waits for more than one batch of each other.
    pub(super) fn take_alike(&self, first: &dyn Work, limit: usize) -> Vec<Item> {
        let mut state = self.state();
        let mut alike = Vec::new();
        let mut others = VecDeque::with_capacity(state.waiting.len());
        for item in state.waiting.drain(..) {
            if alike.len() < limit && item.workspace() == first.workspace() {
                alike.push(item);
            } else {
                others.push_back(item);
            }
        }
        state.waiting = others;
        alike
    }

    /// Lets nothing more in; what waits is still served.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.arrived.notify_all();
    }

    // No code that can panic runs under this lock, so a poisoned state is still whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::Access;
    use crate::store::work::{Failure, Verdict};
    use crate::tx::Session;
    use crate::{Wake, WorkspaceId};

    /// A closure that only knows its workspace and its number.
    struct Numbered(u8, usize, std::sync::Arc<Mutex<Vec<(u8, usize)>>>);

    impl Work for Numbered {
        fn workspace(&self) -> Option<WorkspaceId> {
            format!("wsp_{:032x}", self.0).parse().ok()
        }

        fn access(&self) -> Access {
            Access::Write
        }

        fn run(&mut self, _: &dyn Session) -> Verdict {
            Verdict::Keep
        }

        fn answer(self: Box<Self>, _: Option<Failure>) -> Vec<Wake> {
            self.2.lock().unwrap().push((self.0, self.1));
            Vec::new()
        }
    }

    proptest! {
        #[test]
        fn batches_are_of_one_workspace_and_keep_its_order(workspaces in prop::collection::vec(0_u8..4, 0..60), limit in 0_usize..5) {
            let (queue, served) = (Queue::default(), std::sync::Arc::default());
            for (number, workspace) in workspaces.iter().enumerate() {
                let work = Numbered(*workspace, number, std::sync::Arc::clone(&served));
                prop_assert!(queue.push(Box::new(work)).is_ok());
            }
            queue.close();
            while let Some(first) = queue.take() {
                let alike = queue.take_alike(first.as_ref(), limit);
                prop_assert!(alike.len() <= limit && alike.iter().all(|work| work.workspace() == first.workspace()));
                std::iter::once(first).chain(alike).for_each(|work| drop(work.answer(None)));
            }
            let served = served.lock().unwrap().clone();
            prop_assert_eq!(served.len(), workspaces.len());
            for workspace in 0..4 {
                let numbers: Vec<usize> = served.iter().filter(|(of, _)| *of == workspace).map(|(_, number)| *number).collect();
                prop_assert!(numbers.is_sorted());
            }
        }
    }
}
