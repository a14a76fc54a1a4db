//! Sealing and opening cells inside a transaction.
//!
//! A sealed cell is `1 ‖ key id (16) ‖ nonce (12) ‖ ciphertext and tag`; table, column, row and key id are its associated
//! data, so a cell moved to another place does not open. A contact's cell opens only if the contact is un-erased in
//! the same snapshot of the database: the key cached in memory never suffices.

#[cfg(test)]
mod tests;

use crate::id::KeyId;
use crate::keys::{Family, Key};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Error, Personal, Result, Tx, WorkspaceId, rotation};

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

/// What opening came to, for who goes on with the next one whatever it was.
pub(crate) enum Opened {
    /// What was sealed.
    Plain(Vec<u8>),
    /// Its key was destroyed.
    KeyGone,
    /// Its key is there, and does not open it.
    Damaged,
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
            Some(key) => self.keys.open_cell(&key, id, place, sealed).map(Some),
            None => Ok(None),
        }
    }

    /// Like [`Tx::open`], but a cell that was altered is no error. A key that cannot be unwrapped now still is one: what is
    /// under it may be whole.
    pub(crate) fn open_or_damaged(&self, place: Place<'_>, sealed: &[u8]) -> Result<Opened> {
        let Ok(id) = self.keys.key_of(sealed) else { return Ok(Opened::Damaged) };
        let Some(key) = self.opening_key(id)? else { return Ok(Opened::KeyGone) };
        match self.keys.open_cell(&key, id, place, sealed) {
            Ok(plain) => Ok(Opened::Plain(plain)),
            Err(Error::Seal(_)) => Ok(Opened::Damaged),
            Err(error) => Err(error),
        }
    }

    /// Opens a sealed text; `None` if the contact's content has been erased.
    pub(crate) fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<Option<Personal<String>>> {
        self.open(place, sealed)?
            .map(|bytes| String::from_utf8(bytes).map(Personal::new).map_err(|_| Error::Seal("text is not UTF-8")))
            .transpose()
    }

    /// A keyed hash by which a value can be found without being stored (identities, remote ids, e-mail addresses).
    pub(crate) fn blind(&self, domain: &str, value: &str) -> Result<Vec<u8>> {
        self.keys.blind(self.workspace()?, domain, value)
    }

    /// A keyed hash under a key of this day (UTC). Once that is destroyed, nobody can make it again.
    pub(crate) fn blind_of_day(&self, domain: &str, value: &str) -> Result<Vec<u8>> {
        self.keys.blind_of_day(self.workspace()?, self.now(), domain, value)
    }

    /// The key that seals something now.
    pub(crate) fn sealing_key(&self, under: Under) -> Result<(KeyId, Key)> {
        match under {
            Under::Workspace => self.family_sealing_key(Family::Content),
            Under::Evidence => self.family_sealing_key(Family::Evidence),
            Under::Contact(contact) => self.contact_sealing_key(contact, String::new()),
            Under::ContactOn(contact, channel) => self.contact_sealing_key(contact, channel.to_string()),
        }
    }

    /// The key of the workspace that its data says is the present one: since a rotation began, on every node.
    fn family_sealing_key(&self, family: Family) -> Result<(KeyId, Key)> {
        let generation = rotation::generation(self, family)?;
        self.keys.family_key(self.workspace()?, family, generation)
    }

    /// A contact's key for a channel (`""`: the profile), drawn from the stock when it has none yet. Of several, as a merge
    /// or a rotation leaves them, the newest that is not retired seals.
    fn contact_sealing_key(&self, contact: ContactId, channel: String) -> Result<(KeyId, Key)> {
        let found = self.maybe(
            sql!(
                "SELECT k.key_id FROM contact_keys k JOIN contacts c ON c.workspace_id = k.workspace_id \
                 AND c.id = k.contact_id WHERE k.workspace_id = $1 AND k.contact_id = $2 AND k.channel_id = $3 \
                 AND c.erased_at IS NULL AND k.retired_at IS NULL ORDER BY k.created_at DESC, k.key_id DESC LIMIT 1"
            ),
            params![contact, &channel],
            |row| row.get::<KeyId>(0),
        )?;
        let workspace = self.workspace()?;
        if let Some(id) = found {
            // A row whose key custody has destroyed is what a restored database still says of an erased contact.
            return Ok((id, self.keys.contact_key(workspace, id)?.ok_or(Error::Erased)?));
        }
        self.require_unerased(contact)?;
        let (id, key) = self.keys.draw(workspace)?;
        self.run(
            sql!(
                "INSERT INTO contact_keys (workspace_id, contact_id, channel_id, key_id, created_at) \
                 VALUES ($1, $2, $3, $4, $5)"
            ),
            params![contact, channel, id, self.now()],
        )?;
        Ok((id, key))
    }

    fn require_unerased(&self, contact: ContactId) -> Result<()> {
        let erased = self.maybe(
            sql!("SELECT erased_at IS NOT NULL FROM contacts WHERE workspace_id = $1 AND id = $2"),
            params![contact],
            |row| row.get::<bool>(0),
        )?;
        match erased {
            Some(false) => Ok(()),
            Some(true) => Err(Error::Erased),
            None => Err(Error::NotFound("contact")),
        }
    }

    fn opening_key(&self, id: KeyId) -> Result<Option<Key>> {
        if let Some(known) = self.opened.borrow().get(&id) {
            return Ok(known.clone());
        }
        let key = match self.workspace() {
            Ok(workspace) => match self.keys.workspace_key(workspace, id)? {
                Some(key) => Some(key),
                None => match self.contact_opening_key(workspace, id)? {
                    Some(key) => Some(key),
                    None => self.newer_opening_key(workspace, id)?,
                },
            },
            // The installation opens names of workspaces; a contact's content needs a scope.
            Err(refusal) => Some(self.keys.any_workspace_key(id)?.ok_or(refusal)?),
        };
        self.opened.borrow_mut().insert(id, key.clone());
        Ok(key)
    }

    /// A key of the workspace that another node has made since this one last looked.
    fn newer_opening_key(&self, workspace: WorkspaceId, id: KeyId) -> Result<Option<Key>> {
        let mut known = true;
        for family in [Family::Content, Family::Evidence] {
            known &= self.keys.knows(workspace, family, rotation::generation(self, family)?)?;
        }
        if known {
            return Ok(None);
        }
        self.keys.look_again(workspace)?;
        self.keys.workspace_key(workspace, id)
    }

    fn contact_opening_key(&self, workspace: WorkspaceId, id: KeyId) -> Result<Option<Key>> {
        let unerased = self.maybe(
            sql!(
                "SELECT 1 FROM contact_keys k JOIN contacts c ON c.workspace_id = k.workspace_id \
                 AND c.id = k.contact_id WHERE k.workspace_id = $1 AND k.key_id = $2 AND c.erased_at IS NULL"
            ),
            params![id],
            |_| Ok(()),
        )?;
        match unerased {
            Some(()) => self.keys.contact_key(workspace, id),
            None => Ok(None),
        }
    }
}
