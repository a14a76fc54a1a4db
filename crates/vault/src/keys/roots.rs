//! Two root keys at once, while one takes the place of the other; and wrapping everything anew, under another root key or
//! another workspace key, while the server serves.
//!
//! All of it may stop anywhere and be begun again: what is done already is recognised. Who puts a workspace key in another's
//! place keeps from the start which generation that is, and destroys those before it alone: whoever comes late, when others
//! have rotated since, takes nothing away.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use zeroize::Zeroizing;

use super::alone::Turn;
use super::custody::Wrapped;
use super::ring::{is_parent, key_name, parent_kind};
use super::{Deed, Keys, RootKey};
use crate::{Chance, Error, Result, WorkspaceId};

/// Keys wrapped anew in one transaction of custody.
const PAGE: i64 = 500;
/// How many bytes in front of what a root key wrapped say which one it was.
const MARK: usize = 8;
/// What the mark of a root key is found with: nothing is ever kept under it.
const PROBE: &[u8] = b"parloir root key probe";

/// A root key and the one that is to take its place: what is wrapped goes under the next, and each unwraps its own.
pub struct TwoRootKeys {
    current: Arc<dyn RootKey>,
    next: Arc<dyn RootKey>,
    mark: [u8; MARK],
}

impl TwoRootKeys {
    /// Both, after the next one was tried.
    ///
    /// # Errors
    /// Whatever the next root key refuses with: it is not taken into use.
    pub fn new(current: Arc<dyn RootKey>, next: Arc<dyn RootKey>, chance: &dyn Chance) -> Result<Self> {
        let mark = mark_of(&*next, chance)?;
        Ok(Self { current, next, mark })
    }
}

impl RootKey for TwoRootKeys {
    fn wrap(&self, context: &[u8], key: &[u8], chance: [u8; 32]) -> Result<Vec<u8>> {
        self.next.wrap(context, key, chance)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        if wrapped.starts_with(&self.mark) {
            return self.next.unwrap(context, wrapped);
        }
        match self.current.unwrap(context, wrapped) {
            // One that another system keeps may have got another mark since it was tried.
            Err(refusal @ Error::Seal(_)) => self.next.unwrap(context, wrapped).map_err(|_| refusal),
            unwrapped => unwrapped,
        }
    }
}

/// The mark of what a root key wraps. Wraps something and unwraps it again, so that no key is entrusted to what cannot.
fn mark_of(root: &dyn RootKey, chance: &dyn Chance) -> Result<[u8; MARK]> {
    let key = Zeroizing::new(chance.draw());
    let wrapped = root.wrap(PROBE, &key[..], chance.draw())?;
    if root.unwrap(PROBE, &wrapped)?[..] != key[..] {
        return Err(Error::Seal("the root key does not give back what it wrapped"));
    }
    wrapped.first_chunk().copied().ok_or(Error::Seal("the root key wraps into nothing"))
}

/// How far custody is under its root key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RootState {
    /// Keys that a root key wraps: one per workspace, and the installation's own.
    pub keys: u64,
    /// Those of them that are under the root key which wraps now: the next one, where one was given.
    pub moved: u64,
}

impl RootState {
    /// Whether no other root key is needed any more.
    pub fn is_whole(self) -> bool {
        self.keys == self.moved
    }
}

/// A page of keys that was wrapped anew.
pub(crate) struct Rewrapped {
    /// Where to go on; `None` at the end.
    pub(crate) last: Option<String>,
    /// How many were not under the newest workspace key yet.
    pub(crate) changed: u64,
}

impl Keys {
    /// Takes a root key into use beside the one that is there: everything goes under it from now on.
    pub(crate) fn accept_root(&self, next: Arc<dyn RootKey>) -> Result<()> {
        let both = TwoRootKeys::new(self.root(), next, &*self.chance)?;
        *self.root.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(both);
        Ok(())
    }

    /// How far custody is under the root key that wraps now.
    pub(crate) fn root_state(&self) -> Result<RootState> {
        self.each_parent(|_, _, _| Ok(false))
    }

    /// Wraps every workspace key anew that is not under the root key which wraps now.
    pub(crate) fn rewrap_root(&self, turn: &Turn<'_>) -> Result<RootState> {
        self.each_parent(|owner, place, key| {
            turn.keep()?;
            let root = self.root();
            let plain = root.unwrap(place, &key.bytes)?;
            let anew = root.wrap(place, &plain, self.chance.draw())?;
            // Nothing is given up for what cannot be opened.
            if root.unwrap(place, &anew)? != plain {
                return Err(Error::Seal("the next root key does not give back what it wrapped"));
            }
            self.custody.replace(owner, vec![(key.id, key.bytes.clone(), anew)])?;
            Ok(true)
        })
    }

