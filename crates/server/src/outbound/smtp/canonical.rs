//! The relaxed canonical forms of a mail's header and body (RFC 6376, sections 3.4.2 and 3.4.4).

/// One header field with its end: the name in lower case, unfolded, white space made one space and none at the ends.
pub(super) fn field(name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut even = name.trim_ascii().to_ascii_lowercase();
    even.push(b':');
    let mut space = false;
    for byte in value.trim_ascii() {
        match byte {
            b' ' | b'\t' => space = true,
            b'\r' | b'\n' => {}
            other => {
                if std::mem::take(&mut space) {
                    even.push(b' ');
                }
                even.push(*other);
            }
        }
    }
    even.extend_from_slice(b"\r\n");
    even
}

/// A body on its way through, in pieces. Its lines end with CRLF.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// Empty lines that count only if another line follows.
    empty: usize,
    /// White space that counts only if something follows in its line.
    space: bool,
    /// The line has something in it.
    written: bool,
}

impl Body {
    /// A piece of it.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut even = Vec::with_capacity(bytes.len());
        for byte in bytes {
            match byte {
                b'\r' => {}
                b'\n' => self.end_line(&mut even),
                b' ' | b'\t' => self.space = true,
                other => {
                    for _ in 0..std::mem::take(&mut self.empty) {
                        even.extend_from_slice(b"\r\n");
                    }
                    if std::mem::take(&mut self.space) {
                        even.push(b' ');
                    }
                    even.push(*other);
                    self.written = true;
                }
            }
        }
        even
    }

    fn end_line(&mut self, even: &mut Vec<u8>) {
        self.space = false;
        if std::mem::take(&mut self.written) {
            even.extend_from_slice(b"\r\n");
        } else {
            self.empty += 1;
        }
    }

    /// What ends it: a last line has its end, and empty lines there are none.
    pub(super) fn finish(self) -> &'static [u8] {
        if self.written { b"\r\n" } else { b"" }
    }
}

/// The fields of a header, each with its name and its value as they stand.
pub(super) fn fields(head: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut fields: Vec<&[u8]> = Vec::new();
    let mut rest = head;
    while !rest.is_empty() {
        // A line that begins with white space belongs to the field before it.
        let mut end = 0;
        loop {
            end = rest[end..].iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| end + at + 1);
            if !matches!(rest.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let (field, after) = rest.split_at(end);
        fields.push(field);
        rest = after;
    }
    let named = |field: &&[u8]| field.iter().position(|byte| *byte == b':').unwrap_or(field.len());
    fields
        .into_iter()
        .map(|field| (field, named(&field)))
        .filter(|(field, at)| *at < field.len())
        .map(|(field, at)| (&field[..at], &field[at + 1..]))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn body(text: &[u8]) -> Vec<u8> {
        let mut body = Body::default();
        let even = body.feed(text);
        [even, body.finish().to_vec()].concat()
    }

    /// The example of RFC 6376, section 3.4.5.
    #[test]
    fn the_standards_example() {
        let head = b"A: X\r\nB : Y\t\r\n\tZ  \r\n";
        let even: Vec<u8> = fields(head).into_iter().flat_map(|(name, value)| field(name, value)).collect();
        assert_eq!(String::from_utf8_lossy(&even), "a:X\r\nb:Y Z\r\n");
        assert_eq!(body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
    }

    #[test]
    fn ends_of_bodies() {
        for (text, even) in [
            ("", ""),
            ("\r\n", ""),
            (" \t\r\n\r\n", ""),
            ("a", "a\r\n"),
            ("a\r\n \r\n\r\n", "a\r\n"),
            ("\r\na", "\r\na\r\n"),
            ("a\r\n\r\nb  ", "a\r\n\r\nb\r\n"),
        ] {
            assert_eq!(String::from_utf8_lossy(&body(text.as_bytes())), even, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_cut_of_the_pieces_changes_nothing(text in "([a \t]|\r\n){0,30}", at in 0_usize..60) {
            let (one, two) = text.as_bytes().split_at(at.min(text.len()));
            let mut pieces = Body::default();
            let even = [pieces.feed(one), pieces.feed(two), pieces.finish().to_vec()].concat();
            prop_assert_eq!(&even, &body(text.as_bytes()));
            prop_assert_eq!(body(&even), even, "it is a normal form");
        }

        #[test]
        fn a_relay_that_folds_changes_no_field(words in proptest::collection::vec("[a-z:]{1,5}", 1..6)) {
            let plain = field(b"Subject", words.join(" ").as_bytes());
            let folded = format!(" {} \r\n", words.join("\r\n \t"));
            prop_assert_eq!(field(b"SUBJECT ", folded.as_bytes()), plain);
        }

        #[test]
        fn no_header_makes_it_fail(head in proptest::collection::vec(any::<u8>(), 0..60)) {
            for (name, value) in fields(&head) {
                prop_assert!(field(name, value).ends_with(b"\r\n"));
            }
        }
    }
}
