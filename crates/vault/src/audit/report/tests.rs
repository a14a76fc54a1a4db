//! Whoever changes log or checkpoints is found out, on both engines, and nobody else is.

use super::super::leaf::Stored;
use super::super::{Entry, record};
use super::*;
use crate::jobs::{self, JobKind};
use crate::statement::sql;
use crate::testing::house::{House, code, on_both};
use crate::value::params;
use crate::{Error, Role};

async fn acts(house: &House, scope: &Scope, times: usize) {
    for _ in 0..times {
        house.vault.write(scope, |tx| record(tx, "contact.read", "con_1")).await.unwrap();
    }
}

async fn sign(house: &House, scope: &Scope) -> Checkpoint {
    house.vault.checkpoint_audit(scope).await.unwrap().unwrap()
}

/// Entries 1 to 4 under the first checkpoint, 5 to 8 under the second, 9 and 10 under none yet.
async fn log(house: &House) -> Scope {
    let scope = house.workspace().await;
    acts(house, &scope, 3).await;
    assert_eq!(sign(house, &scope).await.size, 4);
    acts(house, &scope, 4).await;
    assert_eq!(sign(house, &scope).await.size, 8);
    acts(house, &scope, 2).await;
    scope
}

async fn report(house: &House, scope: &Scope) -> AuditReport {
    house.vault.verify_audit(scope).await.unwrap()
}

/// What is found after a hand in the database.
async fn found(house: &House, hand: fn(&Tx<'_>) -> Result<u64>) -> Vec<Fault> {
    let scope = log(house).await;
    assert!(report(house, &scope).await.is_sound());
    house.vault.write(&scope, hand).await.unwrap();
    report(house, &scope).await.faults
}

const FIRST: Fault = Fault::Rewritten { from: 1, through: 4, checkpoint: 1 };
const SECOND: Fault = Fault::Rewritten { from: 5, through: 8, checkpoint: 2 };

#[tokio::test]
async fn a_log_that_nobody_touched_is_sound() {
    on_both(async |house| {
        let scope = log(house).await;
        let found = report(house, &scope).await;
        assert_eq!((found.entries, found.expired, found.checkpoints, found.covered), (10, 0, 2, 8));
        assert!(found.is_sound(), "{:?}", found.faults);
    })
    .await;
}

#[tokio::test]
async fn a_changed_entry_is_found() {
    on_both(async |house| {
        let hand = |tx: &Tx<'_>| {
            tx.run(sql!("UPDATE audit SET act = 'contact.listed' WHERE workspace_id = $1 AND seq = 3"), params![])
        };
        assert_eq!(found(house, hand).await, [Fault::Altered { entry: 3 }]);
    })
    .await;
}

#[tokio::test]
async fn a_changed_entry_with_a_leaf_to_fit_is_found() {
    on_both(async |house| {
        let hand = |tx: &Tx<'_>| {
            let words = Entry {
                seq: 3,
                at: 5,
                actor_kind: "operator".into(),
                actor_id: String::new(),
                purpose: "audit".into(),
                act: "contact.listed".into(),
                subject: "con_2".into(),
                expired: false,
            };
            let forged = Stored::new(tx.workspace()?, words, [1; 32], [2; 32]);
            let hash = forged.subject_hash.unwrap_or_default();
            tx.run(
                sql!(
                    "UPDATE audit SET at = 5, actor_kind = 'operator', actor_id = '', purpose = 'audit', \
                     act = 'contact.listed', subject = 'con_2', salt = $2, leaf = $3, subject_salt = $4, \
                     subject_hash = $5 WHERE workspace_id = $1 AND seq = 3"
                ),
                params![&[1; 32][..], &forged.leaf[..], &[2; 32][..], &hash[..]],
            )
        };
        assert_eq!(found(house, hand).await, [FIRST]);
    })
    .await;
}

#[tokio::test]
async fn a_removed_entry_is_found() {
    on_both(async |house| {
        let hand = |tx: &Tx<'_>| tx.run(sql!("DELETE FROM audit WHERE workspace_id = $1 AND seq = 6"), params![]);
        assert_eq!(found(house, hand).await, [Fault::Missing { from: 6, through: 6 }, SECOND]);
    })
    .await;
}

