//! A rotation whose power fails before or after every durable step, and goes on after the next start.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::Personal;
use crate::testing::SeededChance;
use crate::testing::house::{BEGIN, at_once};
use crate::testing::machine::{Machine, Run};
use crate::testing::power::{Power, Side};

/// A machine with a furnished workspace on it.
struct Stand {
    machine: Machine,
    clock: Arc<StillClock>,
    scope: Scope,
    furnished: furnished::Furnished,
    runs: u64,
}

impl Stand {
    fn build() -> Self {
        let clock = Arc::new(StillClock::at(BEGIN));
        let machine = Machine::new(&SeededChance::new(11), BEGIN).unwrap();
        let vault = start(&machine, &clock, Power::default(), 12);
        let (scope, furnished) = at_once(async {
            let workspace = vault.create_workspace("eu", Personal::new("Nord".into())).await.unwrap();
            let scope = vault.operator_scope(workspace).await.unwrap();
            let furnished = furnished::furnish(&vault, &scope).await;
            vault.checkpoint_audit(&scope).await.unwrap();
            while vault.index_step(&scope).await.unwrap() {}
            (scope, furnished)
        });
        Self { machine, clock, scope, furnished, runs: 100 }
    }

    fn start(&mut self, power: Power) -> Vault {
        self.runs += 1;
        start(&self.machine, &self.clock, power, self.runs)
    }
}

fn start(machine: &Machine, clock: &Arc<StillClock>, power: Power, seed: u64) -> Vault {
    let rhythm = Box::new(|| -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> { Box::pin(async {}) });
    let (clock, chance) = (Arc::clone(clock), Arc::new(SeededChance::new(seed)));
    machine.start(Run { clock, chance, power, rhythm, planted: None }).unwrap()
}

/// The rotation, as far as the power lasts: who lost it never answers, or is refused.
fn as_far_as_it_goes(vault: &Vault, stand: &Stand, what: What) {
    let scope = &stand.scope;
    let way = async {
        let id = vault.write(scope, move |tx| begin(tx, what)).await?;
        for _ in 0..1_000 {
            match vault.carry_on_rotation(scope, id).await? {
                Progress::Done => break,
                Progress::Waiting(until) => {
                    while vault.index_step(scope).await? {}
                    stand.clock.advance((until - crate::Clock::now(&*stand.clock)).max(0));
                }
            }
        }
        Ok::<_, Error>(())
    };
    let mut context = Context::from_waker(Waker::noop());
    if let Poll::Ready(Ok(())) = pin!(way).poll(&mut context) {}
}

/// Lets the power fail at a step; whether there was such a step. What is seen after the next start and at the end is checked.
fn fails_at(what_of: impl Fn(&Stand) -> What, nth: u64, side: Side) -> bool {
    let mut stand = Stand::build();
    let what = what_of(&stand);
    let scope = stand.scope.clone();
    let vault = stand.start(Power::default());
    let before = at_once(vault.read(&scope, contents)).unwrap();
    let old = at_once(vault.read(&scope, move |tx| keys_of(tx, what))).unwrap();
    drop(vault);

    let power = Power::default();
    let vault = stand.start(power.clone());
    power.fail_at(nth, side);
    as_far_as_it_goes(&vault, &stand, what);
    let failed = power.failure().is_some();
    drop(vault);
    power.forget();

    let vault = stand.start(Power::default());
    let label = format!("{what:?}, step {nth}, {side:?}");
    assert_eq!(at_once(vault.read(&scope, contents)).unwrap(), before, "after the start: {label}");
    at_once(async {
        // It goes on by its job, or is ordered anew where the order itself was lost.
        let begun = vault.read(&scope, |tx| list(tx, 1)).await.unwrap();
        let id = match begun.first() {
            Some(begun) => begun.id,
            None => vault.write(&scope, move |tx| begin(tx, what)).await.unwrap(),
        };
        finish(&vault, &stand.clock, &scope, id).await;
    });
    assert_eq!(at_once(vault.read(&scope, contents)).unwrap(), before, "at the end: {label}");
    let names = at_once(vault.read(&scope, named)).unwrap();
    for key in old {
        assert!(!names.contains(&key.to_string()) && !is_in_custody(&vault, &scope, key), "{label}");
    }
    let query = crate::search::Query { text: "text-1".into(), limit: 5, ..Default::default() };
    assert_eq!(at_once(vault.find_messages(&scope, query)).unwrap().len(), 1, "{label}");
    assert!(at_once(vault.verify_audit(&scope)).unwrap().is_sound(), "{label}");
    failed
}

fn fails_everywhere(least: u64, what: impl Fn(&Stand) -> What) {
    for side in [Side::Before, Side::After] {
        let mut nth = 1;
        while fails_at(&what, nth, side) {
            nth += 1;
        }
        assert!(nth > least, "{nth} steps");
    }
}

#[test]
fn of_a_contacts_keys() {
    fails_everywhere(10, |stand| What::Contact(stand.furnished.people[1].contact));
}

#[test]
fn of_the_content_key() {
    fails_everywhere(8, |_| What::Content);
}

#[test]
fn of_the_evidence_key() {
    fails_everywhere(6, |_| What::Evidence);
}

#[test]
fn of_the_index_key() {
    fails_everywhere(6, |_| What::Index);
}

#[test]
fn of_the_workspace_key() {
    fails_everywhere(5, |_| What::Workspace);
}

#[test]
fn of_the_signing_key() {
    fails_everywhere(4, |_| What::Audit);
}

/// The same for the installation's own keys, which have neither a row nor a job: it is ordered again.
fn installation_fails_at(nth: u64, side: Side) -> bool {
    let mut stand = Stand::build();
    let place = crate::sealing::Place { table: "inbox", column: "body_sealed", row: "inb_1" };
    let vault = stand.start(Power::default());
    let sealed = vault.keys().custody_seal(BEGIN, place, [1; 32], b"request").unwrap();
    let hash = vault.keys().blind_installation("d", "v").unwrap();
    let old = vault.keys().parent_ids(None).unwrap();
    drop(vault);

    let power = Power::default();
    let vault = stand.start(power.clone());
    power.fail_at(nth, side);
    let _ = pin!(vault.rotate_installation()).poll(&mut Context::from_waker(Waker::noop()));
    let failed = power.failure().is_some();
    drop(vault);
    power.forget();

    for _ in 0..2 {
        let vault = stand.start(Power::default());
        assert_eq!(vault.keys().custody_open(place, &sealed).unwrap(), b"request", "step {nth}, {side:?}");
        assert_eq!(vault.keys().blind_installation("d", "v").unwrap(), hash, "step {nth}, {side:?}");
        // What the start before had of it is nobody's any more.
        at_once(vault.rotate_installation()).unwrap();
        let parents = vault.keys().parent_ids(None).unwrap();
        assert!(parents.len() == 1 && !old.contains(&parents[0]), "step {nth}, {side:?}");
    }
    failed
}

#[test]
fn of_the_installations_own_keys() {
    for side in [Side::Before, Side::After] {
        let mut nth = 1;
        while installation_fails_at(nth, side) {
            nth += 1;
        }
        assert!(nth > 5, "{nth} steps");
    }
}
