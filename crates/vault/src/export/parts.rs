//! The parts of an export: a table each, with the statements that read its rows in the order of their keys, made from the map.

use std::sync::LazyLock;

use super::left_out;
use crate::map::{MAP, Path, Table};
use crate::statement::{Reach, Statement};

/// All ids of a contact and of those that were merged into it. `$2` is the contact that stays.
const FAMILY: &str = "SELECT f.id FROM contacts f WHERE f.workspace_id = $1 AND (f.id = $2 OR f.merged_into = $2)";

/// A part of an export: the rows of a table.
pub struct Part {
    table: &'static Table,
    /// The columns by which its rows are in order.
    order: &'static [&'static str],
    of_contact: Option<Pages>,
    of_workspace: Option<Pages>,
}

/// The first page, and each that follows.
struct Pages {
    first: Statement,
    next: Statement,
}

static PARTS: LazyLock<Vec<Part>> = LazyLock::new(|| MAP.iter().filter_map(Part::of).collect());

/// The parts of a contact's export, or of a workspace's.
pub fn parts(of_contact: bool) -> impl Iterator<Item = &'static Part> {
    PARTS.iter().filter(move |part| part.statement(of_contact, false).is_some())
}

/// All statements of exports, for the tests that prepare every one.
#[cfg(test)]
pub(crate) fn statements() -> impl Iterator<Item = &'static Statement> {
    let pages = PARTS.iter().flat_map(|part| part.of_contact.iter().chain(&part.of_workspace));
    pages.flat_map(|pages| [&pages.first, &pages.next])
}

impl Part {
    fn of(table: &'static Table) -> Option<Self> {
        let order = order(table);
        let whose = whose(table, "t", 0).filter(|_| !left_out::is_table(table.name, true));
        let of_contact = whose.map(|whose| Pages::of(table, order, Some(&whose)));
        let of_workspace = (!left_out::is_table(table.name, false)).then(|| Pages::of(table, order, None));
        (of_contact.is_some() || of_workspace.is_some()).then_some(Self { table, order, of_contact, of_workspace })
    }

    /// The name of what it is: `messages`, `identities`, …
    pub fn name(&self) -> &'static str {
        self.table.name
    }

    pub(super) fn table(&self) -> &'static Table {
        self.table
    }

    pub(super) fn order(&self) -> &'static [&'static str] {
        self.order
    }

    pub(super) fn statement(&'static self, of_contact: bool, follows: bool) -> Option<&'static Statement> {
        let pages = if of_contact { &self.of_contact } else { &self.of_workspace };
        pages.as_ref().map(|pages| if follows { &pages.next } else { &pages.first })
    }
}

impl Pages {
    /// Keys are found first and rows by them: what is put in order is small, however long the rows are.
    fn of(table: &Table, order: &[&str], whose: Option<&str>) -> Self {
        let (owner, name) = (if table.name == "workspaces" { "id" } else { "workspace_id" }, table.name);
        let limit = if whose.is_some() { 3 } else { 2 };
        let key = |alias: &str| order.iter().map(|column| format!("{alias}.{column}")).collect::<Vec<_>>().join(", ");
        let after: Vec<String> = (0..order.len()).map(|at| format!("${}", limit + 1 + at)).collect();
        let whose = whose.map(|whose| format!(" AND {whose}")).unwrap_or_default();
        let text = |after: &str| {
            format!(
                "SELECT r.* FROM {name} r WHERE r.{owner} = $1 AND ({}) IN (SELECT {} FROM {name} t WHERE t.{owner} = $1{whose}{after} \
                 ORDER BY {} LIMIT ${limit}) ORDER BY {}",
                key("r"),
                key("t"),
                key("t"),
                key("r"),
            )
        };
        let first = text("");
        let next = text(&format!(" AND ({}) > ({})", key("t"), after.join(", ")));
        Self { first: made(first), next: made(next) }
    }
}

/// The audit log is read along the index over what it is about: its cost follows the contact's size.
fn order(table: &'static Table) -> &'static [&'static str] {
    if table.name == "audit" { &["subject", "seq"] } else { table.key }
}

/// When a row of a table is the contact's, for the table under an alias; `None` if no row of it is.
fn whose(table: &Table, alias: &str, depth: usize) -> Option<String> {
    let through = |column: &str, other: &str| {
        let other = MAP.iter().find(|table| table.name == other).filter(|_| depth < 3)?;
        let inner = format!("o{depth}");
        let theirs = whose(other, &inner, depth + 1)?;
        let name = other.name;
        Some(format!(
            "{alias}.{column} IN (SELECT {inner}.id FROM {name} {inner} WHERE {inner}.workspace_id = $1 AND {theirs})"
        ))
    };
    match table.contact {
        Path::Own => Some(format!("{alias}.id IN ({FAMILY})")),
        // Of two that were one, each is told of it.
        Path::Column(column) if table.name == "merges" => {
            Some(format!("({alias}.{column} IN ({FAMILY}) OR {alias}.merged_id IN ({FAMILY}))"))
        }
        Path::Column(column) => Some(format!("{alias}.{column} IN ({FAMILY})")),
        Path::Through(column, other) => through(column, other),
        Path::Subject(column) => Some(format!("{alias}.{column} IN ({})", subjects())),
        Path::Hash(_) => None,
        Path::None => table.with.iter().find_map(|(column, other)| through(column, other)),
    }
}

/// The ids of all that hangs on a contact.
fn subjects() -> String {
    let theirs = MAP.iter().filter_map(|table| match table.contact {
        Path::Column(column) if table.key == ["id"] && !left_out::is_table(table.name, true) => {
            let name = table.name;
            Some(format!(" UNION ALL SELECT s.id FROM {name} s WHERE s.workspace_id = $1 AND s.{column} IN ({FAMILY})"))
        }
        _ => None,
    });
    format!("{FAMILY}{}", theirs.collect::<String>())
}

/// A statement made from the map. It lives as long as the program, as the map does.
fn made(text: String) -> Statement {
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
}
