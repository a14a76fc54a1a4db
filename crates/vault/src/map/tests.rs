//! The map against the real schema.

use std::collections::BTreeSet;

use super::*;
use crate::store::{Database, Store, StoreConfig};

/// A column of the real schema: name, type, and its place in the primary key from 1 (0: not in it).
struct Column {
    name: String,
    kind: String,
    key: i64,
}

fn schema() -> Vec<(String, Vec<Column>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let store = Store::open(&StoreConfig { database: Database::File(path.clone()), inline: true }, 0).unwrap();
    drop(store);
    let connection = rusqlite::Connection::open(path).unwrap();
    let names: Vec<String> = list(
        &connection,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations'",
        |row| row.get(0).unwrap(),
    );
    let columns = |table: &String| {
        list(&connection, &format!("SELECT name, type, pk FROM pragma_table_info('{table}')"), |row| Column {
            name: row.get(0).unwrap(),
            kind: row.get(1).unwrap(),
            key: row.get(2).unwrap(),
        })
    };
    names.iter().map(|name| (name.clone(), columns(name))).collect()
}

fn list<T>(connection: &rusqlite::Connection, text: &str, read: impl Fn(&rusqlite::Row<'_>) -> T) -> Vec<T> {
    let mut statement = connection.prepare(text).unwrap();
    statement.query_map([], |row| Ok(read(row))).unwrap().map(Result::unwrap).collect()
}

fn declared(table: &Table) -> BTreeSet<&'static str> {
    let sealed = table.sealed.iter().map(|(column, _)| *column);
    sealed.chain(table.hashes.iter().copied()).chain(table.words.iter().copied()).collect()
}

#[test]
fn every_table_is_known_and_every_known_table_exists() {
    let real: BTreeSet<String> = schema().into_iter().map(|(name, _)| name).collect();
    let known: BTreeSet<String> = MAP.iter().map(|table| table.name.to_owned()).collect();
    assert_eq!(real, known, "left: the schema; right: map/tables.rs");
    assert_eq!(MAP.len(), known.len(), "a table is in the map twice");
    let installation: Vec<_> =
        MAP.iter().filter(|table| table.reach == Reach::Installation).map(|table| table.name).collect();
    assert_eq!(installation, INSTALLATION);
}

#[test]
fn every_byte_column_is_sealed_or_a_hash() {
    for (name, columns) in schema() {
        let known = table(&name).unwrap();
        for Column { name: column, kind, .. } in columns {
            let sealed = known.sealed.iter().any(|(sealed, _)| *sealed == column);
            let hash = known.hashes.contains(&column.as_str());
            assert_eq!(kind == "BLOB", sealed || hash, "{name}.{column}");
            assert_eq!(column.ends_with("_sealed"), sealed, "{name}.{column}: the name says whether it is sealed");
            let named_hash = column.ends_with("_hash") && kind == "BLOB";
            assert!(!named_hash || hash, "{name}.{column} is a hash that is not declared");
        }
    }
}

#[test]
fn every_text_column_is_an_id_or_a_declared_word() {
    for (name, columns) in schema() {
        let known = table(&name).unwrap();
        for Column { name: column, kind, .. } in columns {
            let id = column == "id" || column.ends_with("_id") || column == "reply_to";
            let allowed = id || known.words.contains(&column.as_str());
            assert!(kind != "TEXT" || allowed, "{name}.{column}: text about people belongs into a sealed column");
        }
    }
}

#[test]
fn every_declared_column_exists() {
    for (name, columns) in schema() {
        let known = table(&name).unwrap();
        let real: BTreeSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let path = match known.contact {
            Path::Column(column) | Path::Through(column, _) | Path::Hash(column) | Path::Subject(column) => {
                Some(column)
            }
            Path::None | Path::Own => None,
        };
        for column in declared(known).into_iter().chain(known.anchor).chain(path) {
            assert!(real.contains(column), "{name}.{column} is in the map and not in the schema");
        }
    }
}

#[test]
fn the_audit_log_forgets_whatever_hangs_on_a_contact_and_has_an_id() {
    for (name, columns) in schema() {
        let has = |wanted: &str| columns.iter().any(|column| column.name == wanted);
        // Records of what a person asked for stay named: they tell why names are missing.
        let forgotten = crate::audit::FORGOTTEN_TABLES.contains(&name.as_str());
        let forgotten = forgotten || ["erasures", "requests"].contains(&name.as_str());
        assert!(!has("id") || !has("contact_id") || forgotten, "{name}: teach vault/src/audit/forget.rs");
    }
}

#[test]
fn every_workspace_table_has_its_workspace_first() {
    for (name, columns) in schema() {
        let known = table(&name).unwrap();
        let first = columns.first().unwrap();
        if known.reach == Reach::Workspace {
            assert_eq!((first.name.as_str(), first.key), ("workspace_id", 1), "{name}");
        }
    }
}

