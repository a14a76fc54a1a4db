//! What people asked of their data. It is the proof that they were answered, so it outlives what it is about.

use super::{Category, Class, Ends, Path, Seal, Table, WORKSPACES};
use crate::map::{Basis, Fate, Kept};
use crate::statement::sql;

pub(super) const REQUESTS: Table = Table {
    name: "requests",
    category: Category::Registers,
    class: Class::Restricted,
    basis: Basis::LegalObligation,
    anchor: Some("closed_at"),
    contact: Path::Column("contact_id"),
    sealed: &[("words_sealed", Seal::Evidence)],
    words: &["kind", "came_by", "country", "zone", "verified_by", "outcome"],
    conversation: Some("conversation_id"),
    fate: Fate::Keep(Kept {
        what: "the record of what this person asked of their data, and of the answer",
        ground: "proof that the request was met (GDPR Art. 5(2), 12(3))",
    }),
    ..WORKSPACES
};
pub(super) const REQUEST_STEPS: Table = Table {
    name: "request_steps",
    category: Category::Registers,
    class: Class::Restricted,
    basis: Basis::LegalObligation,
    sealed: &[("detail_sealed", Seal::Evidence)],
    words: &["step", "actor"],
    ends: Ends::With,
    with: &[("request_id", "requests")],
    ..WORKSPACES
};
/// What is asked on the public page, until it is known who asks. It ends after a day, and with whom it turned out to be of.
pub(super) const REQUEST_CLAIMS: Table = Table {
    name: "request_claims",
    class: Class::Restricted,
    basis: Basis::LegalObligation,
    anchor: Some("created_at"),
    days: Some(1),
    contact: Path::Column("contact_id"),
    sealed: &[("claimed_sealed", Seal::Workspace)],
    hashes: &["address_hash", "secret_hash", "code_hash"],
    words: &["kind", "language"],
    fate: Fate::AtOnce(sql!("DELETE FROM request_claims WHERE workspace_id = $1 AND contact_id = $2")),
    jobs: &["send_request_code"],
    ..WORKSPACES
};
