//! House-dialect DDL translated for each engine.
//!
//! The types TEXT, BIGINT, DOUBLE PRECISION, BOOLEAN and BYTEA become TEXT, INTEGER, REAL, INTEGER and BLOB in STRICT
//! tables on SQLite; on PostgreSQL only TEXT changes, to `TEXT COLLATE "C"`, so that both engines sort alike.

/// The statements of a migration: without comments, split at semicolons outside literals.
pub(super) fn statements(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut one = String::new();
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '-' if !quoted && chars.peek() == Some(&'-') => while chars.next_if(|c| *c != '\n').is_some() {},
            ';' if !quoted => all.push(std::mem::take(&mut one)),
            _ => {
                quoted ^= c == '\'';
                one.push(c);
            }
        }
    }
    all.push(one);
    all.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// A statement of a migration for SQLite.
pub(super) fn sqlite(statement: &str) -> String {
    if !defines_columns(statement) {
        return statement.to_owned();
    }
    let translated = words(statement, |word| match word {
        "BIGINT" | "BOOLEAN" => "INTEGER",
        // Of the two words DOUBLE PRECISION the second vanishes.
        "DOUBLE" => "REAL",
        "PRECISION" => "",
        "BYTEA" => "BLOB",
        other => other,
    });
    if statement.starts_with("CREATE TABLE") { translated + " STRICT" } else { translated }
}

/// A statement of a migration for PostgreSQL.
pub(super) fn postgres(statement: &str) -> String {
    if !defines_columns(statement) {
        return statement.to_owned();
    }
    words(statement, |word| if word == "TEXT" { r#"TEXT COLLATE "C""# } else { word })
}

fn defines_columns(statement: &str) -> bool {
    statement.starts_with("CREATE TABLE") || statement.starts_with("ALTER TABLE")
}

/// Replaces whole words outside literals.
fn words<'a>(statement: &'a str, replace: impl Fn(&'a str) -> &'a str) -> String {
    let mut out = String::with_capacity(statement.len() + 64);
    for (index, part) in statement.split('\'').enumerate() {
        if index > 0 {
            out.push('\'');
        }
        if index % 2 == 1 {
            out.push_str(part);
            continue;
        }
        let mut rest = part;
        while !rest.is_empty() {
            let word = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (head, tail) =
                rest.split_at(if word == 0 { rest.chars().next().map_or(1, char::len_utf8) } else { word });
            out.push_str(if word == 0 { head } else { replace(head) });
            rest = tail;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "-- why; it is\nCREATE TABLE t (\n  id TEXT PRIMARY KEY, -- 'the' id\n  n BIGINT NOT NULL, x DOUBLE PRECISION, \
                         b BOOLEAN, c BYTEA,\n  k TEXT CHECK (k IN ('TEXT; BIGINT', 'BYTEA'))\n);\nCREATE INDEX i ON t (n);\n";

    #[test]
    fn a_migration_is_split_outside_literals_and_comments() {
        let all = statements(TABLE);
        assert_eq!(all.len(), 2, "{all:?}");
        assert_eq!(all[1], "CREATE INDEX i ON t (n)");
    }

    #[test]
    fn sqlite_gets_its_types_in_a_strict_table() {
        let ddl = sqlite(&statements(TABLE)[0]);
        assert!(
            ddl.contains("id TEXT PRIMARY KEY") && ddl.contains("n INTEGER NOT NULL, x REAL , b INTEGER, c BLOB"),
            "{ddl}"
        );
        assert!(ddl.contains("('TEXT; BIGINT', 'BYTEA')") && ddl.ends_with(") STRICT"), "{ddl}");
    }

    #[test]
    fn postgres_sorts_text_by_bytes() {
        let ddl = postgres(&statements(TABLE)[0]);
        assert!(
            ddl.contains(r#"id TEXT COLLATE "C" PRIMARY KEY"#) && ddl.contains("n BIGINT NOT NULL, x DOUBLE PRECISION"),
            "{ddl}"
        );
        assert!(ddl.contains("('TEXT; BIGINT', 'BYTEA')"), "{ddl}");
    }
}
