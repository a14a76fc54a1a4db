//! The key hierarchy: root → workspace → contact, and the custody store that never rolls back.

use crate::id::KeyId;
use crate::sealing::Place;
use crate::{Result, WorkspaceId};

/// A 256-bit key, wiped when dropped.
#[derive(Clone, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub(crate) struct Key([u8; 32]);

/// The keys of an installation: unwrapped ones in memory, wrapped ones in custody.
pub(crate) struct Keys {}

impl Keys {
    pub(crate) fn seal(&self, _key: &Key, _id: KeyId, _place: Place<'_>, _chance: [u8; 32], _plain: &[u8]) -> Result<Vec<u8>> {
        Err(crate::Error::Seal("keys are not there yet"))
    }

    pub(crate) fn open(&self, _key: &Key, _id: KeyId, _place: Place<'_>, _sealed: &[u8]) -> Result<Vec<u8>> {
        Err(crate::Error::Seal("keys are not there yet"))
    }

    pub(crate) fn key_of(&self, _sealed: &[u8]) -> Result<KeyId> {
        Err(crate::Error::Seal("keys are not there yet"))
    }

    pub(crate) fn blind(&self, _workspace: WorkspaceId, _domain: &str, _value: &str) -> Result<Vec<u8>> {
        Err(crate::Error::Seal("keys are not there yet"))
    }

    /// The installation's own keyed hash, for what is found before a workspace is known (logins).
    pub(crate) fn blind_installation(&self, _domain: &str, _value: &str) -> Result<Vec<u8>> {
        Err(crate::Error::Seal("keys are not there yet"))
    }

    /// Makes a workspace's keys; they are in custody when this returns.
    pub(crate) fn create_workspace(&self, _workspace: WorkspaceId) -> Result<()> {
        Err(crate::Error::Seal("keys are not there yet"))
    }

    pub(crate) fn custody_seal(&self, _now: crate::Millis, _place: Place<'_>, _chance: [u8; 32], _plain: &[u8]) -> Result<Vec<u8>> {
        Err(crate::Error::Seal("keys are not there yet"))
    }

    pub(crate) fn custody_open(&self, _place: Place<'_>, _sealed: &[u8]) -> Result<Vec<u8>> {
        Err(crate::Error::Seal("keys are not there yet"))
    }
}
