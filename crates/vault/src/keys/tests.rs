//! Keys: what fits opens, whatever else does not, and what custody destroyed is gone from its files.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::Error;
use crate::testing::postgres::TestDatabase;
use crate::testing::{SeededChance, StillClock};

const DAY: i64 = 86_400_000;
const PLACE: Place<'static> = Place { table: "messages", column: "body_sealed", row: "msg_1" };

fn workspace(last: u8) -> WorkspaceId {
    WorkspaceId::from_uuid(uuid::Uuid::from_bytes([last; 16]))
}

fn root(digit: &str) -> Box<dyn RootKey> {
    Box::new(EnvRootKey::from_text(&digit.repeat(64)).unwrap())
}

fn keys_at(at: &CustodyAt, root: Box<dyn RootKey>, seed: u64) -> Result<Keys> {
    Keys::open(root, at, Arc::new(StillClock::at(DAY)), Arc::new(SeededChance::new(seed)))
}

fn keys() -> Keys {
    keys_at(&CustodyAt::Memory, root("a"), 1).unwrap()
}

#[test]
fn a_cell_opens_only_where_it_was_sealed() {
    let keys = keys();
    let (id, key) = keys.draw(workspace(1)).unwrap();
    let (other_id, other) = keys.draw(workspace(1)).unwrap();
    let sealed = keys.seal(&key, id, PLACE, [7; 32], b"hello").unwrap();
    assert_eq!(keys.key_of(&sealed).unwrap(), id);
    assert_eq!(keys.open_cell(&key, id, PLACE, &sealed).unwrap(), b"hello");
    for place in [
        Place { table: "reactions", ..PLACE },
        Place { column: "remote_sealed", ..PLACE },
        Place { row: "msg_2", ..PLACE },
        // The same letters, divided otherwise.
        Place { column: "body_sealedm", row: "sg_1", ..PLACE },
    ] {
        assert!(keys.open_cell(&key, id, place, &sealed).is_err());
    }
    assert!(keys.open_cell(&other, id, PLACE, &sealed).is_err());
    assert!(keys.open_cell(&key, other_id, PLACE, &sealed).is_err());
}

#[test]
fn every_flipped_bit_is_refused() {
    let keys = keys();
    let (id, key) = keys.draw(workspace(1)).unwrap();
    let sealed = keys.seal(&key, id, PLACE, [7; 32], b"hello").unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(keys.open_cell(&key, id, PLACE, &altered).is_err(), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert!(keys.open_cell(&key, id, PLACE, &sealed[..length]).is_err(), "length {length}");
    }
}

#[test]
fn a_closure_that_runs_again_with_other_content_repeats_no_nonce() {
    let keys = keys();
    let (id, key) = keys.draw(workspace(1)).unwrap();
    let nonce = |plain: &[u8]| keys.seal(&key, id, PLACE, [7; 32], plain).unwrap()[17..29].to_vec();
    assert_ne!(nonce(b"first run"), nonce(b"second run"));
    assert_eq!(nonce(b"first run"), nonce(b"first run"));
}

