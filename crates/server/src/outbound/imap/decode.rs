//! Content transfer encodings (RFC 2045), undone on the way, and patient with what others write.

use connect::MailEncoding;

/// White space at the end of a line is no content; more than this of it is kept all the same.
const BLANK: usize = 1_024;

/// The state between two pieces.
#[derive(Debug)]
pub(super) enum Decoder {
    Identity,
    Base64(Base64),
    QuotedPrintable(Quoted),
}

impl Decoder {
    pub(super) fn new(encoding: MailEncoding) -> Self {
        match encoding {
            MailEncoding::Identity => Self::Identity,
            MailEncoding::Base64 => Self::Base64(Base64::default()),
            MailEncoding::QuotedPrintable => Self::QuotedPrintable(Quoted::default()),
        }
    }

    /// What a piece stands for.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Identity => bytes.to_vec(),
            Self::Base64(base64) => base64.feed(bytes),
            Self::QuotedPrintable(quoted) => quoted.feed(bytes),
        }
    }

    /// What was held back.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        match self {
            Self::Identity => Vec::new(),
            Self::Base64(base64) => base64.flush(),
            Self::QuotedPrintable(quoted) => quoted.finish(),
        }
    }
}

/// Groups of four characters. Whatever is no character of base64 is passed over; padding ends a group, not the file.
#[derive(Debug, Default)]
pub(super) struct Base64 {
    group: u32,
    /// Characters in the group.
    count: u32,
}

impl Base64 {
    fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
        for byte in bytes {
            let bits = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' => {
                    plain.extend(self.flush());
                    continue;
                }
                _ => continue,
            };
            self.group = self.group << 6 | u32::from(bits);
            self.count += 1;
            if self.count == 4 {
                plain.extend_from_slice(&self.group.to_be_bytes()[1..]);
                (self.group, self.count) = (0, 0);
            }
        }
        plain
    }

    /// The bytes of a group that is not full.
    fn flush(&mut self) -> Vec<u8> {
        let (group, count) = (std::mem::take(&mut self.group), std::mem::take(&mut self.count));
        match count {
            2 => vec![(group >> 4).to_be_bytes()[3]],
            3 => (group >> 2).to_be_bytes()[2..].to_vec(),
            _ => Vec::new(),
        }
    }
}

/// Characters by `=` and two digits, and lines that go on after a `=` at their end.
#[derive(Debug, Default)]
pub(super) struct Quoted {
    /// What may turn out to be nothing: white space, or what follows a `=`.
    held: Vec<u8>,
}

