//! A ring: the few keys of a workspace, or of the installation. The root wraps its workspace key, which wraps the others.

use std::sync::Arc;

use super::cache::Cache;
use super::custody::{Wrapped, owner_text};
use super::{Held, Key, Keys, envelope, locked};
use crate::id::KeyId;
use crate::{Error, Result, WorkspaceId};

/// How many rings stay in memory, halved. A ring is some 200 bytes.
const HALF: usize = 2048;

const WORKSPACE: &str = "workspace";
const CONTENT: &str = "content";
const EVIDENCE: &str = "evidence";
const INDEX: &str = "index";
const BLIND: &str = "blind";
const AUDIT: &str = "audit";
/// A kind that came later is made for older workspaces when their ring is next loaded.
const CHILDREN: [&str; 5] = [CONTENT, EVIDENCE, INDEX, BLIND, AUDIT];

/// The unwrapped keys of one owner.
pub(super) struct Ring {
    /// Wraps the others and the contacts'.
    pub(super) workspace: Held,
    /// Seals members, channels, settings.
    pub(super) content: Held,
    /// Seals what outlives a contact's erasure.
    pub(super) evidence: Held,
    /// Seals the search index.
    pub(super) index: Held,
    /// Makes keyed hashes.
    pub(super) blind: Held,
    /// Signs the audit log.
    pub(super) audit: Held,
}

/// Rings in memory.
pub(super) struct Rings(Cache<Option<WorkspaceId>, Arc<Ring>>);

impl Default for Rings {
    fn default() -> Self {
        Self(Cache::new(HALF))
    }
}

impl Keys {
    /// The keys of an owner (`None`: the installation), made when it has none. Two nodes that make them at once end with
    /// the same ones: custody takes the first of each kind.
    pub(super) fn ring(&self, owner: Option<WorkspaceId>) -> Result<Arc<Ring>> {
        if let Some(ring) = locked(&self.rings).0.get(owner) {
            return Ok(ring);
        }
        let ring = Arc::new(self.load_ring(owner)?);
        locked(&self.rings).0.put(owner, Arc::clone(&ring));
        Ok(ring)
    }

    /// Makes a workspace's keys, before its first row is written.
    pub(crate) fn create_workspace(&self, workspace: WorkspaceId) -> Result<()> {
        self.ring(Some(workspace)).map(|_| ())
    }

    fn load_ring(&self, owner: Option<WorkspaceId>) -> Result<Ring> {
        let mut stored = self.custody.ring(owner)?;
        if !stored.iter().any(|key| key.kind == WORKSPACE) {
            self.found(owner)?;
            stored = self.custody.ring(owner)?;
        }
        let workspace = self.unwrap_workspace(owner, &stored)?;
        let missing = CHILDREN.into_iter().filter(|kind| !stored.iter().any(|key| key.kind == *kind));
        let missing: Vec<Wrapped> =
            missing.map(|kind| self.wrapped(&workspace.key, owner, kind, &self.fresh())).collect::<Result<_>>()?;
        if !missing.is_empty() {
            self.custody.add(owner, missing, self.clock.now())?;
            stored = self.custody.ring(owner)?;
        }
        let child = |kind| unwrap_child(&workspace.key, owner, kind, &stored);
        Ok(Ring {
            content: child(CONTENT)?,
            evidence: child(EVIDENCE)?,
            index: child(INDEX)?,
            blind: child(BLIND)?,
            audit: child(AUDIT)?,
            workspace,
        })
    }

    fn found(&self, owner: Option<WorkspaceId>) -> Result<()> {
        let Held { id, key } = self.fresh();
        let bytes = self.root.wrap(&key_name(WORKSPACE, owner, id), key.bytes(), self.chance.draw())?;
        let key = Wrapped { id, kind: WORKSPACE.to_owned(), bytes };
        self.custody.add(owner, vec![key], self.clock.now())
    }

