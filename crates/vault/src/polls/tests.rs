//! Each answer of an account is kept once, in turn, with where to go on.

use super::*;
use crate::Personal;
use crate::channels::{ChannelChange, ChannelState};
use crate::jobs::given_up;
use crate::testing::house::{House, code, on_both};

async fn stands(house: &House, scope: &Scope, channel: ChannelId) -> (Option<String>, Turn) {
    let standing = house.sees(scope, move |tx| standing(tx, channel)).await;
    (standing.cursor, standing.turn)
}

async fn keeps(house: &House, scope: &Scope, turn: Turn, cursor: &'static str, said: &'static [&str]) -> Option<Turn> {
    let requests: Vec<Vec<u8>> = said.iter().map(|said| said.as_bytes().to_vec()).collect();
    house.does(scope, move |tx| keep(tx, turn, cursor, &requests)).await
}

async fn waiting(house: &House, scope: &Scope, channel: ChannelId) -> Vec<String> {
    let waiting = house.sees(scope, move |tx| inbox::waiting(tx, channel, 50)).await;
    waiting.requests.into_iter().map(|request| String::from_utf8(request.body).unwrap()).collect()
}

#[tokio::test]
async fn what_an_account_says_is_kept_in_turn_with_where_to_go_on() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "pigeon").await;
        let (cursor, first) = stands(house, &scope, channel).await;
        assert_eq!(cursor, None);
        let second = keeps(house, &scope, first, "1", &["a", "b"]).await.unwrap();
        assert_eq!(stands(house, &scope, channel).await, (Some("1".to_owned()), second));
        // Whoever asked before, and comes late, brings nothing.
        assert_eq!(keeps(house, &scope, first, "1", &["a", "b"]).await, None);
        keeps(house, &scope, second, "2", &["c"]).await.unwrap();
        assert_eq!(keeps(house, &scope, second, "9", &["d"]).await, None);
        assert_eq!(stands(house, &scope, channel).await.0.as_deref(), Some("2"));
        assert_eq!(waiting(house, &scope, channel).await, ["a", "b", "c"]);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_asked_at_once_one_keeps_what_was_said() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "pigeon").await;
        for round in 1..4_usize {
            let (_, turn) = stands(house, &scope, channel).await;
            let one = || keeps(house, &scope, turn, "next", &["said"]);
            let (first, second, third) = tokio::join!(one(), one(), one());
            assert_eq!([first, second, third].iter().flatten().count(), 1);
            assert_eq!(waiting(house, &scope, channel).await.len(), round);
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_asked_with_other_credentials_is_not_kept() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "pigeon").await;
        let (_, before) = stands(house, &scope, channel).await;
        let change = ChannelChange { name: Some(Personal::new("Loft".into())), ..ChannelChange::default() };
        house.does(&scope, move |tx| channels::update(tx, channel, &change)).await;
        assert_eq!(keeps(house, &scope, before, "1", &["a"]).await, None);
        let (cursor, now) = stands(house, &scope, channel).await;
        assert_eq!((cursor, waiting(house, &scope, channel).await.len()), (None, 0));
        let next = keeps(house, &scope, now, "1", &["a"]).await.unwrap();
        house.does(&scope, move |tx| forget(tx, channel)).await;
        assert_eq!(keeps(house, &scope, next, "2", &["b"]).await, None, "another account is asked from the start");
        assert_eq!(stands(house, &scope, channel).await.0, None);
    })
    .await;
}

#[tokio::test]
async fn who_is_disconnected_is_asked_no_more() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "pigeon").await;
        let other = house.channel(&scope, "pigeon").await;
        house.does(&scope, move |tx| wake(tx, channel)).await;
        let job =
            house.vault.claim_outside(5, 1_000).await.unwrap().into_iter().find(|job| job.kind == JobKind::PollChannel);
        let job = job.unwrap();
        assert_eq!((job.subject.as_str(), job.scope().purpose()), (channel.to_string().as_str(), Purpose::Receiving));
        let turn = stands(house, &job.scope(), channel).await.1;
        let next = keeps(house, &job.scope(), turn, "1", &[]).await.unwrap();
        assert_eq!(house.vault.asked("pigeon").await.unwrap().len(), 2);
        house.does(&scope, move |tx| channels::disconnect(tx, channel)).await;
        assert_eq!(keeps(house, &scope, next, "2", &["a"]).await, None);
        assert_eq!(code(house.vault.read(&scope, move |tx| standing(tx, channel)).await), "channel_off");
        house.does(&scope, move |tx| wake(tx, channel)).await;
        let asked = house.vault.asked("pigeon").await.unwrap();
        assert_eq!(asked.iter().map(|asked| asked.channel).collect::<Vec<_>>(), [other]);
        let again = stands(house, &asked[0].scope, other).await.1;
        assert!(keeps(house, &asked[0].scope, again, "1", &[]).await.is_some());
        house.does(&scope, move |tx| channels::set_state(tx, other, ChannelState::NeedsAttention, Some("x"))).await;
        assert!(house.vault.asked("pigeon").await.unwrap().is_empty());
        assert!(house.sees(&scope, |tx| given_up(tx, 5)).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_failed_asking_comes_back_when_it_is_told_to_and_counts() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "pigeon").await;
        house.forget_tree_job(&scope).await;
        house.does(&scope, move |tx| wake(tx, channel)).await;
        for attempt in 1..4 {
            let job = house.vault.claim_outside(1, 1_000).await.unwrap().remove(0);
            assert_eq!(job.attempt, attempt);
            let due = house.clock_now() + 7_000;
            house
                .does(&job.scope(), {
                    let job = job.clone();
                    move |tx| jobs::put_off(tx, &job, due)
                })
                .await;
            assert_eq!(house.vault.next_job_due().await.unwrap(), Some(due));
            house.clock.advance(7_000);
        }
        let job = house.vault.claim_outside(1, 1_000).await.unwrap().remove(0);
        let due = house.clock_now() + 60_000;
        house
            .does(&job.scope(), {
                let job = job.clone();
                move |tx| jobs::done_until(tx, &job, due)
            })
            .await;
        house.does(&scope, move |tx| wake(tx, channel)).await;
        let woken = house.vault.claim_outside(1, 1_000).await.unwrap().remove(0);
        assert_eq!(woken.attempt, 1, "it is asked now, and what failed before is over");
    })
    .await;
}