proptest! {
    #[test]
    fn whatever_was_sealed_opens(plain: Vec<u8>, row in ".{0,40}", chance: [u8; 32], at: prop::sample::Index, flip in 1_u8..) {
        let keys = keys();
        let (id, key) = (keys.fresh().id, Key([9; 32]));
        let place = Place { row: &row, ..PLACE };
        let mut sealed = keys.seal(&key, id, place, chance, &plain).unwrap();
        prop_assert_eq!(keys.open_cell(&key, id, place, &sealed).unwrap(), plain);
        let at = at.index(sealed.len());
        sealed[at] ^= flip;
        prop_assert!(keys.open_cell(&key, id, place, &sealed).is_err());
    }

    #[test]
    fn rubbish_is_refused_without_panic(rubbish: Vec<u8>) {
        let keys = keys();
        prop_assert!(keys.custody_open(PLACE, &rubbish).is_err());
        prop_assert!(keys.open_cell(&Key([9; 32]), keys.fresh().id, PLACE, &rubbish).is_err());
        prop_assert!(root("a").unwrap(b"", &rubbish).is_err());
    }

    #[test]
    fn names_are_unambiguous(left: Vec<Vec<u8>>, right: Vec<Vec<u8>>) {
        let name = |parts: &[Vec<u8>]| envelope::name(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        prop_assert_eq!(left == right, name(&left) == name(&right));
    }
}

#[test]
fn keys_come_back_after_a_restart_and_not_with_another_root() {
    let folder = tempfile::tempdir().unwrap();
    let at = CustodyAt::File(folder.path().join("custody.db"));
    let keys = keys_at(&at, root("a"), 1).unwrap();
    let (id, key) = keys.draw(workspace(1)).unwrap();
    let blind = keys.blind(workspace(1), "identity", "x").unwrap();
    drop(keys);
    assert!(matches!(keys_at(&at, root("b"), 2), Err(Error::Seal(_))));
    let keys = keys_at(&at, root("a"), 3).unwrap();
    assert_eq!(keys.contact_key(workspace(1), id).unwrap().unwrap().bytes(), key.bytes());
    assert_eq!(keys.blind(workspace(1), "identity", "x").unwrap(), blind);
    assert_ne!(keys.draw(workspace(1)).unwrap().0, id, "a used key is not drawn again");
    let CustodyAt::File(path) = &at else { unreachable!() };
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn hashes_differ_by_workspace_domain_and_value() {
    let keys = keys();
    let hashes = [
        keys.blind(workspace(1), "identity", "x"),
        keys.blind(workspace(2), "identity", "x"),
        keys.blind(workspace(1), "remote", "x"),
        keys.blind(workspace(1), "identity", "y"),
        keys.blind(workspace(1), "identityx", ""),
        keys.blind_installation("identity", "x"),
    ];
    let distinct: std::collections::HashSet<_> = hashes.into_iter().map(Result::unwrap).collect();
    assert_eq!(distinct.len(), 6);
}

#[test]
fn a_workspace_cannot_use_anothers_keys() {
    let keys = keys();
    let (id, _) = keys.draw(workspace(1)).unwrap();
    let (content, _) = keys.newest_key(workspace(1), Family::Content).unwrap();
    let cold = &keys;
    locked(&cold.stock).forget(id);
    assert!(cold.contact_key(workspace(2), id).unwrap().is_none());
    assert!(cold.workspace_key(workspace(2), content).unwrap().is_none());
    assert!(cold.any_workspace_key(content).unwrap().is_some());
    assert!(cold.any_workspace_key(id).unwrap().is_none(), "a contact's key needs a workspace");
}

/// The keys of one owner as custody stores them: what must not be found once they are destroyed.
fn wrapped_bytes(keys: &Keys, id: KeyId) -> Vec<u8> {
    keys.custody.contact_key(workspace(1), id).unwrap().unwrap()
}

fn found_on_disk(folder: &std::path::Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[test]
fn destroyed_keys_leave_custodys_files_and_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys_at(&CustodyAt::File(folder.path().join("custody.db")), root("a"), 1).unwrap();
    let (profile, _) = keys.draw(workspace(1)).unwrap();
    let (channel, _) = keys.draw(workspace(1)).unwrap();
    let gone = wrapped_bytes(&keys, channel);
    assert!(found_on_disk(folder.path(), &gone[13..]));
    keys.destroy(workspace(1), &[channel]).unwrap();
    keys.destroy(workspace(1), &[channel]).unwrap();
    assert!(!found_on_disk(folder.path(), &gone[13..]), "ciphertext");
    assert!(!found_on_disk(folder.path(), channel.to_string().as_bytes()), "id");
    assert!(keys.contact_key(workspace(1), channel).unwrap().is_none());
    assert!(keys.contact_key(workspace(1), profile).unwrap().is_some(), "a channel's key dies alone");
    assert!(found_on_disk(folder.path(), &wrapped_bytes(&keys, profile)[13..]));
    let ledger = keys.ledger(workspace(1), 0, 10).unwrap();
    let line = keys.line(workspace(1), Deed::KeyDestroyed, channel.to_string().as_bytes()).unwrap();
    assert_eq!(
        ledger.into_iter().map(|(_, line)| line).collect::<Vec<_>>(),
        [line],
        "a repeated destruction adds no line"
    );
}

#[test]
fn a_day_key_is_destroyed_when_its_day_is_over_and_nothing_needs_it() {
    let keys = keys();
    let sealed = keys.custody_seal(10 * DAY, PLACE, [1; 32], b"request").unwrap();
    let later = keys.custody_seal(11 * DAY, PLACE, [1; 32], b"request").unwrap();
    assert_ne!(keys.key_of(&sealed).unwrap(), keys.key_of(&later).unwrap());
    assert_eq!(keys.custody_open(PLACE, &sealed).unwrap(), b"request");
    assert!(keys.custody_open(Place { row: "other", ..PLACE }, &sealed).is_err());
    let needed = [keys.key_of(&sealed).unwrap()];
    assert_eq!(keys.retire_day_keys(11 * DAY, &[]).unwrap(), 0, "clocks of nodes differ");
    assert_eq!(keys.retire_day_keys(11 * DAY + DAY / 2, &needed).unwrap(), 0);
    assert_eq!(keys.retire_day_keys(11 * DAY + DAY / 2, &[]).unwrap(), 1);
    assert!(keys.custody_open(PLACE, &sealed).is_err());
    assert_eq!(keys.custody_open(PLACE, &later).unwrap(), b"request");
}

#[test]
fn a_root_key_file_is_made_once_and_read_only_by_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys").join("root.key");
    let chance = SeededChance::new(1);
    assert!(FileRootKey::open(&path).is_err());
    let wrapped = FileRootKey::open_or_create(&path, &chance).unwrap().wrap(b"c", &[5; 32], [1; 32]).unwrap();
    let before = std::fs::read(&path).unwrap();
    let again = FileRootKey::open_or_create(&path, &chance).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before, "never overwritten");
    assert_eq!(**again.unwrap(b"c", &wrapped).unwrap(), [5; 32]);
    assert!(again.unwrap(b"d", &wrapped).is_err(), "another context");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o640, 0o604, 0o660] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(FileRootKey::open(&path), Err(Error::Invalid(_))), "{mode:o}");
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&path, "abc").unwrap();
    assert!(FileRootKey::open_or_create(&path, &chance).is_err());
}

