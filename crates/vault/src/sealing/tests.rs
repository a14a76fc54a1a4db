//! Sealing inside transactions: what opens, for whom, and what no longer does.

use super::*;
use crate::testing::house::House;
use crate::{Personal, Scope, contacts, erase};

const ROW: Place<'static> = Place { table: "messages", column: "body_sealed", row: "msg_1" };

async fn contact(house: &House, scope: &Scope) -> ContactId {
    let make = |tx: &Tx<'_>| {
        let profile = contacts::Profile { name: Some(Personal::new("Ada".into())), ..Default::default() };
        contacts::create(tx, &profile)
    };
    house.vault.write(scope, make).await.unwrap()
}

async fn seal(house: &House, scope: &Scope, under: Under) -> Result<Vec<u8>> {
    house.vault.write(scope, move |tx| tx.seal(under, ROW, b"hello")).await
}

async fn open(house: &House, scope: &Scope, sealed: &[u8]) -> Result<Option<Vec<u8>>> {
    let sealed = sealed.to_vec();
    house.vault.read(scope, move |tx| tx.open(ROW, &sealed)).await
}

#[tokio::test]
async fn it_opens_in_its_own_workspace_alone() {
    let house = House::open();
    let (scope, other) = (house.workspace().await, house.workspace().await);
    let contact = contact(&house, &scope).await;
    let channel = house.vault.read(&scope, |tx| Ok::<_, Error>(tx.id::<ChannelId>())).await.unwrap();
    for under in [Under::Workspace, Under::Evidence, Under::Contact(contact), Under::ContactOn(contact, channel)] {
        let sealed = seal(&house, &scope, under).await.unwrap();
        assert_eq!(open(&house, &scope, &sealed).await.unwrap().unwrap(), b"hello");
        assert_eq!(open(&house, &other, &sealed).await.unwrap(), None, "{under:?}");
        let moved = move |tx: &Tx<'_>| tx.open(Place { row: "msg_2", ..ROW }, &sealed);
        assert!(house.vault.read(&scope, moved).await.is_err(), "{under:?}");
    }
    assert!(matches!(seal(&house, &other, Under::Contact(contact)).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn the_installation_opens_names_of_workspaces_and_nothing_of_contacts() {
    let house = House::open();
    let scope = house.workspace().await;
    let contact = contact(&house, &scope).await;
    let own = seal(&house, &scope, Under::Workspace).await.unwrap();
    let theirs = seal(&house, &scope, Under::Contact(contact)).await.unwrap();
    let opened = house.vault.read_installation(move |tx| tx.open(ROW, &own)).await.unwrap();
    assert_eq!(opened.unwrap(), b"hello");
    let refused = house.vault.read_installation(move |tx| tx.open(ROW, &theirs)).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn an_erased_contact_is_unreadable_although_its_key_is_still_in_memory() {
    let house = House::open();
    let scope = house.workspace().await;
    let contact = contact(&house, &scope).await;
    let sealed = seal(&house, &scope, Under::Contact(contact)).await.unwrap();
    assert!(open(&house, &scope, &sealed).await.unwrap().is_some());
    let within = sealed.clone();
    let seen = move |tx: &Tx<'_>| {
        let before = tx.open(ROW, &within)?;
        erase::begin(tx, contact)?;
        Ok::<_, Error>((before, tx.open(ROW, &within)?))
    };
    let (before, after) = house.vault.write(&scope, seen).await.unwrap();
    assert!(before.is_some() && after.is_none(), "within the transaction that erases");
    let key = house.vault.keys().key_of(&sealed).unwrap();
    let warm = house.vault.keys().contact_key(scope.workspace(), key).unwrap();
    assert!(warm.is_some(), "the key is still there: only the tombstone stands");
    assert_eq!(open(&house, &scope, &sealed).await.unwrap(), None);
    assert!(matches!(seal(&house, &scope, Under::Contact(contact)).await, Err(Error::Erased)));
}

#[tokio::test]
async fn one_channels_key_dies_alone() {
    let house = House::open();
    let scope = house.workspace().await;
    let contact = contact(&house, &scope).await;
    let [one, two] = house.vault.read(&scope, |tx| Ok::<_, Error>([tx.id(), tx.id()])).await.unwrap();
    let profile = seal(&house, &scope, Under::Contact(contact)).await.unwrap();
    let first = seal(&house, &scope, Under::ContactOn(contact, one)).await.unwrap();
    let second = seal(&house, &scope, Under::ContactOn(contact, two)).await.unwrap();
    let keys = house.vault.keys();
    keys.destroy(scope.workspace(), &[keys.key_of(&first).unwrap()]).unwrap();
    assert_eq!(open(&house, &scope, &first).await.unwrap(), None);
    assert!(matches!(seal(&house, &scope, Under::ContactOn(contact, one)).await, Err(Error::Erased)));
    for kept in [profile, second] {
        assert!(open(&house, &scope, &kept).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_transaction_that_fails_wastes_its_key_and_no_other_uses_it() {
    let house = House::open();
    let scope = house.workspace().await;
    let contact = contact(&house, &scope).await;
    let channel = house.vault.read(&scope, |tx| Ok::<_, Error>(tx.id::<ChannelId>())).await.unwrap();
    let under = Under::ContactOn(contact, channel);
    let lost = move |tx: &Tx<'_>| {
        let (id, _) = tx.sealing_key(under)?;
        Err::<(), _>(Error::conflict("undone", id.to_string()))
    };
    let Err(Error::Conflict { detail: wasted, .. }) = house.vault.write(&scope, lost).await else {
        panic!("it failed")
    };
    let sealed = seal(&house, &scope, under).await.unwrap();
    assert_ne!(house.vault.keys().key_of(&sealed).unwrap().to_string(), wasted);
}
