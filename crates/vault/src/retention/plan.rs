//! What a sweep does to each table, made from the data map: the rows whose anchor is a term ago, after all rows of other tables
//! that go with them.
//!
//! In every statement `$2` is the moment at or before which the anchor is, `$3` how many rows, and `$4` the moment of the
//! sweep where holds are asked.

use std::sync::LazyLock;

use crate::holds;
use crate::map::{Category, Copied, Ends, MAP, Path, Sweeper, Table};
use crate::statement::{Reach, Statement};

/// Rows of a table on which nothing hangs that go in one transaction.
const ROWS: i64 = 500;
/// Rows of a table on which others hang: with them they are some five times as many.
const FAMILIES: i64 = 100;
/// People who are erased in one transaction.
const PEOPLE: i64 = 10;

/// A table that sweeps look at.
pub(super) struct Entry {
    pub(super) table: &'static Table,
    pub(super) way: Way,
    /// How many rows of the table go in one transaction.
    pub(super) limit: i64,
}

/// How its rows go.
pub(super) enum Way {
    /// By statements.
    Rows(Box<Rows>),
    /// By a function of its noun.
    Own(Sweeper),
}

/// The statements of a table.
pub(super) struct Rows {
    /// Whether anything is due.
    pub(super) any: Statement,
    /// The keys of what is due.
    pub(super) due: Statement,
    /// What goes, in order: what hangs on the rows, then the rows.
    pub(super) steps: Vec<Step>,
    /// How many rows have their anchor at or before `$2` and may go, and the earliest of these anchors.
    pub(super) coming: Statement,
    /// Whether `$4` is asked for.
    pub(super) asks_holds: bool,
}

/// Some rows of one table.
pub(super) struct Step {
    pub(super) table: &'static Table,
    /// Id, contact and conversation of each row (empty where it has none), where something of it is elsewhere.
    pub(super) named: Option<Statement>,
    /// Takes back the jobs that are about the rows.
    pub(super) unask: Option<Statement>,
    /// Keeps the keyed hashes by which a provider that repeats itself is known; one parameter more: since when they came.
    pub(super) remember: Option<Statement>,
    pub(super) remove: Statement,
}

/// In the order of the map, and people last: what keeps them has gone by then.
static PLAN: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut plan: Vec<Entry> = MAP.iter().filter_map(Entry::of).collect();
    plan.sort_by_key(|entry| entry.table.contact == Path::Own);
    plan
});

/// All tables that sweeps look at, in the order in which they do.
pub(super) fn plan() -> &'static [Entry] {
    &PLAN
}

/// The moment from which the account's own rows count: the workspace's end, of which there is none while it goes on.
const ENDED: &str = "(SELECT w.ended_at FROM workspaces w WHERE w.id = $1)";
/// Rows by which sweeps themselves go.
const OF_SWEEPS: [&str; 2] = ["retention_terms", "sweeps"];

/// Whether a table's rows are the account's, and go a term after the end of the contract.
fn ends_with_contract(table: &Table) -> bool {
    matches!(table.ends, Ends::Contract)
        && table.category == Category::Account
        && table.reach == Reach::Workspace
        && !OF_SWEEPS.contains(&table.name)
}

/// The tables whose rows go with those of a table, and by which of their columns.
fn hanging(on: &Table) -> impl Iterator<Item = (&'static Table, &'static str)> {
    let on = on.name;
    MAP.iter().flat_map(move |table| {
        let with = table.with.iter().filter(move |(_, other)| *other == on);
        with.map(move |(column, _)| (table, *column))
    })
}

impl Entry {
    fn of(table: &'static Table) -> Option<Self> {
        let condition = match table.ends {
            Ends::Term => "",
            Ends::TermIf(condition) => condition,
            Ends::Own(sweeper) => {
                let limit = if table.contact == Path::Own { PEOPLE } else { ROWS };
                return Some(Self { table, way: Way::Own(sweeper), limit });
            }
            // What a workspace arranged goes a term after its end.
            Ends::Contract if ends_with_contract(table) => "",
            Ends::With | Ends::Contract | Ends::Work => return None,
        };
        let anchor = table.anchor.or(ends_with_contract(table).then_some(ENDED))?;
        let limit = if hanging(table).next().is_some() { FAMILIES } else { ROWS };
        Some(Self { table, way: Way::Rows(Box::new(Rows::of(table, anchor, condition))), limit })
    }
}

