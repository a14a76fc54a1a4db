//! What is remembered of backups: which there were, and what came of trying them. None of it is about contacts.

use super::{Ends, INTERNAL, Table};

pub(super) const BACKUPS: Table = Table {
    name: "backups",
    anchor: Some("begun_at"),
    words: &["act", "outcome"],
    hashes: &["ledger_hash"],
    ends: Ends::Work,
    ..INTERNAL
};