#[test]
fn custody_works_the_same_on_postgres() {
    let database = TestDatabase::create();
    let at = CustodyAt::Postgres(database.url.clone());
    let keys = keys_at(&at, root("a"), 1).unwrap();
    let other = keys_at(&at, root("a"), 2).unwrap();
    assert_eq!(keys.blind(workspace(1), "d", "v").unwrap(), other.blind(workspace(1), "d", "v").unwrap());
    let (id, key) = keys.draw(workspace(1)).unwrap();
    assert_eq!(other.contact_key(workspace(1), id).unwrap().unwrap().bytes(), key.bytes());
    let line = keys.line(workspace(1), Deed::ContactErased, b"con_1").unwrap();
    keys.record(workspace(1), vec![line.clone(), line.clone()]).unwrap();
    keys.destroy(workspace(1), &[id]).unwrap();
    assert!(keys.contact_key(workspace(1), id).unwrap().is_none());
    let deeds: Vec<_> = keys.ledger(workspace(1), 0, 10).unwrap().into_iter().map(|(_, line)| line.deed).collect();
    assert_eq!(deeds, [Deed::ContactErased, Deed::KeyDestroyed]);
    let checkpoint = Checkpoint {
        number: 1,
        size: 5,
        root: vec![1; 32],
        previous: vec![3; 32],
        at: 7,
        signature: Vec::new(),
        peaks: vec![4; 64],
    };
    let mut late = Checkpoint { size: 6, ..checkpoint.clone() };
    let mut checkpoint = checkpoint;
    keys.sign_checkpoint(workspace(1), &mut checkpoint).unwrap();
    keys.sign_checkpoint(workspace(1), &mut late).unwrap();
    assert_eq!(
        other.checkpoints(workspace(1), 0, 10).unwrap(),
        std::slice::from_ref(&checkpoint),
        "the first of a number stays"
    );
    assert_eq!(other.last_checkpoint(workspace(1)).unwrap(), Some(checkpoint.clone()));
    assert!(checkpoint.is_signed_by_one_of(&other.audit_keys(workspace(1)).unwrap(), workspace(1)));
    assert_ne!(keys.audit_public_key(workspace(1)).unwrap(), keys.audit_public_key(workspace(2)).unwrap());
}
