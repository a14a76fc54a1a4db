//! What a server of IMAP writes (RFC 3501, section 9), as values: words, strings and lists of them.
//!
//! A response is read as lines with literals between them, all of it bounded before anything is made of it.

use bytes::Bytes;

/// How deep lists may lie in each other.
const DEEPEST: usize = 16;

/// A response as it was read: `lines` has one more than `literals`, and every line but the last announces the literal
/// that follows it.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub(super) lines: Vec<Bytes>,
    pub(super) literals: Vec<Bytes>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Nil,
    /// A word as it stands: `FETCH`, `12`, `\Seen`, `BODY[]<0>`.
    Word(String),
    /// A quoted string or a literal.
    Text(Bytes),
    List(Vec<Value>),
}

impl Value {
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Nil | Self::Text(_) | Self::List(_) => None,
        }
    }

    pub(super) fn number<T: std::str::FromStr>(&self) -> Option<T> {
        self.word()?.parse().ok()
    }

    /// The bytes of a string; none are no string's.
    pub(super) fn bytes(&self) -> Option<Bytes> {
        match self {
            Self::Text(bytes) => Some(bytes.clone()),
            Self::Word(word) => Some(Bytes::from(word.clone())),
            Self::Nil => Some(Bytes::new()),
            Self::List(_) => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[Value]> {
        match self {
            Self::List(values) => Some(values),
            Self::Nil | Self::Word(_) | Self::Text(_) => None,
        }
    }
}

/// How long the literal is that a line announces at its end: `{12}`, `{12+}`, `~{12}`.
pub(super) fn announced(line: &[u8]) -> Option<u64> {
    let digits = line.strip_suffix(b"}")?;
    let at = digits.iter().rposition(|byte| *byte == b'{')?;
    let digits = &digits[at + 1..];
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    let fits = !digits.is_empty() && digits.len() <= 20 && digits.iter().all(u8::is_ascii_digit);
    // What is larger than any number is larger than any bound.
    fits.then(|| std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX))
}

/// All values of a response, or nothing if it is none.
pub(super) fn values(raw: &Raw) -> Option<Vec<Value>> {
    let mut reader = Reader { raw, line: 0, at: 0 };
    let (values, closed) = reader.list(0)?;
    (!closed).then_some(values)
}

