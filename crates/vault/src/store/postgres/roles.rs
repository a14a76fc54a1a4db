//! The role every transaction takes on, and row-level security for it.
//!
//! The program connects as the tables' owner, and each transaction becomes `parloir_app`, which owns nothing: it cannot
//! change tables or policies, and of every table it sees the rows of the workspace set for the transaction. A transaction
//! without a workspace sees none of a workspace's own tables, and all of the installation's: those are read before a
//! workspace is known (a token, a hook, a due job). What belongs to no workspace at all is seen by none.

use postgres::{Client, Row};

use super::link::words;
use super::schema::LOCK;
use crate::map::INSTALLATION;
use crate::store::frozen;
use crate::{Error, Result};

/// The role.
pub(super) const ROLE: &str = "parloir_app";

/// How a table's rows are guarded: the policy's name, and which rows it lets through.
struct Guard {
    name: &'static str,
    rows: String,
}

impl Guard {
    fn of(table: &str, of_workspaces: bool) -> Self {
        const SET: &str = "current_setting('parloir.workspace', true)";
        if !of_workspaces {
            return Self { name: "house", rows: format!("{SET} = ''") };
        }
        let owner = if table == "workspaces" { "id" } else { "workspace_id" };
        if INSTALLATION.contains(&table) {
            Self { name: "installation", rows: format!("{SET} = '' OR {owner} = {SET}") }
        } else {
            Self { name: "workspace", rows: format!("{owner} = {SET}") }
        }
    }
}

fn engine(error: &postgres::Error) -> Error {
    Error::Engine(words(error))
}

/// Makes sure that the role exists, has no special power, and can be taken on.
pub(super) fn ensure(client: &mut Client) -> Result<()> {
    let role = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = $1";
    if client.query_opt(role, &[&ROLE]).map_err(|error| engine(&error))?.is_none() {
        // Another program may make it at this moment; then it exists, which is all that is wanted.
        let _ = client.batch_execute(&format!("CREATE ROLE {ROLE} NOLOGIN NOINHERIT"));
    }
    let Some(row) = client.query_opt(role, &[&ROLE]).map_err(|error| engine(&error))? else { return Err(missing()) };
    if row.try_get(0).map_err(|error| engine(&error))? {
        return Err(Error::Engine(format!(
            "the role {ROLE} may ignore row-level security: ALTER ROLE {ROLE} NOSUPERUSER NOBYPASSRLS"
        )));
    }
    if client.batch_execute(&take_on()).is_ok() {
        return Ok(());
    }
    let _ = client.batch_execute("ROLLBACK");
    let _ = client.batch_execute(&format!("GRANT {ROLE} TO CURRENT_USER"));
    client.batch_execute(&take_on()).map_err(|_| {
        let _ = client.batch_execute("ROLLBACK");
        missing()
    })
}

fn take_on() -> String {
    format!("BEGIN; SET LOCAL ROLE {ROLE}; ROLLBACK")
}

fn missing() -> Error {
    Error::Engine(format!(
        "the database user may not take on the role {ROLE}: run once, as a superuser: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO \"the user in the URL\";"
    ))
}

/// A table as it stands.
const TABLES: &str = "
    SELECT c.relname::text,
           EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped),
           c.relrowsecurity AND c.relforcerowsecurity,
           COALESCE((SELECT string_agg(p.polname, ',') FROM pg_policy p WHERE p.polrelid = c.oid), ''),
           has_table_privilege('parloir_app', c.oid, 'DELETE'),
           has_table_privilege('parloir_app', c.oid, 'UPDATE')
    FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'schema_migrations'
    ORDER BY 1";

/// Grants the role its rights and puts every table under row-level security, where that is not so yet.
pub(super) fn protect(client: &mut Client) -> Result<()> {
    let mut step = client.transaction().map_err(|error| engine(&error))?;
    step.batch_execute(LOCK).map_err(|error| engine(&error))?;
    let mut change = Vec::new();
    for row in step.query(TABLES, &[]).map_err(|error| engine(&error))? {
        change.extend(changes(&row).map_err(|error| engine(&error))?);
    }
    if !change.is_empty() {
        let schema: String =
            step.query_one("SELECT quote_ident(current_schema())", &[]).map_err(|error| engine(&error))?.get(0);
        step.batch_execute(&format!("GRANT USAGE ON SCHEMA {schema} TO {ROLE}")).map_err(|error| engine(&error))?;
        step.batch_execute(&change.join(";")).map_err(|error| engine(&error))?;
    }
    step.commit().map_err(|error| engine(&error))
}

/// Every table, and whether its rows are guarded for everybody, its owner too, by the policy that it was given.
pub(in crate::store) fn protection(url: &str) -> Result<Vec<(String, bool)>> {
    let mut client = super::upkeep::connect(url)?;
    let bypass = "SELECT COALESCE(bool_or(rolsuper OR rolbypassrls), true) FROM pg_roles WHERE rolname = $1";
    let bypassed: bool =
        client.query_one(bypass, &[&ROLE]).and_then(|row| row.try_get(0)).map_err(|error| engine(&error))?;
    let rows = client.query(TABLES, &[]).map_err(|error| engine(&error))?;
    let guarded = |row: &Row| -> Result<(String, bool), postgres::Error> {
        let table: String = row.try_get(0)?;
        let of_workspaces = row.try_get::<_, bool>(1)? || table == "workspaces";
        let (enforced, policies): (bool, String) = (row.try_get(2)?, row.try_get(3)?);
        let as_made = policies == Guard::of(&table, of_workspaces).name;
        Ok((table, enforced && as_made && !bypassed))
    };
    rows.iter().map(guarded).collect::<Result<_, _>>().map_err(|error| engine(&error))
}

fn changes(row: &Row) -> Result<Vec<String>, postgres::Error> {
    let table: String = row.try_get(0)?;
    let of_workspaces = row.try_get::<_, bool>(1)? || table == "workspaces";
    let (enforced, policies, granted): (bool, String, bool) = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
    let mut changes = Vec::new();
    if !granted {
        changes.push(format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}"));
    }
    // The right to all columns is taken away once; that to some does not count as it.
    if let Some(frozen) = frozen::of(&table).filter(|_| !granted || row.get(5)) {
        changes.push(frozen.rights(ROLE));
    }
    let Guard { name, rows } = Guard::of(&table, of_workspaces);
    if !(enforced && policies == name) {
        changes.push(format!(
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
             DROP POLICY IF EXISTS workspace ON {table}; DROP POLICY IF EXISTS installation ON {table};
             DROP POLICY IF EXISTS house ON {table};
             CREATE POLICY {name} ON {table} USING ({rows}) WITH CHECK ({rows})"
        ));
    }
    Ok(changes)
}
