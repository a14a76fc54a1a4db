//! The rate of sends per account and per thread, as the provider's limits ask for it.
//!
//! A sliding window per account, of one second where the provider counts by no other, a gap per thread, and a queue of tickets: who was told to wait keeps
//! its place, so that a busy thread cannot starve a quiet one.

use std::collections::{BTreeMap, VecDeque};

/// The window over which `per_second` is counted where a rate names none, in milliseconds.
const WINDOW_MS: i64 = 1_000;
/// How long a place in the queue is kept for a thread that does not come back, in milliseconds.
const GRACE_MS: i64 = 2_000;
/// How long the one send that goes first after a throttle is waited for, in milliseconds; then another goes first.
const TRIAL_MS: i64 = 5_000;
/// After how many questions idle accounts and threads are forgotten.
const SWEEP_EVERY: u32 = 1_024;

/// What an account allows. Zero means no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// Sends within any second over the whole account, or within any `span_ms`.
    pub per_second: u32,
    /// Over how many milliseconds they are counted; 0 is taken for a second.
    pub span_ms: u32,
    /// Milliseconds between two sends to one thread, in the long run.
    pub thread_gap_ms: u32,
    /// How many sends to one thread may go at once before the gap counts; 0 is taken for 1.
    pub thread_burst: u32,
}

impl Rate {
    fn window_ms(self) -> i64 {
        if self.span_ms == 0 { WINDOW_MS } else { i64::from(self.span_ms) }
    }

    /// How far a thread may run ahead of its gap, in milliseconds.
    fn ahead_ms(self) -> i64 {
        i64::from(self.thread_gap_ms).saturating_mul(i64::from(self.thread_burst.max(1)) - 1)
    }
}

impl From<&connect::Limits> for Rate {
    fn from(limits: &connect::Limits) -> Self {
        let connect::Limits { per_second, span_ms, thread_gap_ms, thread_burst, .. } = *limits;
        Self { per_second, span_ms, thread_gap_ms, thread_burst }
    }
}

/// The pace of all accounts.
#[derive(Debug, Default)]
pub struct Pace {
    accounts: BTreeMap<String, Account>,
    asked: u32,
}

#[derive(Debug, Default)]
struct Account {
    /// Over how many milliseconds its sends are counted.
    window_ms: i64,
    /// How many may be sent within a second, where that is not as its kind's limits say.
    own: Option<u32>,
    /// When the sends of the last such time were granted, oldest first.
    granted: VecDeque<i64>,
    /// When each thread will have kept its gap for all that it sent; it may run ahead of that by its burst.
    threads: BTreeMap<String, i64>,
    /// Threads that were told to wait, in the order in which they asked first.
    waiting: VecDeque<Ticket>,
    /// The provider said: nothing before this time.
    until: i64,
    /// What was let go since.
    trial: Trial,
}

/// Who was throttled is tried with one send, and the others follow when that went: sixteen at once would only be refused
/// sixteen times.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Trial {
    /// Nothing has to be tried.
    #[default]
    None,
    /// The next one goes alone.
    Due,
    /// One went at this time, and what came of it is not known yet.
    Since(i64),
}

#[derive(Debug)]
struct Ticket {
    thread: String,
    ready: i64,
}

impl Pace {
    /// When a send to `thread` may go, in Unix milliseconds. An answer of `now_ms` is a grant and has been counted;
    /// a later time is when to ask again, and the place in the queue is kept until two seconds after it.
    pub fn ready_at(&mut self, account: &str, rate: Rate, thread: &str, now_ms: i64) -> i64 {
        self.sweep(now_ms);
        self.accounts.entry(account.to_owned()).or_default().ask(rate, thread, now_ms)
    }

    /// How many an account may send within a second, as is known of it once it was opened; `None` where its kind's limits say.
    pub fn note(&mut self, account: &str, per_second: Option<u32>) {
        if per_second.is_some() || self.accounts.get(account).is_some_and(|account| account.own.is_some()) {
            self.accounts.entry(account.to_owned()).or_default().own = per_second;
        }
    }

