//! Sealed files that are in memory at once.

use super::seal::{CHUNK, HEADER, SEALED_CHUNK, Sealer, header, salt_of, shape};
use crate::{Error, Result};

/// Seals all of a file. `salt` is fresh.
pub(crate) fn seal_whole(name: &str, key: &[u8; 32], salt: [u8; 32], plain: &[u8]) -> Result<Vec<u8>> {
    let sealer = Sealer::new(name, key, &salt)?;
    let mut file = header(&salt).to_vec();
    let chunks: Vec<&[u8]> = if plain.is_empty() { vec![plain] } else { plain.chunks(CHUNK).collect() };
    let last = chunks.len().saturating_sub(1);
    for (at, chunk) in chunks.into_iter().enumerate() {
        let mut chunk = chunk.to_vec();
        sealer.seal(at as u64, at == last, &mut chunk)?;
        file.append(&mut chunk);
    }
    Ok(file)
}

/// Opens all of a file.
pub(crate) fn open_whole(name: &str, key: &[u8; 32], sealed: &[u8]) -> Result<Vec<u8>> {
    let (chunks, size) = shape(sealed.len() as u64)?;
    let (head, body) = sealed.split_at_checked(HEADER).ok_or(Error::Seal("a sealed file has been cut"))?;
    let opener = Sealer::new(name, key, &salt_of(head)?)?;
    let mut plain = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    for (index, chunk) in (0_u64..).zip(body.chunks(SEALED_CHUNK)) {
        let mut chunk = chunk.to_vec();
        opener.open(index, index + 1 == chunks, &mut chunk)?;
        plain.append(&mut chunk);
    }
    Ok(plain)
}
