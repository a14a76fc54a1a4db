//! The key that signs what `parloir prove` found (Ed25519). It follows from a key of the installation's ring that is never rotated,
//! so that evidence of years ago is verified by the same public half.

use ed25519_dalek::{Signer, SigningKey};
use zeroize::Zeroizing;

use super::Keys;
use crate::{Error, Result};

/// What the key is for: another use would need another word, and so had another key.
const USE: &str = "evidence, ed25519, 1";

impl Keys {
    /// By which evidence is verified. It may be given to anybody.
    pub(crate) fn evidence_public(&self) -> Result<[u8; 32]> {
        Ok(self.evidence_signer()?.verifying_key().to_bytes())
    }

    /// Signs (RFC 8032): 64 bytes, the same for the same text.
    pub(crate) fn sign_evidence(&self, text: &[u8]) -> Result<Vec<u8>> {
        Ok(self.evidence_signer()?.sign(text).to_bytes().to_vec())
    }

    fn evidence_signer(&self) -> Result<SigningKey> {
        let seed = Zeroizing::new(self.blind_installation(USE, "")?);
        let seed: &[u8; 32] = seed[..].try_into().map_err(|_| Error::Seal("no key for evidence can be derived"))?;
        Ok(SigningKey::from_bytes(seed))
    }
}
