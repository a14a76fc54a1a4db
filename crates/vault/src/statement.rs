//! The registry of statements: every SQL text of the program is known, so a test can prepare each on both engines.

/// How far a statement reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A workspace's tables: `$1` is bound to the scope's workspace by [`crate::Tx`] itself.
    Workspace,
    /// The listed installation tables ([`crate::map`]), which hold ids and hashes only.
    Installation,
}

/// A statement in the house dialect, registered at compile time.
pub(crate) struct Statement {
    pub(crate) text: &'static str,
    pub(crate) reach: Reach,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    sqlite: std::sync::OnceLock<String>,
    postgres: std::sync::OnceLock<String>,
    meets_deferred: std::sync::OnceLock<bool>,
}

/// A registered statement.
pub(crate) struct Registered(
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the tests that prepare every statement"))]
    pub(crate)  &'static Statement,
);
inventory::collect!(Registered);

impl Statement {
    pub(crate) const fn new(text: &'static str, reach: Reach, file: &'static str, line: u32) -> Self {
        Self {
            text,
            reach,
            file,
            line,
            sqlite: std::sync::OnceLock::new(),
            postgres: std::sync::OnceLock::new(),
            meets_deferred: std::sync::OnceLock::new(),
        }
    }

    /// The text for SQLite: `$n` becomes `?n` (left alone, SQLite numbers `$n` by first appearance).
    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| self.text.replace('$', "?").replace("{skip_locked}", ""))
    }

    /// The text for PostgreSQL.
    pub(crate) fn postgres(&self) -> &str {
        self.postgres.get_or_init(|| self.text.replace("{skip_locked}", "FOR UPDATE SKIP LOCKED"))
    }

    /// Whether it could read or change what a transaction has put off ([`crate::deferred`]).
    pub(crate) fn meets_deferred(&self) -> bool {
        *self.meets_deferred.get_or_init(|| crate::deferred::TABLES.iter().any(|table| self.text.contains(table)))
    }

    /// All statements of the program.
    #[cfg(test)]
    pub(crate) fn all() -> impl Iterator<Item = &'static Statement> {
        inventory::iter::<Registered>()
            .map(|registered| registered.0)
            .chain(crate::rotation::statements())
            .chain(crate::map::statements())
            .chain(crate::export::statements())
            .chain(crate::holds::statements())
            .chain(crate::retention::statements())
            .chain(crate::prove::statements())
    }
}

/// A statement on a workspace's tables. `$1` is the workspace and is bound by `Tx`; parameters start at `$2`.
macro_rules! sql {
    ($text:expr) => {{
        static STATEMENT: $crate::statement::Statement =
            $crate::statement::Statement::new($text, $crate::statement::Reach::Workspace, file!(), line!());
        inventory::submit! { $crate::statement::Registered(&STATEMENT) }
        &STATEMENT
    }};
}
pub(crate) use sql;

/// A statement on installation tables; parameters start at `$1`.
macro_rules! installation_sql {
    ($text:literal) => {{
        static STATEMENT: $crate::statement::Statement =
            $crate::statement::Statement::new($text, $crate::statement::Reach::Installation, file!(), line!());
        inventory::submit! { $crate::statement::Registered(&STATEMENT) }
        &STATEMENT
    }};
}
pub(crate) use installation_sql;
