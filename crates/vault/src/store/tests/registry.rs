//! Every registered statement, on both engines after all migrations, and the rules of the house dialect.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::map::INSTALLATION;
use crate::statement::{Reach, Statement};

type Schema = BTreeMap<String, BTreeMap<String, &'static str>>;

fn sqlite() -> (tempfile::TempDir, rusqlite::Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let config = StoreConfig { database: Database::File(path.clone()), inline: true };
    drop(Store::open(&config, 0).unwrap());
    (folder, rusqlite::Connection::open(path).unwrap())
}

fn postgres() -> TestDatabase {
    let database = TestDatabase::create();
    let config = StoreConfig { database: Database::Postgres(database.url.clone()), inline: false };
    drop(Store::open(&config, 0).unwrap());
    database
}

fn complain(what: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{what}:\n{}", faults.join("\n"));
}

fn place(statement: &Statement) -> String {
    format!("{}:{}", statement.file, statement.line)
}

#[test]
fn every_statement_prepares_on_sqlite() {
    let (_folder, connection) = sqlite();
    let faults: Vec<String> = Statement::all()
        .filter_map(|statement| Some(format!("{} {}", place(statement), connection.prepare(statement.sqlite()).err()?)))
        .collect();
    complain("refused by SQLite", &faults);
}

#[test]
fn every_statement_prepares_on_postgres() {
    let database = postgres();
    let mut client = database.connect();
    client.batch_execute("SET ROLE parloir_app").unwrap();
    let faults: Vec<String> = Statement::all()
        .filter_map(|statement| {
            let error = client.prepare(statement.postgres()).err()?;
            let words = error.as_db_error().map_or_else(|| error.to_string(), |refusal| refusal.message().to_owned());
            Some(format!("{} {words}", place(statement)))
        })
        .collect();
    complain("refused by PostgreSQL", &faults);
}

#[test]
fn every_statement_keeps_the_house_dialect() {
    let mut faults = Vec::new();
    for statement in Statement::all() {
        faults.extend(dialect_faults(statement).into_iter().map(|fault| format!("{} {fault}", place(statement))));
    }
    complain("not the house dialect (ARCHITECTURE.md)", &faults);
}

fn dialect_faults(statement: &Statement) -> Vec<String> {
    let literals: String = statement.text.split('\'').skip(1).step_by(2).collect();
    let code: String = statement.text.split('\'').step_by(2).collect::<Vec<_>>().join("''");
    let words: BTreeSet<String> =
        code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_ascii_lowercase).collect();
    let mut faults = Vec::new();
    for banned in [
        "now",
        "like",
        "ilike",
        "current_timestamp",
        "array",
        "json",
        "jsonb",
        "any",
        "glob",
        "regexp",
        "interval",
        "rowid",
    ] {
        if words.contains(banned) {
            faults.push(format!("uses {banned}"));
        }
    }
    for banned in ["::", "->", "?", "@>", "||?", "#>"] {
        if code.contains(banned) {
            faults.push(format!("uses {banned}"));
        }
    }
    if literals.contains('$') || literals.contains('?') {
        faults.push("has a $ or ? in a literal".into());
    }
    match statement.reach {
        Reach::Workspace => {
            // Of the workspaces themselves the id is the workspace.
            let own = tables(&code).iter().all(|table| table == "workspaces");
            if !((own || words.contains("workspace_id")) && code.contains("$1")) {
                faults.push("does not bind workspace_id to $1".into());
            }
        }
        Reach::Installation => {
            let own: Vec<String> =
                tables(&code).into_iter().filter(|table| !INSTALLATION.contains(&table.as_str())).collect();
            if !own.is_empty() {
                faults.push(format!("reaches a workspace's table {own:?}"));
            }
        }
    }
    faults
}

/// The tables a statement names: the word after FROM, JOIN, INTO or UPDATE.
fn tables(code: &str) -> BTreeSet<String> {
    let words: Vec<&str> =
        code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    words
        .windows(2)
        .filter(|pair| matches!(pair[0], "FROM" | "JOIN" | "INTO" | "UPDATE"))
        .map(|pair| pair[1].to_owned())
        .filter(|word| !matches!(word.as_str(), "SET" | "SKIP" | "SELECT") && !is_defined(code, word))
        .collect()
}

/// Whether a name is that of a query within the statement.
fn is_defined(code: &str, name: &str) -> bool {
    code.contains(&format!("WITH RECURSIVE {name} (")) || code.contains(&format!("), {name} (id, "))
}

#[test]
fn the_rules_notice_what_they_forbid() {
    let faults = |reach, text| dialect_faults(Box::leak(Box::new(Statement::new(text, reach, "", 0)))).len();
    assert_eq!(faults(Reach::Workspace, "SELECT id FROM contacts WHERE workspace_id = $1 AND kind = 'like'"), 0);
    assert_eq!(faults(Reach::Workspace, "SELECT id FROM contacts WHERE id = $2"), 1);
    assert_eq!(faults(Reach::Workspace, "SELECT id FROM contacts WHERE workspace_id = $1 AND id LIKE 'a$'"), 2);
    assert_eq!(faults(Reach::Installation, "SELECT id FROM jobs WHERE id = $1 {skip_locked}"), 0);
    assert_eq!(faults(Reach::Installation, "SELECT j.id FROM jobs j JOIN contacts c ON c.id = j.id"), 1);
    assert_eq!(
        faults(
            Reach::Installation,
            "INSERT INTO jobs (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = excluded.id"
        ),
        0
    );
}

#[test]
fn both_schemas_are_the_same() {
    let (_folder, connection) = sqlite();
    let database = postgres();
    let (ours, theirs) = (sqlite_schema(&connection), postgres_schema(&mut database.connect()));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (table, columns) in &ours {
        assert_eq!(Some(columns), theirs.get(table), "{table}");
    }
}

#[test]
fn every_table_with_rows_of_workspaces_is_under_row_level_security() {
    let database = postgres();
    let sql = "SELECT c.relname::text, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c
               WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY 1";
    for row in database.connect().query(sql, &[]).unwrap() {
        let (table, protected): (String, bool) = (row.get(0), row.get(1));
        assert_eq!(protected, table != "schema_migrations", "{table}");
    }
}

fn sqlite_schema(connection: &rusqlite::Connection) -> Schema {
    let mut schema = Schema::new();
    let sql = "SELECT m.name, i.name, i.type FROM sqlite_schema m, pragma_table_info(m.name) i
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'";
    let mut statement = connection.prepare(sql).unwrap();
    let mut rows = statement.query(()).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (table, column, declared): (String, String, String) =
            (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
        schema.entry(table).or_default().insert(column, class(&declared));
    }
    schema
}

fn postgres_schema(client: &mut ::postgres::Client) -> Schema {
    let mut schema = Schema::new();
    let sql = "SELECT table_name::text, column_name::text, data_type::text, COALESCE(collation_name, '')::text
               FROM information_schema.columns WHERE table_schema = current_schema()";
    for row in client.query(sql, &[]).unwrap() {
        let (table, column, declared, collation): (String, String, String, String) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        assert!(declared != "text" || collation == "C", "{table}.{column} sorts by {collation}");
        schema.entry(table).or_default().insert(column, class(&declared));
    }
    schema
}

/// What a column can hold, in either engine's words.
fn class(declared: &str) -> &'static str {
    match declared.to_ascii_lowercase().as_str() {
        "text" => "text",
        "integer" | "bigint" | "boolean" => "integer",
        "real" | "double precision" => "real",
        "blob" | "bytea" => "bytes",
        _ => "unknown",
    }
}
