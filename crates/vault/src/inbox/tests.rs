//! One worker per channel, each request once, and none that holds up the others. On both engines.

use super::*;
use crate::testing::house::{House, on_both};

const LEASE: Millis = 60_000;

async fn put_one(house: &House, scope: &Scope, channel: ChannelId, body: &'static str) -> InboxId {
    house.does(scope, move |tx| put(tx, channel, body.as_bytes())).await
}

async fn claims(house: &House) -> Vec<ClaimedInbox> {
    house.vault.claim_inbox(10, LEASE).await.unwrap()
}

async fn bodies(house: &House, scope: &Scope, channel: ChannelId) -> Vec<String> {
    let waiting = house.sees(scope, move |tx| waiting(tx, channel, 50)).await;
    waiting.requests.into_iter().map(|request| String::from_utf8(request.body).unwrap()).collect()
}

#[tokio::test]
async fn requests_wait_in_the_order_in_which_they_came_and_are_taken_once() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let first = put_one(house, &scope, channel, "one").await;
        for body in ["two", "three"] {
            put_one(house, &scope, channel, body).await;
        }
        assert_eq!(bodies(house, &scope, channel).await, ["one", "two", "three"]);
        assert!(house.does(&scope, move |tx| take(tx, first)).await);
        assert!(!house.does(&scope, move |tx| take(tx, first)).await);
        assert_eq!(bodies(house, &scope, channel).await, ["two", "three"]);
    })
    .await;
}

#[tokio::test]
async fn a_channel_has_one_worker_at_a_time() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (one, two) = (house.channel(&scope, "telegram").await, house.channel(&scope, "telegram").await);
        assert!(claims(house).await.is_empty(), "nothing waits");
        put_one(house, &scope, one, "x").await;
        let held = claims(house).await;
        assert_eq!((held.len(), held[0].channel, held[0].scope.actor()), (1, one, Actor::Channel(one)));
        put_one(house, &scope, one, "y").await;
        put_one(house, &scope, two, "z").await;
        let others = claims(house).await;
        assert_eq!((others.len(), others[0].channel), (1, two), "the first is being worked on");
        house.vault.release_inbox(&held[0], None).await.unwrap();
        assert_eq!(claims(house).await[0].channel, one);
    })
    .await;
}

#[tokio::test]
async fn many_workers_at_once_get_each_channel_once() {
    on_both(async |house| {
        let scope = house.workspace().await;
        for _ in 0..6 {
            let channel = house.channel(&scope, "telegram").await;
            put_one(house, &scope, channel, "x").await;
        }
        let (a, b, c) = tokio::join!(claims(house), claims(house), claims(house));
        let mut channels: Vec<_> = [a, b, c].concat().into_iter().map(|claimed| claimed.channel).collect();
        channels.extend(claims(house).await.into_iter().map(|claimed| claimed.channel));
        let count = channels.len();
        channels.sort();
        channels.dedup();
        assert_eq!((count, channels.len()), (6, 6));
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_ran_out_is_lost() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        put_one(house, &scope, channel, "x").await;
        let slow = claims(house).await.remove(0);
        house.clock.advance(LEASE - 1);
        assert!(house.vault.renew_inbox(&slow, LEASE).await.unwrap());
        house.clock.advance(LEASE);
        assert!(claims(house).await.is_empty(), "it was kept for longer");
        house.clock.advance(1);
        let quick = claims(house).await.remove(0);
        assert!(!house.vault.renew_inbox(&slow, LEASE).await.unwrap());
        house.vault.release_inbox(&slow, None).await.unwrap();
        assert!(claims(house).await.is_empty(), "the slow one cannot give back what is no longer its own");
        assert!(house.vault.renew_inbox(&quick, LEASE).await.unwrap());
    })
    .await;
}

async fn fails(house: &House, scope: &Scope, channel: ChannelId, error: fn() -> Error) -> Failed {
    let first = move |tx: &Tx<'_>| {
        let first = waiting(tx, channel, 1)?.requests.remove(0);
        put_off(tx, &first, &error(), "not_applied")
    };
    house.does(scope, first).await
}

