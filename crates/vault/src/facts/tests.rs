//! The journal has no gap, in commit order, and says so when it cannot go back that far. On both engines.

use super::*;
use crate::testing::house::{House, on_both};
use crate::{Error, Scope};

async fn happens(house: &House, scope: &Scope, times: usize) {
    for _ in 0..times {
        house.does(scope, |tx| record(tx, FactKind::ContactUpdated, About::default())).await;
    }
}

async fn after(house: &House, scope: &Scope, seq: i64, limit: i64) -> Option<Vec<i64>> {
    let facts = house.sees(scope, move |tx| since(tx, seq, limit)).await?;
    Some(facts.into_iter().map(|fact| fact.seq).collect())
}

#[tokio::test]
async fn counters_are_gapless_also_when_something_is_undone() {
    on_both(async |house| {
        let (scope, other) = (house.workspace().await, house.workspace().await);
        assert_eq!(after(house, &scope, 0, 9).await, Some(vec![]));
        happens(house, &scope, 2).await;
        happens(house, &other, 3).await;
        let undone = house.vault.write(&scope, |tx| {
            record(tx, FactKind::ContactUpdated, About::default())?;
            Err::<(), _>(Error::Forbidden("nothing"))
        });
        assert!(undone.await.is_err());
        happens(house, &scope, 1).await;
        assert_eq!(after(house, &scope, 0, 9).await, Some(vec![1, 2, 3]));
        assert_eq!(after(house, &scope, 1, 1).await, Some(vec![2]));
        assert_eq!(after(house, &scope, 3, 9).await, Some(vec![]));
        assert_eq!(after(house, &scope, 4, 9).await, None, "nobody has been there yet");
    })
    .await;
}

#[tokio::test]
async fn many_at_once_are_numbered_without_a_gap() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let one = || async { happens(house, &scope, 10).await };
        tokio::join!(one(), one(), one(), one());
        assert_eq!(after(house, &scope, 0, 99).await, Some((1..=40).collect()));
    })
    .await;
}

#[tokio::test]
async fn who_was_away_for_longer_than_facts_are_kept_reads_anew() {
    on_both(async |house| {
        let scope = house.workspace().await;
        happens(house, &scope, 3).await;
        house.clock.advance(KEPT_FOR);
        happens(house, &scope, 2).await;
        assert!(!house.does(&scope, sweep).await);
        assert_eq!(after(house, &scope, 0, 9).await, Some((1..=5).collect()), "not a moment too early");
        house.clock.advance(1);
        assert!(!house.does(&scope, sweep).await);
        for (from, expected) in [(0, None), (2, None), (3, Some(vec![4, 5])), (5, Some(vec![]))] {
            assert_eq!(after(house, &scope, from, 9).await, expected, "from {from}");
        }
        house.clock.advance(KEPT_FOR);
        house.does(&scope, sweep).await;
        assert_eq!(after(house, &scope, 4, 9).await, None);
        assert_eq!(after(house, &scope, 5, 9).await, Some(vec![]), "who was there until the end missed nothing");
        happens(house, &scope, 1).await;
        assert_eq!(after(house, &scope, 5, 9).await, Some(vec![6]), "numbers go on");
    })
    .await;
}

#[test]
fn kinds_are_stored_as_words() {
    for (kind, word) in KINDS {
        assert_eq!((kind.stored(), FactKind::parse(word)), (*word, Some(*kind)));
        assert!(word.starts_with(kind.as_str()) && !kind.as_str().contains('/'), "{word}");
    }
    assert_eq!(FactKind::parse("ticket.created"), None, "a newer program's fact is passed over");
}
