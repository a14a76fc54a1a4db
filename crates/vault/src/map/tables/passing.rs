//! What is kept until something is done or has expired. None of it leads to a contact.

use super::{Category, Class, Ends, Table, WORKSPACES};

pub(super) const SPENT_CHALLENGES: Table = Table {
    name: "spent_challenges",
    class: Class::Internal,
    anchor: Some("expires_at"),
    hashes: &["challenge_hash"],
    key: &["challenge_hash"],
    days: Some(0),
    ..WORKSPACES
};
/// Ids of keys that an erasure has yet to destroy.
pub(super) const DOOMED_KEYS: Table = Table {
    name: "doomed_keys",
    category: Category::Registers,
    class: Class::Internal,
    ends: Ends::With,
    with: &[("erasure_id", "erasures")],
    ..WORKSPACES
};
