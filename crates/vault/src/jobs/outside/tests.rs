//! One workspace's slow accounts leave room for the others', however many wait.

use super::*;
use crate::jobs::{JobKind, done, enqueue};
use crate::statement::Statement;
use crate::store::{Database, Store, StoreConfig};
use crate::testing::house::House;
use crate::{Scope, Vault};

const LEASE: Millis = 60_000;

async fn ask(vault: &Vault, scope: &Scope, kind: JobKind, many: usize, due_at: Millis) {
    let ask = move |tx: &Tx<'_>| -> Result<()> {
        (0..many).try_for_each(|number| enqueue(tx, kind, &format!("s{number}"), due_at))
    };
    vault.write(scope, ask).await.unwrap();
}

/// Takes what may be taken; how many of it each workspace has.
async fn takes(house: &House, limit: i64, of: &[&Scope]) -> (Vec<ClaimedJob>, Vec<usize>) {
    let jobs = house.vault.claim_outside(limit, LEASE).await.unwrap();
    let count = |scope: &&Scope| jobs.iter().filter(|job| job.workspace() == scope.workspace()).count();
    let counts = of.iter().map(count).collect();
    (jobs, counts)
}

async fn no_workspace_has_more_than_a_quarter(house: House) {
    let (slow, other) = (house.workspace().await, house.workspace().await);
    let start = house.clock_now();
    ask(&house.vault, &slow, JobKind::PollChannel, 100, start - 10).await;
    ask(&house.vault, &other, JobKind::FetchFile, 2, start).await;
    let (held, counts) = takes(&house, 20, &[&slow, &other]).await;
    assert_eq!(counts, [8, 2], "what was there first is taken first, and leaves room");
    assert_eq!(takes(&house, 20, &[&slow, &other]).await.1, [0, 0]);
    assert!(house.vault.claim_jobs(20, LEASE).await.unwrap().is_empty(), "they are not the house's");

    ask(&house.vault, &other, JobKind::EraseRemote, 1, start).await;
    assert_eq!(takes(&house, 20, &[&slow, &other]).await.1, [0, 1]);
    let ended = held.iter().find(|job| job.workspace() == slow.workspace()).unwrap().clone();
    house.vault.write(&ended.scope(), move |tx| done(tx, &ended)).await.unwrap();
    assert_eq!(takes(&house, 20, &[&slow, &other]).await.1, [1, 0], "one came back");

    house.clock.advance(LEASE);
    assert_eq!(takes(&house, 40, &[&slow, &other]).await.1, [8, 3], "whose leases ran out are taken up, and counted");
    assert_eq!(takes(&house, 40, &[&slow, &other]).await.1, [0, 0]);
}

#[tokio::test]
async fn no_workspace_has_more_than_a_quarter_on_sqlite() {
    no_workspace_has_more_than_a_quarter(House::open()).await;
}

#[tokio::test]
async fn no_workspace_has_more_than_a_quarter_on_postgres() {
    let house = tokio::task::spawn_blocking(House::on_postgres).await.unwrap();
    no_workspace_has_more_than_a_quarter(house).await;
}

/// How many steps SQLite makes to find what is due of others, behind so many of a workspace that has all it may have.
fn steps(many: usize) -> i32 {
    const NOW: Millis = 1_900_000_000_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    drop(Store::open(&StoreConfig { database: Database::File(path.clone()), inline: true }, 0).unwrap());
    let connection = rusqlite::Connection::open(path).unwrap();
    let insert = "INSERT INTO jobs (id, workspace_id, kind, subject, due_at, attempts, created_at, lane, lease, lease_until) VALUES ";
    let rows: Vec<String> = (0..many)
        .map(|n| match n {
            0..8 => {
                format!("('s{n}', 'w', 'fetch_file', 's{n}', {}, 0, 0, 'outside', 'l', {})", Millis::MAX, NOW + 60_000)
            }
            _ => format!("('s{n}', 'w', 'fetch_file', 's{n}', {}, 0, 0, 'outside', NULL, NULL)", NOW - 1_000),
        })
        .chain([format!("('q', 'v', 'fetch_file', 'q', {}, 0, 0, 'outside', NULL, NULL)", NOW - 1)])
        .collect();
    for chunk in rows.chunks(500) {
        connection.execute(&format!("{insert}{}", chunk.join(", ")), []).unwrap();
    }
    let due = Statement::all().find(|of| of.file.ends_with("jobs/outside.rs") && of.text.contains("j.due_at <= $1"));
    let mut found = connection.prepare(due.unwrap().sqlite()).unwrap();
    let ids: Vec<String> =
        found.query_map((NOW, 32, PER_WORKSPACE), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(ids, ["q"]);
    found.get_status(rusqlite::StatementStatus::VmStep)
}

#[test]
fn what_waits_of_a_full_workspace_is_passed_over_in_few_steps() {
    let (few, many) = (steps(1_000), steps(10_000));
    assert!(many < few * 20 && many < 10_000 * 12, "{few} steps past 1,000 waiting, {many} past 10,000");
}