#[tokio::test]
async fn a_removed_tail_is_found_even_with_the_counter_set_back() {
    on_both(async |house| {
        let hand = |tx: &Tx<'_>| {
            tx.run(sql!("DELETE FROM audit WHERE workspace_id = $1 AND seq > 6"), params![])?;
            tx.run(sql!("UPDATE counters SET value = 6 WHERE workspace_id = $1 AND name = 'audit'"), params![])
        };
        assert_eq!(found(house, hand).await, [Fault::Missing { from: 7, through: 8 }, SECOND]);
    })
    .await;
}

#[tokio::test]
async fn a_removed_end_that_no_checkpoint_covers_is_found_by_the_counter() {
    on_both(async |house| {
        let hand = |tx: &Tx<'_>| tx.run(sql!("DELETE FROM audit WHERE workspace_id = $1 AND seq > 9"), params![]);
        assert_eq!(found(house, hand).await, [Fault::Missing { from: 10, through: 10 }]);
    })
    .await;
}

fn swap(tx: &Tx<'_>) -> Result<u64> {
    let moved = sql!("UPDATE audit SET seq = $3 WHERE workspace_id = $1 AND seq = $2");
    [(2_i64, 999_i64), (3, 2), (999, 3)]
        .into_iter()
        .try_fold(0, |sum, (from, to)| Ok(sum + tx.run(moved, params![from, to])?))
}

#[tokio::test]
async fn swapped_entries_are_found() {
    on_both(async |house| {
        let expected = [Fault::Altered { entry: 2 }, Fault::Altered { entry: 3 }, FIRST];
        assert_eq!(found(house, swap).await, expected);
    })
    .await;
}

#[tokio::test]
async fn expired_entries_are_still_vouched_for() {
    on_both(async |house| {
        let scope = log(house).await;
        let later = house.clock_now() + 1;
        house.clock.advance(365 * 24 * 3_600_000);
        house.vault.write(&scope, move |tx| super::super::expire(tx, later, 500)).await.unwrap();
        let sound = report(house, &scope).await;
        assert_eq!((sound.expired, sound.faults), (10, vec![]));
        house.vault.write(&scope, swap).await.unwrap();
        let expected = [Fault::Altered { entry: 2 }, Fault::Altered { entry: 3 }, FIRST];
        assert_eq!(report(house, &scope).await.faults, expected, "each leaf knows its number");
    })
    .await;
}

#[tokio::test]
async fn changed_and_removed_checkpoints_are_found() {
    for (text, expected) in [
        ("UPDATE audit_checkpoints SET at = at + 1 WHERE number = 1", Fault::Checkpoint { number: 1 }),
        ("UPDATE audit_checkpoints SET size = 3 WHERE number = 1", Fault::Checkpoint { number: 1 }),
        ("UPDATE audit_checkpoints SET root = previous WHERE number = 2", Fault::Checkpoint { number: 2 }),
        ("UPDATE audit_checkpoints SET previous = root WHERE number = 2", Fault::Checkpoint { number: 2 }),
        ("UPDATE audit_checkpoints SET signature = root WHERE number = 2", Fault::Checkpoint { number: 2 }),
        ("UPDATE audit_checkpoints SET peaks = previous WHERE number = 2", Fault::Checkpoint { number: 2 }),
        ("UPDATE audit_checkpoints SET number = 5 WHERE number = 1", Fault::Checkpoint { number: 5 }),
        ("DELETE FROM audit_checkpoints WHERE number = 1", Fault::Chain { number: 2 }),
    ] {
        let house = House::open();
        let scope = log(&house).await;
        house.vault.keys().tamper_with_custody(text);
        let faults = report(&house, &scope).await.faults;
        assert!(faults.contains(&expected), "{text}: {faults:?}");
    }
}

#[tokio::test]
async fn nothing_is_built_on_an_altered_checkpoint() {
    for text in [
        "UPDATE audit_checkpoints SET peaks = previous WHERE number = 2",
        "UPDATE audit_checkpoints SET root = previous WHERE number = 2",
    ] {
        let house = House::open();
        let scope = log(&house).await;
        house.vault.keys().tamper_with_custody(text);
        assert!(matches!(house.vault.checkpoint_audit(&scope).await, Err(Error::Seal(_))), "{text}");
    }
}

