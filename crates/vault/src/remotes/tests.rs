//! One message per id at the provider, and a way back to all of them.

use super::*;
use crate::messages::Direction;
use crate::testing::house::{House, on_both, say};
use crate::{Scope, erase};

async fn two_messages(house: &House) -> (Scope, ChannelId, ContactId, [MessageId; 2]) {
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, conversation) = house.contact(&scope, channel, "t").await;
    let one = house.does(&scope, move |tx| say(tx, conversation, Direction::Outgoing, "one")).await;
    let two = house.does(&scope, move |tx| say(tx, conversation, Direction::Outgoing, "two")).await;
    (scope, channel, contact, [one, two])
}

#[tokio::test]
async fn an_id_belongs_to_the_first_message_that_had_it() {
    on_both(async |house| {
        let (scope, channel, contact, [one, two]) = two_messages(house).await;
        for message in [one, two] {
            house.does(&scope, move |tx| tie(tx, message, contact, channel, &["7".into(), message.to_string()])).await;
        }
        let odd = ["a\nb".to_owned(), "\"c\"".to_owned()];
        let tied = odd.clone();
        house.does(&scope, move |tx| tie(tx, two, contact, channel, &tied)).await;
        assert_eq!(house.sees(&scope, move |tx| of(tx, two)).await, odd, "ids are whole, whatever is in them");
        assert_eq!(house.sees(&scope, move |tx| find(tx, channel, "7")).await, Some(one));
        assert_eq!(house.sees(&scope, move |tx| find(tx, channel, &two.to_string())).await, Some(two));
        assert_eq!(house.sees(&scope, move |tx| of(tx, one)).await, ["7".to_owned(), one.to_string()]);
    })
    .await;
}

#[tokio::test]
async fn ids_are_the_channels_own() {
    let house = House::open();
    let (scope, channel, contact, [one, _]) = two_messages(&house).await;
    let other = house.channel(&scope, "telegram").await;
    house.does(&scope, move |tx| tie(tx, one, contact, channel, &["7".into()])).await;
    assert_eq!(house.sees(&scope, move |tx| find(tx, other, "7")).await, None);
}

#[tokio::test]
async fn an_erased_contacts_ids_cannot_be_read() {
    let house = House::open();
    let (scope, channel, contact, [one, two]) = two_messages(&house).await;
    house.does(&scope, move |tx| tie(tx, one, contact, channel, &["7".into()])).await;
    assert!(house.sees(&scope, move |tx| of(tx, two)).await.is_empty(), "what was never tied has none");
    house.does(&scope, move |tx| erase::begin(tx, contact)).await;
    assert!(house.sees(&scope, move |tx| of(tx, one)).await.is_empty());
}

#[tokio::test]
async fn what_an_erased_contact_said_is_known_for_some_days_more() {
    on_both(async |house| {
        let (scope, channel, contact, [one, _]) = two_messages(house).await;
        house.does(&scope, move |tx| tie(tx, one, contact, channel, &["7".into()])).await;
        let erasure = house.does(&scope, move |tx| erase::begin(tx, contact)).await;
        house.vault.index_step(&scope).await.unwrap();
        house.vault.carry_on_erasure(&scope, erasure).await.unwrap();
        let known = move |tx: &Tx<'_>| Ok((find(tx, channel, "7")?, is_known(tx, channel, "7")?));
        assert_eq!(
            house.sees(&scope, known).await,
            (None, true),
            "brought once more, it is not taken for something new"
        );
        house.does(&scope, |tx| sweep(tx, 10)).await;
        assert_eq!(house.sees(&scope, known).await, (None, true));
        house.clock.advance(KEPT_MS + 1);
        assert_eq!(house.does(&scope, |tx| sweep(tx, 10)).await, 1);
        assert_eq!(house.sees(&scope, known).await, (None, false));
    })
    .await;
}

#[tokio::test]
async fn an_id_that_several_messages_have_keeps_none_of_them_out() {
    on_both(async |house| {
        let (scope, channel, contact, [one, two]) = two_messages(house).await;
        let came = move |message: MessageId, fingerprint: &'static str| {
            move |tx: &Tx<'_>| {
                note(tx, message, contact, channel, &["7".to_owned()])?;
                tell_apart(tx, (message, contact, channel), "7", fingerprint)
            }
        };
        let known = move |fingerprint: &'static str| move |tx: &Tx<'_>| is_known_as(tx, channel, "7", fingerprint);
        assert!(!house.sees(&scope, known("a")).await);
        house.does(&scope, came(one, "a")).await;
        assert!(house.sees(&scope, known("a")).await && !house.sees(&scope, known("b")).await);
        house.does(&scope, came(two, "b")).await;
        assert!(house.sees(&scope, known("a")).await && house.sees(&scope, known("b")).await);
        assert_eq!(house.sees(&scope, move |tx| find(tx, channel, "7")).await, Some(one), "the first has it");
        // Whose they were is erased: they are still known, and a third is not taken for them.
        let erasure = house.does(&scope, move |tx| erase::begin(tx, contact)).await;
        house.vault.index_step(&scope).await.unwrap();
        house.vault.carry_on_erasure(&scope, erasure).await.unwrap();
        assert!(house.sees(&scope, known("a")).await && house.sees(&scope, known("b")).await);
        assert!(!house.sees(&scope, known("c")).await);
    })
    .await;
}

#[tokio::test]
async fn what_came_without_a_fingerprint_is_known_by_its_id_alone() {
    let house = House::open();
    let (scope, channel, contact, [one, _]) = two_messages(&house).await;
    house.does(&scope, move |tx| tie(tx, one, contact, channel, &["7".into()])).await;
    assert!(house.sees(&scope, move |tx| is_known_as(tx, channel, "7", "a")).await);
}
