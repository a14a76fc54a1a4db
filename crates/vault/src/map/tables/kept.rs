//! How long things are kept, and what the sweeps did.

use super::{Category, Class, Ends, Table, WORKSPACES};

pub(super) const RETENTION_TERMS: Table = Table {
    name: "retention_terms",
    key: &["category"],
    category: Category::Account,
    class: Class::Internal,
    words: &["category"],
    ends: Ends::Contract,
    ..WORKSPACES
};
/// One row, which each sweep writes anew.
pub(super) const SWEEPS: Table = Table {
    name: "sweeps",
    category: Category::Account,
    class: Class::Internal,
    words: &["state", "removed"],
    ends: Ends::Contract,
    ..WORKSPACES
};
