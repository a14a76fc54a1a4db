//! What is not certainly right is not restored.

use std::path::PathBuf;

use super::home::{copy, open, to};
use super::restores::files_below;
use super::*;
use crate::backup::restore;
use crate::testing::house::code;
use crate::{Clock, Error};

/// A home with a chain of three backups.
async fn with_backups() -> Home {
    let home = Home::new().await;
    let one = home.meet().await;
    for number in 0..3 {
        home.says(one, format!("message {number}")).await;
        home.backs_up().await;
        home.pass();
    }
    home
}

fn tries(home: &Home) -> (PathBuf, crate::Result<crate::backup::Restored>) {
    let data = tempfile::tempdir_in(home.folder.path()).unwrap().keep();
    let restored = restore(&home.restoring(None), &to(&data));
    (data, restored)
}

#[tokio::test]
async fn a_folder_with_data_is_left_alone() {
    let home = with_backups().await;
    let before = std::fs::read(home.data().join("custody.db")).unwrap();
    assert_eq!(code(restore(&home.restoring(None), &to(&home.data()))), "not_empty");
    assert_eq!(std::fs::read(home.data().join("custody.db")).unwrap(), before);
}

#[tokio::test]
async fn another_root_key_opens_nothing() {
    let mut home = with_backups().await;
    home.root = "6".repeat(64);
    let (data, refused) = tries(&home);
    assert!(matches!(refused, Err(Error::Seal(_))));
    assert!(!data.join("parloir.db").exists());
}