    fn unwrap_workspace(&self, owner: Option<WorkspaceId>, stored: &[Wrapped]) -> Result<Held> {
        let Wrapped { id, bytes, .. } = of_kind(WORKSPACE, stored)?;
        let key = self.root.unwrap(&key_name(WORKSPACE, owner, *id), bytes)?;
        Ok(Held { id: *id, key: Key::from_bytes(&key)? })
    }

    /// Wraps a key for custody.
    pub(super) fn wrapped(&self, parent: &Key, owner: Option<WorkspaceId>, kind: &str, held: &Held) -> Result<Wrapped> {
        let place = key_name(kind, owner, held.id);
        let bytes = envelope::wrap(parent, self.chance.draw(), &place, held.key.bytes())?;
        Ok(Wrapped { id: held.id, kind: kind.to_owned(), bytes })
    }

    /// Takes the one key of a kind that its owner has, or makes it.
    pub(super) fn only(&self, owner: Option<WorkspaceId>, kind: &str) -> Result<Held> {
        let ring = self.ring(owner)?;
        let parent = &ring.workspace.key;
        let stored = self.custody.ring(owner)?;
        if stored.iter().any(|key| key.kind == kind) {
            return unwrap_child(parent, owner, kind, &stored);
        }
        self.custody.add(owner, vec![self.wrapped(parent, owner, kind, &self.fresh())?], self.clock.now())?;
        unwrap_child(parent, owner, kind, &self.custody.ring(owner)?)
    }

    /// The key for a workspace's own content.
    pub(crate) fn content_key(&self, workspace: WorkspaceId) -> Result<(KeyId, Key)> {
        let ring = self.ring(Some(workspace))?;
        Ok((ring.content.id, ring.content.key.clone()))
    }

    /// The key for what outlives a contact's erasure.
    pub(crate) fn evidence_key(&self, workspace: WorkspaceId) -> Result<(KeyId, Key)> {
        let ring = self.ring(Some(workspace))?;
        Ok((ring.evidence.id, ring.evidence.key.clone()))
    }

    /// The key that a workspace's search index is sealed under.
    pub(crate) fn index_key(&self, workspace: WorkspaceId) -> Result<Key> {
        Ok(self.ring(Some(workspace))?.index.key.clone())
    }

    /// A content or evidence key of a workspace; `None` if this is neither.
    pub(crate) fn workspace_key(&self, workspace: WorkspaceId, id: KeyId) -> Result<Option<Key>> {
        let ring = self.ring(Some(workspace))?;
        Ok([&ring.content, &ring.evidence].into_iter().find(|held| held.id == id).map(|held| held.key.clone()))
    }

    /// Like [`Keys::workspace_key`] where the workspace is not known.
    pub(crate) fn any_workspace_key(&self, id: KeyId) -> Result<Option<Key>> {
        match self.custody.owner(id)? {
            Some(workspace) => self.workspace_key(workspace, id),
            None => Ok(None),
        }
    }
}

fn unwrap_child(parent: &Key, owner: Option<WorkspaceId>, kind: &str, stored: &[Wrapped]) -> Result<Held> {
    let Wrapped { id, bytes, .. } = of_kind(kind, stored)?;
    let key = envelope::unwrap(parent, &key_name(kind, owner, *id), bytes)?;
    Ok(Held { id: *id, key: Key::from_bytes(&key)? })
}

fn of_kind<'a>(kind: &str, stored: &'a [Wrapped]) -> Result<&'a Wrapped> {
    stored.iter().find(|key| key.kind == kind).ok_or(Error::Seal("a key is missing in custody"))
}

/// What a wrapped key is: bound to its ciphertext, so that one cannot be passed off as another.
pub(super) fn key_name(kind: &str, owner: Option<WorkspaceId>, id: KeyId) -> Vec<u8> {
    envelope::name(&[b"key", kind.as_bytes(), owner_text(owner).as_bytes(), &id.bytes()])
}
