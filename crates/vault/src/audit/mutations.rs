//! Whatever is changed in a stored or exported log is found out: random changes of rows, of custody, and of exported bytes
//! . `PARLOIR_DEV_MUTATIONS` says how many; `make test-long` makes a hundred thousand.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use super::leaf::Stored;
use super::offline::tests::{lines, log, trust, verified};
use super::*;
use crate::statement::Statement;
use crate::testing::house::{House, code, on_both};
use crate::value::params;
use crate::{Scope, WorkspaceId};

/// How many changes of exported bytes; of rows, which take longer, a twentieth.
fn how_many() -> usize {
    std::env::var("PARLOIR_DEV_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

struct Dice(ChaCha20Rng);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.next_u64() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn changed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        match (changed.len(), self.below(4)) {
            (0, _) | (_, 0) => changed.push(self.0.next_u32().to_le_bytes()[0]),
            (length, 1) => changed.truncate(self.below(length)),
            (length, _) => changed[self.below(length)] ^= 1 << self.below(8),
        }
        changed
    }
}

/// One change of the lines: none of them leaves the log as it was.
fn mutated(dice: &mut Dice, lines: &[String]) -> Vec<String> {
    let mut changed = lines.to_vec();
    let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
    match dice.below(8) {
        0 => drop(changed.remove(one)),
        1 => changed.insert(other, lines[one].clone()),
        2 => changed.swap(one, other),
        3 => changed[one].clone_from(&lines[other]),
        4 => changed.truncate(one),
        // A digit for another, a letter for another: what still reads well.
        5 => {
            let mut bytes = lines[one].clone().into_bytes();
            let at = dice.below(bytes.len());
            bytes[at] = match bytes[at] {
                byte @ (b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y') => byte + 1,
                b'9' => b'0',
                byte => byte ^ 1,
            };
            changed[one] = String::from_utf8_lossy(&bytes).into_owned();
        }
        6 => changed[one] = lines[one].replacen("\":\"", "\":null,\"", 1),
        _ => changed[one] = String::from_utf8_lossy(&dice.changed(lines[one].as_bytes())).into_owned(),
    }
    changed
}

#[tokio::test]
async fn every_change_of_an_exported_log_is_found() {
    let house = House::open();
    let scope = log(&house).await;
    let (lines, trust) = (lines(&house, &scope).await, trust(&house, &scope).await);
    assert!(verified(lines.iter().map(String::as_str), &trust).is_sound());
    let mut dice = Dice::new(1);
    let mut made = 0;
    while made < how_many() {
        let changed = mutated(&mut dice, &lines);
        if changed.concat() == lines.concat() {
            continue;
        }
        made += 1;
        let text = changed.concat();
        let report = verified(text.split_inclusive('\n'), &trust);
        let differs = || changed.iter().zip(&lines).find(|(one, other)| one != other);
        assert!(!report.is_sound(), "change {made} was not found: {:?}", differs());
    }
}

#[tokio::test]
async fn every_change_of_a_row_is_found() {
    on_both(async |house| {
        let scope = log(house).await;
        let stored = house.sees(&scope, |tx| stored(tx, 0, 500)).await;
        let mut dice = Dice::new(2);
        for change in 0..how_many() / 40 {
            let row = stored[dice.below(stored.len())].clone();
            let (what, hurt) = hurt(&mut dice, &row);
            let (seq, changed) = (row.entry.seq, hurt.clone());
            house.does(&scope, move |tx| replace(tx, seq, changed.as_ref())).await;
            let report = house.vault.verify_audit(&scope).await.unwrap();
            assert!(!report.is_sound(), "change {change} of {what} was not found: {hurt:?} instead of {row:?}");
            let back = hurt.map_or(seq, |hurt| hurt.entry.seq);
            house.does(&scope, move |tx| replace(tx, back, Some(&row))).await;
        }
        assert!(house.vault.verify_audit(&scope).await.unwrap().is_sound(), "all was put back");
    })
    .await;
}

/// A row that is not as it was, or none, and what was done to it.
fn hurt(dice: &mut Dice, row: &Stored) -> (&'static str, Option<Stored>) {
    let mut hurt = row.clone();
    let by = i64::try_from(dice.below(1_000)).unwrap_or(0) + 1;
    let what = match dice.below(11) {
        0 => return ("the row", None),
        1 => (hurt.entry.at += by, "at").1,
        2 => (hurt.entry.seq += 10_000 + by, "seq").1,
        3 => (hurt.leaf = dice.changed(&row.leaf), "leaf").1,
        4 => (hurt.salt = other(dice, row.salt.as_ref()), "salt").1,
        5 => (hurt.subject_salt = other(dice, row.subject_salt.as_ref()), "subject_salt").1,
        6 => (hurt.subject_hash = other(dice, row.subject_hash.as_ref()), "subject_hash").1,
        7 => (spoil(dice, &mut hurt.entry.act), "act").1,
        8 => (spoil(dice, &mut hurt.entry.subject), "subject").1,
        9 => (spoil(dice, &mut hurt.entry.actor_id), "actor_id").1,
        _ => (spoil(dice, &mut hurt.entry.purpose), "purpose").1,
    };
    (what, Some(hurt))
}

fn spoil(dice: &mut Dice, word: &mut String) {
    match (word.is_empty(), dice.below(3)) {
        (false, 0) => word.clear(),
        _ => word.push(char::from(b'a' + u8::try_from(dice.below(26)).unwrap_or(0))),
    }
}

/// Bytes where there were none, none or others where there were some.
fn other(dice: &mut Dice, bytes: Option<&Vec<u8>>) -> Option<Vec<u8>> {
    match bytes {
        Some(bytes) => (dice.below(3) > 0).then(|| dice.changed(bytes)),
        None => Some(vec![7; 32]),
    }
}

/// Puts a row, or none, in the place of another.
fn replace(tx: &Tx<'_>, seq: i64, row: Option<&Stored>) -> Result<()> {
    let gone: &'static Statement = sql!("DELETE FROM audit WHERE workspace_id = $1 AND seq = $2");
    tx.run(gone, params![seq])?;
    row.map_or(Ok(()), |row| insert(tx, row))
}

#[tokio::test]
async fn every_change_of_custody_is_found() {
    let house = House::open();
    let scope = log(&house).await;
    let workspace = scope.workspace();
    let (checkpoints, keys) =
        (house.vault.audit_checkpoints(&scope, 0, 10).await.unwrap(), house.vault.audit_keys(&scope).await.unwrap());
    let cosigned = house.vault.keys().cosignatures(workspace, 0, 10).unwrap();
    let mut dice = Dice::new(3);
    for _ in 0..how_many() / 20 {
        let (hurt, back) = match dice.below(8) {
            0 => key_changes(&mut dice, workspace, &keys),
            1 => {
                let (number, witness, line) = cosigned[dice.below(cosigned.len())].clone();
                let changed = hex::encode(dice.changed(line.as_bytes()));
                let of = format!("WHERE workspace_id = '{workspace}' AND number = {number} AND witness = '{witness}'");
                let set = |value: &str| format!("UPDATE audit_cosignatures SET line = {value} {of}");
                (set(&format!("CAST(x'{changed}' AS TEXT)")), set(&format!("'{line}'")))
            }
            _ => checkpoint_changes(&mut dice, workspace, &checkpoints),
        };
        house.vault.keys().tamper_with_custody(hurt.clone().leak());
        // A cell that cannot be read at all is found, too.
        let sound = house.vault.verify_audit(&scope).await.is_ok_and(|report| report.is_sound());
        assert!(!sound, "not found: {hurt}");
        house.vault.keys().tamper_with_custody(back.leak());
    }
    assert!(house.vault.verify_audit(&scope).await.unwrap().is_sound(), "all was put back");
}

/// A change of a checkpoint's row, and how it is undone.
fn checkpoint_changes(dice: &mut Dice, workspace: WorkspaceId, all: &[Checkpoint]) -> (String, String) {
    let one = &all[dice.below(all.len())];
    let number = one.number;
    let set = |what: &str, number: i64| {
        format!("UPDATE audit_checkpoints SET {what} WHERE workspace_id = '{workspace}' AND number = {number}")
    };
    let blob = |column: &str, bytes: &[u8]| format!("{column} = x'{}'", hex::encode(bytes));
    let by = i64::try_from(dice.below(1_000)).unwrap_or(0) + 1;
    match dice.below(7) {
        0 => (set(&format!("at = at + {by}"), number), set(&format!("at = {}", one.at), number)),
        1 => (set(&format!("size = size + {by}"), number), set(&format!("size = {}", one.size), number)),
        2 => {
            let moved = number + 100 + by;
            (set(&format!("number = {moved}"), number), set(&format!("number = {number}"), moved))
        }
        3 => (set(&blob("root", &dice.changed(&one.root)), number), set(&blob("root", &one.root), number)),
        4 => (
            set(&blob("previous", &dice.changed(&one.previous)), number),
            set(&blob("previous", &one.previous), number),
        ),
        5 => (
            set(&blob("signature", &dice.changed(&one.signature)), number),
            set(&blob("signature", &one.signature), number),
        ),
        _ => (set(&blob("peaks", &dice.changed(&one.peaks)), number), set(&blob("peaks", &one.peaks), number)),
    }
}

/// The same of a key's row.
fn key_changes(dice: &mut Dice, workspace: WorkspaceId, all: &[AuditKey]) -> (String, String) {
    let one = &all[dice.below(all.len())];
    let generation = one.generation;
    let set = |what: &str, generation: i64| {
        format!("UPDATE audit_keys SET {what} WHERE workspace_id = '{workspace}' AND generation = {generation}")
    };
    let blob = |column: &str, bytes: &[u8]| format!("{column} = x'{}'", hex::encode(bytes));
    match dice.below(4) {
        0 => (
            set("first_number = first_number + 1", generation),
            set(&format!("first_number = {}", one.first), generation),
        ),
        1 => (set("generation = 77", generation), set(&format!("generation = {generation}"), 77)),
        2 => {
            let changed = dice.changed(&one.handover);
            (set(&blob("handover", &changed), generation), set(&blob("handover", &one.handover), generation))
        }
        _ => {
            let changed = dice.changed(&one.public_key);
            (set(&blob("public_key", &changed), generation), set(&blob("public_key", &one.public_key), generation))
        }
    }
}

#[tokio::test]
async fn only_who_may_read_the_log_gets_it() {
    let house = House::open();
    let operator: Scope = house.workspace().await;
    let (_, agent) = house.member(&operator, "a@example.org", crate::Role::Agent).await;
    assert_eq!(code(house.vault.audit_lines(&agent).await), "forbidden");
    assert_eq!(code(house.vault.audit_note(&agent).await), "forbidden");
    assert_eq!(code(house.vault.audit_proof(&agent, 1).await), "forbidden");
}