struct Reader<'a> {
    raw: &'a Raw,
    line: usize,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &[u8] {
        self.raw.lines.get(self.line).and_then(|line| line.get(self.at..)).unwrap_or_default()
    }

    /// Values to the end or to `)`, and whether that was met.
    fn list(&mut self, depth: usize) -> Option<(Vec<Value>, bool)> {
        let mut values = Vec::new();
        loop {
            let Some(next) = self.rest().first() else { return Some((values, false)) };
            match next {
                b' ' => self.at += 1,
                b')' => {
                    self.at += 1;
                    return Some((values, true));
                }
                b'(' => {
                    self.at += 1;
                    let (inner, closed) = (depth < DEEPEST).then(|| self.list(depth + 1))??;
                    if !closed {
                        return None;
                    }
                    values.push(Value::List(inner));
                }
                b'"' => values.push(self.quoted()?),
                b'{' | b'~' if self.at_literal() => values.push(self.literal()?),
                _ => values.push(self.word()?),
            }
        }
    }

    fn quoted(&mut self) -> Option<Value> {
        let (mut text, mut escaped) = (Vec::new(), false);
        for (index, byte) in self.rest().iter().enumerate().skip(1) {
            match byte {
                _ if escaped => {
                    text.push(*byte);
                    escaped = false;
                }
                b'\\' => escaped = true,
                b'"' => {
                    self.at += index + 1;
                    return Some(Value::Text(text.into()));
                }
                other => text.push(*other),
            }
        }
        None
    }

    /// Whether the rest of the line is the announcement of a literal that was read.
    fn at_literal(&self) -> bool {
        let rest = self.rest();
        let rest = rest.strip_prefix(b"~").unwrap_or(rest);
        self.line < self.raw.literals.len() && rest.starts_with(b"{") && !rest[1..].contains(&b'{')
    }

    fn literal(&mut self) -> Option<Value> {
        let bytes = self.raw.literals.get(self.line)?.clone();
        (self.line, self.at) = (self.line + 1, 0);
        Some(Value::Text(bytes))
    }

    /// A word to the next space or bracket; what stands in `[…]` belongs to it.
    fn word(&mut self) -> Option<Value> {
        let (mut section, mut end) = (false, 0);
        for byte in self.rest() {
            match byte {
                b'[' => section = true,
                b']' => section = false,
                b' ' | b'(' | b')' | b'"' if !section => break,
                _ => {}
            }
            end += 1;
        }
        if end == 0 {
            return None;
        }
        let word = String::from_utf8_lossy(&self.rest()[..end]).into_owned();
        self.at += end;
        Some(if word.eq_ignore_ascii_case("NIL") { Value::Nil } else { Value::Word(word) })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A response from what is on the wire, without its last end of line.
    pub(in super::super) fn raw(mut wire: &[u8]) -> Raw {
        let mut raw = Raw::default();
        loop {
            let end = wire.windows(2).position(|two| two == b"\r\n");
            let line = &wire[..end.unwrap_or(wire.len())];
            raw.lines.push(Bytes::copy_from_slice(line));
            let size = announced(line).and_then(|size| usize::try_from(size).ok());
            let (Some(end), Some(size)) = (end, size) else { return raw };
            let (literal, rest) = wire[end + 2..].split_at(size.min(wire.len() - end - 2));
            raw.literals.push(Bytes::copy_from_slice(literal));
            wire = rest;
        }
    }

    fn shown(wire: &str) -> Option<String> {
        fn show(value: &Value) -> String {
            match value {
                Value::Nil => "nil".to_owned(),
                Value::Word(word) => word.clone(),
                Value::Text(text) => format!("<{}>", String::from_utf8_lossy(text)),
                Value::List(values) => format!("({})", values.iter().map(show).collect::<Vec<_>>().join(" ")),
            }
        }
        Some(values(&raw(wire.as_bytes()))?.iter().map(show).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn what_servers_write_is_read() {
        for (wire, expected) in [
            ("* 12 EXISTS", "* 12 EXISTS"),
            (
                "* LIST (\\Sent \\HasNoChildren) \"/\" \"Gesendet \\\"1\\\"\"",
                "* LIST (\\Sent \\HasNoChildren) </> <Gesendet \"1\">",
            ),
            ("* LIST () NIL {4}\r\nSent", "* LIST () nil <Sent>"),
            ("* 1 FETCH (UID 7 BODY[]<0> {3}\r\na)b FLAGS ())", "* 1 FETCH (UID 7 BODY[]<0> <a)b> FLAGS ())"),
            (
                "* 1 FETCH (BODY[HEADER.FIELDS (FROM TO)] ~{2}\r\n\r\n)",
                "* 1 FETCH (BODY[HEADER.FIELDS (FROM TO)] <\r\n>)",
            ),
            ("* 1 FETCH (BODY[] {0}\r\n UID 3)", "* 1 FETCH (BODY[] <> UID 3)"),
            ("* OK done {odd}", "* OK done {odd}"),
        ] {
            assert_eq!(shown(wire).as_deref(), Some(expected), "{wire}");
        }
        for broken in ["* 1 FETCH (UID 7", "* 1 FETCH UID 7)", "* LIST \"open", &format!("* {}", "(".repeat(40))] {
            assert_eq!(shown(broken), None, "{broken}");
        }
    }

    #[test]
    fn literals_are_announced() {
        for (line, size) in [
            ("* 1 FETCH {12}", Some(12)),
            ("a {0+}", Some(0)),
            ("a ~{7}", Some(7)),
            ("a {99999999999999999999}", Some(u64::MAX)),
            ("a {}", None),
            ("a {-1}", None),
            ("a {12} ", None),
            ("12}", None),
        ] {
            assert_eq!(announced(line.as_bytes()), size, "{line}");
        }
    }

    proptest! {
        #[test]
        fn nothing_on_the_wire_makes_it_fail(wire in proptest::collection::vec(any::<u8>(), 0..120)) {
            values(&raw(&wire));
        }

        #[test]
        fn nothing_that_looks_like_it_either(wire in "[* (){}\\[\\]\"~\\\\0-9A-Z\r\n]{0,60}") {
            values(&raw(wire.as_bytes()));
        }
    }
}
