//! What is deleted is gone from the disk, and nothing about a person reaches a log.

use super::*;
use crate::Error;

/// A value that is looked for where it must not be.
const CANARY: &str = "canary-7f3a91c2e4";

fn plant(tx: &Tx<'_>) -> Result<u64> {
    let sql = test_sql!(Workspace, "INSERT INTO things (workspace_id, id, value, t) VALUES ($1, $2, 1, $2)");
    tx.run(sql, params![CANARY])
}

fn holds_canary(path: &std::path::Path) -> bool {
    let bytes = std::fs::read(path).unwrap();
    bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

fn files_with_canary(database: &Database) -> Vec<std::path::PathBuf> {
    let Database::File(path) = database else { panic!("not a file") };
    let entries = std::fs::read_dir(path.parent().unwrap()).unwrap();
    entries.map(|entry| entry.unwrap().path()).filter(|path| holds_canary(path)).collect()
}

#[tokio::test]
async fn deleted_rows_are_gone_from_file_and_log() {
    let bench = Bench::open("file");
    bench.vault.write(&scope(workspace(1)), plant).await.unwrap();
    assert!(!files_with_canary(&bench.database).is_empty());
    let delete = |tx: &Tx<'_>| tx.run(test_sql!(Workspace, "DELETE FROM things WHERE workspace_id = $1"), &[]);
    bench.vault.write(&scope(workspace(1)), delete).await.unwrap();
    bench.vault.scrub(&["things"]).await.unwrap();
    assert_eq!(files_with_canary(&bench.database), Vec::<std::path::PathBuf>::new());
    bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "a", 1)).await.unwrap();
}

#[tokio::test]
async fn postgres_is_vacuumed_beside_open_work() {
    let bench = Bench::open("postgres");
    bench.vault.write(&scope(workspace(1)), plant).await.unwrap();
    bench.vault.scrub(&["things", "jobs"]).await.unwrap();
}

#[tokio::test]
async fn a_copy_is_a_whole_database() {
    let bench = Bench::open("file");
    bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "a", 5)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    bench.vault.copy_database_to(copy.clone()).await.unwrap();
    assert!(matches!(bench.vault.copy_database_to(copy.clone()).await, Err(Error::Invalid(_))));
    let vault = open(&Database::File(copy), false);
    assert_eq!(vault.read(&scope(workspace(1)), |tx| value(tx, "a")).await.unwrap(), Some(5));
}

#[tokio::test]
async fn a_sound_database_gives_no_complaint() {
    on_each(&["memory", "file", "postgres"], async |bench| {
        assert_eq!(bench.vault.examine_database().await.unwrap(), Vec::<String>::new(), "{}", bench.engine);
    })
    .await;
    let bench = Bench::open("file");
    let Database::File(path) = &bench.database else { panic!("not a file") };
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(path, mode).unwrap();
    assert_eq!(bench.vault.examine_database().await.unwrap().len(), 1);
}

#[tokio::test]
async fn neither_errors_nor_the_server_log_repeat_values() {
    let bench = Bench::open("postgres");
    let refuse = |tx: &Tx<'_>| plant(tx).and_then(|_| plant(tx));
    let misread = |tx: &Tx<'_>| {
        let sql = test_sql!(Workspace, "SELECT CAST(t AS BIGINT) FROM things WHERE workspace_id = $1");
        plant(tx)?;
        tx.maybe(sql, &[], |row| row.get::<i64>(0)).map(|_| 0)
    };
    let refusals =
        [bench.vault.write(&scope(workspace(1)), refuse).await, bench.vault.write(&scope(workspace(1)), misread).await];
    for refused in refusals {
        let words = refused.unwrap_err();
        assert!(!format!("{words} {words:?}").contains(CANARY), "{words}");
    }
    let database = bench.postgres.as_ref().unwrap();
    // A server given by URL keeps its log where we cannot look.
    let Some(run) = database.url.strip_prefix("host=").and_then(|rest| rest.split(' ').next()) else { return };
    let log = std::path::Path::new(run).with_file_name("log");
    let marker = format!("marker {}", std::process::id());
    std::thread::scope(|scope| {
        scope
            .spawn(|| database.connect().batch_execute(&format!("SELECT '{marker}' + 1")).unwrap_err())
            .join()
            .unwrap();
    });
    let text = std::fs::read_to_string(log).unwrap();
    assert!(text.contains(&marker), "this is not the server's log");
    assert!(!text.contains(CANARY));
}
