//! The parts of a mail (RFC 2046) as ranges of its bytes: nothing is copied, and nothing recurses deeper than [`DEEPEST`].

use std::ops::Range;

use super::header::{self, Header, Lines};
use super::{params, transfer};
use crate::MailEncoding;

/// Parts within parts; what lies deeper is one piece.
const DEEPEST: usize = 20;
/// Parts of one mail; what follows belongs to the last.
const MOST_PARTS: usize = 300;

/// A part: the mail itself, or one of its pieces.
pub(super) struct Part {
    pub(super) header: Header,
    /// The type in lower case; `text/plain` where none is said.
    pub(super) kind: String,
    pub(super) params: params::Value,
    pub(super) disposition: params::Value,
    pub(super) encoding: MailEncoding,
    /// The body as it is encoded.
    pub(super) body: Range<usize>,
    /// The body ends where the mail was cut.
    pub(super) cut: bool,
    /// The pieces of a multipart.
    pub(super) pieces: Vec<Part>,
}

impl Part {
    pub(super) fn bytes<'a>(&self, raw: &'a [u8]) -> &'a [u8] {
        raw.get(self.body.clone()).unwrap_or_default()
    }

    /// The name of a file, if it has one.
    pub(super) fn name(&self) -> Option<&str> {
        self.disposition.param("filename").or_else(|| self.params.param("name"))
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }
}

/// Reads a mail. `cut`: it has more bytes than these.
pub(super) fn read(raw: &[u8], cut: bool) -> Part {
    let lines = Lines::of(raw);
    let blank = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let mut walk = Walk { lines, cut, count: 0 };
    walk.part(blank..raw.len(), "text/plain", 0)
}

struct Walk<'a> {
    lines: Lines<'a>,
    cut: bool,
    count: usize,
}

impl Walk<'_> {
    fn part(&mut self, range: Range<usize>, usual: &str, depth: usize) -> Part {
        self.count += 1;
        let header = header::read(self.lines, &range);
        let params = params::read(header.get("content-type").unwrap_or_default());
        let said = params.essence.split_once('/').is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty());
        let mut part = Part {
            kind: if said { params.essence.clone() } else { usual.to_owned() },
            disposition: params::read(header.get("content-disposition").unwrap_or_default()),
            encoding: transfer::encoding(header.get("content-transfer-encoding").unwrap_or_default()),
            body: header.body.min(range.end)..range.end,
            cut: self.cut && range.end == self.lines.raw().len(),
            pieces: Vec::new(),
            header,
            params,
        };
        if part.kind.starts_with("multipart/") && depth < DEEPEST {
            part.pieces = self.pieces(&part, depth);
        }
        part
    }

    fn pieces(&mut self, part: &Part, depth: usize) -> Vec<Part> {
        let named = part.params.param("boundary").map(str::as_bytes);
        let mut ranges = named.map(|boundary| self.split(boundary, &part.body)).unwrap_or_default();
        if ranges.is_empty()
            && let Some(boundary) = self.guessed_boundary(&part.body)
        {
            ranges = self.split(&boundary, &part.body);
        }
        let usual = if part.is("multipart/digest") { "message/rfc822" } else { "text/plain" };
        ranges.into_iter().map(|range| self.part(range, usual, depth + 1)).collect()
    }

    /// Where the pieces between delimiters lie. A missing end is the end of the whole.
    fn split(&self, boundary: &[u8], body: &Range<usize>) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut open: Option<usize> = None;
        let mut offset = body.start;
        while let Some((line, next)) = self.lines.at(offset, body.end) {
            let Some(last) = delimiter(&self.lines.raw()[line.clone()], boundary) else {
                offset = next;
                continue;
            };
            if let Some(start) = open.take() {
                ranges.push(start..self.lines.before(line.start, start));
            }
            if last {
                return ranges;
            }
            if self.count + ranges.len() >= MOST_PARTS {
                ranges.push(next..body.end);
                return ranges;
            }
            open = Some(next);
            offset = next;
        }
        ranges.extend(open.map(|start| start..body.end));
        ranges
    }

    /// The first line that looks like a delimiter, where the mail does not name it, or names another.
    fn guessed_boundary(&self, body: &Range<usize>) -> Option<Vec<u8>> {
        let mut offset = body.start;
        for _ in 0..50 {
            let (line, next) = self.lines.at(offset, body.end)?;
            let content = self.lines.raw()[line].trim_ascii_end();
            let boundary = content.strip_prefix(b"--").filter(|rest| rest.len() >= 4 && !rest.contains(&b' '));
            let followed = self.lines.at(next, body.end).is_some_and(|(line, _)| {
                self.lines.raw()[line].get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"))
            });
            if let Some(boundary) = boundary
                && followed
            {
                return Some(boundary.to_vec());
            }
            offset = next;
        }
        None
    }
}

