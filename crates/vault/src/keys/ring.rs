//! A ring: the few keys of a workspace, or of the installation. The root wraps its workspace key, which wraps the others.
//!
//! Of each there are generations: a rotation makes the next, and destroys those before once nothing needs them. Which one
//! seals is said by the data ([`crate::rotation`]); which there are, by custody.

use std::sync::Arc;

use super::cache::Cache;
use super::custody::{Wrapped, owner_text};
use super::{Held, Key, Keys, envelope, locked};
use crate::id::KeyId;
use crate::{Error, Result, WorkspaceId};

/// How many rings stay in memory, halved. A ring is some 200 bytes.
const HALF: usize = 2048;
/// How often a ring is read anew when somebody else changes it at the same moment.
const TRIES: usize = 4;

const WORKSPACE: &str = "workspace";

/// What a key of a ring is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Seals members, channels, settings.
    Content,
    /// Seals what outlives a contact's erasure.
    Evidence,
    /// Seals the search index.
    Index,
    /// Makes keyed hashes. There is one generation of it: see `docs/decisions/0012`.
    Blind,
    /// Signs the audit log.
    Audit,
}

/// A family that came later is made for older workspaces when their ring is next loaded.
const FAMILIES: [(Family, &str); 5] = [
    (Family::Content, "content"),
    (Family::Evidence, "evidence"),
    (Family::Index, "index"),
    (Family::Blind, "blind"),
    (Family::Audit, "audit"),
];

impl Family {
    /// Its word in custody.
    pub(crate) fn word(self) -> &'static str {
        FAMILIES.iter().find(|(family, _)| *family == self).map_or("", |(_, word)| word)
    }
}

/// A key of a ring.
struct Child {
    family: Family,
    generation: i64,
    held: Held,
}

/// The unwrapped keys of one owner.
pub(super) struct Ring {
    /// Workspace keys, newest first: they wrap the others and the contacts'. Several only while a rotation re-wraps.
    parents: Vec<(i64, Held)>,
    children: Vec<Child>,
}

impl Ring {
    /// What wraps whatever is wrapped from now on.
    pub(super) fn parent(&self) -> Result<&Held> {
        self.parents.first().map(|(_, held)| held).ok_or(MISSING)
    }

    /// Which generation [`Ring::parent`] is; 0 where there is none.
    pub(super) fn generation(&self) -> i64 {
        self.parents.first().map_or(0, |(generation, _)| *generation)
    }

    /// The workspace keys before a generation.
    pub(super) fn parents_before(&self, target: i64) -> impl Iterator<Item = &Held> {
        self.parents.iter().filter(move |(generation, _)| *generation < target).map(|(_, held)| held)
    }