    /// Goes through all keys that a root key wraps; `turn` is called with each that another than the present one wrapped,
    /// and says whether it is under the present one now.
    fn each_parent(&self, turn: impl Fn(Option<WorkspaceId>, &[u8], &Wrapped) -> Result<bool>) -> Result<RootState> {
        let mark = mark_of(&*self.root(), &*self.chance)?;
        let (mut state, mut after) = (RootState::default(), String::new());
        loop {
            let page = self.custody.parents(&after, PAGE)?;
            let Some((_, last)) = page.last() else { return Ok(state) };
            after = last.id.to_string();
            for (owner, key) in &page {
                let place = key_name(&key.kind, *owner, key.id);
                state.keys += 1;
                if key.bytes.starts_with(&mark) || turn(*owner, &place, key)? {
                    state.moved += 1;
                }
            }
        }
    }

    /// Makes an owner's next workspace key, unless there is one that has not taken the other's place yet. The generation that
    /// all keys come under, with which [`Keys::retire_parents`] ends.
    pub(crate) fn begin_rewrap(&self, owner: Option<WorkspaceId>) -> Result<i64> {
        let ring = self.reload(owner)?;
        if ring.parents_before(ring.generation()).next().is_some() {
            return Ok(ring.generation());
        }
        self.found_parent(owner, &ring)?;
        Ok(self.reload(owner)?.generation())
    }

    /// Wraps a page of an owner's keys anew under its newest workspace key.
    pub(crate) fn rewrap(&self, owner: Option<WorkspaceId>, after: &str) -> Result<Rewrapped> {
        let ring = self.reload(owner)?;
        let page = self.custody.page(owner, after, PAGE)?;
        let last = page.last().map(|key| key.id.to_string());
        let mut anew = Vec::new();
        for key in page.into_iter().filter(|key| !is_parent(&key.kind)) {
            let place = key_name(&key.kind, owner, key.id);
            let (plain, newest) = ring.unwrap(&place, &key.bytes)?;
            if !newest {
                let wrapped = super::envelope::wrap(&ring.parent()?.key, self.chance.draw(), &place, plain.bytes())?;
                anew.push((key.id, key.bytes, wrapped));
            }
        }
        let changed = anew.len() as u64;
        if changed > 0 {
            self.custody.replace(owner, anew)?;
        }
        Ok(Rewrapped { last, changed })
    }

    /// Destroys an owner's workspace keys before the generation that took their place, which must be there; how many. Only
    /// after a whole [`Keys::rewrap`] that changed nothing: custody takes nothing under them any more.
    pub(crate) fn retire_parents(&self, owner: Option<WorkspaceId>, target: i64) -> Result<u64> {
        let ring = self.reload(owner)?;
        let mut doomed = Vec::new();
        for held in ring.parents_before(target) {
            let subject = self.blinded(owner, "ledger", held.id.to_string().as_bytes())?;
            let detail = String::from("workspace");
            doomed.push((held.id, super::Line { deed: Deed::KeyDestroyed, subject, detail }));
        }
        if doomed.is_empty() {
            return Ok(0);
        }
        let destroyed = self.custody.destroy(owner, Some(&parent_kind(target)), &doomed, self.clock.now())?;
        self.reload(owner)?;
        Ok(destroyed)
    }

    /// Gives the installation's own keys another key above them; how many it wrapped anew.
    pub(crate) fn rotate_own(&self, turn: &Turn<'_>) -> Result<u64> {
        let target = self.begin_rewrap(None)?;
        let mut sum = 0;
        loop {
            let found = self.rewrap_all(None, turn)?;
            sum += found;
            // The last pass finds nothing: custody takes nothing under the old key any more.
            if found == 0 {
                self.retire_parents(None, target)?;
                return Ok(sum);
            }
        }
    }

    /// Wraps all of an owner's keys anew that are not under its newest workspace key; how many it were.
    fn rewrap_all(&self, owner: Option<WorkspaceId>, turn: &Turn<'_>) -> Result<u64> {
        let (mut after, mut found) = (String::new(), 0);
        loop {
            turn.keep()?;
            let page = self.rewrap(owner, &after)?;
            found += page.changed;
            let Some(last) = page.last else { return Ok(found) };
            after = last;
        }
    }
}
