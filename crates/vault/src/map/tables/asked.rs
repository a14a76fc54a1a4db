//! Who answers where several may, and what people wished through their provider.

use super::{Category, Ends, Fate, Path, Table, WORKSPACES};
use crate::map::{Basis, Kept};
use crate::statement::sql;

pub(super) const ANSWERING: Table = Table {
    name: "answering",
    key: &["conversation_id"],
    category: Category::Messages,
    contact: Path::Column("contact_id"),
    fate: Fate::AtOnce(sql!("DELETE FROM answering WHERE workspace_id = $1 AND contact_id = $2")),
    ends: Ends::With,
    with: &[("conversation_id", "conversations")],
    ..WORKSPACES
};
pub(super) const DELETION_REQUESTS: Table = Table {
    name: "deletion_requests",
    category: Category::Registers,
    basis: Basis::LegalObligation,
    anchor: Some("requested_at"),
    contact: Path::Column("contact_id"),
    hashes: &["code_hash", "user_hash"],
    fate: Fate::Keep(Kept {
        what: "the record that this person asked for deletion: ids and a time",
        ground: "proof that the request was met (GDPR Art. 5(2), 12(3))",
    }),
    ..WORKSPACES
};
pub(super) const EXPORTS: Table = Table {
    name: "exports",
    category: Category::Registers,
    basis: Basis::LegalObligation,
    anchor: Some("ordered_at"),
    days: Some(30),
    contact: Path::Column("contact_id"),
    hashes: &["ticket_hash"],
    fate: Fate::AtOnce(sql!("DELETE FROM exports WHERE workspace_id = $1 AND contact_id = $2")),
    ..WORKSPACES
};
pub(super) const SHARED_IDENTITIES: Table = Table {
    name: "shared_identities",
    key: &["value_hash", "contact_id"],
    category: Category::Profiles,
    contact: Path::Column("contact_id"),
    hashes: &["value_hash"],
    fate: Fate::AtOnce(sql!("DELETE FROM shared_identities WHERE workspace_id = $1 AND contact_id = $2")),
    ends: Ends::With,
    ..WORKSPACES
};
