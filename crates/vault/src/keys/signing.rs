//! The key that signs a workspace's audit log. It is derived from a key of the workspace's ring, so custody keeps nothing
//! more, and its public half may be given to anybody.
//!
//! A rotation makes the next one, which signs from a checkpoint on. The key before signs that it hands over and is then
//! destroyed; the public halves stay, so that old checkpoints can be verified, and who knows the first trusts the last.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{AuditKey, Checkpoint, Keys, ring::Family};
use crate::{Error, Result, WorkspaceId};

/// What the key is for: another use would need another word, and so had another key.
const USE: &[u8] = b"parloir audit log, ed25519, 1";

impl AuditKey {
    /// What the key before signs: five lines, each ended by a line feed. The title; the workspace's id; the generation; the
    /// number of the first checkpoint that this key signs; its public half in hexadecimal.
    pub fn statement(&self, workspace: WorkspaceId) -> String {
        let Self { generation, first, .. } = self;
        let public_key = hex::encode(self.public_key);
        format!("parloir audit key 1\n{workspace}\n{generation}\n{first}\n{public_key}\n")
    }

    /// Whether it signs from the first checkpoint on, and nobody had to hand over to it.
    pub(crate) fn is_first(&self) -> bool {
        self.generation == 1 && self.first == 1 && self.handover.is_empty()
    }

    /// Whether the key before handed over to this one.
    pub fn follows(&self, before: &Self, workspace: WorkspaceId) -> bool {
        let signature = Signature::from_slice(&self.handover);
        let key = VerifyingKey::from_bytes(&before.public_key);
        let signed = matches!((key, signature), (Ok(key), Ok(signature))
            if key.verify_strict(self.statement(workspace).as_bytes(), &signature).is_ok());
        signed && self.generation == before.generation + 1 && self.first >= before.first
    }

    /// The key that signs a checkpoint of that number.
    pub fn for_number(keys: &[Self], number: i64) -> Option<&Self> {
        keys.iter().rev().find(|key| key.first <= number)
    }
}

impl Keys {
    /// The public halves of a workspace's signing keys, oldest first, as far as each was handed over to by the one before.
    pub(crate) fn audit_keys(&self, workspace: WorkspaceId) -> Result<Vec<AuditKey>> {
        let stored = self.custody.audit_keys(workspace)?;
        if stored.is_empty() {
            let public_key = self.audit_signer(workspace, 1)?.verifying_key().to_bytes();
            return Ok(vec![AuditKey { generation: 1, first: 1, public_key, handover: Vec::new() }]);
        }
        let mut trusted: Vec<AuditKey> = Vec::with_capacity(stored.len());
        for key in stored {
            match trusted.last() {
                None if key.is_first() => trusted.push(key),
                Some(before) if key.follows(before, workspace) => trusted.push(key),
                _ => break,
            }
        }
        Ok(trusted)
    }

    /// The public halves as custody has them, whether or not they were handed over to. None while the first key signs.
    pub(crate) fn stored_audit_keys(&self, workspace: WorkspaceId) -> Result<Vec<AuditKey>> {
        self.custody.audit_keys(workspace)
    }

    /// Signs a checkpoint (Ed25519, RFC 8032) with the key for its number, and keeps it. If custody has one of that number
    /// already, or another key signs that number since just now, this one is not kept.
    pub(crate) fn sign_checkpoint(&self, workspace: WorkspaceId, checkpoint: &mut Checkpoint) -> Result<()> {
        let keys = self.audit_keys(workspace)?;
        let key = AuditKey::for_number(&keys, checkpoint.number).ok_or(Error::Seal("no key signs this checkpoint"))?;
        let statement = checkpoint.statement(workspace);
        let signer = self.audit_signer(workspace, key.generation)?;
        checkpoint.signature = signer.sign(statement.as_bytes()).to_bytes().to_vec();
        self.custody.keep_checkpoint(workspace, key.generation, checkpoint)
    }

    /// Which generation signs the audit log.
    pub(crate) fn audit_generation(&self, workspace: WorkspaceId) -> Result<i64> {
        Ok(self.audit_keys(workspace)?.last().map_or(1, |key| key.generation))
    }

    /// By which signatures of the newest checkpoints are verified.
    pub(crate) fn audit_public_key(&self, workspace: WorkspaceId) -> Result<[u8; 32]> {
        let keys = self.audit_keys(workspace)?;
        keys.last().map(|key| key.public_key).ok_or(Error::Seal("no key signs the audit log"))
    }

    /// Lets the key of a generation, which exists, sign from the next checkpoint on.
    ///
    /// # Errors
    /// [`Error::Again`] if a checkpoint was signed at the same moment.
    pub(crate) fn hand_audit_over(&self, workspace: WorkspaceId, generation: i64) -> Result<()> {
        let mut keys = self.audit_keys(workspace)?;
        let before = keys.last().cloned().ok_or(Error::Seal("no key signs the audit log"))?;
        if before.generation >= generation {
            return Ok(());
        }
        let number = self.custody.last_checkpoint(workspace)?.map_or(0, |last| last.number);
        let public_key = self.audit_signer(workspace, generation)?.verifying_key().to_bytes();
        let first = number.saturating_add(1);
        let mut next = AuditKey { generation, first, public_key, handover: Vec::new() };
        let statement = next.statement(workspace);
        let signer = self.audit_signer(workspace, before.generation)?;
        next.handover = signer.sign(statement.as_bytes()).to_bytes().to_vec();
        keys.push(next);
        if self.custody.add_audit_keys(workspace, &keys)? { Ok(()) } else { Err(Error::Again) }
    }

    fn audit_signer(&self, workspace: WorkspaceId, generation: i64) -> Result<SigningKey> {
        let (_, key) = self.family_key(workspace, Family::Audit, generation)?;
        let mut seed = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, key.bytes())
            .expand(USE, &mut seed[..])
            .map_err(|_| Error::Seal("no signing key can be derived"))?;
        Ok(SigningKey::from_bytes(&seed))
    }
}