impl Rows {
    fn of(table: &'static Table, anchor: &str, condition: &str) -> Self {
        let (name, key) = (table.name, table.key.join(", "));
        let condition = if condition.is_empty() { String::new() } else { format!(" AND {condition}") };
        let unheld = unheld(table);
        let free = if unheld.is_empty() { 4 } else { 5 };
        let due = format!(
            "SELECT {key} FROM {name} WHERE workspace_id = $1 AND {anchor} <= $2{condition}{unheld} ORDER BY {anchor}, {key} LIMIT $3"
        );
        let mut steps = Vec::new();
        hang(table, &due, free, &mut steps);
        steps.push(Step::of(table, &format!("({key}) IN ({due})"), &due, free));
        Self {
            any: made(format!("SELECT 1 FROM ({due}) due LIMIT 1")),
            due: made(due),
            steps,
            coming: made(format!(
                "SELECT COUNT(*), MIN({anchor}) FROM {name} WHERE workspace_id = $1 AND {anchor} <= $2{condition}"
            )),
            asks_holds: !unheld.is_empty(),
        }
    }
}

/// Rows of one table that go whatever their age.
pub(super) struct Lot {
    /// Whether there are any.
    pub(super) any: Statement,
    /// What goes, in order: what hangs on the rows, then the rows.
    pub(super) steps: Vec<Step>,
    /// Whether `$4` is asked for.
    pub(super) asks_holds: bool,
    /// How many rows of the table go in one transaction.
    pub(super) limit: i64,
}

impl Lot {
    /// The rows of which a condition holds (SQL over the table's columns and `$2`) and that no hold covers.
    fn of(table: &'static Table, condition: &str) -> Self {
        let (name, key) = (table.name, table.key.join(", "));
        let unheld = unheld(table);
        let free = if unheld.is_empty() { 4 } else { 5 };
        let due =
            format!("SELECT {key} FROM {name} WHERE workspace_id = $1 AND {condition}{unheld} ORDER BY {key} LIMIT $3");
        let mut steps = Vec::new();
        hang(table, &due, free, &mut steps);
        steps.push(Step::of(table, &format!("({key}) IN ({due})"), &due, free));
        let limit = if hanging(table).next().is_some() { FAMILIES } else { ROWS };
        Self { any: made(format!("SELECT 1 FROM ({due}) due LIMIT 1")), steps, asks_holds: !unheld.is_empty(), limit }
    }
}

/// The tables whose rows a channel brought, beside those that go with them: what was said first, and who said it last.
const BROUGHT: [&str; 5] = ["messages", "conversations", "initiations", "templates", "identities"];

/// What a channel brought, in the order in which it goes; `$2` is the channel.
pub(super) fn brought() -> &'static [Lot] {
    static LOTS: LazyLock<Vec<Lot>> = LazyLock::new(|| {
        let table = |name: &&str| MAP.iter().find(|table| table.name == *name);
        BROUGHT.iter().filter_map(table).map(|table| Lot::of(table, "channel_id = $2")).collect()
    });
    &LOTS
}

/// Tables that prove, after a workspace has ended, what became of its people and why something is still there; and the tombstones of
/// who was erased, without which nobody could tell.
const PROVING: [&str; 5] = ["legal_holds", "erasures", "doomed_keys", "rotations", "contacts"];

/// What outlives the end of a workspace: what keep, the legal holds, and what the erasures left (D-3).
pub(super) fn outlives(table: &Table) -> bool {
    matches!(table.category, Category::Account | Category::Billing | Category::Consents | Category::Suppressions)
        || PROVING.contains(&table.name)
}

/// Whether its rows go by themselves with the workspace: not those that hang on others, or that erasures take along, nor what work
/// still needs.
fn goes_by_itself(table: &Table) -> bool {
    let arranged = matches!(table.ends, Ends::Term | Ends::TermIf(_) | Ends::Contract);
    // Uploads that no message has hang on nothing.
    let arranged = arranged || ["channels", "attachments"].contains(&table.name);
    // Sites go as members remove them: their texts prove what was agreed to.
    table.reach == Reach::Workspace && arranged && !outlives(table) && table.name != "sites"
}

/// What goes with a workspace beside its people, in the order in which it goes: channels last, of which the rest says where it came from.
pub(super) fn gone_with_workspace() -> &'static [Lot] {
    static LOTS: LazyLock<Vec<Lot>> = LazyLock::new(|| {
        let (last, first): (Vec<_>, Vec<_>) =
            MAP.iter().filter(|table| goes_by_itself(table)).partition(|table| table.name == "channels");
        first.into_iter().chain(last).map(|table| Lot::of(table, "CAST($2 AS BIGINT) = 0")).collect()
    });
    &LOTS
}

