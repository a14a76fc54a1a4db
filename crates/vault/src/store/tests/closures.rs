//! What a single closure may rely on.

use tokio::sync::broadcast::error::TryRecvError;

use super::*;
use crate::{Error, Wake};

#[tokio::test]
async fn what_was_answered_is_visible() {
    on_each(&ENGINES, async |bench| {
        bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "a", 5)).await.unwrap();
        assert_eq!(bench.value(workspace(1), "a").await, Some(5), "{}", bench.engine);
        assert_eq!(bench.value(workspace(2), "a").await, None, "{}", bench.engine);
    })
    .await;
}

#[tokio::test]
async fn an_error_undoes_its_closure() {
    on_each(&ENGINES, async |bench| {
        let refused = bench
            .vault
            .write(&scope(workspace(1)), |tx| {
                insert(tx, "a", 5)?;
                tx.wake(Wake::Inbox);
                Err::<(), _>(Error::NotFound("thing"))
            })
            .await;
        assert!(matches!(refused, Err(Error::NotFound("thing"))), "{}", bench.engine);
        assert_eq!(bench.value(workspace(1), "a").await, None, "{}", bench.engine);
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_an_error_and_the_thread_lives() {
    on_each(&ENGINES, async |bench| {
        let refused = bench
            .vault
            .write(&scope(workspace(1)), |tx| {
                insert(tx, "a", 5)?;
                if tx.now() > 0 {
                    std::panic::resume_unwind(Box::new("a planned panic"));
                }
                Ok::<_, Error>(())
            })
            .await;
        assert!(matches!(refused, Err(Error::Engine(_))), "{}", bench.engine);
        bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "b", 6)).await.unwrap();
        assert_eq!(bench.value(workspace(1), "a").await, None, "{}", bench.engine);
        assert_eq!(bench.value(workspace(1), "b").await, Some(6), "{}", bench.engine);
    })
    .await;
}

#[tokio::test]
async fn a_failed_statement_spoils_its_closure_on_both_engines() {
    on_each(&ENGINES, async |bench| {
        bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "a", 1)).await.unwrap();
        let swallowed = bench
            .vault
            .write(&scope(workspace(1)), |tx| {
                insert(tx, "b", 2)?;
                Ok::<_, Error>(insert(tx, "a", 2).is_err())
            })
            .await;
        assert!(matches!(swallowed, Err(Error::Engine(_))), "{} {swallowed:?}", bench.engine);
        assert_eq!(bench.value(workspace(1), "b").await, None, "{}", bench.engine);
    })
    .await;
}

#[tokio::test]
async fn a_read_cannot_write() {
    on_each(&ENGINES, async |bench| {
        let refused = bench.vault.read(&scope(workspace(1)), |tx| insert(tx, "a", 1)).await;
        assert!(matches!(refused, Err(Error::Engine(_))), "{} {refused:?}", bench.engine);
        assert_eq!(bench.value(workspace(1), "a").await, None, "{}", bench.engine);
    })
    .await;
}

#[tokio::test]
async fn wakes_follow_the_commit() {
    on_each(&["memory", "file", "postgres"], async |bench| {
        let (mut wakes, started, gate) = (bench.vault.wakes(), Gate::default(), Gate::default());
        let (vault, inside, held) = (bench.vault.clone(), started.clone(), gate.clone());
        let writing = tokio::spawn(async move {
            vault
                .write(&scope(workspace(1)), move |tx| {
                    tx.wake(Wake::Outbox);
                    tx.wake(Wake::Outbox);
                    insert(tx, "a", 1)?;
                    inside.open();
                    held.pass();
                    Ok::<_, Error>(())
                })
                .await
        });
        while !started.is_open() {
            tokio::task::yield_now().await;
        }
        assert_eq!(wakes.try_recv(), Err(TryRecvError::Empty), "{}", bench.engine);
        gate.open();
        writing.await.unwrap().unwrap();
        assert_eq!(wakes.recv().await, Ok(Wake::Outbox), "{}", bench.engine);
        assert_eq!(wakes.try_recv(), Err(TryRecvError::Empty), "{}", bench.engine);
    })
    .await;
}

