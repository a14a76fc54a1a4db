//! What enters the tree for an entry, and whether an entry still says what entered.
//!
//! A leaf is the form (one byte, 2), number and time (eight bytes each, big endian) and a hash of the words. So number and time
//! stay proven when the words have expired. What the entry names (its subject, and a visitor who acted) is in the hash of
//! the words as a hash of its own, under a salt of its own: when that salt is wiped, nobody can tell any more who was named,
//! and the rest can still be proven.
//!
//! Leaves from before (form 1) are 32 bytes, a hash of everything: of those nothing can be wiped alone.

use sha2::{Digest, Sha256};

use super::Entry;
use crate::WorkspaceId;
use crate::merkle::Hash;

/// What the hash over the words begins with, and that over who is named.
const WORDS: &[u8] = b"parloir audit words 2\0";
const NAMED: &[u8] = b"parloir audit named 2\0";
/// The form of leaves, as their first byte says.
const FORM: u8 = 2;
/// Bytes of a leaf: form, number, time, hash.
const LENGTH: usize = 1 + 8 + 8 + 32;
/// The leaf that stands where an entry is missing.
pub(super) const MISSING: &[u8] = b"";

/// Whether an entry still says what it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    Intact,
    /// Whom it names was wiped; the rest was computed anew and matched.
    Forgotten,
    /// Its words and salts have expired: only the tree vouches for its leaf.
    Expired,
    Altered,
}

/// An entry as it is stored, with what its leaf is computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) entry: Entry,
    pub(super) salt: Option<Vec<u8>>,
    pub(super) subject_salt: Option<Vec<u8>>,
    pub(super) subject_hash: Option<Vec<u8>>,
    pub(super) leaf: Vec<u8>,
}

impl Stored {
    /// A new entry with its leaf.
    pub(super) fn new(workspace: WorkspaceId, entry: Entry, salt: [u8; 32], subject_salt: [u8; 32]) -> Self {
        let named = named(&subject_salt, &entry);
        let words = words(workspace, &entry, &named, &salt);
        Self {
            leaf: compose(entry.seq, entry.at, &words),
            salt: Some(salt.into()),
            subject_salt: Some(subject_salt.into()),
            subject_hash: Some(named.into()),
            entry,
        }
    }

    /// Whether it says what it said, as far as it can tell by itself.
    pub(super) fn condition(&self, workspace: WorkspaceId) -> Condition {
        let blinded = self.subject_salt.is_some() || self.subject_hash.is_some();
        match &self.salt {
            None if blinded || !self.entry.is_blank() || !self.is_numbered() => Condition::Altered,
            None => Condition::Expired,
            Some(salt) if self.leaf.len() == 32 => {
                let fits = !blinded && first_form(workspace, &self.entry, salt)[..] == self.leaf[..];
                if fits { Condition::Intact } else { Condition::Altered }
            }
            Some(salt) => self.opened(workspace, salt).unwrap_or(Condition::Altered),
        }
    }

    /// What an entry with words is; `None`: altered.
    fn opened(&self, workspace: WorkspaceId, salt: &[u8]) -> Option<Condition> {
        let hash: Hash = self.subject_hash.as_deref()?.try_into().ok()?;
        let leaf = compose(self.entry.seq, self.entry.at, &words(workspace, &self.entry, &hash, salt));
        let condition = match &self.subject_salt {
            Some(salt) => (named(salt, &self.entry) == hash).then_some(Condition::Intact),
            // Who wipes only the salt, so that nobody can compute the hash, leaves a name behind.
            None => (self.entry.subject.is_empty() && self.entry.visitor().is_empty()).then_some(Condition::Forgotten),
        };
        condition.filter(|_| leaf == self.leaf)
    }

    /// Whether number and time are those in the leaf. Leaves of the first form do not tell.
    fn is_numbered(&self) -> bool {
        match self.leaf.len() {
            32 => true,
            LENGTH => self.leaf[..LENGTH - 32] == compose(self.entry.seq, self.entry.at, &[0; 32])[..LENGTH - 32],
            _ => false,
        }
    }

    /// Whether its leaf proves the time even after the words have gone.
    pub(super) fn proves_its_time(&self) -> bool {
        self.leaf.len() == LENGTH
    }
}

impl Entry {
    pub(super) fn is_blank(&self) -> bool {
        [&self.actor_kind, &self.actor_id, &self.purpose, &self.act, &self.subject].iter().all(|word| word.is_empty())
    }

    /// The contact that acted, where one did.
    fn visitor(&self) -> &str {
        if self.actor_kind == VISITOR { &self.actor_id } else { "" }
    }
}

/// The kind of actor who is a contact.
pub(super) const VISITOR: &str = "visitor";

fn compose(seq: i64, at: i64, words: &Hash) -> Vec<u8> {
    let (seq, at) = (seq.to_be_bytes(), at.to_be_bytes());
    [&[FORM][..], &seq, &at, words].concat()
}

/// The hash over who is named.
fn named(salt: &[u8], entry: &Entry) -> Hash {
    let mut hash = Sha256::new_with_prefix(NAMED);
    for word in [&entry.subject[..], entry.visitor()] {
        add(&mut hash, word);
    }
    hash.update(salt);
    hash.finalize().into()
}

/// The hash over all other words and that one.
fn words(workspace: WorkspaceId, entry: &Entry, named: &Hash, salt: &[u8]) -> Hash {
    let mut hash = Sha256::new_with_prefix(WORDS);
    let workspace = workspace.to_string();
    let actor = if entry.actor_kind == VISITOR { "" } else { &entry.actor_id };
    for word in [&workspace[..], &entry.actor_kind, actor, &entry.purpose, &entry.act] {
        add(&mut hash, word);
    }
    hash.update(named);
    hash.update(salt);
    hash.finalize().into()
}

/// Adds a word with its length before it, so that no two different lists of words have the same encoding.
fn add(hash: &mut Sha256, word: &str) {
    hash.update((word.len() as u64).to_be_bytes());
    hash.update(word.as_bytes());
}

/// SHA-256 over a fixed title, number and time (big endian), each word with its length before it, and the salt.
pub(super) fn first_form(workspace: WorkspaceId, entry: &Entry, salt: &[u8]) -> Hash {
    let mut hash = Sha256::new_with_prefix(b"parloir audit leaf 1\0");
    hash.update(entry.seq.to_be_bytes());
    hash.update(entry.at.to_be_bytes());
    let workspace = workspace.to_string();
    for word in [&workspace, &entry.actor_kind, &entry.actor_id, &entry.purpose, &entry.act, &entry.subject] {
        add(&mut hash, word);
    }
    hash.update(salt);
    hash.finalize().into()
}
