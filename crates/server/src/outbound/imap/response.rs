//! What a server answers, as far as we ask for it.

use bytes::Bytes;

use super::value::{Raw, Value, values};

/// One response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Response {
    /// `+`: go on.
    Continue,
    /// The end of a command.
    Tagged { tag: String, status: Status },
    /// What is said beside.
    Untagged(Untagged),
}

/// A status, with the code in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) kind: Kind,
    /// Its first word in upper case, and the words after it.
    pub(super) code: Vec<String>,
    /// What it says to people, in lower case.
    pub(super) words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ok,
    No,
    Bad,
    PreAuth,
    Bye,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Untagged {
    Status(Status),
    Capability(Vec<String>),
    Exists(u32),
    Fetch(Fetched),
    /// A folder: its marks in lower case, and its name as the server writes it.
    Folder(Vec<String>, Bytes),
    /// Anything else.
    Other,
}

/// What a FETCH says of a mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fetched {
    pub(super) uid: Option<u32>,
    pub(super) size: Option<u64>,
    /// INTERNALDATE in Unix milliseconds.
    pub(super) received_ms: Option<i64>,
    /// A piece of the mail.
    pub(super) body: Option<Bytes>,
}

/// Reads a response; nothing if it is none.
pub(super) fn response(raw: &Raw) -> Option<Response> {
    let first = raw.lines.first()?;
    if first.first() == Some(&b'+') {
        return Some(Response::Continue);
    }
    let (tag, rest) = cut(first)?;
    // What a status says is text for people, with brackets and quotes that are nobody's syntax.
    if let Some(status) = status(rest) {
        return Some(match tag {
            "*" => Response::Untagged(Untagged::Status(status)),
            tag => Response::Tagged { tag: tag.to_owned(), status },
        });
    }
    (tag == "*").then(|| Response::Untagged(untagged(raw)))
}

/// The first word of a line, and what follows.
fn cut(line: &[u8]) -> Option<(&str, &[u8])> {
    let at = line.iter().position(|byte| *byte == b' ')?;
    Some((std::str::from_utf8(&line[..at]).ok()?, &line[at + 1..]))
}

fn status(text: &[u8]) -> Option<Status> {
    let (word, rest) = cut(text).unwrap_or((std::str::from_utf8(text).ok()?, b""));
    let kind = match word.to_ascii_uppercase().as_str() {
        "OK" => Kind::Ok,
        "NO" => Kind::No,
        "BAD" => Kind::Bad,
        "PREAUTH" => Kind::PreAuth,
        "BYE" => Kind::Bye,
        _ => return None,
    };
    let inner = rest.strip_prefix(b"[").and_then(|rest| rest.split(|byte| *byte == b']').next());
    let inner = String::from_utf8_lossy(inner.unwrap_or_default()).into_owned();
    let mut code: Vec<String> = inner.split_whitespace().map(str::to_owned).collect();
    if let Some(first) = code.first_mut() {
        first.make_ascii_uppercase();
    }
    let words = String::from_utf8_lossy(rest).to_lowercase();
    Some(Status { kind, code, words })
}

fn untagged(raw: &Raw) -> Untagged {
    let values = values(raw).unwrap_or_default();
    let word = |at: usize| values.get(at).and_then(Value::word).unwrap_or_default().to_ascii_uppercase();
    match (word(1).as_str(), word(2).as_str()) {
        ("CAPABILITY", _) => Untagged::Capability(capabilities(values.iter().skip(2).filter_map(Value::word))),
        ("LIST", _) => folder(&values).unwrap_or(Untagged::Other),
        (_, "EXISTS") => values[1].number().map_or(Untagged::Other, Untagged::Exists),
        (_, "FETCH") => {
            values.get(3).and_then(Value::list).map_or(Untagged::Other, |items| Untagged::Fetch(fetched(items)))
        }
        _ => Untagged::Other,
    }
}

/// Capabilities are compared in upper case.
pub(super) fn capabilities<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    words.map(str::to_ascii_uppercase).collect()
}

fn folder(values: &[Value]) -> Option<Untagged> {
    let marks = values.get(2)?.list()?.iter().filter_map(Value::word).map(str::to_ascii_lowercase).collect();
    Some(Untagged::Folder(marks, values.get(4)?.bytes()?))
}

