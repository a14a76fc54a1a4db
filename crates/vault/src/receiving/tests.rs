//! Groups: durable together, in order, and nobody's hanging up or lateness is anybody else's loss. On both engines.

use std::time::Duration;

use super::*;
use crate::channels;
use crate::testing::house::{House, on_both};

async fn admitted(house: &House, scope: &Scope) -> AdmittedHook {
    let channel = house.channel(scope, "telegram").await;
    house.vault.admit_hook(channel).await.unwrap().unwrap()
}

async fn bodies(house: &House, hook: &AdmittedHook) -> Vec<String> {
    let channel = hook.channel;
    let waiting = house.sees(&hook.scope, move |tx| inbox::waiting(tx, channel, 500)).await;
    waiting.requests.into_iter().map(|request| String::from_utf8(request.body).unwrap()).collect()
}

fn numbered(from: usize, many: usize) -> Vec<Vec<u8>> {
    (from..from + many).map(|number| number.to_string().into_bytes()).collect()
}

#[tokio::test]
async fn parts_stay_together_and_in_order_however_many_come_at_once() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let hook = admitted(house, &scope).await;
        let calls = (0..60).map(|call| house.vault.keep(&hook, numbered(call * 10, 1 + call % 4)));
        for kept in futures(calls).await {
            assert!(kept.unwrap());
        }
        let bodies = bodies(house, &hook).await;
        let mut next = 0;
        let mut firsts = Vec::new();
        while next < bodies.len() {
            let first: usize = bodies[next].parse().unwrap();
            firsts.push(first / 10);
            for part in 0..=first / 10 % 4 {
                assert_eq!(bodies[next], (first + part).to_string(), "the parts of one request follow each other");
                next += 1;
            }
        }
        firsts.sort_unstable();
        assert_eq!(firsts, (0..60).collect::<Vec<_>>(), "each once");
    })
    .await;
}

#[tokio::test]
async fn many_at_once_share_commits() {
    let house = House::on_threads();
    let scope = house.workspace().await;
    let hook = admitted(&house, &scope).await;
    let before = house.vault.commits();
    let (release, held) = std::sync::mpsc::channel();
    let busy = house.does(&scope, move |_| held.recv().map_err(|_| Error::Closed));
    let all_have_come = async {
        while house.vault.received() < 200 {
            tokio::task::yield_now().await;
        }
        release.send(()).unwrap();
    };
    let calls = (0..200).map(|call| house.vault.keep(&hook, numbered(call, 1)));
    let ((), kept, ()) = tokio::join!(busy, futures(calls), all_have_come);
    assert!(kept.into_iter().all(|kept| kept.unwrap()));
    // Of what kept the database busy, and of all who came meanwhile; one of both, if all had come before it began.
    let commits = house.vault.commits() - before;
    assert!((1..=2).contains(&commits), "{commits} commits for two hundred");
    assert_eq!(bodies(&house, &hook).await.len(), 200);
}

#[tokio::test]
async fn what_an_outdated_account_proved_is_not_kept_and_the_others_are() {
    on_both(async |house| {
        let (scope, other) = (house.workspace().await, house.workspace().await);
        let (hook, steady) = (admitted(house, &scope).await, admitted(house, &scope).await);
        let theirs = admitted(house, &other).await;
        let channel = hook.channel;
        house
            .does(&scope, move |tx| channels::set_state(tx, channel, channels::ChannelState::NeedsAttention, None))
            .await;
        let (one, two, three) = tokio::join!(
            house.vault.keep(&hook, numbered(1, 2)),
            house.vault.keep(&steady, numbered(3, 1)),
            house.vault.keep(&theirs, numbered(4, 1)),
        );
        assert_eq!((one.unwrap(), two.unwrap(), three.unwrap()), (false, true, true));
        assert!(bodies(house, &hook).await.is_empty());
        assert_eq!((bodies(house, &steady).await, bodies(house, &theirs).await), (vec!["3".into()], vec!["4".into()]));
        let anew = house.vault.admit_hook(channel).await.unwrap().unwrap();
        assert!(house.vault.keep(&anew, numbered(5, 1)).await.unwrap());
        house.does(&scope, move |tx| channels::disconnect(tx, channel).map(|_| ())).await;
        assert!(!house.vault.keep(&anew, numbered(6, 1)).await.unwrap(), "nor what a disconnected channel receives");
        assert_eq!(bodies(house, &hook).await, ["5"]);
    })
    .await;
}

#[tokio::test]
async fn a_remembered_hook_is_only_as_good_as_its_version() {
    let house = House::open();
    let scope = house.workspace().await;
    let hook = admitted(&house, &scope).await;
    let channel = hook.channel;
    let remembered = house.vault.remembered_hook(channel).unwrap();
    assert!(!hook.remembered && remembered.remembered && remembered.version == hook.version);
    house.does(&scope, move |tx| channels::disconnect(tx, channel).map(|_| ())).await;
    let remembered = house.vault.remembered_hook(channel).unwrap();
    assert!(!house.vault.keep(&remembered, numbered(1, 1)).await.unwrap());
    assert!(!house.vault.keep(&remembered, Vec::new()).await.unwrap(), "also where there is nothing to keep");
    assert!(house.vault.admit_hook(channel).await.unwrap().is_none());
    assert!(house.vault.remembered_hook(channel).is_none(), "it was forgotten");
}

#[tokio::test]
async fn who_hangs_up_takes_nobody_along() {
    let house = House::on_threads();
    let scope = house.workspace().await;
    let hook = admitted(&house, &scope).await;
    for call in 0..50 {
        let impatient = house.vault.keep(&hook, numbered(call * 2, 1));
        let patient = house.vault.keep(&hook, numbered(call * 2 + 1, 1));
        let (_, kept) = tokio::join!(tokio::time::timeout(Duration::ZERO, impatient), patient);
        assert!(kept.unwrap());
    }
    let bodies = bodies(&house, &hook).await;
    assert!((0..50).all(|call| bodies.contains(&(call * 2 + 1).to_string())), "{bodies:?}");
}

#[tokio::test]
async fn a_closed_vault_answers() {
    let house = House::on_threads();
    let scope = house.workspace().await;
    let hook = admitted(&house, &scope).await;
    house.vault.close().await;
    assert!(matches!(house.vault.keep(&hook, numbered(1, 1)).await, Err(Error::Closed)));
}

/// Runs them at once.
async fn futures<F: Future>(calls: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = calls.into_iter().map(|call| (Box::pin(call), None)).collect();
    std::future::poll_fn(move |context| {
        for (call, answer) in waiting.iter_mut().filter(|(_, answer)| answer.is_none()) {
            if let std::task::Poll::Ready(ready) = call.as_mut().poll(context) {
                *answer = Some(ready);
            }
        }
        if waiting.iter().all(|(_, answer)| answer.is_some()) {
            std::task::Poll::Ready(waiting.iter_mut().filter_map(|(_, answer)| answer.take()).collect())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}
