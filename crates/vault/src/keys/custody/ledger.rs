//! What the ledger can say. It speaks by keyed hashes and plain words, holds no personal data, and outlives what it speaks of.

use super::malformed;
use crate::{Millis, Result};

/// What a ledger line says. The first three are final and said once ([`super::SCHEMA`]'s unique index).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A contact was erased; the subject is its id.
    ContactErased,
    /// An identity belonged to an erased contact; the subject is the identity's keyed hash.
    IdentityErased,
    /// A key was destroyed; the subject is its id.
    KeyDestroyed,
    /// An identity refuses messages; the subject is the suppression's keyed hash, the detail its reason.
    Suppressed,
    /// It accepts them again.
    Unsuppressed,
}

const DEEDS: [(Deed, &str); 5] = [
    (Deed::ContactErased, "contact.erased"),
    (Deed::IdentityErased, "identity.erased"),
    (Deed::KeyDestroyed, "key.destroyed"),
    (Deed::Suppressed, "suppressed"),
    (Deed::Unsuppressed, "unsuppressed"),
];

impl Deed {
    /// The stored word.
    pub(super) fn word(self) -> &'static str {
        DEEDS.iter().find(|(known, _)| *known == self).map_or("", |(_, word)| word)
    }

    /// Back from the stored word.
    pub(super) fn of(word: &str) -> Result<Self> {
        DEEDS.iter().find(|(_, known)| *known == word).map(|(deed, _)| *deed).ok_or_else(malformed)
    }
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) deed: Deed,
    /// A keyed hash of 32 bytes.
    pub(crate) subject: Vec<u8>,
    /// A plain word, or empty.
    pub(crate) detail: String,
}

/// A signed state of a workspace's audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// How many leaves it covers.
    pub(crate) seq: i64,
    /// The Merkle root over them.
    pub(crate) root: Vec<u8>,
    pub(crate) at: Millis,
    pub(crate) signature: Vec<u8>,
}
