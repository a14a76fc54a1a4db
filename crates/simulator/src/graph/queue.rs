//! What an app's webhooks are to be told: kept until taken, held back, joined or repeated to order.
//!
//! Pure: what to bring next is decided here, [`super::delivery`] brings it. Within one chat the sequence is kept; only
//! faults break it. What nobody takes for seven days is dropped, as Meta does.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::change::{Change, LARGEST_BATCH};
use super::parcel::{Parcel, Pending, Step, back_off};
use crate::DeliveryOptions;
use crate::chance::Chance;
use crate::faults::{DeliveryFault, Orders};

/// Held back no longer than this, even if fewer came than were to be held.
const LONGEST_HOLD: Duration = Duration::from_secs(2);
/// Repeated no longer than this.
const LONGEST_TRIED_MS: i64 = 7 * 24 * 3_600 * 1_000;
/// Brought at the same time, if deliveries are parallel.
const WIDTH: usize = 40;

/// Held back together.
#[derive(Debug)]
struct Hold {
    fault: DeliveryFault,
    want: usize,
    until: Instant,
    items: Vec<Pending>,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    next: u64,
    waiting: VecDeque<Pending>,
    holds: Vec<Hold>,
    pub(crate) faults: Orders<DeliveryFault>,
}

impl Queue {
    /// Queues something about this chat for this address.
    pub(crate) fn push(&mut self, told: Change, lane: &str, url: &str, now_ms: i64, chance: &mut Chance) {
        let faults = self.faults.draw(told.field, chance);
        self.next += 1;
        let pending = Pending {
            place: self.next,
            ticket: self.next,
            changes: vec![told],
            url: url.to_owned(),
            lane: Some(lane.to_owned()),
            due: None,
            since_ms: now_ms,
            attempts: 0,
            in_flight: false,
            duplicate: false,
            at_once: false,
        };
        self.spoil(pending, &faults, chance);
    }

    fn spoil(&mut self, mut pending: Pending, faults: &[DeliveryFault], chance: &mut Chance) {
        let mut copies = 0;
        let mut hold = None;
        for fault in faults {
            match fault {
                DeliveryFault::Duplicate => copies += 1,
                DeliveryFault::Delay { ms } => {
                    pending.due = Some(Instant::now() + Duration::from_millis(*ms));
                    pending.lane = None;
                }
                DeliveryFault::Reorder { .. } | DeliveryFault::Burst { .. } | DeliveryFault::Batch { .. } => {
                    hold = Some(fault);
                }
            }
        }
        for copy in 0..=copies {
            let mut pending = pending.clone();
            if copy > 0 {
                pending.duplicate = true;
                self.next += 1;
                pending.place = self.next;
            }
            match hold {
                Some(fault) => self.hold_back(fault, pending, chance),
                None => self.waiting.push_back(pending),
            }
        }
    }

    fn hold_back(&mut self, fault: &DeliveryFault, pending: Pending, chance: &mut Chance) {
        let Some(want) = fault.held() else {
            return self.waiting.push_back(pending);
        };
        let same = self.holds.iter().position(|hold| hold.fault == *fault);
        let at = same.unwrap_or_else(|| {
            let until = Instant::now() + LONGEST_HOLD;
            self.holds.push(Hold { fault: fault.clone(), want, until, items: Vec::new() });
            self.holds.len() - 1
        });
        if let Some(hold) = self.holds.get_mut(at) {
            hold.items.push(pending);
            if hold.items.len() >= hold.want {
                self.let_go(at, chance);
            }
        }
    }

    fn let_go(&mut self, at: usize, chance: &mut Chance) {
        let mut hold = self.holds.remove(at);
        match hold.fault {
            DeliveryFault::Reorder { .. } => chance.shuffle(&mut hold.items),
            DeliveryFault::Batch { .. } => hold.items = joined(hold.items),
            _ => {}
        }
        let at_once = !matches!(hold.fault, DeliveryFault::Reorder { .. });
        for mut pending in hold.items {
            pending.lane = None;
            pending.at_once = at_once;
            self.waiting.push_back(pending);
        }
    }

    /// How many different ones wait.
    pub(crate) fn pending(&self) -> usize {
        let held = self.holds.iter().flat_map(|hold| &hold.items);
        self.waiting.iter().chain(held).filter(|pending| !pending.duplicate).count()
    }

    /// Decides what to bring next, and marks it as under way.
    pub(crate) fn next_step(&mut self, options: &DeliveryOptions, chance: &mut Chance) -> Step {
        let now = Instant::now();
        while let Some(at) = self.holds.iter().position(|hold| hold.until <= now) {
            self.let_go(at, chance);
        }
        let width = if options.parallel { WIDTH } else { 1 };
        let under_way = self.waiting.iter().filter(|one| one.in_flight && !one.at_once).count();
        let mut busy = HashSet::new();
        let mut wake = self.holds.iter().map(|hold| hold.until).min();
        for pending in &mut self.waiting {
            let blocked = pending.lane.as_ref().is_some_and(|lane| !busy.insert(lane.clone()));
            if blocked || pending.in_flight || (under_way >= width && !pending.at_once) {
                continue;
            }
            if let Some(due) = pending.due.filter(|due| *due > now) {
                wake = Some(wake.map_or(due, |wake| wake.min(due)));
                continue;
            }
            pending.in_flight = true;
            return Step::Bring(pending.parcel());
        }
        Step::Wait(wake)
    }

    /// The webhook took it.
    pub(crate) fn brought(&mut self, parcel: &Parcel) {
        self.waiting.retain(|pending| pending.place != parcel.place);
    }

    /// The webhook did not take it: it is repeated later, or dropped after a week.
    pub(crate) fn failed(&mut self, parcel: &Parcel, options: &DeliveryOptions, now_ms: i64) {
        self.waiting.retain(|pending| pending.place != parcel.place || now_ms - pending.since_ms < LONGEST_TRIED_MS);
        if let Some(pending) = self.waiting.iter_mut().find(|pending| pending.place == parcel.place) {
            pending.attempts += 1;
            pending.in_flight = false;
            pending.due = Some(Instant::now() + back_off(pending.attempts, options));
        }
    }
}

/// As few as there are addresses, each of at most [`LARGEST_BATCH`].
fn joined(items: Vec<Pending>) -> Vec<Pending> {
    let mut joined: Vec<Pending> = Vec::new();
    for item in items {
        let count = |pending: &Pending| pending.changes.iter().map(Change::updates).sum::<usize>();
        let size = count(&item);
        let fits = joined.iter_mut().find(|one| one.url == item.url && count(one) + size <= LARGEST_BATCH);
        match fits {
            Some(one) => one.changes.extend(item.changes),
            None => joined.push(item),
        }
    }
    joined
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