#[tokio::test]
async fn anothers_checkpoint_is_none_of_ours() {
    let house = House::open();
    let (one, other) = (log(&house).await, log(&house).await);
    let [mine, ..] = &house.vault.audit_checkpoints(&one, 0, 9).await.unwrap()[..] else { panic!("two of them") };
    let (key, others) =
        (house.vault.audit_public_key(&one).await.unwrap(), house.vault.audit_public_key(&other).await.unwrap());
    assert!(mine.is_signed_by(&key, one.workspace()));
    assert!(!mine.is_signed_by(&key, other.workspace()));
    assert!(!mine.is_signed_by(&others, one.workspace()));
    assert!(!Checkpoint { at: 0, ..mine.clone() }.is_signed_by(&key, one.workspace()));
    assert_eq!(mine.statement(one.workspace()).lines().count(), 6);
}

#[tokio::test]
async fn the_tree_grows_without_its_old_leaves() {
    let house = House::open();
    let scope = log(&house).await;
    let hand = |tx: &Tx<'_>| tx.run(sql!("DELETE FROM audit WHERE workspace_id = $1 AND seq < 5"), params![]);
    house.vault.write(&scope, hand).await.unwrap();
    let third = sign(&house, &scope).await;
    assert_eq!((third.number, third.size), (3, 10));
    let found = report(&house, &scope).await.faults;
    assert_eq!(found, [Fault::Missing { from: 1, through: 4 }, FIRST], "the others were signed over what was there");
}

#[tokio::test]
async fn an_entry_that_was_gone_before_its_checkpoint_stays_missing() {
    let house = House::open();
    let scope = log(&house).await;
    let hand = |tx: &Tx<'_>| tx.run(sql!("DELETE FROM audit WHERE workspace_id = $1 AND seq = 9"), params![]);
    house.vault.write(&scope, hand).await.unwrap();
    assert_eq!(sign(&house, &scope).await.size, 10);
    assert_eq!(report(&house, &scope).await.faults, [Fault::Missing { from: 9, through: 9 }]);
}

#[tokio::test]
async fn a_restored_log_goes_on_after_what_was_signed() {
    let house = House::open();
    let scope = log(&house).await;
    let restore = |tx: &Tx<'_>| {
        tx.run(sql!("DELETE FROM audit WHERE workspace_id = $1 AND seq > 6"), params![])?;
        tx.run(sql!("UPDATE counters SET value = 6 WHERE workspace_id = $1 AND name = 'audit'"), params![])
    };
    house.vault.write(&scope, restore).await.unwrap();
    house.vault.reapply_ledger(&scope).await.unwrap();
    acts(&house, &scope, 2).await;
    let third = sign(&house, &scope).await;
    assert_eq!((third.number, third.size), (3, 10));
    let found = report(&house, &scope).await.faults;
    assert_eq!(found, [Fault::Missing { from: 7, through: 8 }, SECOND], "what the backup did not have, and no more");
}

#[tokio::test]
async fn one_job_a_minute_later_signs_what_came() {
    let house = House::open();
    let scope = house.workspace().await;
    acts(&house, &scope, 2).await;
    house.clock.advance(59_999);
    assert!(house.vault.claim_jobs(10, 60_000).await.unwrap().is_empty());
    house.clock.advance(1);
    let [job] = &house.vault.claim_jobs(10, 60_000).await.unwrap()[..] else { panic!("one job") };
    assert_eq!(job.kind, JobKind::AuditTree);
    assert_eq!(sign(&house, &job.scope()).await.size, 3);
    let held = job.clone();
    house.vault.write(&job.scope(), move |tx| jobs::done(tx, &held)).await.unwrap();
    assert_eq!(house.vault.next_job_due().await.unwrap(), None);
    assert_eq!(house.vault.checkpoint_audit(&scope).await.unwrap(), None, "nothing came since");
}

#[tokio::test]
async fn only_who_may_read_the_log_may_verify_it() {
    let house = House::open();
    let operator = house.workspace().await;
    for (email, role, allowed) in
        [("a@example.org", Role::Agent, "forbidden"), ("b@example.org", Role::Auditor, "no error")]
    {
        let (_, scope) = house.member(&operator, email, role).await;
        assert_eq!(code(house.vault.verify_audit(&scope).await), allowed, "{role:?}");
        assert_eq!(code(house.vault.checkpoint_audit(&scope).await), allowed, "{role:?}");
    }
}