#[tokio::test]
async fn a_dropped_future_changes_nothing() {
    on_each(&ENGINES, async |bench| {
        {
            let scope = scope(workspace(1));
            let mut writing = Box::pin(bench.vault.write(&scope, |tx| insert(tx, "a", 1)));
            tokio::select! { biased; _ = &mut writing => {}, () = std::future::ready(()) => {} }
        }
        // The same workspace's next write is after it.
        bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "b", 1)).await.unwrap();
        assert_eq!(bench.value(workspace(1), "a").await, Some(1), "{}", bench.engine);
    })
    .await;
}

#[tokio::test]
async fn a_read_sees_one_snapshot() {
    on_each(&["file", "postgres"], async |bench| {
        bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "a", 1)).await.unwrap();
        let (started, gate, vault) = (Gate::default(), Gate::default(), bench.vault.clone());
        let (inside, held) = (started.clone(), gate.clone());
        let reading = tokio::spawn(async move {
            vault
                .read(&scope(workspace(1)), move |tx| {
                    let before = value(tx, "a")?;
                    inside.open();
                    held.pass();
                    Ok::<_, Error>((before, value(tx, "a")?))
                })
                .await
        });
        while !started.is_open() {
            tokio::task::yield_now().await;
        }
        bench.vault.write(&scope(workspace(1)), |tx| increment(tx, "a")).await.unwrap();
        gate.open();
        assert_eq!(reading.await.unwrap().unwrap(), (Some(1), Some(1)), "{}", bench.engine);
        assert_eq!(bench.value(workspace(1), "a").await, Some(2), "{}", bench.engine);
    })
    .await;
}

type Cells = (f64, bool, Vec<u8>, String, Option<f64>, Option<bool>, Option<Vec<u8>>, Option<String>, i64);

#[tokio::test]
async fn every_type_comes_back_as_it_went() {
    on_each(&ENGINES, async |bench| {
        let cells: Cells = bench
            .vault
            .write(&scope(workspace(1)), |tx| {
                let all = test_sql!(
                    Workspace,
                    "INSERT INTO things (workspace_id, id, value, x, b, c, t) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                );
                tx.run(all, params!["full", i64::MAX, 0.5, true, vec![0_u8, 255], "ü'$1"])?;
                tx.run(all, params!["empty", i64::MIN, None::<f64>, None::<bool>, None::<Vec<u8>>, None::<String>])?;
                let found = tx.all(
                    test_sql!(
                        Workspace,
                        "SELECT f.x, f.b, f.c, f.t, e.x, e.b, e.c, e.t, 1 FROM things f, things e
                         WHERE f.workspace_id = $1 AND f.id = 'full' AND e.workspace_id = $1 AND e.id = 'empty'"
                    ),
                    &[],
                    |row| {
                        Ok((
                            row.get(0)?,
                            row.get(1)?,
                            row.get(2)?,
                            row.get(3)?,
                            row.get(4)?,
                            row.get(5)?,
                            row.get(6)?,
                            row.get(7)?,
                            row.get(8)?,
                        ))
                    },
                )?;
                found.into_iter().next().ok_or(Error::NotFound("row"))
            })
            .await
            .unwrap();
        let expected = (0.5, true, vec![0, 255], "ü'$1".to_owned(), None, None, None, None, 1);
        assert_eq!(cells, expected, "{}", bench.engine);
    })
    .await;
}

#[tokio::test]
async fn an_inline_closure_runs_on_the_calling_thread() {
    let bench = Bench::open("inline");
    let here = std::thread::current().id();
    let there = bench.vault.write(&scope(workspace(1)), |_| Ok::<_, Error>(std::thread::current().id())).await.unwrap();
    assert_eq!(here, there);
}

#[tokio::test]
async fn a_closed_vault_says_so() {
    on_each(&ENGINES, async |bench| {
        bench.vault.close().await;
        let refused = bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "a", 1)).await;
        assert!(matches!(refused, Err(Error::Closed)), "{}", bench.engine);
    })
    .await;
}
