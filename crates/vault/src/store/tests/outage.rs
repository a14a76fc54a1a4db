//! Lost connections and full disks: exactly once, or an error.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::Error;

/// What the wire does with the first COMMIT that passes.
#[derive(Clone, Copy, PartialEq)]
enum Wire {
    /// The connection breaks before it arrives.
    LosesTheCommit,
    /// It arrives, and the connection breaks before the answer does.
    LosesTheAnswer,
}

/// A wire to PostgreSQL that can be broken at will: a Unix socket in front of the server's.
struct Wiretap {
    folder: tempfile::TempDir,
    trips: Arc<AtomicU32>,
}

impl Wiretap {
    fn before(server: &Path, wire: Wire) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let (server, trips) = (server.join(".s.PGSQL.5432"), Arc::new(AtomicU32::new(0)));
        let tripped = Arc::clone(&trips);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server, trips) =
                    (client.unwrap(), UnixStream::connect(&server).unwrap(), Arc::clone(&tripped));
                std::thread::spawn(move || carry(client, server, wire, &trips));
            }
        });
        Self { folder, trips }
    }
}

/// Carries bytes both ways until the commit to lose comes by.
fn carry(mut client: UnixStream, mut server: UnixStream, wire: Wire, trips: &AtomicU32) {
    let (mut answers, mut back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let lost = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let losing = Arc::clone(&lost);
    std::thread::spawn(move || {
        let mut bytes = [0; 8192];
        while let Ok(count @ 1..) = answers.read(&mut bytes) {
            if losing.load(Ordering::SeqCst) || back.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = back.shutdown(std::net::Shutdown::Both);
    });
    let mut bytes = [0; 8192];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        // With its end, for every BEGIN says READ COMMITTED.
        let is_commit = bytes[..count].windows(7).any(|window| window == b"COMMIT\0");
        if is_commit && trips.fetch_add(1, Ordering::SeqCst) == 0 {
            lost.store(true, Ordering::SeqCst);
            if wire == Wire::LosesTheCommit {
                break;
            }
        }
        server.write_all(&bytes[..count]).unwrap();
    }
    let _ = server.shutdown(std::net::Shutdown::Both);
    let _ = client.shutdown(std::net::Shutdown::Both);
}

async fn runs_over(wire: Wire) -> Option<u32> {
    let bench = Bench::open("postgres");
    let url = bench.postgres.as_ref().unwrap().url.clone();
    // A server given by URL is not behind a Unix socket of ours.
    let server = url.strip_prefix("host=")?.split(' ').next()?.to_owned();
    let tap = Wiretap::before(Path::new(&server), wire);
    // The migration's commits must pass, so the store is opened directly and the tap is put between afterwards.
    let through = url.replace(&server, &tap.folder.path().display().to_string());
    tap.trips.store(1, Ordering::SeqCst);
    let vault = open(&Database::Postgres(through), false);
    vault.write(&scope(workspace(1)), found).await.unwrap();
    tap.trips.store(0, Ordering::SeqCst);
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let insert = move |tx: &Tx<'_>| {
        counted.fetch_add(1, Ordering::SeqCst);
        insert(tx, "a", 1)
    };
    vault.write(&scope(workspace(1)), insert).await.unwrap();
    assert_eq!(bench.value(workspace(1), "a").await, Some(1));
    assert!(tap.trips.load(Ordering::SeqCst) >= 1, "no commit came by");
    Some(runs.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_lost_answer_to_a_commit_is_looked_up() {
    assert!(matches!(runs_over(Wire::LosesTheAnswer).await, Some(1) | None));
}

#[tokio::test]
async fn a_lost_commit_is_run_again() {
    assert!(matches!(runs_over(Wire::LosesTheCommit).await, Some(2) | None));
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_is_made_anew() {
    let bench = Bench::open("postgres");
    let url = bench.postgres.as_ref().unwrap().url.clone();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    bench
        .vault
        .write(&scope(workspace(1)), move |tx| {
            insert(tx, "a", 1)?;
            if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE datname = current_database() AND pid <> pg_backend_pid()";
                let mut other = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
                other.batch_execute(kill).unwrap();
            }
            insert(tx, "b", 2)
        })
        .await
        .unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    // The readers' connections were killed too, and are made anew.
    assert_eq!(bench.value(workspace(1), "b").await, Some(2));
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_nothing_is_half_done() {
    let bench = Bench::open("file");
    let limit = |tx: &Tx<'_>| tx.all(test_sql!(Installation, "PRAGMA max_page_count = 30"), &[], |_| Ok(()));
    bench.vault.write(&scope(workspace(1)), limit).await.unwrap();
    let filled = bench
        .vault
        .write(&scope(workspace(1)), |tx| {
            insert(tx, "a", 1)?;
            let sql = test_sql!(Workspace, "INSERT INTO things (workspace_id, id, value, c) VALUES ($1, 'big', 1, $2)");
            tx.run(sql, params![vec![7_u8; 200_000]])
        })
        .await;
    assert!(matches!(&filled, Err(Error::Engine(words)) if words.contains("SQLite")), "{filled:?}");
    assert_eq!(bench.value(workspace(1), "a").await, None);
    bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "b", 1)).await.unwrap();
    assert_eq!(bench.value(workspace(1), "b").await, Some(1));
}