    /// Stops an account until a time in Unix milliseconds, because its provider said so.
    pub fn throttle(&mut self, account: &str, until_ms: i64) {
        let account = self.accounts.entry(account.to_owned()).or_default();
        account.until = account.until.max(until_ms);
        account.trial = Trial::Due;
    }

    /// A send of an account ended without being throttled: if it was the one that goes first, the others may follow.
    pub fn ended(&mut self, account: &str) {
        if let Some(account) = self.accounts.get_mut(account).filter(|account| account.trial != Trial::Due) {
            account.trial = Trial::None;
        }
    }

    fn sweep(&mut self, now_ms: i64) {
        self.asked += 1;
        if self.asked < SWEEP_EVERY {
            return;
        }
        self.asked = 0;
        self.accounts.retain(|_, account| {
            account.threads.retain(|_, free_at| *free_at > now_ms);
            account.settle(now_ms);
            !account.is_idle(now_ms)
        });
    }
}

impl Account {
    fn ask(&mut self, rate: Rate, thread: &str, now_ms: i64) -> i64 {
        let rate = Rate { per_second: self.own.unwrap_or(rate.per_second), ..rate };
        self.window_ms = rate.window_ms();
        self.settle(now_ms);
        if self.until > now_ms {
            return self.until;
        }
        if let Trial::Since(began) = self.trial
            && (began..began.saturating_add(TRIAL_MS)).contains(&now_ms)
        {
            return began.saturating_add(TRIAL_MS);
        }
        let free_at = self.thread_free_at(rate, thread, now_ms);
        if free_at > now_ms {
            return free_at;
        }
        if rate.per_second == 0 {
            return self.grant(rate, thread, now_ms);
        }
        let place = self.waiting.iter().position(|ticket| ticket.thread == thread);
        let position = place.unwrap_or(self.waiting.len());
        let bound = rate.per_second as usize;
        let free = bound.saturating_sub(self.granted.len());
        if position < free {
            self.waiting.remove(position);
            return self.grant(rate, thread, now_ms);
        }
        let ready = self.slot(position - free, bound, now_ms);
        match place.and_then(|place| self.waiting.get_mut(place)) {
            Some(ticket) => ticket.ready = ready,
            None => self.waiting.push_back(Ticket { thread: thread.to_owned(), ready }),
        }
        ready
    }

    /// Forgets what no longer counts. Grants from the future are left over from a clock that was set back.
    fn settle(&mut self, now_ms: i64) {
        self.granted.retain(|at| *at > now_ms.saturating_sub(self.window_ms) && *at <= now_ms);
        self.waiting.retain(|ticket| {
            ticket.ready.saturating_add(GRACE_MS) >= now_ms && ticket.ready <= now_ms.saturating_add(3_600_000)
        });
    }

    fn thread_free_at(&self, rate: Rate, thread: &str, now_ms: i64) -> i64 {
        let latest = now_ms.saturating_add(i64::from(rate.thread_gap_ms));
        self.threads.get(thread).map_or(now_ms, |kept| kept.saturating_sub(rate.ahead_ms()).min(latest))
    }

    fn grant(&mut self, rate: Rate, thread: &str, now_ms: i64) -> i64 {
        if self.trial != Trial::None {
            self.trial = Trial::Since(now_ms);
        }
        if rate.per_second > 0 {
            self.granted.push_back(now_ms);
        }
        if rate.thread_gap_ms > 0 {
            let gap = i64::from(rate.thread_gap_ms);
            // A clock that was set back must not make a thread wait for the time that is lost.
            let latest = now_ms.saturating_add(rate.ahead_ms());
            let kept = self.threads.get(thread).map_or(now_ms, |kept| (*kept).clamp(now_ms, latest));
            self.threads.insert(thread.to_owned(), kept.saturating_add(gap));
        }
        now_ms
    }

