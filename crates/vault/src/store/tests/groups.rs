//! Many closures at once: grouped, in order, exact.

use tokio::task::JoinSet;

use super::*;
use crate::Error;

const MANY: i64 = 100;

/// Occupies workspace 1's writer until the gate is opened.
async fn occupied(bench: &Bench) -> Gate {
    let (started, gate, vault) = (Gate::default(), Gate::default(), bench.vault.clone());
    let (inside, held) = (started.clone(), gate.clone());
    let wait = move |_: &Tx<'_>| {
        inside.open();
        held.pass();
        Ok::<_, Error>(())
    };
    tokio::spawn(async move { vault.write(&scope(workspace(1)), wait).await });
    while !started.is_open() {
        tokio::task::yield_now().await;
    }
    gate
}

#[tokio::test]
async fn concurrent_increments_are_exact() {
    on_each(&ENGINES, async |bench| {
        bench.vault.write(&scope(workspace(1)), |tx| found(tx).and_then(|_| insert(tx, "a", 0))).await.unwrap();
        let mut tasks = JoinSet::new();
        for _ in 0..MANY {
            let vault = bench.vault.clone();
            tasks.spawn(async move { vault.write(&scope(workspace(1)), |tx| increment(tx, "a")).await.unwrap() });
        }
        let mut answers = tasks.join_all().await;
        answers.sort_unstable();
        assert_eq!(answers, (1..=MANY).collect::<Vec<_>>(), "{}", bench.engine);
        assert_eq!(bench.value(workspace(1), "a").await, Some(MANY), "{}", bench.engine);
    })
    .await;
}

#[tokio::test]
async fn what_waits_is_committed_together_and_fails_alone() {
    on_each(&["memory", "file", "postgres"], async |bench| {
        bench.vault.write(&scope(workspace(1)), |tx| found(tx).and_then(|_| insert(tx, "a", 0))).await.unwrap();
        let (before, gate) = (bench.vault.commits(), occupied(bench).await);
        let mut tasks = JoinSet::new();
        for number in 0..MANY {
            let vault = bench.vault.clone();
            tasks.spawn(async move {
                vault
                    .write(&scope(workspace(1)), move |tx| {
                        let next = increment(tx, "a")?;
                        match number % 10 {
                            3 => Err(Error::NotFound("three")),
                            7 => insert(tx, "a", 0).map(|_| 0),
                            _ => Ok(next),
                        }
                    })
                    .await
            });
        }
        // One thread polls the tasks in the order of their making; each has then handed over its closure.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        gate.open();
        let answers = tasks.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 80, "{}", bench.engine);
        assert_eq!(bench.value(workspace(1), "a").await, Some(80), "{}", bench.engine);
        let commits = bench.vault.commits() - before;
        assert!(commits <= 6, "{}: {commits} commits for {MANY} closures", bench.engine);
    })
    .await;
}

#[tokio::test]
async fn a_workspace_keeps_its_order() {
    on_each(&ENGINES, async |bench| {
        for number in [1, 2] {
            bench
                .vault
                .write(&scope(workspace(number)), |tx| found(tx).and_then(|_| insert(tx, "a", 0)))
                .await
                .unwrap();
        }
        let mut tasks = JoinSet::new();
        for number in 0..MANY {
            let vault = bench.vault.clone();
            let of = workspace(1 + u128::try_from(number % 2).unwrap());
            tasks.spawn(async move { (number, vault.write(&scope(of), |tx| increment(tx, "a")).await.unwrap()) });
        }
        let answers = tasks.join_all().await;
        for (number, place) in answers {
            assert_eq!(place, number / 2 + 1, "{}: closure {number}", bench.engine);
        }
    })
    .await;
}

#[tokio::test]
async fn closing_serves_what_waits() {
    on_each(&["memory", "file", "postgres"], async |bench| {
        let mut tasks = JoinSet::new();
        for id in ["a", "b", "c"] {
            let vault = bench.vault.clone();
            tasks.spawn(async move { vault.write(&scope(workspace(1)), move |tx| insert(tx, id, 1)).await });
        }
        tokio::task::yield_now().await;
        bench.vault.close().await;
        assert!(tasks.join_all().await.iter().all(Result::is_ok), "{}", bench.engine);
    })
    .await;
}
