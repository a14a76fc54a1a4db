//! Exports against an independent look at every row of the database, on both engines.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::map::{MAP, Seal};
use crate::rotation::tests::furnished::{self, Furnished};
use crate::statement::{Reach, Statement, sql};
use crate::testing::house::{House, code, on_both};
use crate::value::params;
use crate::{ConversationId, MemberId, Scope, holds, identities, limitations, merges};

/// Every row of a workspace's table as it is stored, named by its own columns.
type Stored = Vec<BTreeMap<String, Plain>>;

fn stored(tx: &Tx<'_>, table: &Table) -> Result<Stored> {
    let owner = if table.name == "workspaces" { "id" } else { "workspace_id" };
    let text = format!("SELECT * FROM {} WHERE {owner} = $1", table.name);
    let statement =
        Box::leak(Box::new(Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())));
    tx.all(statement, params![], |row| Ok(cells(row)?.into_iter().collect()))
}

/// What an export has, part by part.
fn exported(tx: &Tx<'_>, whose: Whose) -> Result<BTreeMap<&'static str, Vec<BTreeMap<String, Value>>>> {
    let mut all = BTreeMap::new();
    for part in parts(whose != Whose::Workspace) {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = part.page(tx, whose, after.as_ref())?;
            rows.extend(page.rows.into_iter().map(BTreeMap::from_iter));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        all.insert(part.name(), rows);
    }
    Ok(all)
}

/// A workspace with something in every table that leads to a contact, two of whom are one.
async fn furnish(house: &House) -> (Scope, Furnished) {
    let scope = house.workspace().await;
    let furnished = furnished::furnish(&house.vault, &scope).await;
    let [one, other, _] = furnished.people;
    let channel = furnished.channel;
    house
        .does(&scope, move |tx| {
            merges::merge(tx, one.contact, other.contact)?;
            let phone = identities::NewIdentity {
                kind: "phone".into(),
                scope: String::new(),
                value: "phone-2".to_owned().into(),
            };
            identities::share(tx, one.contact, &phone)?;
            limitations::restrict(tx, one.contact, None)?;
            let on = holds::Subject::Contact(other.contact);
            holds::set(tx, &holds::NewHold { on, reason: "Case 9".to_owned().into(), ends_at: None })?;
            audit::record(tx, "message.read", &other.message.to_string())?;
            rest(tx, one.contact, one.conversation, channel, &one.message.to_string())
        })
        .await;
    (scope, furnished)
}

/// What no function of a noun writes alone.
fn rest(
    tx: &Tx<'_>,
    contact: ContactId,
    conversation: ConversationId,
    channel: crate::ChannelId,
    message: &str,
) -> Result<()> {
    let member: MemberId = tx.id();
    tx.run(
        sql!(
            "INSERT INTO mentions (workspace_id, message_id, member_id, conversation_id, contact_id, created_at) \
             VALUES ($1, $2, $3, $4, $5, 7)"
        ),
        params![message, member, conversation, contact],
    )?;
    tx.run(
        sql!("INSERT INTO answering (workspace_id, conversation_id, contact_id, elsewhere, at) VALUES ($1, $2, $3, TRUE, 7)"),
        params![conversation, contact],
    )?;
    tx.run(
        sql!("INSERT INTO initiations (workspace_id, channel_id, contact_id, at) VALUES ($1, $2, $3, 7)"),
        params![channel, contact],
    )?;
    tx.run(
        sql!(
            "INSERT INTO deletion_requests (workspace_id, id, channel_id, code_hash, contact_id, requested_at) \
             VALUES ($1, 'del_1', $2, $3, $4, 7)"
        ),
        params![channel, vec![1_u8], contact],
    )?;
    tx.run(
        sql!(
            "INSERT INTO erasures (workspace_id, id, contact_id, state, counts, remote, requested_at) \
             VALUES ($1, 'era_1', $2, 'held', '{}', '[]', 7)"
        ),
        params![contact],
    )?;
    Ok(())
}

/// All rows that hang on a family, found without the map's paths: by ids in any column, from row to row, and by the hashes of its
/// identities. What is left out whole leads no further.
fn linked(tables: &BTreeMap<&'static str, Stored>, family: &[ContactId]) -> BTreeSet<(&'static str, usize)> {
    let mut ids: BTreeSet<String> = family.iter().map(ToString::to_string).collect();
    let mut hashes: Vec<Vec<u8>> = Vec::new();
    let mut found = BTreeSet::new();
    loop {
        let before = found.len();
        for (name, rows) in tables {
            for (number, row) in rows.iter().enumerate() {
                let hit = row.values().any(|cell| match cell {
                    Plain::Text(text) => ids.contains(text),
                    Plain::Bytes(bytes) => hashes.contains(bytes),
                    _ => false,
                });
                if !hit || !found.insert((*name, number)) || left_out::is_table(name, true) {
                    continue;
                }
                ids.extend(row.get("id").and_then(|id| match id {
                    Plain::Text(id) => Some(id.clone()),
                    _ => None,
                }));
                let hash = row.get("value_hash").filter(|_| *name == "identities");
                hashes.extend(
                    hash.and_then(|hash| if let Plain::Bytes(hash) = hash { Some(hash.clone()) } else { None }),
                );
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Whether an exported row is this stored one: the same in every plain column, and something in every sealed one.
fn is_same(table: &Table, row: &BTreeMap<String, Plain>, seen: &BTreeMap<String, Value>, of_contact: bool) -> bool {
    row.iter().all(|(column, cell)| {
        let hidden = column == "workspace_id"
            || table.hashes.contains(&column.as_str())
            || left_out::is_column(table.name, column, of_contact);
        let value = seen.get(column.strip_suffix("_sealed").unwrap_or(column));
        match (cell, value) {
            (Plain::Null, None) => true,
            _ if hidden => value.is_none(),
            (Plain::Text(text), Some(Value::Text(seen))) => text == seen.reveal(),
            (Plain::Int(number), Some(Value::Whole(seen) | Value::Moment(seen))) => number == seen,
            (Plain::Int(number), Some(Value::Truth(seen))) => (*number != 0) == *seen,
            (Plain::Bool(truth), Some(Value::Truth(seen))) => truth == seen,
            (Plain::Bytes(_), Some(Value::Text(_) | Value::Parts(_))) => column.ends_with("_sealed"),
            _ => false,
        }
    })
}

#[tokio::test]
async fn every_row_that_hangs_on_a_contact_is_exported_or_left_out_with_a_reason() {
    on_both(async |house| {
        let (scope, furnished) = furnish(house).await;
        let [one, other, _] = furnished.people;
        let family = [one.contact, other.contact];
        house
            .sees(&scope, move |tx| {
                let tables: BTreeMap<_, _> = MAP
                    .iter()
                    .filter(|table| table.name != "backups" && table.name != "site_directory")
                    .map(|table| Ok((table.name, stored(tx, table)?)))
                    .collect::<Result<_>>()?;
                let linked = linked(&tables, &family);
                let seen = exported(tx, Whose::Contact(one.contact))?;
                for (name, rows) in &tables {
                    let table = MAP.iter().find(|table| table.name == *name).unwrap();
                    let theirs: Vec<_> =
                        linked.iter().filter(|(of, _)| of == name).map(|(_, number)| &rows[*number]).collect();
                    let leads = seen.contains_key(name);
                    assert!(!leads || !theirs.is_empty(), "{name}: furnish it");
                    if left_out::is_table(name, true) {
                        assert!(!seen.contains_key(name));
                        continue;
                    }
                    let found = seen.get(name).map_or(&[][..], Vec::as_slice);
                    assert_eq!(theirs.len(), found.len(), "{name}: as many rows as hang on the contact");
                    for row in theirs {
                        assert!(
                            found.iter().any(|seen| is_same(table, row, seen, true)),
                            "{name}: a row is not as it is stored"
                        );
                    }
                }
                Ok(())
            })
            .await;
    })
    .await;
}

#[tokio::test]
async fn every_row_of_a_workspace_is_exported_or_left_out_with_a_reason() {
    on_both(async |house| {
        let (scope, _) = furnish(house).await;
        house
            .sees(&scope, |tx| {
                let seen = exported(tx, Whose::Workspace)?;
                for table in MAP.iter().filter(|table| !left_out::is_table(table.name, false)) {
                    let (rows, found) = (stored(tx, table)?, &seen[table.name]);
                    assert_eq!(rows.len(), found.len(), "{}", table.name);
                    let erased = |row: &BTreeMap<String, Plain>| {
                        table
                            .sealed
                            .iter()
                            .any(|(column, seal)| *seal != Seal::Workspace && row.get(*column) != Some(&Plain::Null))
                    };
                    for row in rows {
                        let same = found.iter().any(|seen| is_same(table, &row, seen, false));
                        assert!(same || erased(&row), "{}: a row is not as it is stored", table.name);
                    }
                }
                let text =
                    format!("{:?}", seen["channels"].iter().map(|row| reveal(&row["settings"])).collect::<Vec<_>>());
                assert!(text.contains("north") && !text.contains("ring"), "settings without secrets: {text}");
                Ok(())
            })
            .await;
    })
    .await;
}

fn reveal(value: &Value) -> String {
    match value {
        Value::Text(text) => text.reveal().clone(),
        Value::Parts(parts) => parts.reveal().to_string(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn an_export_has_what_was_said_and_nothing_of_others() {
    on_both(async |house| {
        let (scope, furnished) = furnish(house).await;
        let [one, other, third] = furnished.people;
        let whose = house.does(&scope, move |tx| begin(tx, Some(other.contact))).await;
        assert_eq!(whose, Whose::Contact(one.contact), "who is one with another is exported with them");
        let seen = house.sees(&scope, move |tx| exported(tx, whose)).await;
        let all: String = seen.values().flatten().flat_map(BTreeMap::values).map(reveal).collect::<Vec<_>>().join("\n");
        for said in [
            "name-0",
            "name-1",
            "text-0",
            "text-1",
            "phone-0",
            "file-1",
            "draft-0",
            "later-1",
            "remark-0",
            "evidence-1",
        ] {
            assert!(all.contains(said), "{said}");
        }
        for hidden in ["name-2", "text-2", "phone-2", "locator-0", "Case 9", &third.contact.to_string()] {
            assert!(!all.contains(hidden), "{hidden}");
        }
        let told = sql!("SELECT 1 FROM audit WHERE workspace_id = $1 AND act = 'contact.exported' AND subject = $2");
        let told = house.sees(&scope, move |tx| tx.all(told, params![one.contact], |_| Ok(()))).await;
        assert_eq!(told.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_erased_is_not_exported_any_more() {
    let house = House::open();
    let (scope, furnished) = furnish(&house).await;
    let third = furnished.people[2].contact;
    let whose = house.does(&scope, move |tx| begin(tx, Some(third))).await;
    house.does(&scope, move |tx| crate::erase::begin(tx, third)).await;
    let messages = parts(true).find(|part| part.name() == "messages").unwrap();
    let next = house.vault.read(&scope, move |tx| messages.page(tx, whose, None)).await;
    assert_eq!(code(next), "not_found");
    let again = house.vault.write(&scope, move |tx| begin(tx, Some(third))).await;
    assert_eq!(code(again), "not_found");
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "pigeon").await;
        let (contact, conversation) = house.contact(&scope, channel, "Ada").await;
        for _ in 0..3 {
            house
                .does(&scope, move |tx| {
                    (0..400).try_for_each(|_| {
                        crate::testing::house::say(tx, conversation, crate::messages::Direction::Incoming, "hello")
                            .map(|_| ())
                    })
                })
                .await;
        }
        let seen = house.sees(&scope, move |tx| exported(tx, Whose::Contact(contact))).await;
        let ids: BTreeSet<_> = seen["messages"].iter().map(|row| reveal(&row["id"])).collect();
        assert_eq!((seen["messages"].len(), ids.len()), (1200, 1200));
    })
    .await;
}

#[test]
fn every_truth_value_is_known() {
    let mut truths = BTreeSet::new();
    for migration in crate::store::MIGRATIONS {
        let words: Vec<&str> = migration.text.split_ascii_whitespace().collect();
        truths.extend(
            words.windows(2).filter(|pair| pair[1].trim_end_matches([',', ';']) == "BOOLEAN").map(|pair| pair[0]),
        );
    }
    truths.retain(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    assert_eq!(truths.into_iter().collect::<Vec<_>>(), TRUTHS, "left: the schema");
}

#[test]
fn every_exported_table_is_in_the_order_of_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let config = crate::StoreConfig { database: crate::Database::File(path.clone()), inline: true };
    drop(crate::store::Store::open(&config, 0).unwrap());
    let connection = rusqlite::Connection::open(path).unwrap();
    for part in parts(true).chain(parts(false)).filter(|part| part.name() != "audit") {
        let text = format!("SELECT name FROM pragma_table_info('{}') WHERE pk > 0 ORDER BY pk", part.name());
        let mut statement = connection.prepare(&text).unwrap();
        let key = statement.query_map([], |row| row.get(0)).unwrap().map(std::result::Result::unwrap);
        let key: Vec<String> = key.filter(|column| column != "workspace_id").collect();
        assert_eq!(key, part.order(), "{}", part.name());
    }
}

#[test]
fn what_is_left_out_exists() {
    for one in left_out(true) {
        let table = crate::map::table(one.table).unwrap_or_else(|| panic!("there is no table {}", one.table));
        let column = one.column.and_then(|column| column.split('.').next());
        let known = |column: &str| column == "actor_id" || table.sealed.iter().any(|(sealed, _)| *sealed == column);
        assert!(column.is_none_or(known) && one.why.len() > 10, "{}", one.table);
    }
}