    /// When the `ahead`th place after the free ones comes up: as the grants leave the window, then a window per round.
    fn slot(&self, ahead: usize, bound: usize, now_ms: i64) -> i64 {
        if let Some(at) = self.granted.get(ahead) {
            return at.saturating_add(self.window_ms);
        }
        let rounds = (ahead - self.granted.len().min(ahead)) / bound.max(1) + 1;
        now_ms.saturating_add(self.window_ms.saturating_mul(i64::try_from(rounds).unwrap_or(i64::MAX)))
    }

    /// Whether nothing is left of a throttle.
    fn is_tried(&self, now_ms: i64) -> bool {
        let grace = if self.trial == Trial::None { 0 } else { TRIAL_MS };
        self.until.saturating_add(grace) <= now_ms
    }

    fn is_idle(&self, now_ms: i64) -> bool {
        self.granted.is_empty() && self.waiting.is_empty() && self.threads.is_empty() && self.is_tried(now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const T0: i64 = 1_700_000_000_000;

    #[test]
    fn a_second_holds_no_more_than_allowed() {
        let mut pace = Pace::default();
        let rate = Rate { per_second: 2, thread_gap_ms: 0, thread_burst: 0, span_ms: 0 };
        assert_eq!(pace.ready_at("a", rate, "1", T0), T0);
        assert_eq!(pace.ready_at("a", rate, "2", T0 + 300), T0 + 300);
        assert_eq!(pace.ready_at("a", rate, "3", T0 + 400), T0 + 1_000);
        assert_eq!(pace.ready_at("b", rate, "3", T0 + 400), T0 + 400, "another account has its own second");
        assert_eq!(pace.ready_at("a", rate, "3", T0 + 1_000), T0 + 1_000);
    }

    /// How many go at one moment before the next has to wait.
    fn at_once(pace: &mut Pace, rate: Rate, now: i64) -> usize {
        (0..2_000).take_while(|thread| pace.ready_at("a", rate, &thread.to_string(), now) == now).count()
    }

    #[test]
    fn an_account_has_its_own_pace_once_it_is_known_and_its_kinds_again_when_it_has_none() {
        let mut pace = Pace::default();
        let rate = Rate { per_second: 80, thread_gap_ms: 0, thread_burst: 0, span_ms: 0 };
        // One that another account has is nobody else's.
        pace.note("b", Some(5));
        let mut now = T0;
        for (own, expected) in [(None, 80), (Some(20), 20), (Some(1_000), 1_000), (None, 80)] {
            pace.note("a", own);
            assert_eq!(at_once(&mut pace, rate, now), expected, "{own:?}");
            assert_eq!(pace.ready_at("a", rate, "late", now + 999), now + 1_000, "{own:?}");
            now += 60_000;
        }
        // Fewer from now on: what went within the second counts.
        pace.note("a", Some(1_000));
        assert_eq!((0..30).filter(|n| pace.ready_at("a", rate, &format!("n{n}"), now) == now).count(), 30);
        pace.note("a", Some(20));
        assert_eq!(pace.ready_at("a", rate, "next", now + 1), now + 1_000);
    }

    #[test]
    fn no_minute_of_an_account_at_microsoft_has_more_than_thirty() {
        let outlook = connect::channels::all().iter().find(|one| one.spec().kind == "outlook").unwrap();
        let rate = Rate::from(&outlook.spec().limits);
        let (mut pace, mut now, mut granted) = (Pace::default(), T0, Vec::new());
        while now < T0 + 600_000 {
            let ready = pace.ready_at("a", rate, &(granted.len() % 7).to_string(), now);
            if ready == now {
                granted.push(now);
            }
            now = ready.max(now + 10);
        }
        assert!(granted.len() > 290, "{} in ten minutes", granted.len());
        for from in &granted {
            assert!(granted.iter().filter(|at| (*from..from + 60_000).contains(at)).count() <= 30);
        }
    }

    #[test]
    fn who_waits_keeps_its_place() {
        let mut pace = Pace::default();
        let rate = Rate { per_second: 1, thread_gap_ms: 0, thread_burst: 0, span_ms: 0 };
        pace.ready_at("a", rate, "busy", T0);
        assert_eq!(pace.ready_at("a", rate, "quiet", T0 + 1), T0 + 1_000);
        assert!(pace.ready_at("a", rate, "busy", T0 + 1_000) > T0 + 1_000, "the quiet one was here first");
        assert_eq!(pace.ready_at("a", rate, "quiet", T0 + 1_000), T0 + 1_000);
    }

    #[test]
    fn a_place_is_not_kept_for_ever() {
        let mut pace = Pace::default();
        let rate = Rate { per_second: 1, thread_gap_ms: 0, thread_burst: 0, span_ms: 0 };
        pace.ready_at("a", rate, "1", T0);
        pace.ready_at("a", rate, "gone", T0);
        assert_eq!(pace.ready_at("a", rate, "2", T0 + 3_001), T0 + 3_001);
    }

    #[test]
    fn a_throttled_account_waits_and_a_shorter_throttle_does_not_free_it() {
        let mut pace = Pace::default();
        pace.throttle("a", T0 + 30_000);
        pace.throttle("a", T0 + 5_000);
        assert_eq!(pace.ready_at("a", Rate::default(), "1", T0), T0 + 30_000);
        assert_eq!(pace.ready_at("a", Rate::default(), "1", T0 + 30_000), T0 + 30_000);
    }

    #[test]
    fn after_a_throttle_one_goes_first_and_the_others_follow_when_it_went() {
        let mut pace = Pace::default();
        let free = Rate::default();
        pace.throttle("a", T0 + 1_000);
        assert_eq!(pace.ready_at("a", free, "1", T0 + 1_000), T0 + 1_000);
        assert_eq!(pace.ready_at("a", free, "2", T0 + 1_001), T0 + 6_000, "one is under way");
        assert_eq!(pace.ready_at("b", free, "2", T0 + 1_001), T0 + 1_001, "another account is not concerned");
        pace.throttle("a", T0 + 2_000);
        pace.ended("a");
        assert_eq!(pace.ready_at("a", free, "2", T0 + 2_000), T0 + 2_000, "again one");
        assert_eq!(pace.ready_at("a", free, "3", T0 + 2_000), T0 + 7_000, "what ended before says nothing of it");
        pace.ended("a");
        assert_eq!(pace.ready_at("a", free, "3", T0 + 2_001), T0 + 2_001);
        assert_eq!(pace.ready_at("a", free, "4", T0 + 2_001), T0 + 2_001);
    }

    #[test]
    fn one_that_is_never_heard_of_again_holds_up_nobody_for_long() {
        let mut pace = Pace::default();
        pace.throttle("a", T0 - 90_000_000);
        pace.ready_at("a", Rate::default(), "1", T0);
        assert_eq!(pace.ready_at("a", Rate::default(), "2", T0 + 5_000), T0 + 5_000);
        assert_eq!(pace.ready_at("a", Rate::default(), "3", T0 - 86_400_000), T0 - 86_400_000, "a clock set back");
    }

    #[test]
    fn a_clock_set_back_does_not_stop_the_account() {
        let mut pace = Pace::default();
        let rate = Rate { per_second: 1, thread_gap_ms: 1_000, thread_burst: 1, span_ms: 0 };
        pace.ready_at("a", rate, "1", T0);
        assert!(pace.ready_at("a", rate, "1", T0 - 86_400_000) <= T0 - 86_400_000 + 1_000);
    }

    #[test]
    fn a_burst_is_borrowed_from_the_time_after_it() {
        let mut pace = Pace::default();
        let rate = Rate { per_second: 0, thread_gap_ms: 6_000, thread_burst: 3, span_ms: 0 };
        for at in [T0, T0 + 1, T0 + 2] {
            assert_eq!(pace.ready_at("a", rate, "1", at), at);
        }
        assert_eq!(pace.ready_at("a", rate, "1", T0 + 3), T0 + 6_000, "one each gap from then on");
        assert_eq!(pace.ready_at("a", rate, "2", T0 + 3), T0 + 3, "another thread has its own");
        assert_eq!(pace.ready_at("a", rate, "1", T0 + 6_000), T0 + 6_000);
        assert_eq!(pace.ready_at("a", rate, "1", T0 + 6_001), T0 + 12_000);
        for at in [T0 + 30_000, T0 + 30_001, T0 + 30_002] {
            assert_eq!(pace.ready_at("a", rate, "1", at), at, "the burst has come back");
        }
        assert!(pace.ready_at("a", rate, "1", T0 - 86_400_000) <= T0 - 86_400_000 + 6_000, "a clock set back");
    }

    #[test]
    fn idle_accounts_are_forgotten() {
        let mut pace = Pace::default();
        let rate = Rate { per_second: 5, thread_gap_ms: 100, thread_burst: 0, span_ms: 0 };
        for n in 0..5_000_i64 {
            pace.ready_at(&format!("account {n}"), rate, "1", T0 + n * 10);
        }
        assert!(pace.accounts.len() < 2_000, "{} are kept", pace.accounts.len());
    }

    proptest! {
        #[test]
        fn no_window_and_no_gap_is_ever_broken(
            per_second in 1_u32..6,
            thread_gap_ms in prop::sample::select(vec![0_u32, 100, 1_000]),
            asks in prop::collection::vec((0_usize..6, 0_i64..400), 1..300),
        ) {
            let rate = Rate { per_second, thread_gap_ms, thread_burst: 1, span_ms: 0 };
            let mut pace = Pace::default();
            let mut now = T0;
            let mut granted: Vec<(i64, usize)> = Vec::new();
            for (thread, pause) in asks {
                now += pause;
                let ready = pace.ready_at("a", rate, &thread.to_string(), now);
                prop_assert!(ready >= now);
                if ready == now {
                    granted.push((now, thread));
                }
            }
            for (index, (at, thread)) in granted.iter().enumerate() {
                let within = granted[index..].iter().filter(|(other, _)| other - at < 1_000).count();
                prop_assert!(within <= per_second as usize, "{within} within a second");
                let next = granted[index + 1..].iter().find(|(_, other)| other == thread);
                prop_assert!(next.is_none_or(|(next, _)| next - at >= i64::from(thread_gap_ms)));
            }
        }

        #[test]
        fn no_burst_is_ever_longer(burst in 1_u32..5, asks in prop::collection::vec(0_i64..900, 1..200)) {
            let rate = Rate { per_second: 0, thread_gap_ms: 1_000, thread_burst: burst, span_ms: 0 };
            let (mut pace, mut now, mut granted) = (Pace::default(), T0, Vec::new());
            for pause in asks {
                now += pause;
                if pace.ready_at("a", rate, "1", now) == now {
                    granted.push(now);
                }
            }
            for (index, from) in granted.iter().enumerate() {
                for (count, to) in (1..).zip(&granted[index..]) {
                    prop_assert!(i64::from(count) <= i64::from(burst) + (to - from) / 1_000, "{count} in {} ms", to - from);
                }
            }
        }

        /// Every thread has always something to send and comes back when it was told to; the order among those who
        /// come at the same time is the worst for the last one.
        #[test]
        fn nobody_starves(per_second in 1_u32..5, threads in 1_usize..15, gap in 0_u32..1_500) {
            let rate = Rate { per_second, thread_gap_ms: gap, thread_burst: 1, span_ms: 0 };
            let mut pace = Pace::default();
            let mut due = vec![T0; threads];
            let mut last = vec![T0; threads];
            let rounds = i64::try_from(threads.div_ceil(per_second as usize)).unwrap();
            let patience = (rounds + 1) * 1_000 + 2 * i64::from(gap);
            let mut now = T0;
            while now < T0 + 40_000 {
                for thread in 0..threads {
                    if due[thread] > now {
                        continue;
                    }
                    due[thread] = pace.ready_at("a", rate, &thread.to_string(), now);
                    if due[thread] == now {
                        prop_assert!(now - last[thread] <= patience, "{} ms", now - last[thread]);
                        last[thread] = now;
                        due[thread] = now + 1;
                    }
                }
                now = due.iter().copied().min().unwrap_or(now).max(now + 1);
            }
            prop_assert!(last.iter().all(|at| now - at <= patience + 1_000));
        }
    }
}
