//! Brings what a business is told to its hook: in sequence for each message, again where nobody took it, and spoiled to order.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::chance::Chance;
use crate::faults::{DeliveryFault, Order, Orders};
use crate::post::{Post, Posted, Poster, Wire};
use crate::{DeliveryOptions, Options};

/// Held back no longer than this, even if fewer came than were to be held.
const LONGEST_HOLD: Duration = Duration::from_secs(2);
/// Brought at the same time, if deliveries are parallel.
const WIDTH: usize = 40;

/// Something to be brought. It is written when it leaves: what signs it may hold the moment.
#[derive(Clone)]
pub(crate) struct Letter {
    /// What it is (`message`, `status`), as faults name it.
    pub(crate) kind: &'static str,
    /// What keeps its sequence: nothing of one lane overtakes.
    pub(crate) lane: String,
    /// How often it is brought at most.
    pub(crate) tries: u32,
    /// The request.
    pub(crate) write: Arc<dyn Fn() -> Post + Send + Sync>,
}

/// One attempt to bring something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// `message` or `status`.
    pub kind: String,
    /// Counts from 1 for each of them, and for each of its duplicates.
    pub attempt: u32,
    /// What the hook answered; none if no answer came.
    pub status: Option<u16>,
}

#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "four things that are so or not")]
struct Pending {
    place: u64,
    letter: Letter,
    in_order: bool,
    due: Option<Instant>,
    attempts: u32,
    in_flight: bool,
    duplicate: bool,
    at_once: bool,
}

struct Hold {
    fault: DeliveryFault,
    want: usize,
    until: Instant,
    items: Vec<Pending>,
}

struct Inner {
    next: u64,
    waiting: VecDeque<Pending>,
    holds: Vec<Hold>,
    faults: Orders<DeliveryFault>,
    chance: Chance,
    running: bool,
    journal: Vec<Delivery>,
}

/// The office. Clones share it.
#[derive(Clone)]
pub(crate) struct Office {
    inner: Arc<Mutex<Inner>>,
    changed: watch::Sender<u64>,
    options: DeliveryOptions,
    poster: Option<Arc<dyn Poster>>,
}

enum Step {
    Bring(u64, Letter),
    Wait(Option<Instant>),
    Done,
}

