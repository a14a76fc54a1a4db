//! The systems outside that a workspace is connected with. None of it is about contacts.

use super::{Category, Class, Ends, Seal, Table, WORKSPACES};
use crate::channels;

pub(super) const WEBHOOKS: Table = Table {
    name: "webhooks",
    category: Category::Settings,
    class: Class::Restricted,
    sealed: &[("url_sealed", Seal::Workspace), ("secret_sealed", Seal::Workspace)],
    words: &["types", "state", "reason"],
    ends: Ends::Contract,
    ..WORKSPACES
};
/// Which facts went where: a fact's number, never what it is about.
pub(super) const DELIVERIES: Table = Table {
    name: "deliveries",
    class: Class::Internal,
    anchor: Some("created_at"),
    days: Some(7),
    words: &["kind", "state", "failure"],
    ..WORKSPACES
};
pub(super) const CHANNELS: Table = Table {
    name: "channels",
    category: Category::Settings,
    class: Class::Restricted,
    anchor: Some("disconnected_at"),
    sealed: &[
        ("name_sealed", Seal::Workspace),
        ("settings_sealed", Seal::Workspace),
        ("account_sealed", Seal::Workspace),
        ("watch_sealed", Seal::Workspace),
    ],
    hashes: &["portfolio_hash"],
    words: &["kind", "state", "state_reason", "quality", "signed_in_by", "shared_by", "shared_words"],
    ends: Ends::Own(channels::sweep),
    ..WORKSPACES
};
pub(super) const TEMPLATES: Table = Table {
    name: "templates",
    category: Category::Settings,
    key: &["channel_id", "name", "language"],
    named: &["channel_id", "name", "language"],
    sealed: &[("content_sealed", Seal::Workspace)],
    words: &["name", "language", "category", "status", "quality", "reason"],
    ends: Ends::With,
    with: &[("channel_id", "channels")],
    ..WORKSPACES
};
