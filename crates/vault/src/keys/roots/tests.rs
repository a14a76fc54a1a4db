//! Another root key, in one go, interrupted, and the wrong one.

use std::sync::Arc;

use super::*;
use crate::keys::{CustodyAt, EnvRootKey};
use crate::testing::postgres::TestDatabase;
use crate::testing::{SeededChance, StillClock};

fn workspace(last: u8) -> WorkspaceId {
    crate::id::Identifier::from_uuid(uuid::Uuid::from_bytes([last; 16]))
}

fn root(digit: &str) -> EnvRootKey {
    EnvRootKey::from_text(&digit.repeat(64)).unwrap()
}

fn open(at: &CustodyAt, root: impl RootKey + 'static, seed: u64) -> Result<Keys> {
    Keys::open(Box::new(root), at, Arc::new(StillClock::at(1)), Arc::new(SeededChance::new(seed)))
}

fn both(current: &str, next: &str) -> TwoRootKeys {
    TwoRootKeys::new(Arc::new(root(current)), Arc::new(root(next)), &SeededChance::new(9)).unwrap()
}

/// A root key that stops after some wrappings: its holder cannot be reached any more.
struct Tiring {
    root: EnvRootKey,
    left: std::sync::atomic::AtomicI64,
}

impl RootKey for Tiring {
    fn wrap(&self, context: &[u8], key: &[u8], chance: [u8; 32]) -> Result<Vec<u8>> {
        if self.left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) <= 0 {
            return Err(Error::Outside("the holder of the root key does not answer".into()));
        }
        self.root.wrap(context, key, chance)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.root.unwrap(context, wrapped)
    }
}

fn rewrap_root(keys: &Keys) -> Result<RootState> {
    keys.alone("one", |turn| keys.rewrap_root(turn))
}

/// A pass over an owner's keys, which leaves nothing for another one.
fn rewrap(keys: &Keys, owner: Option<WorkspaceId>) {
    let mut after = String::new();
    while let Some(last) = keys.rewrap(owner, &after).unwrap().last {
        after = last;
    }
    assert_eq!(keys.rewrap(owner, "").unwrap().changed, 0, "nothing came under the old one since");
}

/// Another workspace key, from the first step to the last.
fn rotate(keys: &Keys, owner: Option<WorkspaceId>) {
    let target = keys.begin_rewrap(owner).unwrap();
    rewrap(keys, owner);
    assert_eq!(keys.retire_parents(owner, target).unwrap(), 1);
}

/// Runs a test with custody on both engines.
fn on_both(test: impl Fn(&CustodyAt)) {
    let folder = tempfile::tempdir().unwrap();
    test(&CustodyAt::File(folder.path().join("custody.db")));
    let database = TestDatabase::create();
    test(&CustodyAt::Postgres(database.url.clone()));
}

fn hashes(keys: &Keys) -> Vec<Vec<u8>> {
    let own = keys.blind_installation("d", "v").unwrap();
    (1..=5).map(|number| keys.blind(workspace(number), "d", "v").unwrap()).chain([own]).collect()
}

fn rotates_with_a_restart_in_the_middle(at: &CustodyAt) {
    let keys = open(at, root("a"), 1).unwrap();
    let (id, key) = keys.draw(workspace(1)).unwrap();
    let before = hashes(&keys);
    assert_eq!(keys.root_state().unwrap(), RootState { keys: 6, moved: 6 });
    // Two probes and three keys: then the next root key cannot be reached.
    let tiring = Tiring { root: root("b"), left: 5.into() };
    keys.accept_root(Arc::new(tiring)).unwrap();
    assert!(matches!(rewrap_root(&keys), Err(Error::Outside(_))));
    assert_eq!(hashes(&keys), before, "it serves meanwhile");
    drop(keys);

    let opened =
        |keys: Result<Keys>| keys.and_then(|keys| (1..=5).try_for_each(|one| keys.create_workspace(workspace(one))));
    for (alone, seed) in [("a", 2), ("b", 3), ("c", 4)] {
        assert!(matches!(opened(open(at, root(alone), seed)), Err(Error::Seal(_))), "{alone} alone does not suffice");
    }
    assert!(matches!(opened(open(at, both("a", "c"), 5)), Err(Error::Seal(_))), "nor does another next one");
    let keys = open(at, both("a", "b"), 6).unwrap();
    assert_eq!(hashes(&keys), before);
    let state = keys.root_state().unwrap();
    assert!(!state.is_whole() && state.moved > 0, "{state:?}");
    keys.create_workspace(workspace(6)).unwrap();
    assert_eq!(rewrap_root(&keys).unwrap(), RootState { keys: 7, moved: 7 });
    assert_eq!(rewrap_root(&keys).unwrap(), RootState { keys: 7, moved: 7 }, "again is nothing");
    drop(keys);

    assert!(matches!(open(at, root("a"), 7), Err(Error::Seal(_))), "the old one opens nothing any more");
    let keys = open(at, root("b"), 8).unwrap();
    assert!(keys.root_state().unwrap().is_whole());
    assert_eq!(hashes(&keys), before);
    assert_eq!(keys.contact_key(workspace(1), id).unwrap().unwrap().bytes(), key.bytes());
}

