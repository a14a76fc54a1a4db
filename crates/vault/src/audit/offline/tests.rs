//! A log that left the house is verified without it, and every change of it is seen.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::audit::note::Signs;
use crate::audit::{expire, record};
use crate::keys::{CustodyAt, fill_custody};
use crate::testing::house::{House, on_both};
use crate::testing::postgres::TestDatabase;
use crate::{Scope, Tx, erase, rotation};

/// A year and a day, in milliseconds.
const YEAR_MS: i64 = 366 * 24 * 3_600_000;

/// A witness from a seed.
pub(in crate::audit) fn witness() -> (ed25519_dalek::SigningKey, VerifierKey) {
    let signer = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    let key = VerifierKey::new("witness.example/w1", Signs::Cosignatures, signer.verifying_key().to_bytes()).unwrap();
    (signer, key)
}

/// Has the witness sign the newest checkpoint.
async fn cosign(house: &House, scope: &Scope) {
    let (signer, key) = witness();
    let request = house.vault.witness_request(scope, &key, None).await.unwrap().unwrap();
    let (_, note) = request.body.split_once("\n\n").unwrap();
    let note = Note::parse(note).unwrap();
    let seen = 1_900_000_000_u64;
    let text = format!("cosignature/v1\ntime {seen}\n{}", note.text);
    let signature = ed25519_dalek::Signer::sign(&signer, text.as_bytes()).to_bytes();
    let line = key.line(&[&seen.to_be_bytes()[..], &signature].concat());
    assert!(house.vault.keep_cosignature(scope, &key, request.number, &format!("{line}\n")).await.unwrap());
}

async fn acts(house: &House, scope: &Scope, times: usize) {
    for _ in 0..times {
        house.does(scope, |tx| record(tx, "contact.read", "con_1")).await;
    }
}

/// A log in which everything is: expired entries, names that were forgotten, two keys, a cosigned checkpoint.
pub(in crate::audit) async fn log(house: &House) -> Scope {
    let scope = house.workspace().await;
    acts(house, &scope, 6).await;
    house.vault.checkpoint_audit(&scope).await.unwrap();
    house.clock.advance(YEAR_MS);
    let now = house.clock_now();
    house.does(&scope, move |tx| expire(tx, now - YEAR_MS + 1, 4)).await;
    let channel = house.channel(&scope, "pigeon").await;
    let (contact, conversation) = house.contact(&scope, channel, "Ada").await;
    for subject in [contact.to_string(), conversation.to_string()] {
        house.does(&scope, move |tx| record(tx, "contact.read", &subject)).await;
    }
    let erasure = house.does(&scope, move |tx| erase::begin(tx, contact)).await;
    house.vault.carry_on_erasure(&scope, erasure).await.unwrap();
    house.vault.checkpoint_audit(&scope).await.unwrap();
    let rotation = house.does(&scope, |tx| rotation::begin(tx, rotation::What::Audit)).await;
    while house.vault.carry_on_rotation(&scope, rotation).await.unwrap() != rotation::Progress::Done {
        house.clock.advance(10_000);
    }
    acts(house, &scope, 5).await;
    house.vault.checkpoint_audit(&scope).await.unwrap();
    cosign(house, &scope).await;
    scope
}

/// What is kept of a log elsewhere.
pub(in crate::audit) async fn trust(house: &House, scope: &Scope) -> Trust {
    Trust {
        key: Some(house.vault.audit_verifier(scope).await.unwrap()),
        kept: Some(Note::parse(&house.vault.audit_note(scope).await.unwrap()).unwrap()),
        witnesses: vec![witness().1],
    }
}

/// The log's lines.
pub(in crate::audit) async fn lines(house: &House, scope: &Scope) -> Vec<String> {
    let mut lines = house.vault.audit_lines(scope).await.unwrap();
    let mut text = String::new();
    while let Some(page) = lines.next().await.unwrap() {
        text.push_str(&page);
    }
    text.split_inclusive('\n').map(str::to_owned).collect()
}

pub(in crate::audit) fn verified<'a>(lines: impl IntoIterator<Item = &'a str>, trust: &Trust) -> OfflineReport {
    let mut walk = Walk::new(trust.clone());
    for (number, line) in (1..).zip(lines) {
        walk.take(format!("log.jsonl:{number}"), line);
    }
    walk.end();
    walk.report
}

