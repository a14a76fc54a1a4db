//! How many may look on at once: over the whole program, and each for themselves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The seats of live streams. A clone counts the same seats.
#[derive(Clone)]
pub struct Seats {
    all: usize,
    each: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by: BTreeMap<String, usize>,
}

/// A taken seat. It is free again when this is dropped.
#[must_use = "a seat is free again as soon as it is dropped"]
pub struct Seat {
    of: String,
    taken: Arc<Mutex<Taken>>,
}

impl Seats {
    /// At most `all` seats, and at most `each` of them for one.
    pub fn new(all: usize, each: usize) -> Self {
        Self { all, each, taken: Arc::default() }
    }

    /// A seat for whoever this names; `None` if no more is free, or none for them.
    pub fn take(&self, of: String) -> Option<Seat> {
        let mut taken = locked(&self.taken);
        if taken.all >= self.all || taken.by.get(&of).is_some_and(|own| *own >= self.each) {
            return None;
        }
        taken.all += 1;
        *taken.by.entry(of.clone()).or_default() += 1;
        Some(Seat { of, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = locked(&self.taken);
        taken.all = taken.all.saturating_sub(1);
        match taken.by.get_mut(&self.of) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.by.remove(&self.of)),
        }
    }
}

fn locked(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_bounded_for_each_and_for_all_and_come_back() {
        let seats = Seats::new(3, 2);
        let first = seats.take("a".into()).unwrap();
        let second = seats.take("a".into()).unwrap();
        assert!(seats.take("a".into()).is_none(), "a has two");
        let third = seats.take("b".into()).unwrap();
        assert!(seats.take("c".into()).is_none(), "all three are taken");
        drop(first);
        let again = seats.take("a".into()).unwrap();
        drop((second, third, again));
        assert!(locked(&seats.taken).by.is_empty(), "nobody is remembered");
        assert_eq!(locked(&seats.taken).all, 0);
    }
}
