//! The header of a mail or of a part of one (RFC 5322, section 2.2), as broken as it comes.

use std::ops::Range;

use super::charset;
use super::letter::{MailField, field};

/// More fields than any mail needs.
const MOST_FIELDS: usize = 1_000;
/// Of a longer value only the beginning is read, in bytes.
const LONGEST_VALUE: usize = 64 * 1024;

/// The fields of a header as they are written, each in one line, and where the body begins.
pub(super) struct Header {
    pub(super) fields: Vec<MailField>,
    pub(super) body: usize,
}

impl Header {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }
}

/// How lines end: in mails that have no LF at all, CR does it alone.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    raw: &'a [u8],
    end: u8,
}

impl<'a> Lines<'a> {
    pub(super) fn of(raw: &'a [u8]) -> Self {
        Self { raw, end: if raw.contains(&b'\n') { b'\n' } else { b'\r' } }
    }

    pub(super) fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// The line that begins at an offset: what is in it, and where the next begins. `None` at the end of the range.
    pub(super) fn at(self, start: usize, end: usize) -> Option<(Range<usize>, usize)> {
        let rest = self.raw.get(start..end).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|&byte| byte == self.end);
        let content = &rest[..length.unwrap_or(rest.len())];
        let bare = if self.end == b'\n' { content.strip_suffix(b"\r").unwrap_or(content) } else { content };
        let next = start + length.map_or(rest.len(), |length| length + 1);
        Some((start..start + bare.len(), next))
    }

    /// The end of what lies before a line: the line end before it belongs to neither.
    pub(super) fn before(self, line: usize, start: usize) -> usize {
        let rest = self.raw.get(start..line).unwrap_or_default();
        let rest = rest.strip_suffix(&[self.end]).unwrap_or(rest);
        let rest = if self.end == b'\n' { rest.strip_suffix(b"\r").unwrap_or(rest) } else { rest };
        start + rest.len()
    }
}

/// Reads the header that begins at `range.start`. A line that can be no field ends it: then the empty line is missing.
pub(super) fn read(lines: Lines<'_>, range: &Range<usize>) -> Header {
    let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
    let mut offset = range.start;
    while let Some((line, next)) = lines.at(offset, range.end) {
        let content = &lines.raw()[line];
        if content.is_empty() {
            offset = next;
            break;
        }
        if !take(content, &mut fields) {
            break;
        }
        offset = next;
    }
    let fields = fields.into_iter().map(|(name, value)| (name, charset::decode(None, &value).trim().to_owned()));
    Header { fields: fields.collect(), body: offset }
}

/// Takes a line into the header; `false` if it is none of it.
fn take(line: &[u8], fields: &mut Vec<(String, Vec<u8>)>) -> bool {
    if line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
        let Some((_, value)) = fields.last_mut() else { return line.trim_ascii().is_empty() };
        let room = LONGEST_VALUE.saturating_sub(value.len());
        value.extend_from_slice(&line[..line.len().min(room)]);
        return true;
    }
    // What mailboxes in files put before a mail.
    let dated = line.windows(3).any(|three| three[1] == b':' && three[0].is_ascii_digit() && three[2].is_ascii_digit());
    if (fields.is_empty() && line.starts_with(b"From ") && dated) || line.starts_with(b">From ") {
        return true;
    }
    let Some(colon) = line.iter().position(|&byte| byte == b':') else { return false };
    let name = line[..colon].trim_ascii_end();
    if name.is_empty() || name.len() > 100 || !name.iter().all(u8::is_ascii_graphic) {
        return false;
    }
    if fields.len() < MOST_FIELDS {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let value = &line[colon + 1..];
        fields.push((name, value[..value.len().min(LONGEST_VALUE)].to_vec()));
    }
    true
}

/// Fields in blocks that empty lines part, as in a delivery status.
pub(super) fn blocks(body: &[u8]) -> Vec<Vec<MailField>> {
    let lines = Lines::of(body);
    let mut blocks = Vec::new();
    let mut offset = 0;
    while offset < body.len() && blocks.len() < 200 {
        let header = read(lines, &(offset..body.len()));
        let next = if header.body > offset {
            header.body
        } else {
            lines.at(offset, body.len()).map_or(body.len(), |(_, next)| next)
        };
        if !header.fields.is_empty() {
            blocks.push(header.fields);
        }
        offset = next;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(raw: &[u8]) -> (Vec<(String, String)>, usize) {
        let header = read(Lines::of(raw), &(0..raw.len()));
        (header.fields, header.body)
    }

    #[track_caller]
    fn check(raw: &[u8], expected: &[(&str, &str)], body: &[u8]) {
        let (found, offset) = fields(raw);
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!((found.as_slice(), &raw[offset..]), (expected, body));
    }

    #[test]
    fn headers_of_all_kinds() {
        check(b"A: 1\r\nb : 2\r\n 3\r\n\r\nbody\r\n", &[("a", "1"), ("b", "2 3")], b"body\r\n");
        check(b"A: 1\n\tb\n\nbody", &[("a", "1\tb")], b"body");
        check(b"A: 1\rB: 2\r\rbody\rx", &[("a", "1"), ("b", "2")], b"body\rx");
        check(b"From x@y Mon Mar  2 12:00:00 2026\nA: 1\n>From z\nB:2\n\n", &[("a", "1"), ("b", "2")], b"");
        check(b"A: 1\nno field here\nB: 2", &[("a", "1")], b"no field here\nB: 2");
        check(b"A: gr\xfcn\nB: gr\xc3\xbcn\n", &[("a", "gr\u{fc}n"), ("b", "gr\u{fc}n")], b"");
        check(b"\nbody", &[], b"body");
        check(b"From here on\nit is text", &[], b"From here on\nit is text");
        check(b"", &[], b"");
        check(b"A:\0 1\0\n", &[("a", "1")], b"");
    }

    #[test]
    fn blocks_of_fields() {
        let found = blocks(b"A: 1\r\n\r\nB: 2\r\nC: 3\r\n\r\n\r\nnonsense\r\nD: 4\r\n");
        let names: Vec<Vec<&str>> =
            found.iter().map(|block| block.iter().map(|(name, _)| name.as_str()).collect()).collect();
        assert_eq!(names, [vec!["a"], vec!["b", "c"], vec!["d"]]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(raw in proptest::collection::vec(prop_oneof![
            Just(b'\n'), Just(b'\r'), Just(b':'), Just(b' '), any::<u8>(),
        ], 0..200)) {
            let (_, body) = fields(&raw);
            prop_assert!(body <= raw.len());
            blocks(&raw);
        }
    }
}
