//! A consent is in force for what it was given for, from then until it is withdrawn.

use super::*;
use crate::testing::house::{House, code};
use crate::{Scope, erase};

fn new(contact: ContactId, purpose: &str, channel: &str, given_at: Millis) -> NewConsent {
    NewConsent {
        contact,
        purpose: purpose.into(),
        channel: channel.into(),
        ground: "consent".into(),
        text_version: "2024-05".into(),
        collected_by: "form".into(),
        evidence: Some(Personal::new("ticked the box".into())),
        given_at,
    }
}

async fn contact(house: &House) -> (Scope, ContactId) {
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, _) = house.contact(&scope, channel, "t").await;
    (scope, contact)
}

async fn stands(house: &House, scope: &Scope, contact: ContactId, purpose: &'static str, on: &'static str) -> bool {
    house.sees(scope, move |tx| in_force(tx, contact, purpose, on)).await
}

#[tokio::test]
async fn it_holds_for_its_purpose_and_kind_of_channel() {
    let house = House::open();
    let (scope, contact) = contact(&house).await;
    let now = house.clock_now();
    house.does(&scope, move |tx| give(tx, &new(contact, "marketing", "email", now))).await;
    assert!(stands(&house, &scope, contact, "marketing", "email").await);
    assert!(!stands(&house, &scope, contact, "marketing", "sms").await);
    assert!(!stands(&house, &scope, contact, "recording", "email").await);
    house.does(&scope, move |tx| give(tx, &new(contact, "recording", "any", now))).await;
    assert!(stands(&house, &scope, contact, "recording", "voice").await);
}

#[tokio::test]
async fn it_begins_when_it_was_given_and_ends_when_it_is_withdrawn() {
    let house = House::open();
    let (scope, contact) = contact(&house).await;
    let begin = house.clock_now() + 10;
    let id = house.does(&scope, move |tx| give(tx, &new(contact, "marketing", "any", begin))).await;
    assert!(!stands(&house, &scope, contact, "marketing", "email").await);
    house.clock.advance(10);
    assert!(stands(&house, &scope, contact, "marketing", "email").await);
    house.clock.advance(10);
    house.does(&scope, move |tx| withdraw(tx, id)).await;
    assert!(!stands(&house, &scope, contact, "marketing", "email").await);
    house.clock.advance(10);
    house.does(&scope, move |tx| withdraw(tx, id)).await;
    let kept = house.sees(&scope, move |tx| of(tx, contact)).await;
    assert_eq!(kept[0].withdrawn_at, Some(begin + 10), "the first time counts");
    let again = house.clock_now();
    house.does(&scope, move |tx| give(tx, &new(contact, "marketing", "any", again))).await;
    assert!(stands(&house, &scope, contact, "marketing", "email").await, "given anew");
    assert_eq!(house.sees(&scope, move |tx| of(tx, contact)).await.len(), 2);
}

#[tokio::test]
async fn a_no_for_one_channel_overrules_the_yes_for_any_that_came_before() {
    let house = House::open();
    let (scope, contact) = contact(&house).await;
    let begin = house.clock_now();
    house.does(&scope, move |tx| give(tx, &new(contact, "marketing", "any", begin))).await;
    let id = house.does(&scope, move |tx| give(tx, &new(contact, "marketing", "email", begin))).await;
    house.clock.advance(10);
    house.does(&scope, move |tx| withdraw(tx, id)).await;
    assert!(!stands(&house, &scope, contact, "marketing", "email").await);
    assert!(stands(&house, &scope, contact, "marketing", "sms").await);
    house.clock.advance(10);
    house.does(&scope, move |tx| give(tx, &new(contact, "marketing", "any", begin + 20))).await;
    assert!(stands(&house, &scope, contact, "marketing", "email").await, "the yes that came later");
}

#[tokio::test]
async fn nothing_about_people_gets_into_plain_words() {
    let house = House::open();
    let (scope, contact) = contact(&house).await;
    for (purpose, channel) in [("", "any"), ("Ada Ahrens", "any"), ("marketing", "a@example.org"), ("marketing", "ä")]
    {
        let given = house.vault.write(&scope, move |tx| give(tx, &new(contact, purpose, channel, 0))).await;
        assert_eq!(code(given), "invalid", "{purpose} {channel}");
    }
    assert_eq!(code(house.vault.write(&scope, |tx| withdraw(tx, tx.id())).await), "not_found");
}

#[tokio::test]
async fn the_record_outlives_the_contacts_content() {
    let house = House::open();
    let (scope, contact) = contact(&house).await;
    house.does(&scope, move |tx| give(tx, &new(contact, "marketing", "any", 0))).await;
    house.does(&scope, move |tx| erase::begin(tx, contact)).await;
    assert_eq!(house.sees(&scope, move |tx| of(tx, contact)).await.len(), 1);
    let given = house.vault.write(&scope, move |tx| give(tx, &new(contact, "marketing", "any", 0))).await;
    assert_eq!(code(given), "not_found");
}
