//! Migrations: numbered files in the house dialect, each applied once, in one transaction.

use crate::{Error, Result};

/// A numbered file of `migrations/`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    /// Its file's name, `0001_house.sql`.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) text: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => { &[$(Migration { name: $name, text: include_str!(concat!("../migrations/", $name)) }),*] };
}

/// All migrations, oldest first. A file that was released is never changed; the next change is the next file.
pub(crate) const MIGRATIONS: &[Migration] = migrations![
    "0001_house.sql",
    "0002_keys.sql",
    "0003_accounts.sql",
    "0004_merges.sql",
    "0005_erased.sql",
    "0006_index.sql",
    "0007_doubt.sql",
    "0008_standing.sql",
    "0010_workplace.sql",
    "0011_work.sql",
    "0012_doors.sql",
    "0013_visitors.sql",
    "0014_endpoints.sql",
    "0015_begun.sql",
    "0016_doomed.sql",
    "0020_asked.sql",
    "0021_polls.sql",
    "0024_words.sql",
    "0025_retention.sql",
    "0026_holds.sql",
    "0028_requests.sql",
    "0030_sites.sql",
    "0031_audit.sql",
    "0032_backups.sql",
    "0034_lanes.sql",
    "0035_mail.sql",
    "0036_watches.sql",
    "0037_sharing.sql",
    "0048_exports.sql",
    "0049_pauses.sql",
    "0050_brought_again.sql",
    "0051_declared.sql",
    "0056_consents.sql",
    "0057_found.sql",
    "0058_ending.sql",
    "0059_ends.sql",
    "0060_request_claims.sql",
    "0062_request_messages.sql"
];

/// The table in which an engine notes what was applied.
pub(super) const HISTORY: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)";

impl Migration {
    /// Its number: the first four digits of its name.
    pub(super) fn version(&self) -> Result<i64> {
        self.name
            .split_once('_')
            .and_then(|(number, _)| number.parse().ok())
            .ok_or_else(|| Error::Engine(format!("the migration {} has no number", self.name)))
    }
}

/// The migrations still to apply, given the newest version that was applied.
pub(super) fn pending(migrations: &[Migration], applied: i64) -> Result<Vec<(i64, &Migration)>> {
    let all = migrations.iter().map(|migration| Ok((migration.version()?, migration))).collect::<Result<Vec<_>>>()?;
    let newest = all.last().map_or(0, |(version, _)| *version);
    if applied > newest {
        return Err(Error::Engine(format!(
            "the database is at schema version {applied}, this program knows {newest}: run the newer program, or restore the backup made before it"
        )));
    }
    Ok(all.into_iter().filter(|(version, _)| *version > applied).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_and_numbered_in_order() {
        let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/migrations"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with('.'))
            .collect();
        files.sort();
        assert_eq!(files, MIGRATIONS.iter().map(|migration| migration.name).collect::<Vec<_>>());
        let numbers: Vec<i64> = MIGRATIONS.iter().map(|migration| migration.version().unwrap()).collect();
        assert!(numbers.is_sorted_by(|before, after| before < after), "{numbers:?}");
    }

    #[test]
    fn a_newer_database_is_refused() {
        let one = [Migration { name: "0001_one.sql", text: "" }];
        assert_eq!(pending(&one, 0).unwrap().len(), 1);
        assert!(pending(&one, 1).unwrap().is_empty());
        assert!(pending(&one, 2).unwrap_err().to_string().contains("schema version 2, this program knows 1"));
    }
}
