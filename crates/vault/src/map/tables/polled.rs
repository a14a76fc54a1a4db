//! Where the asking of accounts goes on. It names places in a mailbox, and nobody.

use super::{Category, Class, Ends, Seal, Table, WORKSPACES};

pub(super) const POLLS: Table = Table {
    name: "polls",
    category: Category::Settings,
    class: Class::Restricted,
    key: &["channel_id"],
    named: &["channel_id"],
    sealed: &[("cursor_sealed", Seal::Workspace)],
    ends: Ends::With,
    with: &[("channel_id", "channels")],
    ..WORKSPACES
};
