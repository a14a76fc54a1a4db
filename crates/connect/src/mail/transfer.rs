//! Content transfer encodings (RFC 2045), read as leniently as they are written.

use crate::MailEncoding;

/// What `Content-Transfer-Encoding` names; what is unknown changes nothing.
pub(super) fn encoding(value: &str) -> MailEncoding {
    let name = value.trim().trim_matches('"').split([' ', ';', '(']).next().unwrap_or_default().to_ascii_lowercase();
    match name.as_str() {
        "base64" => MailEncoding::Base64,
        "quoted-printable" => MailEncoding::QuotedPrintable,
        _ => MailEncoding::Identity,
    }
}

/// The bytes of an encoded body.
pub(super) fn decode(encoding: MailEncoding, body: &[u8]) -> Vec<u8> {
    match encoding {
        MailEncoding::Base64 => base64(body),
        MailEncoding::QuotedPrintable => quoted_printable(body),
        MailEncoding::Identity => body.to_vec(),
    }
}

/// How many bytes a body has once decoded.
pub(super) fn decoded_size(encoding: MailEncoding, body: &[u8]) -> u64 {
    let size = match encoding {
        MailEncoding::Base64 => base64_size(body),
        MailEncoding::QuotedPrintable => quoted_printable(body).len(),
        MailEncoding::Identity => body.len(),
    };
    size as u64
}

fn base64_size(coded: &[u8]) -> usize {
    let piece = |piece: &[u8]| {
        let count = piece.iter().filter(|byte| value(**byte).is_some()).count();
        count / 4 * 3 + (count % 4).saturating_sub(1)
    };
    coded.split(|&byte| byte == b'=').map(piece).sum()
}

/// The bytes of text: what claims to be base64 and has too much in it that base64 never has is taken as it is.
pub(super) fn decode_text(encoding: MailEncoding, body: &[u8]) -> Vec<u8> {
    let foreign = |byte: &&u8| !(value(**byte).is_some() || byte.is_ascii_whitespace() || **byte == b'=');
    if encoding == MailEncoding::Base64 && body.iter().filter(foreign).count() * 20 > body.len() {
        return body.to_vec();
    }
    decode(encoding, body)
}

/// Base64 without a care for line ends, foreign bytes and where the padding stands.
pub(super) fn base64(coded: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(coded.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0_u8);
    for &byte in coded {
        match value(byte) {
            Some(six) => {
                bits = bits << 6 | six;
                count += 1;
            }
            None if byte == b'=' => flush(&mut out, &mut bits, &mut count),
            None => {}
        }
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    flush(&mut out, &mut bits, &mut count);
    out
}

/// What fewer than four characters hold.
fn flush(out: &mut Vec<u8>, bits: &mut u32, count: &mut u8) {
    match *count {
        2 => out.push((*bits >> 4).to_be_bytes()[3]),
        3 => out.extend_from_slice(&(*bits >> 2).to_be_bytes()[2..]),
        _ => {}
    }
    (*bits, *count) = (0, 0);
}

fn value(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// Quoted-printable; an `=` that begins nothing stands for itself.
pub(super) fn quoted_printable(coded: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(coded.len());
    for line in coded.split_inclusive(|&byte| byte == b'\n') {
        let (content, end) = split_end(line);
        let trimmed = content.trim_ascii_end();
        let (content, soft) = match trimmed.strip_suffix(b"=") {
            Some(content) => (content, true),
            None => (trimmed, false),
        };
        unescape(content, &mut out);
        if !soft {
            out.extend_from_slice(end);
        }
    }
    out
}

fn split_end(line: &[u8]) -> (&[u8], &[u8]) {
    let end = if line.ends_with(b"\r\n") { 2 } else { usize::from(line.ends_with(b"\n")) };
    line.split_at(line.len() - end)
}

fn unescape(mut rest: &[u8], out: &mut Vec<u8>) {
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let escaped = (byte == b'=').then(|| hex_pair(after)).flatten();
        out.push(escaped.unwrap_or(byte));
        if escaped.is_some() {
            rest = after.get(2..).unwrap_or_default();
        }
    }
}

/// The byte that two hexadecimal digits at the start say.
pub(super) fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |index: usize| char::from(*bytes.get(index)?).to_digit(16);
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quoted_printable_is_lenient() {
        for (coded, expected) in [
            (&b"a=3Db=\r\nc \t\r\nd"[..], &b"a=bc\r\nd"[..]),
            (b"50 = 5=0\n=C3=A4= \n=c3=a4", b"50 = 5=0\n\xc3\xa4\xc3\xa4"),
            (b"end=", b"end"),
        ] {
            assert_eq!(quoted_printable(coded), expected);
        }
    }

    #[test]
    fn text_that_is_no_base64_stays() {
        assert_eq!(decode_text(MailEncoding::Base64, b"Hello, this is: no base64!?"), b"Hello, this is: no base64!?");
        assert_eq!(decode_text(MailEncoding::Base64, b"SGVs\r\nbG8=\r\n"), b"Hello");
        assert_eq!(base64(b"SGVs-bG8=SGk="), b"HelloHi");
    }

    proptest! {
        #[test]
        fn base64_comes_back_in_lines_of_any_length(
            bytes in proptest::collection::vec(any::<u8>(), 0..200), width in 1_usize..90,
        ) {
            let coded = STANDARD.encode(&bytes);
            let lines: Vec<u8> = coded.as_bytes().chunks(width).flat_map(|line| [line, b"\r\n"].concat()).collect();
            prop_assert_eq!(base64(&lines), bytes);
        }

        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for encoding in [MailEncoding::Base64, MailEncoding::QuotedPrintable, MailEncoding::Identity] {
                prop_assert_eq!(decode(encoding, &bytes).len() as u64, decoded_size(encoding, &bytes));
                prop_assert!(decode(encoding, &bytes).len() <= bytes.len());
            }
        }
    }
}