#[tokio::test]
async fn what_fails_five_times_by_its_own_fault_is_set_aside_and_holds_nothing_up() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        for body in ["bad", "good"] {
            put_one(house, &scope, channel, body).await;
        }
        for attempt in 1..TRIES {
            let failed = fails(house, &scope, channel, || Error::Seal("malformed")).await;
            assert!(matches!(failed, Failed::Pause(_)), "attempt {attempt}");
            assert_eq!(bodies(house, &scope, channel).await, ["bad", "good"], "attempt {attempt}");
        }
        assert_eq!(fails(house, &scope, channel, || Error::Seal("malformed")).await, Failed::SetAside);
        assert_eq!(bodies(house, &scope, channel).await, ["good"]);
        let depths = house.vault.depths().await.unwrap();
        assert_eq!((depths.inbox, depths.inbox_set_aside), (1, 1));
        let good = house.sees(&scope, move |tx| waiting(tx, channel, 1)).await.requests.remove(0).id;
        house.does(&scope, move |tx| take(tx, good)).await;
        assert!(claims(house).await.is_empty(), "what was set aside waits for nobody");
    })
    .await;
}

#[tokio::test]
async fn what_may_pass_is_tried_for_ever_and_not_overtaken() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        for body in ["first", "second"] {
            put_one(house, &scope, channel, body).await;
        }
        let mut pauses = Vec::new();
        for _ in 0..12 {
            let held = claims(house).await.remove(0);
            let Failed::Pause(pause) = fails(house, &scope, channel, || Error::Engine("disk full".into())).await else {
                panic!("set aside");
            };
            house.vault.release_inbox(&held, Some(pause)).await.unwrap();
            house.clock.advance(pause);
            assert!(claims(house).await.is_empty(), "the channel waits");
            house.clock.advance(1);
            pauses.push(pause);
        }
        assert_eq!(pauses[..4], [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(pauses[9..], [300_000; 3]);
        assert_eq!(bodies(house, &scope, channel).await, ["first", "second"]);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_apart_and_the_others_go_on() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let broken = put_one(house, &scope, channel, "broken").await;
        put_one(house, &scope, channel, "whole").await;
        let spoil = move |tx: &Tx<'_>| {
            tx.run(
                sql!("UPDATE inbox SET body_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
                params![broken, vec![1_u8; 80]],
            )
        };
        house.does(&scope, spoil).await;
        let found = house.sees(&scope, move |tx| waiting(tx, channel, 50)).await;
        assert_eq!((found.requests.len(), found.unreadable.as_slice()), (1, &[broken][..]));
        house.does(&scope, move |tx| set_aside(tx, broken, "cannot_be_opened")).await;
        assert!(house.sees(&scope, move |tx| waiting(tx, channel, 50)).await.unreadable.is_empty());
        assert_eq!(house.vault.depths().await.unwrap().inbox_set_aside, 1);
    })
    .await;
}

#[tokio::test]
async fn only_an_admitted_hook_receives() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    assert!(house.vault.receive(&scope, b"x".to_vec()).await.is_err());
    let hook = house.vault.admit_hook(channel).await.unwrap().unwrap();
    house.vault.receive(&hook.scope, b"x".to_vec()).await.unwrap();
    assert_eq!(bodies(&house, &scope, channel).await, ["x"]);
}

#[tokio::test]
async fn what_waits_longest_is_told_first_and_nothing_of_a_channel_that_is_held() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (one, two) = (house.channel(&scope, "telegram").await, house.channel(&scope, "telegram").await);
        let ready = async || {
            let ready = house.vault.ready_inboxes(9).await.unwrap();
            ready.into_iter().map(|ready| (ready.channel, ready.kind)).collect::<Vec<_>>()
        };
        assert!(ready().await.is_empty());
        put_one(house, &scope, two, "first").await;
        house.clock.advance(5);
        put_one(house, &scope, one, "second").await;
        assert_eq!(ready().await, [(two, "telegram".to_owned()), (one, "telegram".to_owned())]);
        let next = async |channel| house.sees(&scope, move |tx| next(tx, channel, 9)).await.requests.len();
        assert_eq!((next(one).await, next(two).await), (1, 1));
        let held = claims(house).await;
        assert!(ready().await.is_empty(), "both are held");
        assert_eq!((next(one).await, next(two).await), (0, 0));
        let held_one = held.iter().find(|held| held.channel == one).unwrap();
        house.vault.release_inbox(held_one, Some(1_000)).await.unwrap();
        assert_eq!(next(one).await, 0, "it pauses");
        house.clock.advance(1_001);
        assert_eq!((next(one).await, ready().await.len()), (1, 1));
    })
    .await;
}
