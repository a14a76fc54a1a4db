//! Who talks to a workspace, and what they allowed.

use super::{Basis, Category, Ends, Fate, Kept, Path, Seal, Table, WORKSPACES};
use crate::retention;
use crate::statement::sql;

pub(super) const CONTACTS: Table = Table {
    name: "contacts",
    category: Category::Profiles,
    anchor: Some("active_at"),
    contact: Path::Own,
    sealed: &[
        ("name_sealed", Seal::Profile),
        ("attributes_sealed", Seal::Profile),
        ("language_sealed", Seal::Profile),
        ("restriction_sealed", Seal::Profile),
        ("objection_sealed", Seal::Profile),
    ],
    // Ids, and words. The first stays on the tombstone: an erased family is one erasure by whichever of its ids it is asked for.
    words: &["merged_into", "restricted_by", "objected_by", "objected_to", "name_from", "language_from"],
    fate: Fate::Tombstone,
    ends: Ends::Own(retention::erase_inactive),
    ..WORKSPACES
};
pub(super) const CONTACT_KEYS: Table = Table {
    name: "contact_keys",
    category: Category::Profiles,
    contact: Path::Column("contact_id"),
    words: &["retired_by"],
    fate: Fate::AtOnce(sql!("DELETE FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2")),
    ends: Ends::With,
    ..WORKSPACES
};
pub(super) const INITIATIONS: Table = Table {
    name: "initiations",
    category: Category::Messages,
    anchor: Some("at"),
    days: Some(2),
    contact: Path::Column("contact_id"),
    fate: Fate::AtOnce(sql!("DELETE FROM initiations WHERE workspace_id = $1 AND contact_id = $2")),
    key: &["channel_id", "contact_id"],
    named: &["channel_id", "contact_id"],
    ..WORKSPACES
};
pub(super) const IDENTITIES: Table = Table {
    name: "identities",
    category: Category::Profiles,
    contact: Path::Column("contact_id"),
    sealed: &[("value_sealed", Seal::Profile)],
    hashes: &["value_hash"],
    words: &["kind"],
    // At once, although it is content: who comes back must be a new contact.
    fate: Fate::AtOnce(sql!("DELETE FROM identities WHERE workspace_id = $1 AND contact_id = $2")),
    ends: Ends::With,
    ..WORKSPACES
};
/// Only added to (`vault/src/store/frozen.rs`). Its term runs from its withdrawal, or from the end that it was given with; one that
/// stands has none.
pub(super) const CONSENTS: Table = Table {
    name: "consents",
    category: Category::Consents,
    basis: Basis::LegalObligation,
    contact: Path::Column("contact_id"),
    sealed: &[("evidence_sealed", Seal::Evidence), ("text_sealed", Seal::Evidence)],
    words: &["purpose", "channel", "ground", "text_version", "collected_by", "country"],
    fate: Fate::Keep(Kept {
        what: "consent records",
        ground: "evidence of consent given and withdrawn (GDPR Art. 7(1), 17(3)(e))",
    }),
    keeps: Some(
        "NOT EXISTS (SELECT 1 FROM consent_withdrawals w WHERE w.workspace_id = k.workspace_id AND w.consent_id = k.id) \
         AND (k.ends_at IS NULL OR k.ends_at > $2)",
    ),
    anchor: Some("given_at"),
    ends: Ends::TermIf(
        "(EXISTS (SELECT 1 FROM consent_withdrawals w WHERE w.workspace_id = $1 AND w.consent_id = consents.id \
         AND w.said_at <= $2) OR (consents.ends_at IS NOT NULL AND consents.ends_at <= $2))",
    ),
    ..WORKSPACES
};
pub(super) const CONSENT_WITHDRAWALS: Table = Table {
    name: "consent_withdrawals",
    category: Category::Consents,
    basis: Basis::LegalObligation,
    contact: Path::Column("contact_id"),
    key: &["consent_id"],
    named: &["consent_id"],
    words: &["way"],
    fate: Fate::Keep(Kept {
        what: "consent records",
        ground: "evidence of consent given and withdrawn (GDPR Art. 7(1), 17(3)(e))",
    }),
    ends: Ends::With,
    with: &[("consent_id", "consents")],
    ..WORKSPACES
};
pub(super) const SUPPRESSIONS: Table = Table {
    name: "suppressions",
    category: Category::Suppressions,
    basis: Basis::LegalObligation,
    contact: Path::Hash("value_hash"),
    hashes: &["value_hash"],
    words: &["purpose", "reason"],
    fate: Fate::Keep(Kept {
        what: "keyed hashes of identities and, for nine days, of messages' ids, so that the erasure and opt-outs stay honoured",
        ground: "legal obligation (GDPR Art. 17(3)(b), 21(3))",
    }),
    ends: Ends::Work,
    ..WORKSPACES
};
pub(super) const MERGES: Table = Table {
    name: "merges",
    category: Category::Profiles,
    contact: Path::Column("contact_id"),
    words: &["merged_by"],
    fate: Fate::AtOnce(sql!("DELETE FROM merges WHERE workspace_id = $1 AND (contact_id = $2 OR merged_id = $2)")),
    ends: Ends::With,
    ..WORKSPACES
};
