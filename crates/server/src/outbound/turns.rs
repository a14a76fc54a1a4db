//! A few calls at a time per account, so that one slow provider cannot take all the room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// From how many accounts on the idle ones are forgotten.
const SWEEP_FROM: usize = 1_024;

pub(super) struct Turns {
    at_once: usize,
    accounts: Mutex<BTreeMap<String, Arc<Semaphore>>>,
}

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        Self { at_once: at_once.max(1), accounts: Mutex::default() }
    }

    /// Waits for a turn; it ends when the permit is dropped. `None` cannot happen: the semaphores are never closed.
    pub(super) async fn take(&self, account: &str) -> Option<OwnedSemaphorePermit> {
        self.of(account).acquire_owned().await.ok()
    }

    fn of(&self, account: &str) -> Arc<Semaphore> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= SWEEP_FROM {
            // Whoever holds or awaits a turn holds the semaphore too.
            accounts.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        let fresh = || Arc::new(Semaphore::new(self.at_once));
        Arc::clone(accounts.entry(account.to_owned()).or_insert_with(fresh))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn an_account_has_its_turns_and_no_more() {
        let turns = Turns::new(2);
        let first = turns.take("a").now_or_never();
        let _second = turns.take("a").now_or_never();
        assert!(turns.take("a").now_or_never().is_none(), "both turns are taken");
        assert!(turns.take("b").now_or_never().is_some(), "others have their own");
        drop(first);
        assert!(turns.take("a").now_or_never().is_some());
    }

    #[test]
    fn idle_accounts_are_forgotten_and_busy_ones_are_not() {
        let turns = Turns::new(1);
        let _busy = turns.take("busy").now_or_never().unwrap();
        for n in 0..3_000 {
            turns.take(&n.to_string()).now_or_never();
        }
        assert!(turns.accounts.lock().unwrap().len() <= SWEEP_FROM + 1);
        assert!(turns.take("busy").now_or_never().is_none());
    }
}
