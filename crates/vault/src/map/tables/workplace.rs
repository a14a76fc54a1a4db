//! How a workspace arranges its work. None of it is about contacts.

use super::{Category, Class, Ends, Seal, Table, WORKSPACES};

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
    ends: Ends::Contract,
    ..WORKSPACES
};
pub(super) const CANNED_REPLIES: Table = Table {
    name: "canned_replies",
    category: Category::Account,
    sealed: &[("shortcut_sealed", Seal::Workspace), ("text_sealed", Seal::Workspace)],
    hashes: &["shortcut_hash"],
    ends: Ends::Contract,
    ..WORKSPACES
};
pub(super) const SAVED_VIEWS: Table = Table {
    name: "saved_views",
    category: Category::Account,
    sealed: &[("name_sealed", Seal::Workspace), ("filter_sealed", Seal::Workspace)],
    ends: Ends::Contract,
    ..WORKSPACES
};
pub(super) const BUSINESS_HOURS: Table = Table {
    name: "business_hours",
    category: Category::Account,
    sealed: &[("hours_sealed", Seal::Workspace)],
    ends: Ends::Contract,
    ..WORKSPACES
};
pub(super) const MEMBERS: Table = Table {
    name: "members",
    category: Category::Account,
    sealed: &[
        ("name_sealed", Seal::Workspace),
        ("email_sealed", Seal::Workspace),
        ("preferences_sealed", Seal::Workspace),
    ],
    words: &["role", "state", "locale"],
    ends: Ends::Contract,
    ..WORKSPACES
};
pub(super) const PUSH_SUBSCRIPTIONS: Table = Table {
    name: "push_subscriptions",
    category: Category::Account,
    class: Class::Restricted,
    sealed: &[("endpoint_sealed", Seal::Workspace)],
    hashes: &["endpoint_hash"],
    ends: Ends::With,
    with: &[("member_id", "members")],
    ..WORKSPACES
};
pub(super) const SECOND_FACTORS: Table = Table {
    name: "second_factors",
    category: Category::Credentials,
    class: Class::Restricted,
    sealed: &[("secret_sealed", Seal::Workspace)],
    ends: Ends::With,
    with: &[("id", "members")],
    ..WORKSPACES
};
pub(super) const RECOVERY_CODES: Table = Table {
    name: "recovery_codes",
    category: Category::Credentials,
    class: Class::Restricted,
    hashes: &["code_hash"],
    ends: Ends::With,
    with: &[("member_id", "members")],
    ..WORKSPACES
};
pub(super) const TEAM_MEMBERS: Table = Table {
    name: "team_members",
    key: &["team_id", "member_id"],
    category: Category::Account,
    ends: Ends::With,
    with: &[("member_id", "members")],
    ..WORKSPACES
};
pub(super) const LABELS: Table = Table {
    name: "labels",
    category: Category::Account,
    sealed: &[("name_sealed", Seal::Workspace)],
    hashes: &["name_hash"],
    words: &["colour"],
    ends: Ends::Contract,
    ..WORKSPACES
};