/// Whether a line is a delimiter, and whether it is the last.
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?.trim_ascii_end();
    match rest {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn outline(raw: &[u8], part: &Part) -> String {
        let inner: Vec<String> = part.pieces.iter().map(|piece| outline(raw, piece)).collect();
        if inner.is_empty() {
            return format!("{}={}", part.kind, String::from_utf8_lossy(part.bytes(raw)));
        }
        format!("{}[{}]", part.kind, inner.join("|"))
    }

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        let part = read(raw.as_bytes(), false);
        assert_eq!(outline(raw.as_bytes(), &part), expected, "{raw}");
    }

    #[test]
    fn parts_of_all_kinds() {
        let mixed = "Content-Type: multipart/mixed; boundary=b\n\n";
        check("A: b\n\nhello\n", "text/plain=hello\n");
        check(
            &format!("{mixed}pre\n--b\n\none\n--b\n\ntwo\n--b--\npost"),
            "multipart/mixed[text/plain=one|text/plain=two]",
        );
        check(
            &format!("{mixed}--b\n\none\n--bb\n--b  \n\ntwo"),
            "multipart/mixed[text/plain=one\n--bb|text/plain=two]",
        );
        check(&format!("{mixed}no parts"), "multipart/mixed=no parts");
        check(&format!("{mixed}--x123\nContent-Type: a/b\n\none\n--x123--"), "multipart/mixed[a/b=one]");
        check("Content-Type: multipart/mixed\n\n--x123\nContent-Type: a/b\n\none\n", "multipart/mixed[a/b=one\n]");
        check(
            "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/related; boundary=i\n\n--i\n\n1\n--o\n\n2\n--o--",
            "multipart/mixed[multipart/related[text/plain=1]|text/plain=2]",
        );
        check(
            "Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\n\nx\n--b--",
            "multipart/digest[message/rfc822=A: b\n\nx]",
        );
        check(
            &format!("{mixed}--b\nno header, no empty line\n--b--"),
            "multipart/mixed[text/plain=no header, no empty line]",
        );
        check(&format!("{mixed}--b\n--b\n--b--"), "multipart/mixed[text/plain=|text/plain=]");
        check("Content-Type: nonsense\r\n\r\nx", "text/plain=x");
        check("A: b\r\rContent\r", "text/plain=Content\r");
    }

    fn within(part: &Part, outer: &Range<usize>) -> bool {
        part.body.start >= outer.start
            && part.body.end <= outer.end
            && part.body.start <= part.body.end
            && part.pieces.iter().all(|piece| within(piece, &part.body))
    }

    fn count(part: &Part) -> usize {
        1 + part.pieces.iter().map(count).sum::<usize>()
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let nested = "Content-Type: multipart/mixed; boundary=b\n\n--b\n".repeat(5_000);
        let wide = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(5_000));
        for raw in [nested, wide] {
            assert!(count(&read(raw.as_bytes(), false)) <= MOST_PARTS + DEEPEST);
        }
    }

    proptest! {
        #[test]
        fn ranges_lie_within(raw in proptest::collection::vec(prop_oneof![
            4 => Just(b"--b\n".to_vec()),
            2 => Just(b"--b--\r\n".to_vec()),
            2 => Just(b"Content-Type: multipart/mixed; boundary=b\n".to_vec()),
            2 => Just(b"\r\n".to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..20),
        ], 0..40)) {
            let raw = raw.concat();
            prop_assert!(within(&read(&raw, true), &(0..raw.len())));
        }
    }
}
