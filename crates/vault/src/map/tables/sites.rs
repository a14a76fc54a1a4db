//! Websites that ask for consent, and who visited them. None of it leads to a contact: a browser is known by what it has drawn by
//! lot, and for a while.

use super::{Basis, Category, Class, Ends, INTERNAL, Seal, Table, WORKSPACES};

pub(super) const SITE_DIRECTORY: Table = Table {
    name: "site_directory",
    category: Category::Settings,
    ends: Ends::With,
    with: &[("id", "sites")],
    ..INTERNAL
};
pub(super) const SITES: Table = Table {
    name: "sites",
    category: Category::Settings,
    sealed: &[("settings_sealed", Seal::Workspace)],
    words: &["version"],
    ends: Ends::Contract,
    ..WORKSPACES
};
/// What was agreed to: it stays as long as it is shown, and as there are choices on it.
pub(super) const BANNER_TEXTS: Table = Table {
    name: "banner_texts",
    category: Category::Consents,
    basis: Basis::LegalObligation,
    key: &["site_id", "version"],
    named: &["site_id", "version"],
    sealed: &[("text_sealed", Seal::Evidence)],
    words: &["version", "purposes"],
    anchor: Some("made_at"),
    ends: Ends::TermIf(
        "NOT EXISTS (SELECT 1 FROM sites s WHERE s.workspace_id = $1 AND s.id = banner_texts.site_id \
         AND s.version = banner_texts.version) AND NOT EXISTS (SELECT 1 FROM consent_choices c WHERE c.workspace_id = $1 \
         AND c.site_id = banner_texts.site_id AND c.version = banner_texts.version)",
    ),
    with: &[("site_id", "sites")],
    ..WORKSPACES
};
pub(super) const CONSENT_CHOICES: Table = Table {
    name: "consent_choices",
    category: Category::Consents,
    basis: Basis::LegalObligation,
    anchor: Some("ends_at"),
    words: &["version", "way", "categories"],
    ..WORKSPACES
};
pub(super) const CONSENT_VISITORS: Table = Table {
    name: "consent_visitors",
    category: Category::Visitors,
    basis: Basis::LegalObligation,
    anchor: Some("made_at"),
    key: &["choice_id"],
    hashes: &["visitor_hash"],
    ..WORKSPACES
};
pub(super) const SITE_DAYS: Table = Table {
    name: "site_days",
    category: Category::Analytics,
    class: Class::Internal,
    anchor: Some("day_at"),
    key: &["site_id", "day_at"],
    ..WORKSPACES
};
/// Under a key of the day, which is gone on the next.
pub(super) const SITE_VISITORS: Table = Table {
    name: "site_visitors",
    category: Category::Visitors,
    anchor: Some("day_at"),
    key: &["site_id", "day_at", "visitor_hash"],
    days: Some(2),
    hashes: &["visitor_hash"],
    ..WORKSPACES
};
pub(super) const SITE_THINGS: Table = Table {
    name: "site_things",
    category: Category::Analytics,
    anchor: Some("seen_at"),
    sealed: &[("thing_sealed", Seal::Workspace)],
    hashes: &["thing_hash"],
    words: &["kind"],
    ..WORKSPACES
};
pub(super) const SITE_COUNTS: Table = Table {
    name: "site_counts",
    category: Category::Analytics,
    class: Class::Internal,
    anchor: Some("day_at"),
    key: &["site_id", "day_at", "thing_id"],
    ..WORKSPACES
};
