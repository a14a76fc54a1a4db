//! Nobody can tell what was put off from what was written at once. On both engines.

use proptest::prelude::*;

use crate::facts::{self, About, FactKind};
use crate::messages::Direction;
use crate::testing::house::{House, on_both, say};
use crate::value::params;
use crate::{Error, Result, Scope, Tx, audit, indexing};

fn happens(tx: &Tx<'_>) -> Result<i64> {
    facts::record(tx, FactKind::ContactUpdated, About::default())
}

async fn numbers(house: &House, scope: &Scope) -> Vec<i64> {
    let facts = house.sees(scope, |tx| facts::since(tx, 0, 500)).await.unwrap();
    facts.into_iter().map(|fact| fact.seq).collect()
}

#[tokio::test]
async fn a_transaction_sees_its_own_facts_and_goes_on_counting() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let both = |tx: &Tx<'_>| -> Result<_> {
            let first = (happens(tx)?, happens(tx)?);
            let seen = facts::since(tx, 0, 9)?.map_or(0, |facts| facts.len());
            let head = facts::head(tx)?;
            Ok((first, seen, head, happens(tx)?, happens(tx)?))
        };
        assert_eq!(house.does(&scope, both).await, ((1, 2), 2, 2, 3, 4));
        assert_eq!(numbers(house, &scope).await, [1, 2, 3, 4]);
    })
    .await;
}

#[tokio::test]
async fn two_counters_of_one_transaction_do_not_meet() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let mixed = |tx: &Tx<'_>| -> Result<_> {
            let mut told = Vec::new();
            for _ in 0..3 {
                told.push((happens(tx)?, audit::record(tx, "contact.read", "con_1")?, tx.count_on("inbox", 5)?));
            }
            Ok(told)
        };
        let told = house.does(&scope, mixed).await;
        let first = told[0].1;
        assert_eq!(told, [(1, first, 5), (2, first + 1, 10), (3, first + 2, 15)]);
        assert_eq!(house.does(&scope, |tx| tx.count("inbox")).await, 16);
        assert_eq!(numbers(house, &scope).await, [1, 2, 3]);
    })
    .await;
}

#[tokio::test]
async fn a_failure_at_the_end_is_the_closures() {
    on_both(async |house| {
        let scope = house.workspace().await;
        house.does(&scope, |tx| happens(tx).map(|_| ())).await;
        // The next number is taken already, as only a hand in the database could have done.
        let spoil = |tx: &Tx<'_>| {
            let text = crate::statement::sql!(
                "INSERT INTO facts (workspace_id, seq, kind, at) VALUES ($1, 2, 'contact.updated', 0)"
            );
            tx.run(text, params![])
        };
        house.does(&scope, spoil).await;
        let refused = house.vault.write(&scope, |tx| happens(tx).map(|_| ())).await;
        assert!(matches!(refused, Err(Error::Engine(_))), "{refused:?}");
        assert_eq!(house.sees(&scope, facts::head).await, 1, "nothing of it stayed");
    })
    .await;
}

#[tokio::test]
async fn one_mark_and_one_job_for_all_changes_of_a_transaction() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (_, conversation) = house.contact(&scope, channel, "one").await;
        let many = move |tx: &Tx<'_>| -> Result<Vec<_>> {
            (0..19).map(|_| say(tx, conversation, Direction::Incoming, "x")).collect()
        };
        let mut said = house.does(&scope, many).await;
        let mut marked: Vec<_> =
            house.sees(&scope, |tx| indexing::pending(tx, 99)).await.into_iter().map(|(id, _)| id).collect();
        said.sort_unstable_by_key(ToString::to_string);
        marked.sort_unstable_by_key(ToString::to_string);
        assert_eq!(said, marked);
        let (id, other) = (said[0], said[1]);
        let mark =
            async || house.sees(&scope, |tx| indexing::pending(tx, 99)).await.into_iter().find(|(of, _)| *of == id);
        let before = mark().await.unwrap();
        let again = move |tx: &Tx<'_>| {
            [id, other, id]
                .into_iter()
                .try_for_each(|id| indexing::pend(tx, id, crate::messages::head(tx, id)?.contact))
        };
        house.does(&scope, again).await;
        assert!(mark().await.unwrap().1 > before.1, "a later mark, also within a millisecond");
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However facts, looks at them, other counters and failures follow each other, numbers have no gap.
    #[test]
    fn numbers_have_no_gap(closures in prop::collection::vec(prop::collection::vec(0_u8..5, 0..20), 1..8)) {
        let house = House::open();
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let scope = house.workspace().await;
            let mut kept = 0;
            for acts in closures {
                let count = acts.iter().filter(|act| **act < 2).count();
                let fails = acts.contains(&4);
                let closure = move |tx: &Tx<'_>| acts.iter().try_for_each(|act| match act {
                    0 | 1 => happens(tx).map(|_| ()),
                    2 => facts::since(tx, 0, 500).map(|_| ()),
                    3 => audit::record(tx, "contact.read", "con_1").map(|_| ()),
                    _ => Err(Error::Forbidden("nothing")),
                });
                assert_eq!(house.vault.write(&scope, closure).await.is_ok(), !fails);
                kept += if fails { 0 } else { i64::try_from(count).unwrap() };
            }
            assert_eq!(numbers(&house, &scope).await, (1..=kept).collect::<Vec<_>>());
        });
    }
}
