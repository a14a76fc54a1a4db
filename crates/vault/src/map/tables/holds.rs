//! What must not be removed and why, and what was removed at somebody's wish.

use super::{Category, Class, Fate, Kept, Path, Seal, Table, WORKSPACES};
use crate::map::Basis;

pub(super) const LEGAL_HOLDS: Table = Table {
    name: "legal_holds",
    category: Category::Registers,
    class: Class::Restricted,
    basis: Basis::LegalObligation,
    anchor: Some("lifted_at"),
    contact: Path::Subject("subject"),
    sealed: &[("reason_sealed", Seal::Evidence)],
    words: &["subject", "set_by", "lifted_by"],
    fate: Fate::Keep(Kept {
        what: "the record of the legal holds that covered the contact: why, by whom and until when",
        ground: "proof of why an erasure had to wait (GDPR Art. 5(2), 17(3)(e))",
    }),
    ..WORKSPACES
};
pub(super) const ERASURES: Table = Table {
    name: "erasures",
    category: Category::Registers,
    basis: Basis::LegalObligation,
    anchor: Some("completed_at"),
    contact: Path::Column("contact_id"),
    sealed: &[("traces_sealed", Seal::Evidence)],
    words: &["state", "counts", "remote"],
    fate: Fate::Keep(Kept {
        what: "the record of this erasure: an id, times and counts",
        ground: "proof that the request was met (GDPR Art. 5(2), 12(3))",
    }),
    ..WORKSPACES
};
