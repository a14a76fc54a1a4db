//! What waits behind a slow system costs nobody anything.

use super::*;
use crate::statement::Statement;
use crate::store::{Database, Store, StoreConfig};
use crate::testing::postgres::TestDatabase;

const NOW: Millis = 1_900_000_000_000;

/// The statements that take posts.
fn taking() -> impl Iterator<Item = &'static Statement> {
    Statement::all().filter(|of| of.file.ends_with("jobs/posts.rs") && of.text.contains("endpoint_id = $1"))
}

fn systems() -> &'static Statement {
    Statement::all().find(|of| of.file.ends_with("jobs/posts.rs") && of.text.starts_with("WITH RECURSIVE")).unwrap()
}

/// Two under way at a slow system with so many behind them, and one that waits for a quick one.
fn backlog(many: usize) -> Vec<String> {
    let insert = "INSERT INTO jobs (id, workspace_id, kind, subject, due_at, attempts, created_at, endpoint_id, lease, lease_until) VALUES ";
    let rows: Vec<String> = (0..many)
        .map(|n| {
            let lease = if n < 2 { format!("'l', {}", NOW + 60_000) } else { "NULL, NULL".to_owned() };
            let due = if n < 2 { Millis::MAX } else { NOW - 1_000_000 + i64::try_from(n).unwrap() };
            format!("('s{n}', 'w', 'post_webhook', 's{n}', {due}, 0, 0, 'slow', {lease})")
        })
        .chain([format!("('q', 'w', 'post_webhook', 'q', {}, 0, 0, 'quick', NULL, NULL)", NOW - 1)])
        .collect();
    rows.chunks(500).map(|chunk| format!("{insert}{}", chunk.join(", "))).collect()
}

/// How many steps SQLite makes to find which systems are served, and what for the quick one.
fn steps_on_sqlite(many: usize) -> i32 {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    drop(Store::open(&StoreConfig { database: Database::File(path.clone()), inline: true }, 0).unwrap());
    let connection = rusqlite::Connection::open(path).unwrap();
    for insert in backlog(many) {
        connection.execute(&insert, []).unwrap();
    }
    let mut found = connection.prepare(systems().sqlite()).unwrap();
    let served: Vec<(String, i64)> = found
        .query_map((NOW, 64, PER_ENDPOINT), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(served, [("quick".to_owned(), 2)]);
    let mut steps = found.get_status(rusqlite::StatementStatus::VmStep);
    for statement in taking() {
        let mut taken = connection.prepare(statement.sqlite()).unwrap();
        for system in ["quick", "slow"] {
            assert!(taken.query_map((system, NOW, 2), |_| Ok(())).unwrap().count() <= 2);
        }
        steps += taken.get_status(rusqlite::StatementStatus::VmStep);
    }
    steps
}

#[test]
fn a_claim_takes_as_many_steps_however_long_one_system_is_waited_for() {
    let (short, long) = (steps_on_sqlite(20), steps_on_sqlite(20_000));
    assert!(long < short * 2, "{short} steps with 20 waiting, {long} with 20,000");
}

#[test]
fn postgres_looks_at_few_rows_too() {
    let database = TestDatabase::create();
    drop(Store::open(&StoreConfig { database: Database::Postgres(database.url.clone()), inline: false }, 0).unwrap());
    let mut client = database.connect();
    for insert in backlog(20_000) {
        client.batch_execute(&insert).unwrap();
    }
    client.batch_execute("ANALYZE jobs").unwrap();
    let mut looked_at = |statement: &Statement, values: [&str; 3]| {
        let text = values
            .iter()
            .zip(["$1", "$2", "$3"])
            .fold(statement.postgres().to_owned(), |text, (value, name)| text.replace(name, value));
        let lines = client.query(&format!("EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) {text}"), &[]).unwrap();
        let lines: Vec<String> = lines.iter().map(|line| line.get(0)).collect();
        let rows: usize = lines.iter().map(|line| number_after(line, "Rows Removed by Filter: ")).sum();
        assert!(rows < 100, "{}", lines.join("\n"));
        let read: usize = lines.iter().filter(|line| line.contains("Scan")).map(|line| actual_rows(line)).sum();
        assert!(read < 100, "{}", lines.join("\n"));
    };
    let now = NOW.to_string();
    looked_at(systems(), [&now, "64", "2"]);
    for statement in taking() {
        for system in ["'quick'", "'slow'"] {
            looked_at(statement, [system, &now, "2"]);
        }
    }
}

fn number_after(line: &str, words: &str) -> usize {
    let rest = line.split_once(words).map_or("0", |(_, rest)| rest);
    rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// How many rows a scan gave, of all its loops.
fn actual_rows(line: &str) -> usize {
    let actual = line.split_once("(actual ").map_or("", |(_, rest)| rest);
    number_after(actual, "rows=") * number_after(actual, "loops=").max(1)
}
