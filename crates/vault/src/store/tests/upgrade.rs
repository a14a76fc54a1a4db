//! Opening again, with an older and a newer program.

use super::*;

const NEXT: &[Migration] = &[
    TABLES[0],
    Migration {
        name: "0002_more.sql",
        text: "ALTER TABLE things ADD COLUMN more TEXT; CREATE TABLE others (workspace_id TEXT NOT NULL)",
    },
];

#[tokio::test]
async fn data_outlives_the_program_and_its_next_version() {
    on_each(&["file", "postgres"], async |bench| {
        bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "a", 5)).await.unwrap();
        bench.vault.close().await;
        let config = StoreConfig { database: bench.database.clone(), inline: false };
        for _ in 0..2 {
            let vault = over(Store::open_with(&config, NEXT, 1).unwrap());
            let more = test_sql!(Workspace, "SELECT COUNT(more) FROM things WHERE workspace_id = $1");
            let look =
                move |tx: &Tx<'_>| Ok::<_, crate::Error>((value(tx, "a")?, tx.maybe(more, &[], |row| row.get(0))?));
            let found = vault.read(&scope(workspace(1)), look).await.unwrap();
            assert_eq!(found, (Some(5), Some(0_i64)), "{}", bench.engine);
            vault.close().await;
        }
        let refused = Store::open_with(&config, TABLES, 2).err().unwrap().to_string();
        assert!(refused.contains("schema version 2, this program knows 1"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_broken_migration_changes_nothing() {
    const BROKEN: &[Migration] = &[
        TABLES[0],
        Migration { name: "0002_broken.sql", text: "CREATE TABLE half (id BIGINT); CREATE TABLE things (id BIGINT)" },
    ];
    on_each(&["file", "postgres"], async |bench| {
        let config = StoreConfig { database: bench.database.clone(), inline: false };
        assert!(Store::open_with(&config, BROKEN, 1).is_err(), "{}", bench.engine);
        Store::open_with(&config, NEXT, 1).unwrap().close().await;
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_companions_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::open("file");
    bench.vault.write(&scope(workspace(1)), |tx| insert(tx, "a", 5)).await.unwrap();
    let Database::File(path) = &bench.database else { panic!("not a file") };
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
}
