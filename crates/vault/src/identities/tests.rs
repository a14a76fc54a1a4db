//! An identity has one contact, and is found by exactly what it is.

use super::*;
use crate::testing::house::House;
use crate::{contacts, erase};

fn new(kind: &str, scope: &str, value: &str) -> NewIdentity {
    NewIdentity { kind: kind.into(), scope: scope.into(), value: Personal::new(value.into()) }
}

#[tokio::test]
async fn who_has_it_first_keeps_it() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (ada, _) = house.contact(&scope, channel, "+491").await;
    let other = house.does(&scope, |tx| contacts::create(tx, &contacts::Profile::default())).await;
    assert!(!house.does(&scope, move |tx| add(tx, other, channel, &new("phone", "", "+491"))).await);
    assert_eq!(house.sees(&scope, |tx| find(tx, &new("phone", "", "+491"))).await, Some(ada));
    let known = house.sees(&scope, move |tx| of(tx, ada)).await;
    assert_eq!((known.len(), known[0].value.reveal().as_str(), known[0].channel), (1, "+491", channel));
    assert!(house.sees(&scope, move |tx| of(tx, other)).await.is_empty());
}

#[tokio::test]
async fn kind_scope_and_value_are_told_apart() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let contact = house.does(&scope, |tx| contacts::create(tx, &contacts::Profile::default())).await;
    house.does(&scope, move |tx| add(tx, contact, channel, &new("external_id", "ab", "c"))).await;
    for (kind, within, value, found) in [
        ("external_id", "ab", "c", true),
        ("external_id", "a", "bc", false),
        ("external_id", "", "abc", false),
        ("external_id", "ab", "C", false),
        ("web_visitor", "ab", "c", false),
    ] {
        let owner = house.sees(&scope, move |tx| find(tx, &new(kind, within, value))).await;
        assert_eq!(owner.is_some(), found, "{kind} {within} {value}");
    }
    let other = house.workspace().await;
    assert_eq!(house.sees(&other, |tx| find(tx, &new("external_id", "ab", "c"))).await, None);
}

#[tokio::test]
async fn an_erased_contacts_identity_is_free() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (ada, _) = house.contact(&scope, channel, "+491").await;
    house.does(&scope, move |tx| erase::begin(tx, ada)).await;
    assert_eq!(house.sees(&scope, |tx| find(tx, &new("phone", "", "+491"))).await, None);
    let again = house.does(&scope, |tx| contacts::create(tx, &contacts::Profile::default())).await;
    assert!(house.does(&scope, move |tx| add(tx, again, channel, &new("phone", "", "+491"))).await);
}
