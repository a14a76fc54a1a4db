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
    /// Rows of a table were removed because their term was over; the detail is the table, the moment up to which that was so, and
    /// how many it were.
    Swept,
    /// What a disconnected channel brought has ended; the subject is its id.
    ChannelEnded,
    /// The workspace has ended; the subject is its id.
    WorkspaceEnded,
}

const DEEDS: [(Deed, &str); 8] = [
    (Deed::ContactErased, "contact.erased"),
    (Deed::IdentityErased, "identity.erased"),
    (Deed::KeyDestroyed, "key.destroyed"),
    (Deed::Suppressed, "suppressed"),
    (Deed::Unsuppressed, "unsuppressed"),
    (Deed::Swept, "swept"),
    (Deed::ChannelEnded, "channel.ended"),
    (Deed::WorkspaceEnded, "workspace.ended"),
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

/// A signed state of a workspace's audit log. What it states and how it is verified is in [`crate::audit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its number in the workspace, from 1 without gaps.
    pub number: i64,
    /// How many entries it covers: those from 1 to this number.
    pub size: i64,
    /// The Merkle root over their leaves (RFC 6962): 32 bytes.
    pub root: Vec<u8>,
    /// The root that the checkpoint before it states; for the first, that of the empty tree.
    pub previous: Vec<u8>,
    /// When it was made.
    pub at: Millis,
    /// Ed25519, over [`Checkpoint::statement`]: 64 bytes.
    pub signature: Vec<u8>,
    /// The tree's peaks, largest first, 32 bytes each: by them the tree goes on without reading its leaves again. They
    /// are not signed, because they must give the root.
    pub(crate) peaks: Vec<u8>,
}
