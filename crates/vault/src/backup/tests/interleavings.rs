//! However writes, erasures, backups, stops, crashes and restores follow each other: a restore gives back what was there at its
//! moment, and nobody who was erased.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::home::Texts;
use super::*;
use crate::{Clock, ContactId, Millis};

#[derive(Debug, Clone)]
enum Step {
    Meet,
    Say(usize),
    Erase(usize, bool),
    BackUp,
    Stop,
    Crash,
    Restore { back: usize, custody_is_there: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Meet),
        6 => (0_usize..9).prop_map(Step::Say),
        2 => (0_usize..9, any::<bool>()).prop_map(|(who, whole)| Step::Erase(who, whole)),
        4 => Just(Step::BackUp),
        1 => Just(Step::Stop),
        2 => Just(Step::Crash),
        2 => (0_usize..12, any::<bool>())
            .prop_map(|(back, custody_is_there)| Step::Restore { back, custody_is_there }),
    ]
}

/// What should be there.
struct Model {
    home: Home,
    now: Texts,
    /// What was there from a moment on. A crash leaves open when exactly what came last was committed.
    was: Vec<(Millis, Texts)>,
    /// How many of these a crash cannot blur any more.
    certain: usize,
    erased: BTreeSet<ContactId>,
    /// What the backup's copy of custody knows of that.
    erased_in_copy: BTreeSet<ContactId>,
    reach: Option<(Millis, Millis)>,
}

impl Model {
    fn contact(&self, number: usize) -> Option<ContactId> {
        self.now.keys().nth(number % self.now.len().max(1)).copied()
    }

    async fn does(&mut self, number: usize, step: &Step) {
        let at = self.home.pass();
        match *step {
            Step::Meet => {
                let contact = self.home.meet().await;
                self.now.insert(contact, Vec::new());
            }
            Step::Say(who) => {
                let Some(contact) = self.contact(who) else { return };
                let text = format!("step {number}");
                self.home.says(contact, text.clone()).await;
                self.now.entry(contact).or_default().push(text);
            }
            Step::Erase(who, whole) => {
                let Some(contact) = self.contact(who) else { return };
                self.home.erases(contact, whole).await;
                self.now.remove(&contact);
                self.erased.insert(contact);
            }
            Step::BackUp => {
                let taken = self.home.backs_up().await;
                self.erased_in_copy = self.erased.clone();
                self.reach = Some((self.reach.map_or(taken.from, |(from, _)| from), taken.until));
                self.certain = self.was.len() + 1;
            }
            Step::Stop => {
                self.home.restarts();
                self.certain = self.was.len() + 1;
            }
            Step::Crash => {
                self.home.crashes();
                self.was.truncate(self.certain);
            }
            Step::Restore { back, custody_is_there } => return self.restores(back, custody_is_there).await,
        }
        self.was.push((at, self.now.clone()));
        assert_eq!(self.home.reads().await, self.now, "after step {number}, {step:?}");
    }

    async fn restores(&mut self, back: usize, custody_is_there: bool) {
        let Some((from, until)) = self.reach else { return };
        let moments: Vec<Millis> = self.was[..self.certain.min(self.was.len())]
            .iter()
            .map(|(at, _)| *at)
            .filter(|at| (from..=until).contains(at))
            .collect();
        let at = moments.iter().rev().nth(back).copied();
        let (restored, _) = self.home.restores(at, custody_is_there).await.unwrap();
        let known = if custody_is_there { &self.erased } else { &self.erased_in_copy };
        let (_, was) = self.was.iter().rfind(|(at, _)| *at <= restored.at).unwrap();
        let mut expected = was.clone();
        expected.retain(|contact, _| !known.contains(contact));
        assert_eq!(self.home.reads().await, expected, "as of {} of {from} to {until}", restored.at);
        self.erased = known.clone();
        self.now = expected;
        let now = self.home.pass();
        self.was.push((now, self.now.clone()));
        self.certain = self.was.len();
    }
}

async fn follows(steps: Vec<Step>) {
    let home = Home::new().await;
    let mut model = Model {
        was: vec![(home.clock.now(), Texts::new())],
        home,
        now: Texts::new(),
        certain: 1,
        erased: BTreeSet::new(),
        erased_in_copy: BTreeSet::new(),
        reach: None,
    };
    for (number, step) in steps.iter().enumerate() {
        model.does(number, step).await;
    }
    model.does(steps.len(), &Step::BackUp).await;
    model.restores(0, true).await;
}

/// How many interleavings: more by `PARLOIR_DEV_BACKUPS`.
fn cases() -> u32 {
    std::env::var("PARLOIR_DEV_BACKUPS").ok().and_then(|text| text.parse().ok()).unwrap_or(24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_restore_never_resurrects(steps in prop::collection::vec(step(), 4..28)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(follows(steps));
    }
}
