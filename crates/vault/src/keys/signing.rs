//! The key that signs a workspace's audit log. It is derived from a key of the workspace's ring, so custody keeps nothing
//! more, and its public half may be given to anybody.

use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Keys;
use crate::{Error, Result, WorkspaceId};

/// What the key is for: another use would need another word, and so had another key.
const USE: &[u8] = b"parloir audit log, ed25519, 1";

impl Keys {
    /// Signs what a checkpoint states (Ed25519, RFC 8032).
    pub(crate) fn sign_audit(&self, workspace: WorkspaceId, statement: &[u8]) -> Result<Vec<u8>> {
        Ok(self.audit_signer(workspace)?.sign(statement).to_bytes().to_vec())
    }

    /// By which the signatures are verified.
    pub(crate) fn audit_public_key(&self, workspace: WorkspaceId) -> Result<[u8; 32]> {
        Ok(self.audit_signer(workspace)?.verifying_key().to_bytes())
    }

    fn audit_signer(&self, workspace: WorkspaceId) -> Result<SigningKey> {
        let ring = self.ring(Some(workspace))?;
        let mut seed = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, ring.audit.key.bytes())
            .expand(USE, &mut seed[..])
            .map_err(|_| Error::Seal("no signing key can be derived"))?;
        Ok(SigningKey::from_bytes(&seed))
    }
}
