//! The form of a sealed file: a header, then chunks of 64 KiB, each sealed by AES-256-GCM.
//!
//! The header is a mark, a version, and a salt; the file's own key is HKDF-SHA-256 of the given key and that salt, so
//! one given key may seal many files and the same name again and again. A chunk's nonce is its number and whether it
//! is the last; these and the blob's name are its associated data (the STREAM construction of Hoang, Reyhanitabar,
//! Rogaway and Vizár, 2015), so chunks cannot be swapped, dropped, cut off or carried to another file.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Error, Result};

/// Plain bytes in a chunk; only the last one has fewer.
pub(crate) const CHUNK: usize = 64 * 1024;
/// Bytes a chunk grows by when it is sealed.
pub(crate) const TAG: usize = 16;
/// Bytes of a sealed chunk.
pub(crate) const SEALED_CHUNK: usize = CHUNK + TAG;
/// Bytes before the first chunk.
pub(crate) const HEADER: usize = MARK.len() + 32;

/// The mark of our sealed files, with their version as its last byte.
const MARK: [u8; 4] = *b"prl\x01";

/// Seals and opens the chunks of one file.
pub(crate) struct Sealer {
    cipher: Aes256Gcm,
    name: String,
}

impl Sealer {
    /// For a file of that name, a given key, and the salt of the file's header.
    pub(crate) fn new(name: &str, key: &[u8; 32], salt: &[u8; 32]) -> Result<Self> {
        let mut own = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(salt), key)
            .expand(b"sealed file 1", own.as_mut())
            .map_err(|_| Error::Seal("no key could be derived"))?;
        Ok(Self { cipher: Aes256Gcm::new((&*own).into()), name: name.to_owned() })
    }

    /// Seals a chunk in its place.
    pub(crate) fn seal(&self, index: u64, last: bool, chunk: &mut Vec<u8>) -> Result<()> {
        self.cipher
            .encrypt_in_place(&nonce(index, last).into(), &self.associated(index, last), chunk)
            .map_err(|_| Error::Seal("a file's chunk could not be sealed"))
    }

    /// Opens a chunk in its place.
    pub(crate) fn open(&self, index: u64, last: bool, chunk: &mut Vec<u8>) -> Result<()> {
        self.cipher
            .decrypt_in_place(&nonce(index, last).into(), &self.associated(index, last), chunk)
            .map_err(|_| Error::Seal("a file's chunk is not what was written"))
    }

    fn associated(&self, index: u64, last: bool) -> Vec<u8> {
        let mut data = Vec::with_capacity(self.name.len() + 10);
        data.extend_from_slice(self.name.as_bytes());
        // A name has no zero byte, so that where it ends is certain.
        data.push(0);
        data.extend_from_slice(&index.to_be_bytes());
        data.push(u8::from(last));
        data
    }
}

fn nonce(index: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&index.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}

/// The header of a file with that salt.
pub(crate) fn header(salt: &[u8; 32]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..MARK.len()].copy_from_slice(&MARK);
    header[MARK.len()..].copy_from_slice(salt);
    header
}

/// The salt in a header.
pub(crate) fn salt_of(header: &[u8]) -> Result<[u8; 32]> {
    header
        .strip_prefix(&MARK)
        .and_then(|salt| salt.try_into().ok())
        .ok_or(Error::Seal("this is no sealed file of a version known here"))
}

/// How many chunks and plain bytes a sealed file of that size has.
pub(crate) fn shape(sealed: u64) -> Result<(u64, u64)> {
    let cut = Error::Seal("a sealed file has been cut");
    let Some(body) = sealed.checked_sub(HEADER as u64).filter(|body| *body >= TAG as u64) else { return Err(cut) };
    let chunks = body.div_ceil(SEALED_CHUNK as u64);
    let last = body - (chunks - 1) * SEALED_CHUNK as u64;
    // Only an empty file has an empty chunk.
    if last < TAG as u64 || (last == TAG as u64 && chunks > 1) {
        return Err(cut);
    }
    Ok((chunks, body - chunks * TAG as u64))
}
