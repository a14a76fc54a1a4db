//! Tables that are only added to: what was agreed to, and that it was withdrawn. A row there never becomes another, whatever
//! the program tries; only its sealed cells change when a key gives way to a new one. Each engine keeps it itself: PostgreSQL by
//! the rights of the program's role, SQLite by a trigger.

/// A table, and the columns that may change all the same.
pub(super) struct Frozen {
    pub(super) table: &'static str,
    pub(super) but: &'static [&'static str],
}

/// All of them.
pub(super) const FROZEN: [Frozen; 2] = [
    Frozen { table: "consents", but: &["evidence_sealed", "text_sealed"] },
    Frozen { table: "consent_withdrawals", but: &[] },
];

/// What is frozen of a table.
pub(super) fn of(table: &str) -> Option<&'static Frozen> {
    FROZEN.iter().find(|frozen| frozen.table == table)
}

impl Frozen {
    /// The trigger that SQLite needs, for the table's columns.
    pub(super) fn trigger(&self, columns: &[String]) -> String {
        let Self { table, but } = self;
        let fixed: Vec<&str> = columns.iter().map(String::as_str).filter(|column| !but.contains(column)).collect();
        format!(
            "CREATE TRIGGER IF NOT EXISTS {table}_frozen BEFORE UPDATE OF {} ON {table} \
             BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END",
            fixed.join(", ")
        )
    }

    /// The rights that PostgreSQL's role keeps.
    pub(super) fn rights(&self, role: &str) -> String {
        let Self { table, but } = self;
        let revoke = format!("REVOKE UPDATE ON {table} FROM {role}");
        if but.is_empty() {
            revoke
        } else {
            format!("{revoke}; GRANT UPDATE ({}) ON {table} TO {role}", but.join(", "))
        }
    }
}