impl Office {
    pub(crate) fn new(options: &Options) -> Self {
        let limit = Duration::from_millis(options.deliveries.timeout_ms);
        let inner = Inner {
            next: 0,
            waiting: VecDeque::new(),
            holds: Vec::new(),
            faults: Orders::default(),
            chance: Chance::from_seed(options.seed),
            running: false,
            journal: Vec::new(),
        };
        Self {
            inner: Arc::new(Mutex::new(inner)),
            changed: watch::Sender::new(0),
            options: options.deliveries.clone(),
            poster: options.poster.clone().or_else(|| Wire::poster(limit)),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes something to be brought.
    pub(crate) fn push(&self, letter: Letter) {
        self.inner().push(letter);
        self.changed.send_modify(|version| *version += 1);
        let Ok(runtime) = Handle::try_current() else { return };
        if !std::mem::replace(&mut self.inner().running, true) {
            runtime.spawn(self.clone().run());
        }
    }

    pub(crate) fn order(&self, order: Order<DeliveryFault>) {
        self.inner().faults.add(order);
    }

    pub(crate) fn clear_faults(&self) {
        self.inner().faults.clear();
    }

    /// How many different ones wait.
    pub(crate) fn pending(&self) -> usize {
        let inner = self.inner();
        let held = inner.holds.iter().flat_map(|hold| &hold.items);
        inner.waiting.iter().chain(held).filter(|pending| !pending.duplicate).count()
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.inner().journal.clone()
    }

    /// Brings something once, and waits for what is answered.
    pub(crate) async fn ask(&self, post: Post) -> Option<Posted> {
        let limit = Duration::from_millis(self.options.timeout_ms);
        tokio::time::timeout(limit, self.poster.as_ref()?.post(post)).await.ok().flatten()
    }

    async fn run(self) {
        let mut changed = self.changed.subscribe();
        let mut flights = FuturesUnordered::new();
        loop {
            changed.mark_unchanged();
            let wake = match self.inner().next_step(&self.options) {
                Step::Done => return,
                Step::Bring(place, letter) => {
                    flights.push(self.bring(place, letter));
                    continue;
                }
                Step::Wait(wake) => wake,
            };
            let alarm = async {
                match wake {
                    Some(wake) => tokio::time::sleep_until(wake).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some((place, letter, status)) = flights.next(), if !flights.is_empty() => self.note(place, &letter, status),
                news = changed.changed() => if news.is_err() { return },
                () = alarm => {}
            }
        }
    }

    async fn bring(&self, place: u64, letter: Letter) -> (u64, Letter, Option<u16>) {
        let Some(poster) = &self.poster else { return (place, letter, None) };
        let limit = Duration::from_millis(self.options.timeout_ms);
        let answered = tokio::time::timeout(limit, poster.post((letter.write)())).await.ok().flatten();
        (place, letter, answered.map(|answered| answered.status.as_u16()))
    }

    fn note(&self, place: u64, letter: &Letter, status: Option<u16>) {
        let mut inner = self.inner();
        let taken = status.is_some_and(|status| (200..300).contains(&status));
        let options = &self.options;
        let Some(at) = inner.waiting.iter().position(|pending| pending.place == place) else { return };
        let Some(pending) = inner.waiting.get_mut(at) else { return };
        pending.attempts += 1;
        pending.in_flight = false;
        let doublings = pending.attempts.saturating_sub(1).min(16);
        let wait = options.retry_first_ms.saturating_mul(1 << doublings).min(options.retry_max_ms);
        pending.due = Some(Instant::now() + Duration::from_millis(wait));
        let attempt = pending.attempts;
        if taken || attempt >= letter.tries {
            inner.waiting.remove(at);
        }
        inner.journal.push(Delivery { kind: letter.kind.to_owned(), attempt, status });
    }
}

impl Inner {
    fn push(&mut self, letter: Letter) {
        let faults = self.faults.draw(letter.kind, &mut self.chance);
        let mut pending = Pending {
            place: 0,
            letter,
            in_order: true,
            due: None,
            attempts: 0,
            in_flight: false,
            duplicate: false,
            at_once: false,
        };
        let (mut copies, mut hold) = (0, None);
        for fault in faults {
            match fault {
                DeliveryFault::Duplicate => copies += 1,
                DeliveryFault::Delay { ms } => {
                    pending.due = Some(Instant::now() + Duration::from_millis(ms));
                    pending.in_order = false;
                }
                other => hold = Some(other),
            }
        }
        for copy in 0..=copies {
            self.next += 1;
            let pending = Pending {
                place: self.next,
                duplicate: copy > 0,
                in_order: pending.in_order && copy == 0,
                ..pending.clone()
            };
            match &hold {
                Some(fault) => self.hold_back(fault, pending),
                None => self.waiting.push_back(pending),
            }
        }
    }

    fn hold_back(&mut self, fault: &DeliveryFault, pending: Pending) {
        let same = self.holds.iter().position(|hold| hold.fault == *fault);
        let at = same.unwrap_or_else(|| {
            let until = Instant::now() + LONGEST_HOLD;
            let want = fault.held().unwrap_or(1);
            self.holds.push(Hold { fault: fault.clone(), want, until, items: Vec::new() });
            self.holds.len() - 1
        });
        let Some(hold) = self.holds.get_mut(at) else { return };
        hold.items.push(pending);
        if hold.items.len() >= hold.want {
            self.let_go(at);
        }
    }

    fn let_go(&mut self, at: usize) {
        let mut hold = self.holds.remove(at);
        let shuffled = matches!(hold.fault, DeliveryFault::Reorder { .. });
        if shuffled {
            self.chance.shuffle(&mut hold.items);
        }
        let items = hold.items.into_iter();
        self.waiting.extend(items.map(|pending| Pending { in_order: false, at_once: !shuffled, ..pending }));
    }

    fn next_step(&mut self, options: &DeliveryOptions) -> Step {
        let now = Instant::now();
        while let Some(at) = self.holds.iter().position(|hold| hold.until <= now) {
            self.let_go(at);
        }
        if self.waiting.is_empty() && self.holds.is_empty() {
            self.running = false;
            return Step::Done;
        }
        let width = if options.parallel { WIDTH } else { 1 };
        let under_way = self.waiting.iter().filter(|one| one.in_flight && !one.at_once).count();
        let mut busy = HashSet::new();
        let mut wake = self.holds.iter().map(|hold| hold.until).min();
        for pending in &mut self.waiting {
            let blocked = pending.in_order && !busy.insert(pending.letter.lane.clone());
            if blocked || pending.in_flight || (under_way >= width && !pending.at_once) {
                continue;
            }
            if let Some(due) = pending.due.filter(|due| *due > now) {
                wake = Some(wake.map_or(due, |wake| wake.min(due)));
                continue;
            }
            pending.in_flight = true;
            return Step::Bring(pending.place, pending.letter.clone());
        }
        Step::Wait(wake)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use proptest::prelude::*;

    use super::*;
    use crate::post::{Posted, Posting};

    /// Takes down what is brought, and refuses the first of each.
    #[derive(Default)]
    struct Desk(Mutex<Vec<String>>);

    impl Poster for Desk {
        fn post(&self, post: Post) -> Posting {
            let mut taken = self.0.lock().expect("no panic");
            let first = !taken.contains(&post.url);
            taken.push(post.url);
            let status = if first { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
            Box::pin(std::future::ready(Some(Posted { status, headers: HeaderMap::new(), body: Bytes::new() })))
        }
    }

    fn letter(lane: usize, number: usize) -> Letter {
        let url = format!("{lane}/{number}");
        let write = move || Post { url: url.clone(), headers: Vec::new(), body: Bytes::new() };
        Letter { kind: "message", lane: lane.to_string(), tries: 3, write: Arc::new(write) }
    }

    async fn brought(faults: &[DeliveryFault], count: usize) -> Vec<String> {
        let desk = Arc::new(Desk::default());
        let options = Options { poster: Some(desk.clone()), ..Options::default() };
        let office = Office::new(&options);
        for fault in faults {
            office.order(Order::always(fault.clone()));
        }
        for number in 0..count {
            office.push(letter(number % 3, number));
        }
        while office.pending() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
        desk.0.lock().expect("no panic").clone()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_taken_comes_again_and_in_sequence() {
        let taken = brought(&[], 9).await;
        for number in 0..9 {
            let url = format!("{}/{number}", number % 3);
            assert_eq!(taken.iter().filter(|one| **one == url).count(), 2, "{url}");
        }
        let lane: Vec<_> = taken.iter().filter(|url| url.starts_with("0/")).collect();
        assert_eq!(lane, ["0/0", "0/0", "0/3", "0/3", "0/6", "0/6"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn nothing_is_lost_whatever_goes_wrong(faults in proptest::collection::vec(prop_oneof![
            Just(DeliveryFault::Duplicate),
            (0..500u64).prop_map(|ms| DeliveryFault::Delay { ms }),
            (1..6usize).prop_map(|hold| DeliveryFault::Reorder { hold }),
            (1..6usize).prop_map(|hold| DeliveryFault::Burst { hold }),
        ], 0..4), count in 1..20usize) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
            let taken = runtime.block_on(brought(&faults, count));
            for number in 0..count {
                let url = format!("{}/{number}", number % 3);
                prop_assert!(taken.contains(&url), "{} of {:?}", url, taken);
            }
        }
    }
}