impl Quoted {
    fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.take(*byte, &mut plain);
        }
        plain
    }

    fn take(&mut self, byte: u8, plain: &mut Vec<u8>) {
        match (self.held.first(), byte) {
            (Some(b'='), _) => self.after_equals(byte, plain),
            (_, b'=') => {
                plain.append(&mut self.held);
                self.held.push(byte);
            }
            (_, b' ' | b'\t') if self.held.len() < BLANK => self.held.push(byte),
            (_, b'\r' | b'\n') => {
                self.held.clear();
                plain.push(byte);
            }
            _ => {
                plain.append(&mut self.held);
                plain.push(byte);
            }
        }
    }

    /// `=` stands for a byte with two digits, for nothing at the end of a line, and else for itself.
    fn after_equals(&mut self, byte: u8, plain: &mut Vec<u8>) {
        let blank = self.held[1..].iter().all(|held| matches!(held, b' ' | b'\t'));
        match (self.held.len(), byte) {
            (_, b'\n') if blank || self.held.last() == Some(&b'\r') => self.held.clear(),
            (_, b'\r' | b' ' | b'\t') if blank && self.held.len() < BLANK => self.held.push(byte),
            (1, byte) if byte.is_ascii_hexdigit() => self.held.push(byte),
            (2, low) if low.is_ascii_hexdigit() && self.held[1].is_ascii_hexdigit() => {
                let digits = [self.held[1], low];
                let mut value = [0];
                // Both are digits, so this cannot fail; and if it did, nothing would be lost but this byte.
                hex::decode_to_slice(digits, &mut value).ok();
                plain.push(value[0]);
                self.held.clear();
            }
            _ => {
                // A lone CR after `=` was the end of a line, too.
                let literal =
                    if self.held.last() == Some(&b'\r') { Vec::new() } else { std::mem::take(&mut self.held) };
                self.held.clear();
                plain.extend(literal);
                self.take(byte, plain);
            }
        }
    }

    fn finish(&mut self) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        let blank = held.iter().all(|byte| matches!(byte, b'=' | b' ' | b'\t' | b'\r'));
        if blank { Vec::new() } else { held }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn decoded(encoding: MailEncoding, pieces: &[&[u8]]) -> Vec<u8> {
        let mut decoder = Decoder::new(encoding);
        let mut plain: Vec<u8> = pieces.iter().flat_map(|piece| decoder.feed(piece)).collect();
        plain.extend(decoder.finish());
        plain
    }

    fn base64(text: &str) -> String {
        String::from_utf8_lossy(&decoded(MailEncoding::Base64, &[text.as_bytes()])).into_owned()
    }

    fn quoted(text: &str) -> String {
        String::from_utf8_lossy(&decoded(MailEncoding::QuotedPrintable, &[text.as_bytes()])).into_owned()
    }

    #[test]
    fn base64_as_others_write_it() {
        assert_eq!(base64("Z m\r\nl-s_ZQ"), "file");
        assert_eq!(base64("ZmlsZQ==\r\n"), "file");
        assert_eq!(base64("Zg==ZmlsZQ=="), "ffile", "two, one after the other");
        assert_eq!(base64("ZmlsZQ==\r\n-- \r\n"), "file");
        assert_eq!(base64("ZmlsZ"), "fil", "a piece of a character is none");
        assert_eq!(base64(""), "");
    }

    #[test]
    fn quoted_printable_as_others_write_it() {
        for (text, plain) in [
            ("Gr=C3=BC=c3=9fe", "Grüße"),
            ("a=\r\nb", "ab"),
            ("a= \t\r\nb", "ab"),
            ("a=\nb", "ab"),
            ("a  \r\nb\t\nc", "a\r\nb\nc"),
            ("a  b", "a  b"),
            ("1=2 =ZZ =4", "1=2 =ZZ =4"),
            ("==3D", "=="),
            ("x=", "x"),
            ("x=4", "x=4"),
            ("x  ", "x"),
        ] {
            assert_eq!(quoted(text), plain, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn base64_comes_back_whatever_lies_between(
            bytes in proptest::collection::vec(any::<u8>(), 0..200), every in 1_usize..80, at in 0_usize..300,
        ) {
            let text = STANDARD.encode(&bytes);
            let lines: Vec<&str> = text.as_bytes().chunks(every).map(|line| std::str::from_utf8(line).unwrap()).collect();
            let text = lines.join("\r\n ");
            let (one, two) = text.as_bytes().split_at(at.min(text.len()));
            prop_assert_eq!(decoded(MailEncoding::Base64, &[one, two]), bytes);
        }

        #[test]
        fn quoted_printable_comes_back_wherever_it_is_cut(text in "[a=\u{e4} \t]{0,40}", at in 0_usize..200) {
            let written: String = text.bytes().map(|byte| format!("={byte:02X}=\r\n")).collect::<Vec<_>>().concat();
            let (one, two) = written.as_bytes().split_at(at.min(written.len()));
            prop_assert_eq!(decoded(MailEncoding::QuotedPrintable, &[one, two]), text.into_bytes());
        }

        #[test]
        fn the_cut_changes_nothing(text in "[a4=\r\n \t]{0,30}", at in 0_usize..30) {
            let (one, two) = text.as_bytes().split_at(at.min(text.len()));
            prop_assert_eq!(
                decoded(MailEncoding::QuotedPrintable, &[one, two]),
                decoded(MailEncoding::QuotedPrintable, &[text.as_bytes()])
            );
        }
    }
}
