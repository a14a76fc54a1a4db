//! Sealing and opening cells inside a transaction.
//!
//! A sealed cell is `1 ‖ key id (16) ‖ nonce (12) ‖ ciphertext and tag`; table, column, row and key id are its associated
//! data, so a cell moved to another place does not open. A contact's cell opens only if the contact is un-erased in
//! the same snapshot of the database: the key cached in memory never suffices.

use crate::id::KeyId;
use crate::{ChannelId, ContactId, Personal, Result, Tx};

/// Under whose key something is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Under {
    /// A contact's own key: name, attributes, identities.
    Contact(ContactId),
    /// A contact's key for one channel, which can be destroyed alone (D-2): messages, files, threads.
    ContactOn(ContactId, ChannelId),
    /// The workspace's key: members, channel settings.
    Workspace,
    /// The workspace's evidence key: consents, requests; it outlives a contact's erasure.
    Evidence,
}

/// The place of a sealed value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: &'a str,
}

impl Tx<'_> {
    /// Seals bytes for a place.
    pub(crate) fn seal(&self, under: Under, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        let (id, key) = self.sealing_key(under)?;
        self.keys.seal(&key, id, place, self.chance(), plain)
    }

    /// Seals a text for a place.
    pub(crate) fn seal_text(&self, under: Under, place: Place<'_>, text: &Personal<String>) -> Result<Vec<u8>> {
        self.seal(under, place, text.reveal().as_bytes())
    }

    /// Opens a sealed cell; `None` if the contact's content has been erased.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>> {
        let id = self.keys.key_of(sealed)?;
        match self.opening_key(id)? {
            Some(key) => self.keys.open(&key, id, place, sealed).map(Some),
            None => Ok(None),
        }
    }

    /// Opens a sealed text; `None` if the contact's content has been erased.
    pub(crate) fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<Option<Personal<String>>> {
        self.open(place, sealed)?
            .map(|bytes| String::from_utf8(bytes).map(Personal::new).map_err(|_| crate::Error::Seal("text is not UTF-8")))
            .transpose()
    }

    /// A keyed hash by which a value can be found without being stored (identities, remote ids, e-mail addresses).
    pub(crate) fn blind(&self, domain: &str, value: &str) -> Result<Vec<u8>> {
        self.keys.blind(self.workspace()?, domain, value)
    }

    fn sealing_key(&self, under: Under) -> Result<(KeyId, crate::keys::Key)> {
        let _ = under;
        Err(crate::Error::Seal("keys are not there yet"))
    }

    fn opening_key(&self, id: KeyId) -> Result<Option<crate::keys::Key>> {
        let _ = id;
        Err(crate::Error::Seal("keys are not there yet"))
    }
}
