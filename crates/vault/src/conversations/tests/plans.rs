//! Every list and every count is read along an index, so that it costs the same with a hundred thousand conversations.

use crate::statement::Statement;
use crate::store::{Database, Store, StoreConfig};

/// How SQLite would run each statement of a file.
fn plans(file: &str) -> Vec<(String, Vec<String>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    drop(Store::open(&StoreConfig { database: Database::File(path.clone()), inline: true }, 0).unwrap());
    let connection = rusqlite::Connection::open(path).unwrap();
    let of_file = Statement::all().filter(|statement| statement.file.ends_with(file));
    let plan = |statement: &'static Statement| {
        let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sqlite())).unwrap();
        // Unbound, every condition is known to fail, and the plan is another one.
        for number in 1..=explained.parameter_count() {
            explained.raw_bind_parameter(number, 7).unwrap();
        }
        let (mut rows, mut lines) = (explained.raw_query(), Vec::new());
        while let Some(row) = rows.next().unwrap() {
            lines.push(row.get::<_, String>(3).unwrap());
        }
        drop(rows);
        (statement.text.to_owned(), lines)
    };
    of_file.map(plan).collect()
}

fn says(lines: &[String], words: &str) -> bool {
    lines.iter().any(|line| line.contains(words))
}

#[test]
fn lists_are_read_in_order_along_their_index() {
    let plans = plans("conversations/list.rs");
    let led = |by: &str| {
        let found = plans.iter().find(|(text, _)| text.contains(by));
        &found.unwrap_or_else(|| panic!("no statement is led by {by}")).1
    };
    for (by, index) in [
        (
            "WHERE c.workspace_id = $1 AND c.status = $5",
            "conversations_status (workspace_id=? AND status=? AND active_at<?)",
        ),
        (
            "AND c.assignee_id = $6 AND",
            "conversations_assignee (workspace_id=? AND assignee_id=? AND status=? AND active_at<?)",
        ),
        (
            "AND c.assignee_id IS NULL AND c.status",
            "conversations_assignee (workspace_id=? AND assignee_id=? AND status=? AND active_at<?)",
        ),
        ("AND c.team_id = $8 AND", "conversations_team (workspace_id=? AND team_id=? AND status=? AND active_at<?)"),
        (
            "AND c.channel_id = $10 AND",
            "conversations_channel (workspace_id=? AND channel_id=? AND status=? AND active_at<?)",
        ),
        (
            "AND c.priority = $15 AND c.priority <>",
            "conversations_priority (workspace_id=? AND priority=? AND status=? AND active_at<?)",
        ),
        (
            "AND c.waiting_since IS NOT NULL AND c.status",
            "conversations_waiting (workspace_id=? AND status=? AND waiting_since>?)",
        ),
        ("AND c.unread_count > 0 AND c.active_at", "conversations_unread (workspace_id=? AND active_at<?)"),
    ] {
        let lines = led(by);
        assert!(
            says(lines, index) && !says(lines, "TEMP B-TREE FOR ORDER") && !says(lines, "SCAN"),
            "{by}: {lines:#?}"
        );
    }
    // These find little, and sort it.
    for (by, index) in [
        ("AND c.contact_id = o.id", "conversations_contact (workspace_id=? AND contact_id=?)"),
        ("AND c.id = l.conversation_id AND c.active_at", "c USING INDEX"),
    ] {
        let lines = led(by);
        assert!(says(lines, index) && !says(lines, "SCAN c"), "{by}: {lines:#?}");
    }
}

#[test]
fn counts_look_at_indexes_alone() {
    for (text, lines) in plans("conversations/counts.rs") {
        let whole =
            lines.iter().filter(|line| line.starts_with("SCAN ") && !line.contains("counted") && *line != "SCAN c");
        assert_eq!(whole.collect::<Vec<_>>(), Vec::<&String>::new(), "{text}: {lines:#?}");
    }
}