    /// Unwraps a key of this ring's owner with whichever workspace key wrapped it; whether that was the newest.
    pub(super) fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<(Key, bool)> {
        let mut refused = MISSING;
        for (at, (_, parent)) in self.parents.iter().enumerate() {
            match envelope::unwrap(&parent.key, place, wrapped) {
                Ok(key) => return Ok((Key::from_bytes(&key)?, at == 0)),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    fn of(&self, family: Family, generation: i64) -> Option<&Held> {
        let found = self.children.iter().find(|child| child.family == family && child.generation == generation);
        found.map(|child| &child.held)
    }

    fn newest(&self, family: Family) -> Result<&Child> {
        let own = self.children.iter().filter(|child| child.family == family);
        own.max_by_key(|child| child.generation).ok_or(MISSING)
    }

    fn key(&self, family: Family) -> Result<&Held> {
        Ok(&self.newest(family)?.held)
    }
}

const MISSING: Error = Error::Seal("a key is missing in custody");

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
        self.reload(owner)
    }

    /// The keys of an owner as custody has them now: another node may have rotated some.
    pub(super) fn reload(&self, owner: Option<WorkspaceId>) -> Result<Arc<Ring>> {
        let ring = Arc::new(self.load_ring(owner)?);
        locked(&self.rings).0.put(owner, Arc::clone(&ring));
        Ok(ring)
    }

    /// Whether a workspace's keys are in memory.
    pub(crate) fn is_unlocked(&self, workspace: WorkspaceId) -> bool {
        locked(&self.rings).0.get(Some(workspace)).is_some()
    }

    /// Brings a workspace's keys into memory, if it has any. May take seconds where another system holds the root key.
    pub(crate) fn unlock(&self, workspace: WorkspaceId) -> Result<()> {
        let stored = self.custody.ring(Some(workspace))?;
        if stored.is_empty() { Ok(()) } else { self.ring(Some(workspace)).map(|_| ()) }
    }

    /// Makes a workspace's keys, before its first row is written.
    pub(crate) fn create_workspace(&self, workspace: WorkspaceId) -> Result<()> {
        self.ring(Some(workspace)).map(|_| ())
    }

    fn load_ring(&self, owner: Option<WorkspaceId>) -> Result<Ring> {
        for _ in 0..TRIES {
            let stored = self.custody.ring(owner)?;
            let parents = self.parents(owner, &stored)?;
            let ring = Ring { parents, children: Vec::new() };
            let has = |word: &&str| stored.iter().any(|key| split(&key.kind).0 == *word);
            let missing: Vec<&str> = FAMILIES.iter().map(|(_, word)| *word).filter(|word| !has(word)).collect();
            if ring.parents.is_empty() {
                self.found_parent(owner, &ring)?;
            } else if missing.is_empty() {
                return Ok(Ring { children: children(&ring, owner, &stored)?, ..ring });
            } else {
                let fresh: Vec<_> = missing.into_iter().map(|word| (word, self.fresh())).collect();
                self.entrust(&ring, owner, fresh.iter().map(|(word, held)| (*word, held)))?;
            }
        }
        Err(MISSING)
    }

    /// An owner's workspace keys, newest first. Whoever holds the root key is asked for those alone that are not in memory:
    /// somebody may be waiting for this inside a transaction.
    fn parents(&self, owner: Option<WorkspaceId>, stored: &[Wrapped]) -> Result<Vec<(i64, Held)>> {
        let known = locked(&self.rings).0.get(owner);
        let known = |id: KeyId| known.as_ref()?.parents.iter().find(|(_, held)| held.id == id);
        let mut parents = Vec::new();
        for Wrapped { id, kind, bytes } in stored {
            if let (WORKSPACE, generation) = split(kind) {
                let held = if let Some((_, held)) = known(*id) {
                    held.clone()
                } else {
                    let key = self.root().unwrap(&key_name(kind, owner, *id), bytes)?;
                    Held { id: *id, key: Key::from_bytes(&key)? }
                };
                parents.push((generation, held));
            }
        }
        parents.sort_by_key(|(generation, _)| std::cmp::Reverse(*generation));
        Ok(parents)
    }

    /// Makes the workspace key after a ring's newest, unless somebody else has.
    pub(super) fn found_parent(&self, owner: Option<WorkspaceId>, ring: &Ring) -> Result<()> {
        let Held { id, key } = self.fresh();
        let kind = parent_kind(ring.generation().saturating_add(1));
        let bytes = self.root().wrap(&key_name(&kind, owner, id), key.bytes(), self.chance.draw())?;
        let before = ring.parent().ok().map(|held| held.id);
        self.custody.add(owner, before, vec![Wrapped { id, kind, bytes }], self.clock.now()).map(|_| ())
    }

    /// Wraps keys of these kinds under a ring's newest workspace key and gives them to custody; how many it took. None, if
    /// that one is not the newest any more.
    pub(super) fn entrust<'a>(
        &self,
        ring: &Ring,
        owner: Option<WorkspaceId>,
        keys: impl IntoIterator<Item = (&'a str, &'a Held)>,
    ) -> Result<u64> {
        let parent = ring.parent()?;
        let wrap = |(kind, Held { id, key }): (&str, &Held)| {
            let place = key_name(kind, owner, *id);
            let bytes = envelope::wrap(&parent.key, self.chance.draw(), &place, key.bytes())?;
            Ok(Wrapped { id: *id, kind: kind.to_owned(), bytes })
        };
        let wrapped = keys.into_iter().map(wrap).collect::<Result<_>>()?;
        self.custody.add(owner, Some(parent.id), wrapped, self.clock.now())
    }

    /// Takes the one key of a kind that its owner has, or makes it.
    pub(super) fn only(&self, owner: Option<WorkspaceId>, kind: &str) -> Result<Held> {
        let mut ring = self.ring(owner)?;
        for _ in 0..TRIES {
            let stored = self.custody.ring(owner)?;
            if let Some(Wrapped { id, bytes, .. }) = stored.iter().find(|key| key.kind == kind) {
                match ring.unwrap(&key_name(kind, owner, *id), bytes) {
                    Ok((key, _)) => return Ok(Held { id: *id, key }),
                    Err(_) => ring = self.reload(owner)?,
                }
            } else if self.entrust(&ring, owner, [(kind, &self.fresh())])? == 0 {
                ring = self.reload(owner)?;
            }
        }
        Err(MISSING)
    }

    /// The key by which an owner's keyed hashes are made.
    pub(super) fn blind_key(&self, owner: Option<WorkspaceId>) -> Result<Key> {
        Ok(self.ring(owner)?.key(Family::Blind)?.key.clone())
    }

    /// The newest key of a family of a workspace.
    #[cfg(test)]
    pub(crate) fn newest_key(&self, workspace: WorkspaceId, family: Family) -> Result<(KeyId, Key)> {
        let Held { id, key } = self.ring(Some(workspace))?.key(family)?.clone();
        Ok((id, key))
    }

    /// The ids of an owner's workspace keys.
    #[cfg(test)]
    pub(crate) fn parent_ids(&self, owner: Option<WorkspaceId>) -> Result<Vec<KeyId>> {
        Ok(self.reload(owner)?.parents.iter().map(|(_, held)| held.id).collect())
    }

