//! A consent is in force for what it was given for, from then until it is withdrawn.

use super::*;
use crate::testing::house::{House, code, on_both};
use crate::{Scope, erase};

fn new(contact: ContactId, purpose: &str, channel: &str, given_at: Millis) -> NewConsent {
    NewConsent {
        contact,
        purpose: purpose.into(),
        channel: channel.into(),
        ground: "consent".into(),
        text_version: "2024-05".into(),
        collected_by: "form".into(),
        text: None,
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

#[tokio::test]
async fn what_was_given_and_that_it_was_withdrawn_cannot_be_made_anything_else() {
    on_both(async |house| {
        let (scope, contact) = contact(house).await;
        let id = house.does(&scope, move |tx| give(tx, &new(contact, "marketing", "any", tx.now()))).await;
        house.does(&scope, move |tx| withdraw(tx, id)).await;
        for change in [
            sql!("UPDATE consents SET purpose = 'x' WHERE workspace_id = $1"),
            sql!("UPDATE consents SET given_at = 1 WHERE workspace_id = $1"),
            sql!("UPDATE consents SET text_version = '2', ground = 'soft_opt_in' WHERE workspace_id = $1"),
            sql!("UPDATE consents SET contact_id = 'con_x' WHERE workspace_id = $1"),
            sql!("UPDATE consent_withdrawals SET said_at = 1 WHERE workspace_id = $1"),
            sql!("UPDATE consent_withdrawals SET way = 'x' WHERE workspace_id = $1"),
        ] {
            let changed = house.vault.write(&scope, move |tx| tx.run(change, params![])).await;
            assert_eq!(code(changed), "another error", "{}", change.text);
        }
        let sealed = sql!("UPDATE consents SET evidence_sealed = evidence_sealed WHERE workspace_id = $1");
        assert_eq!(
            house.does(&scope, move |tx| tx.run(sealed, params![])).await,
            1,
            "cells are sealed anew when keys rotate"
        );
    })
    .await;
}

#[tokio::test]
async fn a_soft_opt_in_is_for_marketing_on_one_kind_of_channel() {
    let house = House::open();
    let (scope, contact) = contact(&house).await;
    let soft = move |purpose: &'static str, channel: &'static str, ground: &'static str| {
        move |tx: &Tx<'_>| give(tx, &NewConsent { ground: ground.into(), ..new(contact, purpose, channel, tx.now()) })
    };
    for (purpose, channel, ground) in [
        ("marketing", "any", "soft_opt_in"),
        ("recording.ai", "email", "soft_opt_in"),
        ("messages", "email", "soft_opt_in"),
        ("marketing", "email", "contract"),
    ] {
        let given = house.vault.write(&scope, soft(purpose, channel, ground)).await;
        assert_eq!(code(given), "invalid", "{purpose} {channel} {ground}");
    }
    house.does(&scope, soft("marketing", "email", "soft_opt_in")).await;
}

#[tokio::test]
async fn the_text_is_kept_as_it_was_shown() {
    let house = House::open();
    let (scope, contact) = contact(&house).await;
    let shown = "I agree to letters. \u{1f4ee}\n— and to nothing else";
    let text = Some(Personal::new(shown.to_owned()));
    let given = NewConsent { text: text.clone(), ..new(contact, "marketing", "email", house.clock_now()) };
    let id = house.does(&scope, move |tx| give(tx, &given)).await;
    assert_eq!(house.sees(&scope, move |tx| with_text(tx, id)).await.1, text);
    let long = NewConsent { text: Some(Personal::new("x".repeat(TEXT_MAX + 1))), ..new(contact, "m", "any", 0) };
    assert_eq!(code(house.vault.write(&scope, move |tx| give(tx, &long)).await), "invalid");
}

#[tokio::test]
async fn a_yes_that_comes_late_does_not_undo_a_no() {
    let house = House::open();
    let (scope, contact) = contact(&house).await;
    let before = house.clock_now();
    let id = house.does(&scope, move |tx| give(tx, &new(contact, "marketing", "telegram", before))).await;
    house.clock.advance(1_000);
    house.does(&scope, move |tx| withdraw(tx, id)).await;
    let late = house.does(&scope, move |tx| told(tx, contact, ("marketing", "telegram"), true, before + 500)).await;
    assert!(!late && !stands(&house, &scope, contact, "marketing", "telegram").await);
    house.clock.advance(1_000);
    let now = house.clock_now();
    assert!(house.does(&scope, move |tx| told(tx, contact, ("marketing", "telegram"), true, now)).await);
    assert!(stands(&house, &scope, contact, "marketing", "telegram").await);
}