#[tokio::test]
async fn an_exported_log_is_verified_with_nothing_but_itself_and_a_key() {
    on_both(async |house| {
        let scope = log(house).await;
        let folder = tempfile::tempdir().unwrap();
        let (to, file) = (folder.path().join("audit"), folder.path().join("one.jsonl"));
        let entries = house.vault.export_audit(&scope, &to).await.unwrap();
        let trust = trust(house, &scope).await;
        let report = verify_folder(&to, trust.clone()).unwrap();
        assert!(report.is_sound() && report.key_was_given, "{report:?}");
        assert_eq!((report.entries, report.covered), (u64::try_from(entries).unwrap(), entries));
        assert_eq!((report.expired, report.forgotten, report.checkpoints, report.cosigned), (4, 2, 3, 3));
        fs::write(&file, lines(house, &scope).await.concat()).unwrap();
        let again = verify_file(&file, trust).unwrap();
        assert_eq!(again, report, "the lines alone say the same");
        assert!(house.vault.export_audit(&scope, &to).await.is_err(), "nothing is overwritten");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_place() {
    let house = House::open();
    let scope = log(&house).await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("audit");
    house.vault.export_audit(&scope, &to).await.unwrap();
    let trust = trust(&house, &scope).await;
    let spoiled = |name: &str, change: fn(String) -> String| {
        let path = to.join(name);
        let before = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&before).into_owned();
        fs::write(&path, change(text)).unwrap();
        let faults = verify_folder(&to, trust.clone()).unwrap().faults;
        fs::write(&path, before).unwrap();
        faults
    };
    let said = spoiled("log.jsonl", |text| text.replacen("con_1", "con_2", 1));
    assert_eq!(said, [("log.jsonl:8".to_owned(), Fault::Altered { entry: 5 })]);
    let said = spoiled("log.jsonl", |text| text.replacen("\"contact.read\"", " \"contact.read\"", 1));
    assert_eq!(said[0], ("log.jsonl:8".to_owned(), Fault::Unreadable));
    let tile = tiles_of(&to).into_iter().find(|name| name.starts_with("tile/0/")).unwrap();
    let said = spoiled(&tile, |text| text + "x");
    assert_eq!(said, [(tile, Fault::Tile)]);
    let said = spoiled("checkpoint", |_| String::new());
    assert_eq!(said, [("checkpoint".to_owned(), Fault::Checkpoint { number: 3 })]);
    fs::write(to.join("more"), "x").unwrap();
    let said = verify_folder(&to, trust).unwrap().faults;
    assert_eq!(said, [("more".to_owned(), Fault::Tile)]);
}

fn tiles_of(folder: &std::path::Path) -> Vec<String> {
    let mut waiting: Vec<PathBuf> = vec![folder.join("tile")];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            found.push(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[tokio::test]
async fn what_is_trusted_decides() {
    let house = House::open();
    let (scope, other) = (log(&house).await, log(&house).await);
    let lines = lines(&house, &scope).await;
    let all = || lines.iter().map(String::as_str);
    let (trusted, others) = (trust(&house, &scope).await, trust(&house, &other).await);
    let without = verified(all(), &Trust::default());
    assert!(without.is_sound() && !without.key_was_given);
    let wrong_key = Trust { key: others.key, ..trusted.clone() };
    assert_eq!(verified(all(), &wrong_key).faults.last().map(|(_, fault)| *fault), Some(Fault::Stranger));
    let wrong_note = Trust { kept: others.kept, ..trusted.clone() };
    assert!(verified(all(), &wrong_note).faults.iter().any(|(_, fault)| *fault == Fault::Kept));
    // Who takes the end off, checkpoints and all, is found by what was kept elsewhere, and by nothing else.
    let checkpoints = (1..).zip(&lines).filter(|(_, line)| line.starts_with("{\"checkpoint\""));
    let cut = checkpoints.map(|(number, _)| number).nth(1).unwrap();
    assert!(verified(all().take(cut), &Trust::default()).is_sound());
    assert!(!verified(all().take(cut), &trusted).is_sound());
}

#[tokio::test]
async fn proofs_and_tiles_of_the_live_log_are_those_of_the_export() {
    on_both(async |house| {
        let scope = house.workspace().await;
        acts(house, &scope, 300).await;
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("audit");
        house.vault.export_audit(&scope, &to).await.unwrap();
        for name in tiles_of(&to) {
            let tile = Tile::parse(name.strip_prefix("tile/").unwrap()).unwrap();
            assert_eq!(
                house.vault.audit_tile(&scope, tile).await.unwrap(),
                fs::read(to.join(&name)).unwrap(),
                "{name}"
            );
        }
        let missing = Tile { level: Some(1), index: 1, width: 1 };
        assert!(matches!(house.vault.audit_tile(&scope, missing).await, Err(crate::Error::NotFound(_))));
        let newest = house.vault.audit_note(&scope).await.unwrap();
        assert_eq!(newest, fs::read_to_string(to.join("checkpoint")).unwrap());
        for seq in [1, 2, 256, 257, 301] {
            let proof = house.vault.audit_proof(&scope, seq).await.unwrap();
            assert!(proof.starts_with("c2sp.org/tlog-proof@v1\nextra ") && proof.ends_with(&newest), "{proof}");
            assert!(proof.contains(&format!("\nindex {}\n", seq - 1)));
        }
        assert!(matches!(house.vault.audit_proof(&scope, 302).await, Err(crate::Error::NotFound(_))));
        let hand = |tx: &Tx<'_>| {
            tx.run(
                crate::statement::sql!("DELETE FROM audit WHERE workspace_id = $1 AND seq = 9"),
                crate::value::params![],
            )
        };
        house.does(&scope, hand).await;
        assert!(matches!(house.vault.audit_proof(&scope, 300).await, Err(crate::Error::Seal(_))));
    })
    .await;
}

#[tokio::test]
async fn a_copy_of_custody_has_what_witnesses_signed() {
    let house = House::open();
    log(&house).await;
    let mut rows = Vec::new();
    let take = |some| {
        rows.push(some);
        Ok(())
    };
    house.vault.keys().copy_custody(take).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("custody.db");
    fill_custody(&CustodyAt::File(path.clone()), &rows).unwrap();
    let filled = rusqlite::Connection::open(path).unwrap();
    let kept = "SELECT workspace_id, number, witness, line FROM audit_cosignatures";
    let row: (String, i64, String, String) =
        filled.query_row(kept, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    assert_eq!((row.1, row.2), (3, witness().1.to_string()));
    assert!(row.0.starts_with("wsp_") && row.3.contains("witness.example"));
    let database = TestDatabase::create();
    fill_custody(&CustodyAt::Postgres(database.url.clone()), &rows).unwrap();
}
