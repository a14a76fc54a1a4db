//! What is written down of what was done, and what is yet to be told.

use super::{Basis, Category, Class, Copied, Ends, Fate, Kept, Path, Table, WORKSPACES};
use crate::audit;
use crate::statement::sql;

pub(super) const ROTATIONS: Table = Table {
    name: "rotations",
    category: Category::Registers,
    anchor: Some("completed_at"),
    contact: Path::Subject("subject"),
    words: &["what", "subject", "state", "place"],
    fate: Fate::AtOnce(sql!("DELETE FROM rotations WHERE workspace_id = $1 AND subject = $2")),
    ..WORKSPACES
};
pub(super) const FACTS: Table = Table {
    name: "facts",
    class: Class::Internal,
    anchor: Some("at"),
    days: Some(7),
    contact: Path::Column("contact_id"),
    words: &["kind"],
    fate: Fate::Keep(Kept {
        what: "the live stream's journal: ids and times, no content",
        ground: "until every listener has heard of the erasure (GDPR Art. 19)",
    }),
    ends: Ends::Work,
    ..WORKSPACES
};
pub(super) const AUDIT: Table = Table {
    name: "audit",
    category: Category::SecurityLogs,
    basis: Basis::LegalObligation,
    anchor: Some("at"),
    contact: Path::Subject("subject"),
    hashes: &["salt", "leaf", "subject_salt", "subject_hash"],
    words: &["actor_kind", "purpose", "act", "subject"],
    fate: Fate::Keep(Kept {
        what: "the log of who read or changed something and when, without whom or what it was about",
        ground: "security of processing and its proof (GDPR Art. 5(2), 32)",
    }),
    ends: Ends::Own(audit::sweep),
    ..WORKSPACES
};
pub(super) const INDEX_PENDING: Table = Table {
    name: "index_pending",
    class: Class::Internal,
    contact: Path::Column("contact_id"),
    words: &["act"],
    copies: &[Copied::Index],
    // Erasure then leaves one mark, by which the index learns of it; the index takes it off.
    fate: Fate::AtOnce(sql!("DELETE FROM index_pending WHERE workspace_id = $1 AND contact_id = $2")),
    ends: Ends::Work,
    ..WORKSPACES
};
pub(super) const INDEX_FOLDERS: Table =
    Table { name: "index_folders", class: Class::Internal, ends: Ends::Work, ..WORKSPACES };
pub(super) const INDEX_REPAIRS: Table = Table {
    name: "index_repairs",
    class: Class::Internal,
    words: &["state", "contacts_after", "messages_after"],
    ends: Ends::Work,
    ..WORKSPACES
};
pub(super) const IDEMPOTENCY: Table = Table {
    name: "idempotency",
    class: Class::Internal,
    anchor: Some("at"),
    days: Some(1),
    contact: Path::Subject("subject"),
    hashes: &["key_hash", "request_hash"],
    words: &["subject"],
    fate: Fate::AtOnce(sql!(
        "DELETE FROM idempotency WHERE workspace_id = $1 AND (subject = $2 OR subject IN \
         (SELECT id FROM messages WHERE workspace_id = $1 AND contact_id = $2) OR subject IN \
         (SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2) OR subject IN \
         (SELECT id FROM scheduled WHERE workspace_id = $1 AND contact_id = $2) OR subject IN \
         (SELECT id FROM merges WHERE workspace_id = $1 AND (contact_id = $2 OR merged_id = $2)))"
    )),
    key: &["key_hash"],
    ..WORKSPACES
};
