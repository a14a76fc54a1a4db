//! A file that lies within an answer is cut out of it as it passes: out of a mail that comes as it is, or in base64 as a
//! string of JSON. Nothing but the file is kept.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use connect::{Cut, MailEncoding, Span};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

/// The file's bytes, decoded. The stream ends in an error if the answer ends before the file does.
pub(super) fn cut(pieces: BoxStream<'static, io::Result<Bytes>>, cut: Cut) -> BoxStream<'static, io::Result<Bytes>> {
    let cutter = Some(Cutter::new(cut));
    let cuts = stream::try_unfold((pieces, cutter), |(mut pieces, cutter)| async move {
        let Some(mut cutter) = cutter else { return Ok(None) };
        Ok(match pieces.next().await.transpose()? {
            Some(piece) => Some((Bytes::from(cutter.feed(&piece)), (pieces, Some(cutter)))),
            None => Some((Bytes::from(cutter.end()?), (pieces, None))),
        })
    });
    cuts.boxed()
}

struct Cutter {
    /// Where the mail is a string of JSON.
    string: Option<JsonString>,
    outer: Base64,
    skip: u64,
    left: u64,
    inner: Decoder,
    /// Of a file within the file: where it lies, and how much of the outer one has passed.
    within: Option<Span>,
    passed: u64,
}

impl Cutter {
    fn new(cut: Cut) -> Self {
        Self {
            string: cut.key.map(JsonString::of),
            outer: Base64::default(),
            skip: cut.offset,
            left: cut.length,
            inner: match cut.encoding {
                MailEncoding::Identity => Decoder::Identity,
                MailEncoding::Base64 => Decoder::Base64(Base64::default()),
                MailEncoding::QuotedPrintable => Decoder::QuotedPrintable(Vec::new()),
            },
            within: cut.within,
            passed: 0,
        }
    }

    fn feed(&mut self, piece: &[u8]) -> Vec<u8> {
        match &mut self.string {
            Some(string) => {
                let mail = self.outer.feed(&string.feed(piece));
                self.within(&mail)
            }
            None => self.within(piece),
        }
    }

    /// What of these bytes of the mail is the file.
    fn within(&mut self, mail: &[u8]) -> Vec<u8> {
        let length = mail.len() as u64;
        let skipped = self.skip.min(length);
        self.skip -= skipped;
        let taken = self.left.min(length - skipped);
        self.left -= taken;
        let start = usize::try_from(skipped).unwrap_or(usize::MAX);
        let end = usize::try_from(skipped + taken).unwrap_or(usize::MAX);
        let file = self.inner.feed(mail.get(start..end).unwrap_or_default());
        self.span(file)
    }

    /// What of these bytes of the file is wanted.
    fn span(&mut self, file: Vec<u8>) -> Vec<u8> {
        let passed = self.passed;
        self.passed += file.len() as u64;
        match self.within {
            Some(span) => span.of(passed, &file).to_vec(),
            None => file,
        }
    }

    fn end(mut self) -> io::Result<Vec<u8>> {
        let last = self.outer.end();
        let mut file = self.within(&last);
        if self.left > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let rest = self.inner.end();
        file.extend(self.span(rest));
        // A file that ends before what lies in it does is not the one that was meant.
        if self.within.is_some_and(|span| !span.is_in(self.passed)) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(file)
    }
}

/// The value of a key, found as the answer passes. The name of a key stands in quotes before a colon; within a string a quote
/// has a backslash before it, and what ends a string is followed by no colon, so nothing that somebody wrote is taken for it.
struct JsonString {
    key: Vec<u8>,
    /// How many bytes of the key, its colon and the opening quote are found.
    seen: usize,
    state: Place,
}

#[derive(PartialEq)]
enum Place {
    Before,
    Colon,
    Quote,
    Within,
    After,
}

impl JsonString {
    fn of(key: &str) -> Self {
        Self { key: format!("\"{key}\"").into_bytes(), seen: 0, state: Place::Before }
    }

    fn feed(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut value = Vec::new();
        for &byte in piece {
            match self.state {
                Place::Within if byte == b'"' => self.state = Place::After,
                Place::Within => value.push(byte),
                Place::After => break,
                Place::Before | Place::Colon | Place::Quote => self.look(byte),
            }
        }
        value
    }

    fn look(&mut self, byte: u8) {
        match (&self.state, byte) {
            (Place::Colon | Place::Quote, b' ' | b'\t' | b'\r' | b'\n') => {}
            (Place::Colon, b':') => self.state = Place::Quote,
            (Place::Quote, b'"') => self.state = Place::Within,
            _ => self.match_key(byte),
        }
    }

    fn match_key(&mut self, byte: u8) {
        self.state = Place::Before;
        // Only the first byte of a key is a quote besides the last: there is no other way to begin anew.
        self.seen = match self.key.get(self.seen) {
            Some(&expected) if expected == byte => self.seen + 1,
            _ => usize::from(byte == b'"'),
        };
        if self.seen == self.key.len() {
            (self.state, self.seen) = (Place::Colon, 0);
        }
    }
}

/// Base64 in pieces of any length, in either alphabet; what is not of it (line ends) is passed over.
#[derive(Default)]
struct Base64 {
    waiting: Vec<u8>,
    padded: bool,
}

impl Base64 {
    fn feed(&mut self, text: &[u8]) -> Vec<u8> {
        for &byte in text {
            match byte {
                b'=' => self.padded = true,
                _ if self.padded => {}
                b'-' => self.waiting.push(b'+'),
                b'_' => self.waiting.push(b'/'),
                b'+' | b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => self.waiting.push(byte),
                _ => {}
            }
        }
        let whole = self.waiting.len() / 4 * 4;
        let rest = self.waiting.split_off(whole);
        let decoded = decode(&self.waiting);
        self.waiting = rest;
        decoded
    }

    fn end(&mut self) -> Vec<u8> {
        // One letter alone is no byte.
        let rest = std::mem::take(&mut self.waiting);
        if rest.len() == 1 { Vec::new() } else { decode(&rest) }
    }
}

fn decode(text: &[u8]) -> Vec<u8> {
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    // Careless writers leave bits behind the last byte.
    const CARELESS: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireNone),
    );
    CARELESS.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).unwrap_or_default()
}

