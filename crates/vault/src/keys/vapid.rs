//! The key by which push services know this installation (VAPID, RFC 8292): ECDSA on P-256. It follows from a key of the
//! installation's ring that is never rotated, because browsers subscribe for one public half and no other.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use zeroize::Zeroizing;

use super::Keys;
use crate::{Error, Result};

/// What the key is for: another use would need another word, and so had another key.
const USE: &str = "web push, ecdsa p-256, 1";
/// Numbers that are tried until one is a key. Nearly every 32 bytes are.
const TRIES: u8 = 8;

impl Keys {
    /// The public half, as an uncompressed point of 65 bytes (RFC 8292, section 3.2).
    pub(crate) fn vapid_public(&self) -> Result<Vec<u8>> {
        Ok(self.vapid()?.verifying_key().to_sec1_point(false).as_bytes().to_vec())
    }

    /// Signs by ES256 (RFC 7518, section 3.4): 64 bytes, the same for the same text.
    pub(crate) fn sign_vapid(&self, text: &[u8]) -> Result<Vec<u8>> {
        let signature: Signature = self.vapid()?.sign(text);
        Ok(signature.to_bytes().to_vec())
    }

    fn vapid(&self) -> Result<SigningKey> {
        for number in 0..TRIES {
            let seed = Zeroizing::new(self.blind_installation(USE, &number.to_string())?);
            if let Ok(key) = SigningKey::from_slice(&seed) {
                return Ok(key);
            }
        }
        Err(Error::Seal("no key for web push can be derived"))
    }
}