#[test]
fn everything_comes_under_the_next_root_key() {
    on_both(rotates_with_a_restart_in_the_middle);
}

#[test]
fn a_root_key_that_does_not_work_is_not_taken_into_use() {
    let keys = open(&CustodyAt::Memory, root("a"), 1).unwrap();
    let before = keys.blind(workspace(1), "d", "v").unwrap();
    assert!(keys.accept_root(Arc::new(Tiring { root: root("b"), left: 0.into() })).is_err());
    keys.create_workspace(workspace(2)).unwrap();
    assert!(keys.root_state().unwrap().is_whole());
    assert_eq!(keys.blind(workspace(1), "d", "v").unwrap(), before);
}

#[test]
fn a_node_with_an_old_ring_puts_nothing_under_a_key_that_gave_way() {
    let folder = tempfile::tempdir().unwrap();
    let at = CustodyAt::File(folder.path().join("custody.db"));
    let (one, other) = (open(&at, root("a"), 1).unwrap(), open(&at, root("a"), 2).unwrap());
    let owner = Some(workspace(1));
    other.create_workspace(workspace(1)).unwrap();
    let (early, _) = other.draw(workspace(1)).unwrap();
    let target = one.begin_rewrap(owner).unwrap();
    assert_eq!(one.begin_rewrap(owner).unwrap(), target);
    assert_eq!(one.parent_ids(owner).unwrap().len(), 2, "begun twice is begun once");
    let mut late = Vec::new();
    while late.len() < 300 {
        late.push(other.draw(workspace(1)).unwrap().0);
    }
    rewrap(&one, owner);
    assert_eq!(one.retire_parents(owner, target).unwrap(), 1);
    let third = open(&at, root("a"), 3).unwrap();
    for id in late.into_iter().chain([early]) {
        assert!(third.contact_key(workspace(1), id).unwrap().is_some());
    }
}

#[test]
fn the_installations_own_keys_come_under_another_one() {
    let keys = open(&CustodyAt::Memory, root("a"), 1).unwrap();
    let before = keys.blind_installation("d", "v").unwrap();
    let place = crate::sealing::Place { table: "inbox", column: "body_sealed", row: "inb_1" };
    let sealed = keys.custody_seal(1, place, [1; 32], b"request").unwrap();
    let old = keys.parent_ids(None).unwrap();
    assert!(keys.alone("one", |turn| keys.rotate_own(turn)).unwrap() >= 6);
    assert_ne!(keys.parent_ids(None).unwrap(), old);
    assert_eq!(keys.blind_installation("d", "v").unwrap(), before);
    assert_eq!(keys.custody_open(place, &sealed).unwrap(), b"request");
}

