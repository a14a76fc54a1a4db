//! A part of a stored file, as it is read from the beginning.

use std::io;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

/// So many bytes from there on. A file that ends before is an error: what was begun must not look whole.
pub(super) fn slice(
    bytes: BoxStream<'static, io::Result<Bytes>>,
    offset: u64,
    length: u64,
) -> BoxStream<'static, io::Result<Bytes>> {
    let cut = stream::try_unfold((bytes, offset, length), |(mut bytes, mut skip, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        loop {
            let Some(mut piece) = bytes.next().await.transpose()? else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            let passed = skip.min(piece.len() as u64);
            skip -= passed;
            piece = piece.split_off(usize::try_from(passed).unwrap_or(usize::MAX));
            piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            if !piece.is_empty() {
                let left = left - piece.len() as u64;
                return Ok(Some((piece, (bytes, skip, left))));
            }
        }
    });
    cut.boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(size: usize, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let all: Vec<u8> = (0..100).collect();
        let pieces: Vec<_> = all.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let got: Vec<io::Result<Bytes>> = slice(stream::iter(pieces).boxed(), offset, length).collect().await;
        got.into_iter().try_fold(Vec::new(), |mut all, piece| {
            all.extend_from_slice(&piece?);
            Ok(all)
        })
    }

    #[tokio::test]
    async fn a_part_is_the_same_however_the_file_comes() {
        for size in [1, 7, 10, 33, 100] {
            for (offset, length) in [(0, 100), (0, 10), (10, 10), (13, 50), (99, 1), (50, 0)] {
                let expected: Vec<u8> = (offset..offset + length).map(|byte| u8::try_from(byte).unwrap()).collect();
                assert_eq!(check(size, offset, length).await.unwrap(), expected, "{size} {offset} {length}");
            }
            let short = check(size, 90, 11).await;
            assert_eq!(short.map_err(|error| error.kind()), Err(io::ErrorKind::UnexpectedEof), "{size}");
        }
    }
}
