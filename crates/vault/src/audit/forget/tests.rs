//! Who was erased is named by no entry, and the log is as sound as before.

use crate::audit::leaf::{Stored, first_form};
use crate::audit::{self, Entry, Filter};
use crate::messages::Direction;
use crate::statement::sql;
use crate::testing::house::{House, on_both, say};
use crate::value::params;
use crate::{Actor, ContactId, Purpose, Scope, Tx, erase};

/// Entries about a contact, its conversation and a message of it, and about another contact's.
async fn lived(house: &House, scope: &Scope) -> (ContactId, Vec<String>, Vec<String>) {
    let channel = house.channel(scope, "pigeon").await;
    let mut named = Vec::new();
    let mut contacts = Vec::new();
    for name in ["Ada", "Bea"] {
        let (contact, conversation) = house.contact(scope, channel, name).await;
        let message = house.does(scope, move |tx| say(tx, conversation, Direction::Incoming, "hello")).await;
        let subjects = [contact.to_string(), conversation.to_string(), message.to_string()];
        for subject in subjects.clone() {
            house.does(scope, move |tx| audit::record(tx, "contact.read", &subject)).await;
        }
        named.push(subjects.to_vec());
        contacts.push(contact);
    }
    let others = named.pop().unwrap();
    (contacts[0], named.pop().unwrap(), others)
}

async fn about(house: &House, scope: &Scope, subject: &str) -> usize {
    let filter = Filter { subject: Some(subject.into()), ..Filter::default() };
    house.sees(scope, move |tx| audit::list(tx, &filter, None, 100)).await.data.len()
}

async fn all(house: &House, scope: &Scope) -> Vec<Entry> {
    house.sees(scope, |tx| audit::list(tx, &Filter::default(), None, 100)).await.data
}

async fn erase(house: &House, scope: &Scope, contact: ContactId) {
    let id = house.does(scope, move |tx| erase::begin(tx, contact)).await;
    house.vault.carry_on_erasure(scope, id).await.unwrap();
}

#[tokio::test]
async fn nobody_can_tell_any_more_whom_an_entry_named_and_every_proof_holds() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (ada, hers, others) = lived(house, &scope).await;
        house.vault.checkpoint_audit(&scope).await.unwrap();
        let before = all(house, &scope).await;
        erase(house, &scope, ada).await;
        for subject in &hers {
            assert_eq!(about(house, &scope, subject).await, 0, "{subject}");
        }
        for subject in &others {
            assert_eq!(about(house, &scope, subject).await, 1, "{subject}");
        }
        let after = all(house, &scope).await;
        let said = |entries: &[Entry]| {
            entries
                .iter()
                .rev()
                .map(|entry| (entry.seq, entry.at, entry.act.clone(), entry.actor_id.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(said(&before), said(&after)[..before.len()], "all else is there");
        house.vault.checkpoint_audit(&scope).await.unwrap();
        let report = house.vault.verify_audit(&scope).await.unwrap();
        assert_eq!((report.forgotten, report.faults), (3, vec![]));
    })
    .await;
}

#[tokio::test]
async fn a_visitor_who_acted_is_forgotten_too() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (ada, ..) = lived(house, &scope).await;
        let channel = house.channel(&scope, "web").await;
        let visitor = Scope::new(scope.workspace(), Actor::Visitor(channel, ada), Purpose::Conversation);
        house.does(&visitor, |tx| audit::record(tx, "consent.given", "text")).await;
        erase(house, &scope, ada).await;
        let kept: Vec<_> = all(house, &scope).await.into_iter().filter(|entry| entry.act == "consent.given").collect();
        let [entry] = &kept[..] else { panic!("one entry: {kept:?}") };
        assert_eq!((&entry.actor_kind[..], &entry.actor_id[..], &entry.subject[..]), ("visitor", "", ""));
        assert!(house.vault.verify_audit(&scope).await.unwrap().is_sound());
    })
    .await;
}

/// An entry as the version before wrote it.
fn of_the_first_form(tx: &Tx<'_>, subject: &str) -> crate::Result<()> {
    let seq = audit::next_number(tx)?;
    let scope = tx.scope()?;
    let entry = Entry {
        seq,
        at: tx.now(),
        actor_kind: scope.actor().kind().into(),
        actor_id: scope.actor().id(),
        purpose: scope.purpose().as_str().into(),
        act: "contact.read".into(),
        subject: subject.into(),
        expired: false,
    };
    let leaf = first_form(scope.workspace(), &entry, &[9; 32]).to_vec();
    audit::insert(tx, &Stored { entry, salt: Some(vec![9; 32]), subject_salt: None, subject_hash: None, leaf })
}

#[tokio::test]
async fn entries_from_before_are_still_proven_and_lose_all_words_with_whom_they_named() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (ada, hers, others) = lived(house, &scope).await;
        for subject in [hers[0].clone(), others[0].clone()] {
            house.does(&scope, move |tx| of_the_first_form(tx, &subject)).await;
        }
        house.vault.checkpoint_audit(&scope).await.unwrap();
        assert!(house.vault.verify_audit(&scope).await.unwrap().is_sound());
        erase(house, &scope, ada).await;
        assert_eq!((about(house, &scope, &hers[0]).await, about(house, &scope, &others[0]).await), (0, 2));
        let report = house.vault.verify_audit(&scope).await.unwrap();
        assert_eq!((report.expired, report.forgotten, report.faults), (1, 3, vec![]));
    })
    .await;
}

#[tokio::test]
async fn a_restored_log_is_made_to_forget_again() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (ada, hers, _) = lived(house, &scope).await;
        house.vault.checkpoint_audit(&scope).await.unwrap();
        let backup = house.sees(&scope, |tx| audit::stored(tx, 0, 500)).await;
        erase(house, &scope, ada).await;
        house.does(&scope, move |tx| restored(tx, ada, &backup)).await;
        assert_eq!(about(house, &scope, &hers[0]).await, 1);
        for id in house.vault.reapply_ledger(&scope).await.unwrap() {
            house.vault.carry_on_erasure(&scope, id).await.unwrap();
        }
        assert_eq!(about(house, &scope, &hers[0]).await, 0);
        let report = house.vault.verify_audit(&scope).await.unwrap();
        assert!(report.forgotten > 0 && report.is_sound(), "{report:?}");
    })
    .await;
}

/// What a backup from before brings back: names in the log, a contact without tombstone, no erasure.
fn restored(tx: &Tx<'_>, contact: ContactId, backup: &[Stored]) -> crate::Result<()> {
    for Stored { entry, subject_salt, .. } in backup {
        let back = sql!("UPDATE audit SET subject = $3, subject_salt = $4 WHERE workspace_id = $1 AND seq = $2");
        tx.run(back, params![entry.seq, &entry.subject, subject_salt.as_deref()])?;
    }
    tx.run(sql!("UPDATE contacts SET erased_at = NULL WHERE workspace_id = $1 AND id = $2"), params![contact])?;
    tx.run(sql!("DELETE FROM erasures WHERE workspace_id = $1"), params![]).map(|_| ())
}