#[test]
fn an_idle_node_wraps_nothing_under_a_key_that_is_gone() {
    on_both(|at| {
        let (one, idle) = (open(at, root("a"), 1).unwrap(), open(at, root("a"), 2).unwrap());
        idle.create_workspace(workspace(1)).unwrap();
        for owner in [None, Some(workspace(1))] {
            for _ in 0..2 {
                rotate(&one, owner);
            }
        }
        let drawn: Vec<_> = (0..300).map(|_| idle.draw(workspace(1)).unwrap().0).collect();
        let place = crate::sealing::Place { table: "inbox", column: "body_sealed", row: "inb_1" };
        let sealed = idle.custody_seal(1, place, [1; 32], b"request").unwrap();
        let third = open(at, root("a"), 3).unwrap();
        assert_eq!(third.custody_open(place, &sealed).unwrap(), b"request");
        for id in drawn {
            assert!(third.contact_key(workspace(1), id).unwrap().is_some());
        }
    });
}

#[test]
fn who_comes_late_ends_no_rotation_but_its_own() {
    on_both(|at| {
        let (late, other) = (open(at, root("a"), 1).unwrap(), open(at, root("a"), 2).unwrap());
        let before = hashes(&late);
        for owner in [None, Some(workspace(1))] {
            let target = late.begin_rewrap(owner).unwrap();
            rewrap(&late, owner);
            // Another node ends it, and the next one begins.
            assert_eq!(other.retire_parents(owner, target).unwrap(), 1);
            let next = other.begin_rewrap(owner).unwrap();
            assert_eq!(next, target + 1);
            assert_eq!(late.retire_parents(owner, target).unwrap(), 0);
            assert_eq!(hashes(&open(at, root("a"), 3).unwrap()), before, "what everything is under stays");
            rewrap(&other, owner);
            assert_eq!(other.retire_parents(owner, next).unwrap(), 1);
            assert_eq!(late.retire_parents(owner, target).unwrap(), 0);
        }
        assert_eq!(hashes(&open(at, root("a"), 4).unwrap()), before);
    });
}

#[test]
fn custody_destroys_nothing_whose_successor_it_does_not_have() {
    on_both(|at| {
        let keys = open(at, root("a"), 1).unwrap();
        let owner = Some(workspace(1));
        let id = keys.parent_ids(owner).unwrap()[0];
        let line = keys.line(workspace(1), Deed::KeyDestroyed, id.to_string().as_bytes()).unwrap();
        let doomed = [(id, line)];
        assert_eq!(keys.custody.destroy(owner, Some("workspace.2"), &doomed, 1).unwrap(), 0);
        assert!(keys.ledger(workspace(1), 0, 10).unwrap().is_empty());
        keys.begin_rewrap(owner).unwrap();
        rewrap(&keys, owner);
        assert_eq!(keys.custody.destroy(owner, Some("workspace.2"), &doomed, 1).unwrap(), 1);
        assert_eq!(keys.ledger(workspace(1), 0, 10).unwrap().len(), 1);
    });
}

#[test]
fn one_at_a_time_over_all_nodes() {
    on_both(|at| {
        let clock = Arc::new(StillClock::at(1));
        let keys = |seed| {
            let chance = Arc::new(SeededChance::new(seed));
            Keys::open(Box::new(root("a")), at, clock.clone(), chance).unwrap()
        };
        let (one, other) = (keys(1), keys(2));
        // Node and start, as in every lease, and a word of its own.
        let holder = |node: &str, start: &str, own: &str| format!("{}{}{own}", node.repeat(16), start.repeat(16));
        let refused = |result: Result<()>| matches!(result, Err(Error::Conflict { code: "rotation_under_way", .. }));
        let (mine, others) = (holder("a", "1", "x"), holder("b", "1", "x"));
        one.alone(&mine, |turn| {
            for _ in 0..5 {
                assert!(refused(other.alone(&others, |_| panic!("two at once"))));
                assert!(refused(other.alone(&holder("a", "1", "y"), |_| panic!("two at once"))));
                clock.advance(90_000);
                turn.keep()?;
            }
            assert!(refused(other.alone(&others, |turn| other.rotate_own(turn).map(|_| ()))));
            clock.advance(120_000);
            other.alone(&others, |_| {
                assert!(refused(turn.keep()), "it was not kept in time");
                Ok(())
            })
        })
        .unwrap();
        one.alone(&mine, |_| other.alone(&holder("a", "2", "x"), |_| Ok(()))).expect("its own dead start has none");
        other.alone(&others, |_| Ok(())).expect("given back");
    });
}