#[tokio::test]
async fn what_is_altered_cut_exchanged_or_missing_is_told_by_its_name() {
    let home = with_backups().await;
    let whole = home.folder.path().join("whole");
    copy(&home.place(), &whole);
    let all = files_below(&home.place());
    assert!(all.len() > 7, "base, segments, manifests, custody: {}", all.len());
    for path in &all {
        let bytes = std::fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let middle = bytes.len() / 2;
        let mut altered = bytes.clone();
        altered[middle] ^= 1;
        for damaged in [Some(altered), Some(bytes[..bytes.len() - 1].to_vec()), None] {
            match damaged {
                Some(bytes) => std::fs::write(path, bytes).unwrap(),
                None => std::fs::remove_file(path).unwrap(),
            }
            let (_, refused) = tries(&home);
            if refused.as_ref().is_ok_and(|restored| restored.missed) {
                // A backup that died before its manifest was there looks the same.
                assert!(!path.exists() && name == "0000000003" && path.to_string_lossy().contains("/manifests/"));
                std::fs::write(path, &bytes).unwrap();
                continue;
            }
            let error = refused.err().unwrap_or_else(|| panic!("{name} was not missed"));
            let words = error.to_string();
            let told = matches!(error, Error::Conflict { .. } | Error::Seal(_));
            assert!(
                told && (words.contains(name) || words.contains("custody") || words.contains("key")),
                "{name}: {words}"
            );
            std::fs::write(path, &bytes).unwrap();
        }
    }
    assert!(tries(&home).1.is_ok());
    // Two of a kind, exchanged.
    for kind in ["/log/", "/manifests/"] {
        let two: Vec<_> = all.iter().filter(|path| path.to_string_lossy().contains(kind)).take(2).collect();
        let [one, other] = two[..] else { panic!("two of {kind}") };
        let (left, right) = (std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
        std::fs::write(one, &right).unwrap();
        std::fs::write(other, &left).unwrap();
        assert_eq!(code(tries(&home).1), "backup_broken", "{kind}");
        std::fs::write(one, left).unwrap();
        std::fs::write(other, right).unwrap();
    }
}

#[tokio::test]
async fn a_ledger_that_is_missing_cut_forked_or_older_is_refused() {
    let mut home = Home::new().await;
    let (one, two) = (home.meet().await, home.meet().await);
    home.says(one, "one".into()).await;
    home.backs_up().await;
    let older = home.folder.path().join("older.db");
    home.erases(one, true).await;
    home.restarts();
    home.stops();
    std::fs::copy(home.data().join("custody.db"), &older).unwrap();
    home.restarts();
    home.pass();
    home.erases(two, true).await;
    home.backs_up().await;
    home.stops();
    let newest = home.data().join("custody.db");
    let tampered = |text: &str| {
        let path = tempfile::tempdir_in(home.folder.path()).unwrap().keep().join("custody.db");
        std::fs::copy(&newest, &path).unwrap();
        rusqlite::Connection::open(&path).unwrap().execute_batch(text).unwrap();
        path
    };
    for (custody, expected) in [
        (older.clone(), "ledger_older"),
        (tampered("DELETE FROM ledger"), "ledger_missing"),
        (tampered("DELETE FROM ledger WHERE seq = (SELECT MIN(seq) FROM ledger)"), "ledger_older"),
        (tampered("DELETE FROM ledger WHERE seq = (SELECT MAX(seq) FROM ledger)"), "ledger_older"),
        (
            tampered("UPDATE ledger SET subject_hash = zeroblob(32) WHERE seq = (SELECT MIN(seq) FROM ledger)"),
            "ledger_forked",
        ),
        (newest.clone(), "no error"),
    ] {
        let data = tempfile::tempdir_in(home.folder.path()).unwrap().keep();
        std::fs::copy(custody, data.join("custody.db")).unwrap();
        assert_eq!(code(restore(&home.restoring(None), &to(&data))), expected);
        let opened = open(&data, &home.clock, &home.root, 5);
        if expected == "no error" {
            // Between the two halves somebody puts an older custody there.
            let vault = opened.unwrap();
            drop(vault);
            std::fs::copy(&older, data.join("custody.db")).unwrap();
            let vault = open(&data, &home.clock, &home.root, 6).unwrap();
            assert_eq!(code(vault.finish_restore().await), "ledger_older");
        } else {
            assert_eq!(code(opened), "restore_interrupted", "nothing can be served from there");
        }
    }
    for entry in home.destination().custody.list("custody/").unwrap() {
        home.destination().custody.delete(&entry).unwrap();
    }
    assert_eq!(code(tries(&home).1), "ledger_missing");
}

#[tokio::test]
async fn a_backup_that_was_taken_away_is_missed() {
    let home = with_backups().await;
    let place = home.destination().data;
    let manifests = place.list("chains/").unwrap();
    // The last is not known to custody yet: it may never have been finished.
    for (left, expected) in [(2, "no error"), (1, "backup_broken")] {
        let manifests: Vec<_> = manifests.iter().filter(|name| name.contains("/manifests/")).collect();
        place.delete(manifests[left]).unwrap();
        assert_eq!(code(tries(&home).1), expected, "{left} left");
    }
    let data = tempfile::tempdir_in(home.folder.path()).unwrap().keep();
    let restored = restore(&home.restoring(Some(home.clock.now())), &to(&data)).unwrap();
    assert!(restored.missed, "who names a moment gets what there is, and is told");
}

#[tokio::test]
async fn an_interrupted_restore_is_done_again() {
    let home = with_backups().await;
    let manifests = home.destination().data.list("chains/").unwrap();
    let log = manifests.iter().rfind(|name| name.contains("/log/")).unwrap();
    let path = files_below(&home.place())
        .into_iter()
        .find(|path| {
            path.to_string_lossy().contains("/log/") && log.ends_with(path.file_name().unwrap().to_str().unwrap())
        })
        .unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let (data, refused) = tries(&home);
    assert_eq!(code(refused), "backup_broken");
    assert_eq!(code(open(&data, &home.clock, &home.root, 5)), "restore_interrupted");
    std::fs::write(&path, bytes).unwrap();
    restore(&home.restoring(None), &to(&data)).unwrap();
    let vault = open(&data, &home.clock, &home.root, 6).unwrap();
    assert!(vault.finish_restore().await.unwrap().is_some());
}