    /// The ids of all keys of a workspace that custody has.
    #[cfg(test)]
    pub(crate) fn ids_in_custody(&self, workspace: WorkspaceId) -> Result<Vec<KeyId>> {
        Ok(self.custody.page(Some(workspace), "", i64::MAX)?.into_iter().map(|key| key.id).collect())
    }

    /// The key of a family and generation. Where custody has no such one, which a restored database may name, the newest.
    pub(crate) fn family_key(&self, workspace: WorkspaceId, family: Family, generation: i64) -> Result<(KeyId, Key)> {
        let mut ring = self.ring(Some(workspace))?;
        if ring.of(family, generation).is_none() {
            ring = self.reload(Some(workspace))?;
        }
        let Held { id, key } = match ring.of(family, generation) {
            Some(held) => held.clone(),
            None => ring.key(family)?.clone(),
        };
        Ok((id, key))
    }

    /// A generation after `current`, made if there is none yet: a rotation that did not come to its first row left one.
    pub(crate) fn next_generation(&self, workspace: WorkspaceId, family: Family, current: i64) -> Result<i64> {
        let owner = Some(workspace);
        for _ in 0..TRIES {
            let ring = self.reload(owner)?;
            let newest = ring.newest(family)?.generation;
            if newest > current {
                return Ok(newest);
            }
            let next = kind(family.word(), newest.saturating_add(1));
            self.entrust(&ring, owner, [(next.as_str(), &self.fresh())])?;
        }
        Err(MISSING)
    }

    /// The newest generation of a family that custody has.
    pub(crate) fn newest_generation(&self, workspace: WorkspaceId, family: Family) -> Result<i64> {
        Ok(self.reload(Some(workspace))?.newest(family)?.generation)
    }

    /// The keys of a family before a generation.
    pub(crate) fn generations_before(
        &self,
        workspace: WorkspaceId,
        family: Family,
        generation: i64,
    ) -> Result<Vec<KeyId>> {
        let ring = self.reload(Some(workspace))?;
        let own = ring.children.iter().filter(|child| child.family == family && child.generation < generation);
        Ok(own.map(|child| child.held.id).collect())
    }

    /// Whether a generation is known here: otherwise another node made it since the ring was loaded.
    pub(crate) fn knows(&self, workspace: WorkspaceId, family: Family, generation: i64) -> Result<bool> {
        Ok(self.ring(Some(workspace))?.of(family, generation).is_some())
    }

    /// Reads a workspace's keys anew.
    pub(crate) fn look_again(&self, workspace: WorkspaceId) -> Result<()> {
        self.reload(Some(workspace)).map(|_| ())
    }

    /// A content or evidence key of a workspace; `None` if this is neither.
    pub(crate) fn workspace_key(&self, workspace: WorkspaceId, id: KeyId) -> Result<Option<Key>> {
        let ring = self.ring(Some(workspace))?;
        let seals = |child: &&Child| matches!(child.family, Family::Content | Family::Evidence) && child.held.id == id;
        Ok(ring.children.iter().find(seals).map(|child| child.held.key.clone()))
    }

    /// Like [`Keys::workspace_key`] where the workspace is not known.
    pub(crate) fn any_workspace_key(&self, id: KeyId) -> Result<Option<Key>> {
        let Some(workspace) = self.custody.owner(id)? else { return Ok(None) };
        if let Some(key) = self.workspace_key(workspace, id)? {
            return Ok(Some(key));
        }
        self.look_again(workspace)?;
        self.workspace_key(workspace, id)
    }
}

fn children(ring: &Ring, owner: Option<WorkspaceId>, stored: &[Wrapped]) -> Result<Vec<Child>> {
    let mut children = Vec::new();
    for Wrapped { id, kind, bytes } in stored {
        let (word, generation) = split(kind);
        if let Some((family, _)) = FAMILIES.iter().find(|(_, known)| *known == word) {
            let (key, _) = ring.unwrap(&key_name(kind, owner, *id), bytes)?;
            children.push(Child { family: *family, generation, held: Held { id: *id, key } });
        }
    }
    Ok(children)
}

/// How a generation is written: the first as the word alone.
fn kind(word: &str, generation: i64) -> String {
    if generation <= 1 { word.to_owned() } else { format!("{word}.{generation}") }
}

/// The word and generation of a kind.
fn split(kind: &str) -> (&str, i64) {
    match kind.split_once('.') {
        Some((word, number)) => (word, number.parse().unwrap_or(0)),
        None => (kind, 1),
    }
}

/// The kind of a workspace key of a generation.
pub(super) fn parent_kind(generation: i64) -> String {
    kind(WORKSPACE, generation)
}

/// Whether a kind is that of a workspace key, which the root wraps.
pub(super) fn is_parent(kind: &str) -> bool {
    split(kind).0 == WORKSPACE
}

/// What a wrapped key is: bound to its ciphertext, so that one cannot be passed off as another.
pub(super) fn key_name(kind: &str, owner: Option<WorkspaceId>, id: KeyId) -> Vec<u8> {
    envelope::name(&[b"key", kind.as_bytes(), owner_text(owner).as_bytes(), &id.bytes()])
}
