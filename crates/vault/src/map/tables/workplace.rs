//! How a workspace arranges its work. None of it is about contacts.

use super::{Category, Seal, Table, WORKSPACES};

pub(super) const SESSION_DEVICES: Table = Table {
    name: "session_devices",
    category: Category::Credentials,
    anchor: Some("expires_at"),
    sealed: &[("device_sealed", Seal::Workspace)],
    ..WORKSPACES
};
pub(super) const TEAMS: Table = Table {
    name: "teams",
    category: Category::Account,
    sealed: &[("name_sealed", Seal::Workspace)],
    hashes: &["name_hash"],
    ..WORKSPACES
};
pub(super) const CANNED_REPLIES: Table = Table {
    name: "canned_replies",
    category: Category::Account,
    sealed: &[("shortcut_sealed", Seal::Workspace), ("text_sealed", Seal::Workspace)],
    hashes: &["shortcut_hash"],
    ..WORKSPACES
};
pub(super) const SAVED_VIEWS: Table = Table {
    name: "saved_views",
    category: Category::Account,
    sealed: &[("name_sealed", Seal::Workspace), ("filter_sealed", Seal::Workspace)],
    ..WORKSPACES
};
pub(super) const BUSINESS_HOURS: Table = Table {
    name: "business_hours",
    category: Category::Account,
    sealed: &[("hours_sealed", Seal::Workspace)],
    ..WORKSPACES
};
