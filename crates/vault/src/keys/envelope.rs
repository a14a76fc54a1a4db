//! Sealing of bytes with AES-256-GCM, and the unambiguous naming of the place they belong to.
//!
//! A cell is `1 ‖ key id (16) ‖ nonce (12) ‖ ciphertext and tag`; a wrapped key is `1 ‖ nonce (12) ‖ ciphertext and tag`.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Key;
use crate::id::KeyId;
use crate::sealing::Place;
use crate::{Error, Result};

const VERSION: u8 = 1;
const NONCE: usize = 12;
const HEAD: usize = 1 + 16;

/// Names a place: each part with its length before it, so that no two lists of parts read the same.
pub(super) fn name(parts: &[&[u8]]) -> Vec<u8> {
    let mut name = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        name.extend_from_slice(&(part.len() as u64).to_be_bytes());
        name.extend_from_slice(part);
    }
    name
}

/// HMAC-SHA256 over length-prefixed parts.
pub(super) fn hash(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A fixed-size array is always a valid HMAC key; the block-sized padding of one is what `new` wants.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&(*block).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// A nonce from chance, place and plaintext. A closure that runs again draws the same chance but may seal something else
/// under the same key; bytes of the first run can stay behind on disk, so chance alone would repeat a nonce.
fn nonce(chance: [u8; 32], place: &[u8], plain: &[u8]) -> [u8; NONCE] {
    let digest = hash(&chance, &[b"parloir nonce", place, plain]);
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&digest[..NONCE]);
    nonce
}

fn encrypt(key: &Key, chance: [u8; 32], place: &[u8], plain: &[u8], mut head: Vec<u8>) -> Result<Vec<u8>> {
    let nonce = nonce(chance, place, plain);
    let sealed = Aes256Gcm::new(&(*key.bytes()).into())
        .encrypt(&nonce.into(), Payload { msg: plain, aad: place })
        .map_err(|_| Error::Seal("it is too long"))?;
    head.extend_from_slice(&nonce);
    head.extend_from_slice(&sealed);
    Ok(head)
}

fn decrypt(key: &Key, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(Error::Seal("it is too short"))?;
    Aes256Gcm::new(&(*key.bytes()).into())
        .decrypt(&(*nonce).into(), Payload { msg: sealed, aad: place })
        .map_err(|_| Error::Seal("the key does not fit, or it was altered or moved"))
}

fn cell_name(place: Place<'_>, id: KeyId) -> Vec<u8> {
    let parts = [b"cell", place.table.as_bytes(), place.column.as_bytes(), place.row.as_bytes(), &id.bytes()];
    name(&parts)
}

/// Seals a cell.
pub(super) fn seal_cell(key: &Key, id: KeyId, place: Place<'_>, chance: [u8; 32], plain: &[u8]) -> Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD + NONCE + plain.len() + 16);
    head.push(VERSION);
    head.extend_from_slice(&id.bytes());
    encrypt(key, chance, &cell_name(place, id), plain, head)
}

/// The key a cell says it is sealed under. Only opening proves it.
pub(super) fn key_of(sealed: &[u8]) -> Result<KeyId> {
    match sealed.split_first_chunk::<HEAD>() {
        Some(([VERSION, id @ ..], _)) => Ok(KeyId::from_bytes(*id)),
        Some(_) => Err(Error::Seal("its version is unknown: it was written by a newer program, or altered")),
        None => Err(Error::Seal("it is too short")),
    }
}

/// Opens a cell.
pub(super) fn open_cell(key: &Key, id: KeyId, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
    if key_of(sealed)? != id {
        return Err(Error::Seal("it is sealed under another key"));
    }
    decrypt(key, &cell_name(place, id), sealed.get(HEAD..).unwrap_or_default())
}

/// Wraps a key under another. `place` comes from [`name`].
pub(super) fn wrap(parent: &Key, chance: [u8; 32], place: &[u8], key: &[u8]) -> Result<Vec<u8>> {
    encrypt(parent, chance, place, key, vec![VERSION])
}

/// Unwraps a key.
pub(super) fn unwrap(parent: &Key, place: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    match wrapped.split_first() {
        Some((&VERSION, rest)) => decrypt(parent, place, rest).map(Zeroizing::new),
        _ => Err(Error::Seal("a wrapped key is malformed")),
    }
}
