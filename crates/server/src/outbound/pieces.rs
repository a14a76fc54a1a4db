//! A mail's pieces as the bytes that go over the wire: stored files in base64, every line ended by CRLF, a little at a time.

use std::io;
use std::slice::Iter;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connect::MailPiece;
use futures_util::StreamExt;

use super::{BlobDoor, Bytestream};

/// What one line of base64 stands for, in bytes, and how long it is with its end (RFC 2045, section 6.8).
const OF_LINE: usize = 57;
const LINE: u64 = 78;

/// A mail that can be read as often as is wanted.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pieces: &'a [MailPiece],
    blobs: &'a dyn BlobDoor,
}

/// One reading of it.
pub(super) struct Reading<'a> {
    rest: Iter<'a, MailPiece>,
    blobs: &'a dyn BlobDoor,
    file: Option<(Base64Lines, Bytestream)>,
    ends: LineEnds,
}

impl<'a> Source<'a> {
    pub(super) fn new(pieces: &'a [MailPiece], blobs: &'a dyn BlobDoor) -> Self {
        Self { pieces, blobs }
    }

    /// How many bytes a reading gives.
    pub(super) async fn size(&self) -> io::Result<u64> {
        let (mut size, mut ends) = (0, LineEnds::default());
        for piece in self.pieces {
            size += match piece {
                MailPiece::Bytes(bytes) => ends.feed(bytes).len() as u64,
                MailPiece::Base64(blob) => {
                    ends = LineEnds::default();
                    encoded_size(self.blobs.open(blob).await?.0)
                }
            };
        }
        Ok(size)
    }

    /// Whether any byte is not ASCII: in the head alone, or anywhere.
    pub(super) fn is_ascii(&self) -> (bool, bool) {
        let texts = self.pieces.iter().filter_map(|piece| match piece {
            MailPiece::Bytes(bytes) => Some(bytes.as_slice()),
            MailPiece::Base64(_) => None,
        });
        let whole = texts.clone().all(<[u8]>::is_ascii);
        let first = texts.clone().next().unwrap_or_default();
        let end = first.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(first.len());
        (first[..end].is_ascii(), whole)
    }

    pub(super) fn read(&self) -> Reading<'a> {
        Reading { rest: self.pieces.iter(), blobs: self.blobs, file: None, ends: LineEnds::default() }
    }
}

impl Reading<'_> {
    /// The next bytes; none at the end.
    pub(super) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let bytes = if let Some((lines, stream)) = &mut self.file {
                match stream.next().await {
                    Some(piece) => lines.feed(&piece?),
                    None => self.file.take().map(|(lines, _)| lines.finish()).unwrap_or_default(),
                }
            } else {
                match self.rest.next() {
                    None => return Ok(None),
                    Some(MailPiece::Bytes(bytes)) => self.ends.feed(bytes),
                    Some(MailPiece::Base64(blob)) => {
                        self.ends = LineEnds::default();
                        self.file = Some((Base64Lines::default(), self.blobs.open(blob).await?.1));
                        continue;
                    }
                }
            };
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
    }
}

/// Every line ends with CRLF, whatever ended it before: a line end of another kind could be taken for the mail's end.
#[derive(Debug, Default)]
struct LineEnds {
    after_cr: bool,
}

impl LineEnds {
    fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut even = Vec::with_capacity(bytes.len());
        for byte in bytes {
            match byte {
                b'\n' if self.after_cr => {}
                b'\r' | b'\n' => even.extend_from_slice(b"\r\n"),
                other => even.push(*other),
            }
            self.after_cr = *byte == b'\r';
        }
        even
    }
}

/// Bytes in lines of 76 characters.
#[derive(Debug, Default)]
struct Base64Lines {
    /// Less than a line's worth.
    begun: Vec<u8>,
}

impl Base64Lines {
    fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.begun.extend_from_slice(bytes);
        let whole = self.begun.len() / OF_LINE * OF_LINE;
        let lines = encoded(&self.begun[..whole]);
        self.begun.drain(..whole);
        lines
    }

    fn finish(self) -> Vec<u8> {
        encoded(&self.begun)
    }
}

fn encoded(bytes: &[u8]) -> Vec<u8> {
    let mut lines = String::new();
    for line in bytes.chunks(OF_LINE) {
        STANDARD.encode_string(line, &mut lines);
        lines.push_str("\r\n");
    }
    lines.into_bytes()
}

fn encoded_size(size: u64) -> u64 {
    let (lines, rest) = (size / OF_LINE as u64, size % OF_LINE as u64);
    lines * LINE + if rest == 0 { 0 } else { rest.div_ceil(3) * 4 + 2 }
}

#[cfg(test)]
mod tests {
    use connect::BlobHandle;
    use proptest::prelude::*;

    use super::super::tests::OneFile;
    use super::*;

    async fn read(source: Source<'_>) -> Vec<u8> {
        let (mut reading, mut all) = (source.read(), Vec::new());
        while let Some(bytes) = reading.next().await.unwrap() {
            all.extend(bytes);
        }
        all
    }

    #[tokio::test]
    async fn a_file_comes_in_lines_and_is_as_long_as_was_said() {
        let door = OneFile { content: b"file content", kept: std::sync::Mutex::default() };
        let handle = BlobHandle("att_1".to_owned());
        let pieces = [
            MailPiece::Bytes(b"A: b\n\n".to_vec()),
            MailPiece::Base64(handle),
            MailPiece::Bytes(b"\r\n--x--\r".to_vec()),
        ];
        let source = Source::new(&pieces, &door);
        let all = read(source).await;
        assert_eq!(String::from_utf8_lossy(&all), "A: b\r\n\r\nZmlsZSBjb250ZW50\r\n\r\n--x--\r\n");
        assert_eq!(source.size().await.unwrap(), all.len() as u64);
        assert_eq!(source.is_ascii(), (true, true));
    }

    proptest! {
        #[test]
        fn the_cut_of_the_pieces_changes_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0_usize..400) {
            let (one, two) = bytes.split_at(at.min(bytes.len()));
            let mut lines = Base64Lines::default();
            let made = [lines.feed(one), lines.feed(two), lines.finish()].concat();
            prop_assert_eq!(made.len() as u64, encoded_size(bytes.len() as u64));
            let text = String::from_utf8(made).unwrap();
            prop_assert!(text.lines().all(|line| line.len() <= 76));
            prop_assert_eq!(STANDARD.decode(text.replace("\r\n", "")).unwrap(), bytes);
        }

        #[test]
        fn every_line_ends_alike(text in "[a\r\n]{0,40}", at in 0_usize..40) {
            let (one, two) = text.as_bytes().split_at(at.min(text.len()));
            let mut ends = LineEnds::default();
            let even = String::from_utf8([ends.feed(one), ends.feed(two)].concat()).unwrap();
            prop_assert!(!even.replace("\r\n", "").contains(['\r', '\n']));
            let expected = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
            prop_assert_eq!(even, expected);
        }
    }
}