fn fetched(items: &[Value]) -> Fetched {
    let mut fetched = Fetched::default();
    for pair in items.chunks(2) {
        let [name, value] = pair else { break };
        match name.word().unwrap_or_default().to_ascii_uppercase().as_str() {
            "UID" => fetched.uid = value.number(),
            "RFC822.SIZE" => fetched.size = value.number(),
            "INTERNALDATE" => fetched.received_ms = value.bytes().and_then(|text| moment(&text)),
            name if name.starts_with("BODY[") => fetched.body = value.bytes(),
            _ => {}
        }
    }
    fetched
}

/// `17-Jul-1996 02:44:25 -0700` in Unix milliseconds.
fn moment(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let at = jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text).ok()?.to_timestamp().ok()?;
    Some(at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::super::value::tests::raw;
    use super::*;

    fn said(wire: &str) -> Option<Response> {
        response(&raw(wire.as_bytes()))
    }

    fn code(wire: &str) -> (Kind, Vec<String>) {
        match said(wire) {
            Some(Response::Tagged { status, .. } | Response::Untagged(Untagged::Status(status))) => {
                (status.kind, status.code)
            }
            other => panic!("{wire}: {other:?}"),
        }
    }

    #[test]
    fn statuses_and_their_codes() {
        assert_eq!(code("* OK [UIDVALIDITY 12] UIDs (valid"), (Kind::Ok, vec!["UIDVALIDITY".into(), "12".into()]));
        assert_eq!(code("a1 NO [unavailable] \"odd\" (text"), (Kind::No, vec!["UNAVAILABLE".into()]));
        assert_eq!(code("* BYE"), (Kind::Bye, vec![]));
        assert_eq!(code("* PREAUTH hello"), (Kind::PreAuth, vec![]));
        assert_eq!(code("a2 bad [open"), (Kind::Bad, vec!["OPEN".into()]));
        assert_eq!(said("+ idling"), Some(Response::Continue));
        assert_eq!(said("+"), Some(Response::Continue));
        assert_eq!(said("a1 FETCH x"), None);
        assert_eq!(said(""), None);
    }

    #[test]
    fn what_is_said_beside() {
        let untagged = |wire: &str| match said(wire) {
            Some(Response::Untagged(untagged)) => untagged,
            other => panic!("{wire}: {other:?}"),
        };
        assert_eq!(untagged("* 18 exists"), Untagged::Exists(18));
        let can = vec!["IMAP4REV1".to_owned(), "AUTH=PLAIN".to_owned()];
        assert_eq!(untagged("* CAPABILITY IMAP4rev1 AUTH=plain"), Untagged::Capability(can));
        let sent = Untagged::Folder(vec!["\\sent".to_owned()], Bytes::from_static(b"Gesendet"));
        assert_eq!(untagged("* LIST (\\Sent) \".\" Gesendet"), sent);
        let mail =
            untagged("* 3 FETCH (FLAGS (\\Seen) UID 9 RFC822.SIZE 44 INTERNALDATE \" 1-Feb-2026 00:30:00 +0100\")");
        let expected = Fetched { uid: Some(9), size: Some(44), received_ms: Some(1_769_902_200_000), body: None };
        assert_eq!(mail, Untagged::Fetch(expected));
        let piece = Fetched { uid: Some(9), body: Some(Bytes::from_static(b"ab")), ..Fetched::default() };
        assert_eq!(untagged("* 3 FETCH (UID 9 BODY[]<0> {2}\r\nab)"), Untagged::Fetch(piece.clone()));
        assert_eq!(untagged("* 3 FETCH (BODY[]<0> \"ab\" UID 9)"), Untagged::Fetch(piece));
        let end = Fetched { uid: Some(9), body: Some(Bytes::new()), ..Fetched::default() };
        assert_eq!(untagged("* 3 FETCH (UID 9 BODY[]<7> NIL)"), Untagged::Fetch(end));
        for odd in ["* 3 FETCH UID", "* x EXISTS", "* LIST x", "* 3 FETCH (UID", "* SEARCH 1 2"] {
            assert_eq!(untagged(odd), Untagged::Other, "{odd}");
        }
    }

    #[test]
    fn moments() {
        assert_eq!(moment(b"17-Jul-1996 02:44:25 -0700"), Some(837_596_665_000));
        assert_eq!(moment(b"99-Jul-1996 02:44:25 -0700"), None);
        assert_eq!(moment(b"yesterday"), None);
    }
}