#[test]
fn what_names_a_contact_has_a_way_to_it_and_a_fate() {
    for (name, columns) in schema() {
        let known = table(&name).unwrap();
        let named = columns.iter().any(|column| column.name == "contact_id");
        assert!(!named || known.contact == Path::Column("contact_id"), "{name}");
        let untouched = matches!(known.fate, Fate::Untouched);
        assert_eq!(known.contact == Path::None, untouched, "{name}: a contact's row needs a fate");
        if let Path::Through(_, other) = known.contact {
            let (own, others) = (position(known.name), position(other));
            assert!(own < others, "{name} is removed before {other}, through which it is found");
        }
        let removed = matches!(known.fate, Fate::AtOnce(_) | Fate::Batches(_));
        let content = known.sealed.iter().any(|(_, seal)| matches!(seal, Seal::Channel | Seal::ChannelOrWorkspace));
        assert!(!content || removed, "{name} holds a contact's content and is not removed");
    }
}

fn position(name: &str) -> usize {
    MAP.iter().position(|table| table.name == name).unwrap()
}

#[test]
fn every_removal_is_of_its_own_table_and_contact() {
    for table in MAP {
        if let Fate::AtOnce(statement) | Fate::Batches(statement) = &table.fate {
            let start = format!("DELETE FROM {} WHERE workspace_id = $1 AND ", table.name);
            assert!(statement.text.starts_with(&start) && statement.text.contains("$2"), "{}", table.name);
            let bounded = statement.text.contains("LIMIT 500");
            assert_eq!(bounded, matches!(table.fate, Fate::Batches(_)), "{}", table.name);
        }
    }
}

#[test]
fn every_personal_table_has_a_term() {
    for table in MAP {
        let endless = table.category == Category::Suppressions;
        assert_eq!(table.days().is_none(), endless, "{}", table.name);
        assert!(table.days <= table.category.days(), "{}: its own term only shortens", table.name);
        assert!(table.category == Category::Passing || table.category.promise().starts_with("R-"), "{}", table.name);
    }
}

#[test]
fn a_sealed_tables_declared_key_is_its_real_one_and_names_its_rows() {
    for (name, columns) in schema() {
        let known = table(&name).unwrap();
        if known.sealed.is_empty() {
            continue;
        }
        let mut real: Vec<_> = columns.iter().filter(|column| column.key > 0).collect();
        real.sort_by_key(|column| column.key);
        let real: Vec<_> =
            real.iter().map(|column| column.name.as_str()).filter(|name| *name != "workspace_id").collect();
        assert_eq!(known.key, real, "{name}");
        assert!(known.named.iter().all(|column| known.key.contains(column)), "{name}");
    }
}

#[test]
fn every_table_ends_by_a_clock_of_its_own_or_hangs_on_what_does() {
    for table in MAP {
        let name = table.name;
        match table.ends {
            Ends::Term | Ends::TermIf(_) => {
                assert!(table.anchor.is_some(), "{name} has a term and no anchor, and hangs on nothing that has");
                assert!(table.days().is_some(), "{name} has an anchor and no term");
            }
            Ends::Own(_) => assert!(table.anchor.is_some() && table.days().is_some(), "{name}"),
            Ends::With => {
                let of_contact = matches!(table.contact, Path::Column(_) | Path::Through(..));
                assert!(!table.with.is_empty() || of_contact, "{name} goes with nothing");
            }
            Ends::Contract => {
                assert!(matches!(table.category, Category::Account | Category::Settings), "{name}");
                assert!(table.contact == Path::None, "{name} is about contacts and would stay as long as the contract");
            }
            Ends::Work => {
                let passes =
                    matches!(table.category, Category::Passing | Category::Credentials | Category::Suppressions);
                assert!(passes, "{name} is no work that passes");
            }
        }
    }
}

#[test]
fn what_a_sweep_removes_is_found_by_real_columns() {
    let schema: std::collections::BTreeMap<String, Vec<Column>> = schema().into_iter().collect();
    for table in MAP {
        let columns = &schema[table.name];
        let has = |wanted: &str| columns.iter().any(|column| column.name == wanted);
        for (column, other) in table.with {
            assert!(has(column), "{}.{column}", table.name);
            let known = super::table(other).unwrap_or_else(|| panic!("{}: there is no table {other}", table.name));
            assert_eq!(known.key, ["id"], "{}: {other} is named by its id", table.name);
        }
        assert!(table.conversation.is_none_or(has), "{}", table.name);
        if !matches!(table.ends, Ends::Term | Ends::TermIf(_)) {
            continue;
        }
        let mut real: Vec<_> = columns.iter().filter(|column| column.key > 0).collect();
        real.sort_by_key(|column| column.key);
        let real: Vec<_> = real.iter().map(|column| column.name.as_str()).filter(|it| *it != "workspace_id").collect();
        assert_eq!(table.key, real, "{}", table.name);
        let talks = has("conversation_id");
        assert!(!talks || table.conversation.is_some(), "{}: a legal hold must find its conversation", table.name);
    }
}