/// What goes with rows of a table, of which `due` selects the ids: what hangs on that first. `free` is the first parameter that
/// it does not use.
fn hang(table: &Table, due: &str, free: usize, steps: &mut Vec<Step>) {
    for (child, column) in hanging(table) {
        let theirs = format!("{column} IN ({due})");
        let ids = format!("SELECT id FROM {} WHERE workspace_id = $1 AND {theirs}", child.name);
        hang(child, &ids, free, steps);
        steps.push(Step::of(child, &theirs, &ids, free));
    }
}

impl Step {
    /// The rows of a table that fit a condition; `ids` selects theirs.
    fn of(table: &'static Table, condition: &str, ids: &str, free: usize) -> Self {
        let name = table.name;
        let elsewhere = [Copied::Blob, Copied::Index].iter().any(|copy| table.copies.contains(copy));
        let named = elsewhere.then(|| {
            let contact = match table.contact {
                Path::Column(column) => format!("COALESCE({column}, '')"),
                _ => "''".to_owned(),
            };
            let conversation = table.conversation.unwrap_or("''");
            made(format!("SELECT id, {contact}, {conversation} FROM {name} WHERE workspace_id = $1 AND {condition}"))
        });
        let unask = (!table.jobs.is_empty()).then(|| {
            let kinds = table.jobs.join("', '");
            made(format!(
                "DELETE FROM jobs WHERE workspace_id = $1 AND kind IN ('{kinds}') AND lease IS NULL AND subject IN ({ids})"
            ))
        });
        let remember = (name == "remotes").then(|| {
            made(format!(
                "INSERT INTO suppressions (workspace_id, value_hash, purpose, reason, at) SELECT workspace_id, remote_hash, \
                 'message', 'swept', created_at FROM remotes WHERE workspace_id = $1 AND created_at > ${free} AND {condition} \
                 ON CONFLICT (workspace_id, value_hash, purpose) DO NOTHING"
            ))
        });
        let remove = made(format!("DELETE FROM {name} WHERE workspace_id = $1 AND {condition}"));
        Self { table, named, unask, remember, remove }
    }
}

/// What keeps a row that is due: a legal hold on its contact, its conversation or its workspace (D-5). The one place where
/// sweeps ask for holds.
fn unheld(table: &Table) -> String {
    // What only passes is gone in days, and nobody's case depends on it.
    if table.category == Category::Passing {
        return String::new();
    }
    let column = |column: &str| format!("{}.{column}", table.name);
    let contact = match table.contact {
        Path::Column(name) => Some(column(name)),
        Path::None | Path::Own | Path::Through(..) | Path::Hash(_) | Path::Subject(_) => None,
    };
    let conversation = table.conversation.map(column);
    format!(" AND NOT {}", holds::held(contact.as_deref(), conversation.as_deref(), "$4"))
}

/// Whether no hold is on the workspace itself; `$2` is the moment.
static FREE: LazyLock<Statement> = LazyLock::new(|| {
    made(format!("SELECT 1 FROM workspaces w WHERE w.id = $1 AND NOT {}", holds::held(None, None, "$2")))
});

/// The statement by which it is asked.
pub(super) fn free() -> &'static Statement {
    &FREE
}

/// A statement made from the map. It lives as long as the program, as the map does.
fn made(text: String) -> Statement {
    Statement::new(Box::leak(text.into_boxed_str()), Reach::Workspace, file!(), line!())
}

/// All statements of the plan, for the tests that prepare every one.
#[cfg(test)]
pub(crate) fn statements() -> impl Iterator<Item = &'static Statement> {
    fn all(steps: &'static [Step]) -> impl Iterator<Item = &'static Statement> {
        steps.iter().flat_map(|step| {
            let beside = step.named.iter().chain(&step.unask).chain(&step.remember);
            beside.chain(std::iter::once(&step.remove))
        })
    }
    let lots =
        brought().iter().chain(gone_with_workspace()).flat_map(|lot| std::iter::once(&lot.any).chain(all(&lot.steps)));
    std::iter::once(free()).chain(lots).chain(plan().iter().flat_map(|entry| {
        let rows = match &entry.way {
            Way::Rows(rows) => Some(rows),
            Way::Own(_) => None,
        };
        rows.into_iter().flat_map(|rows| [&rows.any, &rows.due, &rows.coming].into_iter().chain(all(&rows.steps)))
    }))
}
