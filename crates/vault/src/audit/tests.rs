//! The log is complete, and who changes it is found out.

use proptest::prelude::*;

use super::*;
use crate::merkle::{self, Tree, tree_root};
use crate::testing::house::{House, code};
use crate::{Purpose, Role, Scope};

async fn acted(house: &House, scope: &Scope, times: usize) {
    for _ in 0..times {
        house.vault.write(scope, |tx| record(tx, "contact.read", "con_1")).await.unwrap();
    }
}

async fn checked(house: &House, scope: &Scope) -> Verified {
    house.vault.read(scope, |tx| verify(tx, 0, 500)).await.unwrap()
}

#[tokio::test]
async fn entries_say_who_did_what_for_what() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, scope) = house.member(&operator, "a@example.org", Role::Privacy).await;
    let scope = scope.for_purpose(Purpose::Erasure);
    acted(&house, &scope, 1).await;
    let filter = Filter { actor_id: Some(id.to_string()), ..Filter::default() };
    let page = house.vault.read(&scope, move |tx| list(tx, &filter, None, 10)).await.unwrap();
    let [entry] = &page.data[..] else { panic!("one entry: {page:?}") };
    assert_eq!((entry.actor_kind.as_str(), entry.purpose.as_str()), ("member", "erasure"));
    assert_eq!((entry.act.as_str(), entry.subject.as_str(), entry.expired), ("contact.read", "con_1", false));
}

#[tokio::test]
async fn an_act_that_is_undone_leaves_no_entry_and_no_gap() {
    let house = House::open();
    let scope = house.workspace().await;
    acted(&house, &scope, 2).await;
    let undone = house.vault.write(&scope, |tx| {
        record(tx, "contact.read", "con_2")?;
        Err::<(), _>(Error::Forbidden("nothing"))
    });
    assert!(undone.await.is_err());
    acted(&house, &scope, 1).await;
    let found = checked(&house, &scope).await;
    assert_eq!((found.intact, found.broken, found.complete), (4, vec![], true));
}

#[tokio::test]
async fn pages_go_back_in_time_without_overlap() {
    let house = House::open();
    let scope = house.workspace().await;
    acted(&house, &scope, 6).await;
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let from = cursor.clone();
        let page = house.vault.read(&scope, move |tx| list(tx, &Filter::default(), from.as_ref(), 3)).await.unwrap();
        seen.extend(page.data.iter().map(|entry| entry.seq));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn an_altered_and_a_missing_entry_are_found() {
    let house = House::open();
    let scope = house.workspace().await;
    acted(&house, &scope, 6).await;
    let tamper = |tx: &Tx<'_>| {
        tx.run(sql!("UPDATE audit SET act = 'contact.listed' WHERE workspace_id = $1 AND seq = 2"), params![])?;
        tx.run(sql!("UPDATE audit SET salt = NULL WHERE workspace_id = $1 AND seq = 3"), params![])?;
        tx.run(sql!("DELETE FROM audit WHERE workspace_id = $1 AND (seq = 5 OR seq = 7)"), params![])
    };
    house.vault.write(&scope, tamper).await.unwrap();
    let found = checked(&house, &scope).await;
    assert_eq!((found.intact, found.broken), (3, vec![2, 3, 5, 7]));
}

#[tokio::test]
async fn expired_entries_leave_their_leaf_and_nothing_else() {
    let house = House::open();
    let scope = house.workspace().await;
    acted(&house, &scope, 2).await;
    let before = house.vault.read(&scope, |tx| leaves(tx, 0, 500)).await.unwrap();
    house.clock.advance(1_000);
    acted(&house, &scope, 1).await;
    let now = house.clock_now();
    assert_eq!(house.vault.write(&scope, move |tx| expire(tx, now, 2)).await.unwrap(), 2);
    assert_eq!(house.vault.write(&scope, move |tx| expire(tx, now, 2)).await.unwrap(), 1);
    let found = checked(&house, &scope).await;
    assert_eq!((found.intact, found.expired, found.broken), (1, 3, vec![]));

    let after = house.vault.read(&scope, |tx| leaves(tx, 0, 500)).await.unwrap();
    let mut tree = Tree::default();
    for (_, leaf) in &before {
        tree.push(leaf);
    }
    tree.push(&after[3].1);
    assert_eq!(tree.root(), tree_root(after.iter().map(|(_, leaf)| leaf)), "the tree goes on over them");
}

#[tokio::test]
async fn only_who_may_reads_the_log_and_content_stays_out() {
    let house = House::open();
    let operator = house.workspace().await;
    let (_, agent) = house.member(&operator, "a@example.org", Role::Agent).await;
    let (_, auditor) = house.member(&operator, "b@example.org", Role::Auditor).await;
    let read = |tx: &Tx<'_>| list(tx, &Filter::default(), None, 10);
    assert_eq!(code(house.vault.read(&agent, read).await), "forbidden");
    assert!(house.vault.read(&auditor, read).await.is_ok());
    let content = house.vault.write(&agent, |tx| record(tx, "contact.read", "Ada Ahrens <a@example.org>"));
    assert_eq!(code(content.await), "invalid");
}

fn entries() -> impl Strategy<Value = Entry> {
    let word = "[a-z_.]{0,6}";
    (any::<i64>(), any::<i64>(), word, word, word, word, word).prop_map(
        |(seq, at, actor_kind, actor_id, purpose, act, subject)| Entry {
            seq,
            at,
            actor_kind,
            actor_id,
            purpose,
            act,
            subject,
            expired: false,
        },
    )
}

/// Both forms of the leaf.
fn leaves_of(entry: &Entry, salt: [u8; 32]) -> (Vec<u8>, merkle::Hash) {
    let workspace = crate::id::Identifier::from_uuid(uuid::Uuid::nil());
    (Stored::new(workspace, entry.clone(), salt, salt).leaf, leaf::first_form(workspace, entry, &salt))
}

proptest! {
    #[test]
    fn another_entry_is_another_leaf(one in entries(), other in entries(), salt in any::<[u8; 32]>()) {
        let ((new, old), (others_new, others_old)) = (leaves_of(&one, salt), leaves_of(&other, salt));
        prop_assert_eq!((one == other, one == other), (new == others_new, old == others_old));
    }

    #[test]
    fn words_do_not_run_into_each_other(entry in entries(), salt in any::<[u8; 32]>()) {
        let shifted = Entry { act: format!("{}{}", entry.purpose, entry.act), purpose: String::new(), ..entry.clone() };
        let ((new, old), (others_new, others_old)) = (leaves_of(&entry, salt), leaves_of(&shifted, salt));
        prop_assert_eq!((entry == shifted, entry == shifted), (new == others_new, old == others_old));
    }
}
