//! A mail as the body of a request: its pieces one after the other, files in base64 as they are read, and all of it in base64
//! once more where a provider wants it so.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connect::{BlobHandle, MailPiece};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use super::BlobDoor;

/// How long a line of a file is (RFC 2045, 6.8).
const LINE: u64 = 76;

/// The body and its length in bytes.
pub(super) async fn body(
    pieces: &[MailPiece],
    base64: bool,
    blobs: &dyn BlobDoor,
) -> Result<(u64, BoxStream<'static, io::Result<Bytes>>), &'static str> {
    let (mut length, mut parts) = (0, Vec::new());
    for piece in pieces {
        let part = match piece {
            MailPiece::Bytes(bytes) => {
                length += bytes.len() as u64;
                let bytes = Bytes::copy_from_slice(bytes);
                stream::once(std::future::ready(Ok(bytes))).boxed()
            }
            MailPiece::Base64(handle) => {
                let (size, file) = blobs.open(handle).await.map_err(|_| "the file to be sent cannot be read")?;
                let text = encoded(size);
                length += text + text.div_ceil(LINE) * 2;
                encode(file, Encoder { lines: true, ..Encoder::default() })
            }
        };
        parts.push(part);
    }
    let whole = stream::iter(parts).flatten().boxed();
    Ok(if base64 { (encoded(length), encode(whole, Encoder::default())) } else { (length, whole) })
}

/// A text with a file in it, in base64 in one line, and its length in bytes.
pub(super) async fn around(
    before: &str,
    file: &BlobHandle,
    after: &str,
    blobs: &dyn BlobDoor,
) -> Result<(u64, BoxStream<'static, io::Result<Bytes>>), &'static str> {
    let (size, bytes) = blobs.open(file).await.map_err(|_| "the file to be sent cannot be read")?;
    let text = |text: &str| stream::once(std::future::ready(Ok(Bytes::copy_from_slice(text.as_bytes()))));
    let whole = text(before).chain(encode(bytes, Encoder::default())).chain(text(after)).boxed();
    Ok((encoded(size) + (before.len() + after.len()) as u64, whole))
}

/// How long so many bytes are in base64.
fn encoded(bytes: u64) -> u64 {
    bytes.div_ceil(3) * 4
}

fn encode(bytes: BoxStream<'static, io::Result<Bytes>>, encoder: Encoder) -> BoxStream<'static, io::Result<Bytes>> {
    let text = stream::try_unfold((bytes, Some(encoder)), |(mut bytes, encoder)| async move {
        let Some(mut encoder) = encoder else { return Ok(None) };
        Ok(match bytes.next().await.transpose()? {
            Some(piece) => Some((Bytes::from(encoder.feed(&piece)), (bytes, Some(encoder)))),
            None => Some((Bytes::from(encoder.end()), (bytes, None))),
        })
    });
    text.boxed()
}

/// Base64 of what comes in pieces of any length.
#[derive(Default)]
struct Encoder {
    /// Less than three bytes.
    waiting: Vec<u8>,
    /// Whether it is broken into lines, the last one ended too.
    lines: bool,
    column: u64,
}

impl Encoder {
    fn feed(&mut self, piece: &[u8]) -> Vec<u8> {
        self.waiting.extend_from_slice(piece);
        let rest = self.waiting.split_off(self.waiting.len() / 3 * 3);
        let text = STANDARD.encode(&self.waiting);
        self.waiting = rest;
        self.broken(&text)
    }

    fn end(&mut self) -> Vec<u8> {
        let text = STANDARD.encode(std::mem::take(&mut self.waiting));
        let mut last = self.broken(&text);
        if self.lines && self.column > 0 {
            last.extend_from_slice(b"\r\n");
        }
        last
    }

    fn broken(&mut self, text: &str) -> Vec<u8> {
        if !self.lines {
            return text.as_bytes().to_vec();
        }
        let mut out = Vec::with_capacity(text.len() + text.len() / 38 + 2);
        for byte in text.bytes() {
            out.push(byte);
            self.column += 1;
            if self.column == LINE {
                out.extend_from_slice(b"\r\n");
                self.column = 0;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn collected(stream: BoxStream<'static, io::Result<Bytes>>) -> Vec<u8> {
        stream.map(|piece| piece.unwrap().to_vec()).collect::<Vec<_>>().await.concat()
    }

    fn pieces(bytes: &[u8], size: usize) -> BoxStream<'static, io::Result<Bytes>> {
        let pieces: Vec<_> = bytes.chunks(size.max(1)).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        stream::iter(pieces).boxed()
    }

    #[tokio::test]
    async fn lines_are_of_76_letters_and_the_length_is_foretold() {
        for size in [0_usize, 1, 2, 3, 56, 57, 58, 114, 1_000] {
            let file: Vec<u8> = (0..size).map(|at| at.to_le_bytes()[0]).collect();
            for step in [1, 5, 57, 4_096] {
                let text = collected(encode(pieces(&file, step), Encoder { lines: true, ..Encoder::default() })).await;
                let expected = encoded(size as u64) + encoded(size as u64).div_ceil(LINE) * 2;
                assert_eq!(text.len() as u64, expected, "{size} in steps of {step}");
                assert!(text.split(|byte| *byte == b'\n').all(|line| line.len() <= 77));
                let bare: Vec<u8> = text.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
                assert_eq!(STANDARD.decode(bare).unwrap(), file);
            }
        }
    }

    #[tokio::test]
    async fn a_mail_in_base64_is_one_line_of_the_foretold_length() {
        let mail = [MailPiece::Bytes(b"Subject: x\r\n\r\n".to_vec()), MailPiece::Bytes(b"ciao".to_vec())];
        let (length, text) = body(&mail, true, &super::super::tests::NoBlobs).await.unwrap();
        let text = collected(text).await;
        assert_eq!((text.len() as u64, STANDARD.decode(text).unwrap()), (length, b"Subject: x\r\n\r\nciao".to_vec()));
    }
}
