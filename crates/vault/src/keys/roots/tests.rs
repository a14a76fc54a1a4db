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
    assert!(matches!(keys.rewrap_root(), Err(Error::Outside(_))));
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
    assert_eq!(keys.rewrap_root().unwrap(), RootState { keys: 7, moved: 7 });
    assert_eq!(keys.rewrap_root().unwrap(), RootState { keys: 7, moved: 7 }, "again is nothing");
    drop(keys);

    assert!(matches!(open(at, root("a"), 7), Err(Error::Seal(_))), "the old one opens nothing any more");
    let keys = open(at, root("b"), 8).unwrap();
    assert!(keys.root_state().unwrap().is_whole());
    assert_eq!(hashes(&keys), before);
    assert_eq!(keys.contact_key(workspace(1), id).unwrap().unwrap().bytes(), key.bytes());
}

#[test]
fn everything_comes_under_the_next_root_key() {
    let folder = tempfile::tempdir().unwrap();
    rotates_with_a_restart_in_the_middle(&CustodyAt::File(folder.path().join("custody.db")));
}

#[test]
fn on_postgres_too() {
    let database = TestDatabase::create();
    rotates_with_a_restart_in_the_middle(&CustodyAt::Postgres(database.url.clone()));
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
    one.begin_rewrap(owner).unwrap();
    one.begin_rewrap(owner).unwrap();
    assert_eq!(one.parent_ids(owner).unwrap().len(), 2, "begun twice is begun once");
    let mut late = Vec::new();
    while late.len() < 300 {
        late.push(other.draw(workspace(1)).unwrap().0);
    }
    let mut after = String::new();
    while let Some(last) = one.rewrap(owner, &after).unwrap().last {
        after = last;
    }
    assert_eq!(one.rewrap(owner, "").unwrap().changed, 0, "nothing came under the old one since");
    assert_eq!(one.retire_parents(owner).unwrap(), 1);
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
    keys.begin_rewrap(None).unwrap();
    assert!(keys.rewrap(None, "").unwrap().changed >= 6);
    assert_eq!(keys.retire_parents(None).unwrap(), 1);
    assert_ne!(keys.parent_ids(None).unwrap(), old);
    assert_eq!(keys.blind_installation("d", "v").unwrap(), before);
    assert_eq!(keys.custody_open(place, &sealed).unwrap(), b"request");
}