enum Decoder {
    Identity,
    Base64(Base64),
    QuotedPrintable(Vec<u8>),
}

impl Decoder {
    fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Identity => bytes.to_vec(),
            Self::Base64(base64) => base64.feed(bytes),
            Self::QuotedPrintable(waiting) => {
                waiting.extend_from_slice(bytes);
                quoted(waiting)
            }
        }
    }

    fn end(&mut self) -> Vec<u8> {
        match self {
            Self::Identity => Vec::new(),
            Self::Base64(base64) => base64.end(),
            Self::QuotedPrintable(waiting) => std::mem::take(waiting),
        }
    }
}

/// Decodes quoted-printable (RFC 2045, 6.7) and leaves what may go on.
fn quoted(waiting: &mut Vec<u8>) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(waiting.len());
    let mut at = 0;
    while let Some(&byte) = waiting.get(at) {
        let (out, used) = match (byte, waiting.get(at + 1), waiting.get(at + 2)) {
            (b'=', Some(b'\n'), _) => (None, 2),
            (b'=', Some(b'\r'), Some(b'\n')) => (None, 3),
            (b'=', Some(high), Some(low)) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (Some(high << 4 | low), 3),
                _ => (Some(byte), 1),
            },
            (b'=', ..) => break,
            _ => (Some(byte), 1),
        };
        decoded.extend(out);
        at += used;
    }
    waiting.drain(..at);
    decoded
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    async fn all(answer: &[u8], how: Cut, size: usize) -> io::Result<Vec<u8>> {
        let pieces: Vec<io::Result<Bytes>> =
            answer.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let mut cuts = cut(stream::iter(pieces).boxed(), how);
        let mut file = Vec::new();
        while let Some(piece) = cuts.next().await {
            file.extend_from_slice(&piece?);
        }
        Ok(file)
    }

    fn how(key: Option<&'static str>, mail: &str, body: &str, encoding: MailEncoding) -> Cut {
        let offset = mail.find(body).unwrap() as u64;
        Cut { key, offset, length: body.len() as u64, encoding, within: None }
    }

    #[tokio::test]
    async fn a_file_is_the_same_whatever_the_pieces() {
        let photo: Vec<u8> = (0..2_000_u32).map(|at| (at * 7 % 251) as u8).collect();
        let lines: Vec<String> = STANDARD
            .encode(&photo)
            .as_bytes()
            .chunks(76)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        let body = lines.join("\r\n");
        let mail = format!("Subject: x\r\n\r\n--b\r\n\r\n{body}\r\n--b--\r\n");
        let words = "Gr=C3=BC=\r\n=C3=9Fe =3D\r\nb=\n=ZZ";
        let text = format!("Subject: x\r\n\r\n{words}");
        // Somebody wrote the key into what is shown of the mail.
        let json = |mail: &str| {
            let raw = URL_SAFE.encode(mail);
            format!(
                "{{\"id\": \"1\", \"snippet\": \"a \\\"raw\\\": \\\"AAAA\\\" \\\\\", \"x\":\"raw\", \"raw\" :\n \"{raw}\", \"historyId\": \"9\"}}"
            )
        };
        for size in [1, 2, 3, 7, 64, 100_000] {
            let plain = how(None, &mail, &body, MailEncoding::Base64);
            assert_eq!(all(mail.as_bytes(), plain, size).await.unwrap(), photo, "{size}");
            let wrapped = Cut { key: Some("raw"), ..plain };
            assert_eq!(all(json(&mail).as_bytes(), wrapped, size).await.unwrap(), photo, "{size}");
            let quoted = how(Some("raw"), &text, words, MailEncoding::QuotedPrintable);
            assert_eq!(
                all(json(&text).as_bytes(), quoted, size).await.unwrap(),
                "Grüße =\r\nb=ZZ".as_bytes(),
                "{size}"
            );
            let identity = how(None, &text, words, MailEncoding::Identity);
            assert_eq!(all(text.as_bytes(), identity, size).await.unwrap(), words.as_bytes(), "{size}");
        }
    }

    #[tokio::test]
    async fn what_ends_early_is_no_file() {
        let how = Cut { key: Some("raw"), offset: 2, length: 10, encoding: MailEncoding::Identity, within: None };
        for answer in ["{}", r#"{"raw":"AAAA"}"#, r#"{"snippet":"raw"}"#, "<html>"] {
            let error = all(answer.as_bytes(), how, 5).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{answer}");
        }
    }
}
