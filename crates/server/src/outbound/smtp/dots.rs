//! Transparency of the mail data (RFC 5321, section 4.5.2): a line that begins with a dot gets another one.

/// The state between two pieces.
#[derive(Debug)]
pub(super) struct Dots {
    at_start: bool,
}

impl Dots {
    pub(super) fn new() -> Self {
        Self { at_start: true }
    }

    /// A piece as it goes over the wire. Lines end with CRLF.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut doubled = Vec::with_capacity(bytes.len() + 16);
        for byte in bytes {
            if self.at_start && *byte == b'.' {
                doubled.push(b'.');
            }
            doubled.push(*byte);
            self.at_start = *byte == b'\n';
        }
        doubled
    }

    /// What says that this was all. Until it is sent, the server has no mail.
    pub(super) fn end(&self) -> &'static [u8] {
        if self.at_start { b".\r\n" } else { b"\r\n.\r\n" }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a server makes of what it got.
    fn received(wire: &str) -> String {
        let body = wire.strip_suffix(".\r\n").unwrap();
        body.split_inclusive("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect()
    }

    #[test]
    fn the_end_stands_on_a_line_of_its_own() {
        let mut dots = Dots::new();
        assert_eq!((dots.feed(b".\r\nx"), dots.end()), (b"..\r\nx".to_vec(), b"\r\n.\r\n".as_slice()));
        assert_eq!(Dots::new().end(), b".\r\n");
    }

    proptest! {
        #[test]
        fn it_arrives_as_it_was(lines in proptest::collection::vec("[.a]{0,4}", 0..8), at in 0_usize..40) {
            let mail: String = lines.iter().map(|line| format!("{line}\r\n")).collect::<Vec<_>>().concat();
            let (one, two) = mail.as_bytes().split_at(at.min(mail.len()));
            let mut dots = Dots::new();
            let wire = [dots.feed(one), dots.feed(two), dots.end().to_vec()].concat();
            let wire = String::from_utf8(wire).unwrap();
            prop_assert_eq!(wire.split("\r\n").filter(|line| *line == ".").count(), 1, "one end");
            prop_assert_eq!(received(&wire), mail);
        }
    }
}
