//! What only PostgreSQL does: row-level security, a role without power, several nodes, deadlocks.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::Error;

#[tokio::test]
async fn another_workspace_is_invisible_even_to_a_statement_that_forgets() {
    let bench = Bench::open("postgres");
    for number in [1, 2] {
        bench.vault.write(&scope(workspace(number)), |tx| insert(tx, "a", 1)).await.unwrap();
    }
    let count =
        |tx: &Tx<'_>| tx.maybe(test_sql!(Installation, "SELECT COUNT(*) FROM things"), &[], |row| row.get::<i64>(0));
    assert_eq!(bench.vault.read(&scope(workspace(1)), count).await.unwrap(), Some(1));
    assert_eq!(bench.vault.read_installation(count).await.unwrap(), Some(0));
    let foreign = workspace(2).to_string();
    let refused = bench
        .vault
        .write(&scope(workspace(1)), move |tx| {
            let sql = test_sql!(Installation, "INSERT INTO things (workspace_id, id, value) VALUES ($1, 'z', 1)");
            tx.run(sql, params![&foreign])
        })
        .await;
    assert!(matches!(refused, Err(Error::Engine(words)) if words.contains("42501")));
    let changed =
        bench.vault.write(&scope(workspace(1)), |tx| tx.run(test_sql!(Installation, "DELETE FROM things"), &[])).await;
    assert_eq!(changed.unwrap(), 1);
    assert_eq!(bench.value(workspace(2), "a").await, Some(1));
}

#[tokio::test]
async fn a_closure_has_no_power_over_tables() {
    let bench = Bench::open("postgres");
    let attempts = [
        test_sql!(Installation, "ALTER TABLE things DISABLE ROW LEVEL SECURITY"),
        test_sql!(Installation, "ALTER TABLE things NO FORCE ROW LEVEL SECURITY"),
        test_sql!(Installation, "DROP POLICY workspace ON things"),
        test_sql!(Installation, "CREATE TABLE elsewhere (id BIGINT)"),
        test_sql!(Installation, "DELETE FROM schema_migrations"),
        test_sql!(Installation, "TRUNCATE things"),
    ];
    for attempt in attempts {
        let refused = bench.vault.write(&scope(workspace(1)), move |tx| tx.run(attempt, &[])).await;
        assert!(
            matches!(&refused, Err(Error::Engine(words)) if words.contains("42501")),
            "{} {refused:?}",
            attempt.text
        );
    }
}

#[tokio::test]
async fn a_deadlock_is_run_again() {
    let bench = Bench::open("postgres");
    let insert = |tx: &Tx<'_>| {
        tx.run(
            test_sql!(Installation, "INSERT INTO jobs (id, workspace_id, value) VALUES ('a', '', 0), ('b', '', 0)"),
            &[],
        )
    };
    bench.vault.write_installation(insert).await.unwrap();
    // Two programs on one database, as two nodes are.
    let other = open(&bench.database, false);
    let (runs, met) = (Arc::new(AtomicU32::new(0)), Arc::new(std::sync::Barrier::new(2)));
    let cross = |first: &'static str, second: &'static str| {
        let (runs, met) = (Arc::clone(&runs), Arc::clone(&met));
        move |tx: &Tx<'_>| {
            let add = test_sql!(Installation, "UPDATE jobs SET value = value + 1 WHERE id = $1");
            tx.run(add, params![first])?;
            if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                met.wait();
            }
            tx.run(add, params![second])
        }
    };
    let (one, two) =
        tokio::join!(bench.vault.write_installation(cross("a", "b")), other.write_installation(cross("b", "a")));
    assert_eq!((one.unwrap(), two.unwrap()), (1, 1));
    assert!(runs.load(Ordering::SeqCst) >= 3, "no closure ran again");
    let sum = test_sql!(Installation, "SELECT CAST(SUM(value) AS BIGINT) FROM jobs");
    let sum = bench.vault.read_installation(move |tx| tx.maybe(sum, &[], |row| row.get::<i64>(0))).await;
    assert_eq!(sum.unwrap(), Some(4));
}

#[tokio::test]
async fn two_nodes_number_one_workspace_without_gaps() {
    let bench = Bench::open("postgres");
    let other = open(&bench.database, false);
    bench.vault.write(&scope(workspace(1)), |tx| found(tx).and_then(|_| insert(tx, "a", 0))).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..100 {
        let vault = if number % 2 == 0 { bench.vault.clone() } else { other.clone() };
        tasks.spawn(async move { vault.write(&scope(workspace(1)), |tx| increment(tx, "a")).await.unwrap() });
    }
    let mut answers = tasks.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, (1..=100).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_owner_without_superpowers_suffices() {
    let database = TestDatabase::create();
    let owner = format!("owner_{}", std::process::id());
    as_superuser(&database, &format!("DROP ROLE IF EXISTS {owner}; CREATE ROLE {owner} LOGIN CREATEROLE"));
    as_superuser(&database, &format!("GRANT CREATE, USAGE ON SCHEMA public TO {owner}"));
    if database.url.contains("://") {
        return; // A server given by URL has its own rules of who may log in.
    }
    let vault = open(&Database::Postgres(format!("{} user={owner}", database.url)), false);
    vault.write(&scope(workspace(1)), |tx| insert(tx, "a", 1)).await.unwrap();
    let count =
        |tx: &Tx<'_>| tx.maybe(test_sql!(Installation, "SELECT COUNT(*) FROM things"), &[], |row| row.get::<i64>(0));
    assert_eq!(vault.read(&scope(workspace(2)), count).await.unwrap(), Some(0));
    vault.close().await;
    as_superuser(&database, &format!("DROP OWNED BY {owner}; REVOKE parloir_app FROM {owner}; DROP ROLE {owner}"));
}

/// On a thread of its own, because the driver must not run on an async runtime's.
fn as_superuser(database: &TestDatabase, words: &str) {
    let refused = std::thread::scope(|scope| scope.spawn(|| database.connect().batch_execute(words).err()).join());
    assert!(matches!(refused, Ok(None)), "{words}: {refused:?}");
}
