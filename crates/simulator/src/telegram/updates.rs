//! A bot's updates on their way: numbered, kept until taken, held back or repeated to order.
//!
//! Pure: what to bring next is decided here, [`super::delivery`] brings it. Within one chat the
//! sequence is kept, and an update that fails holds up only its own chat, as on the real server;
//! only faults break the sequence.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::parcel::{Pending, Step, Webhook, back_off};
use crate::DeliveryOptions;
use crate::chance::Chance;
use crate::faults::{DeliveryFault, Orders};

/// Updates that must be asked for by name.
const ONLY_ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// Held updates are let go after this long, even if fewer came than were to be held.
const LONGEST_HOLD: Duration = Duration::from_secs(2);

/// Updates held back together.
#[derive(Debug)]
struct Hold {
    fault: DeliveryFault,
    want: usize,
    until: Instant,
    items: Vec<Pending>,
}

#[derive(Debug, Default)]
pub(crate) struct Updates {
    next_id: i64,
    next_ticket: u64,
    queue: VecDeque<Pending>,
    holds: Vec<Hold>,
    pub(crate) allowed: Option<BTreeSet<String>>,
    pub(crate) webhook: Option<Webhook>,
    /// Counts settings of the webhook, so that an old deliverer notices that it is one.
    pub(crate) generation: u64,
    /// Counts calls of `getUpdates`, so that an old one notices a newer.
    pub(crate) polls: u64,
    pub(crate) faults: Orders<DeliveryFault>,
    /// Seconds since the epoch, and what went wrong then.
    pub(crate) last_error: Option<(i64, String)>,
}

impl Updates {
    pub(crate) fn starting_at(next_id: i64) -> Self {
        Self { next_id, ..Self::default() }
    }

    /// Queues an update about this chat, unless the bot does not want its kind.
    pub(crate) fn push(&mut self, kind: &str, content: Value, lane: i64, chance: &mut Chance) {
        if !self.wants(kind) {
            return;
        }
        let update_id = self.next_id;
        self.next_id += 1;
        let mut update = json!({ "update_id": update_id });
        update[kind] = content;
        let pending = Pending {
            ticket: 0,
            update_id,
            kind: kind.to_owned(),
            update,
            lane: Some(lane),
            due: None,
            attempts: 0,
            in_flight: false,
            duplicate: false,
            at_once: false,
        };
        let faults = if self.webhook.is_some() { self.faults.draw(kind, chance) } else { Vec::new() };
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
            pending.duplicate = copy > 0;
            pending.ticket = self.next_ticket;
            self.next_ticket += 1;
            match hold {
                Some(fault) => self.hold_back(fault, pending, chance),
                None => self.queue.push_back(pending),
            }
        }
    }

    fn hold_back(&mut self, fault: &DeliveryFault, pending: Pending, chance: &mut Chance) {
        let Some(want) = fault.held() else {
            return self.queue.push_back(pending);
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
        let shuffled = matches!(hold.fault, DeliveryFault::Reorder { .. });
        if shuffled {
            chance.shuffle(&mut hold.items);
        }
        for mut pending in hold.items {
            pending.lane = None;
            pending.at_once = !shuffled;
            self.queue.push_back(pending);
        }
    }

    fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(allowed) => allowed.contains(kind),
            None => !ONLY_ON_REQUEST.contains(&kind),
        }
    }

    /// How many different updates wait.
    pub(crate) fn pending(&self) -> usize {
        let held = self.holds.iter().flat_map(|hold| &hold.items);
        self.queue.iter().chain(held).filter(|pending| !pending.duplicate).count()
    }

    pub(crate) fn drop_all(&mut self) {
        self.queue.clear();
        self.holds.clear();
    }

    /// Forgets faults and attempts: from now on updates are polled, or brought by a new deliverer.
    pub(crate) fn settle(&mut self) {
        self.generation += 1;
        let held = self.holds.drain(..).flat_map(|hold| hold.items);
        let mut all: Vec<_> = self.queue.drain(..).chain(held).collect();
        all.retain(|pending| !pending.duplicate);
        all.sort_by_key(|pending| pending.update_id);
        for pending in &mut all {
            pending.in_flight = false;
            pending.due = None;
        }
        self.queue = all.into();
    }

    /// Confirms everything before `offset` (or keeps only the last ones, for a negative offset)
    /// and answers what follows.
    pub(crate) fn poll(&mut self, offset: i64, limit: usize) -> Vec<Value> {
        if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let surplus = self.queue.len().saturating_sub(keep);
            self.queue.drain(..surplus);
        } else {
            self.queue.retain(|pending| pending.update_id >= offset);
        }
        self.queue.iter().take(limit).map(|pending| pending.update.clone()).collect()
    }

    /// Decides what to bring next, and marks it as under way.
    pub(crate) fn next_step(&mut self, options: &DeliveryOptions, chance: &mut Chance) -> Step {
        let now = Instant::now();
        while let Some(at) = self.holds.iter().position(|hold| hold.until <= now) {
            self.let_go(at, chance);
        }
        let Some(webhook) = self.webhook.clone() else {
            return Step::Wait(None);
        };
        let width = if options.parallel { webhook.max_connections } else { 1 };
        let under_way = self.queue.iter().filter(|p| p.in_flight && !p.at_once).count();
        let mut busy = HashSet::new();
        let mut wake = self.holds.iter().map(|hold| hold.until).min();
        for pending in &mut self.queue {
            let blocked = pending.lane.is_some_and(|lane| !busy.insert(lane));
            if blocked || pending.in_flight || (under_way >= width && !pending.at_once) {
                continue;
            }
            if let Some(due) = pending.due.filter(|due| *due > now) {
                wake = Some(wake.map_or(due, |wake| wake.min(due)));
                continue;
            }
            pending.in_flight = true;
            return Step::Bring(pending.parcel(webhook));
        }
        Step::Wait(wake)
    }

    /// The webhook took it.
    pub(crate) fn brought(&mut self, ticket: u64) {
        if let Some(at) = self.queue.iter().position(|pending| pending.ticket == ticket) {
            self.queue.remove(at);
        }
    }

    /// The webhook did not take it: it is repeated later, sooner if the webhook says when.
    pub(crate) fn failed(&mut self, ticket: u64, options: &DeliveryOptions, after_s: Option<u64>) {
        let Some(pending) = self.queue.iter_mut().find(|pending| pending.ticket == ticket) else {
            return;
        };
        pending.attempts += 1;
        pending.in_flight = false;
        let wait = after_s
            .map_or_else(|| back_off(pending.attempts, options), |seconds| Duration::from_secs(seconds.min(3_600)));
        pending.due = Some(Instant::now() + wait);
    }
}

#[cfg(test)]
#[path = "updates_tests.rs"]
mod tests;
