//! Everything in a text that tells who somebody is, in order.

use std::ops::Range;

use super::letters::Letters;
use super::{CLOSE, OPEN, ids, names, numbers};

/// What something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Email,
    Iban,
    Id,
    Card,
    Phone,
    Number,
    Name,
    /// What a placeholder stands between.
    Mark,
}

impl Kind {
    /// As placeholders are called.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Iban => "IBAN",
            Self::Id => "ID",
            Self::Card => "CARD",
            Self::Phone => "PHONE",
            Self::Number => "NUMBER",
            Self::Name => "NAME",
            Self::Mark => "MARK",
        }
    }
}

/// Something that was found: where it is, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) bytes: Range<usize>,
    pub(super) kind: Kind,
}

/// Letters of a kind.
pub(super) type Span = (Range<usize>, Kind);

/// All that is found. What overlaps is one, of the kind that says most.
pub(super) fn all(text: &str, names: &[String]) -> Vec<Found> {
    let letters = Letters::of(text);
    let mut spans: Vec<Span> = emails(&letters);
    spans.extend(ids::all(&letters));
    spans.extend(numbers::all(&letters));
    spans.extend(names::all(&letters, names));
    let is_mark = |at: &usize| letters.is(*at, |letter| letter == OPEN || letter == CLOSE);
    spans.extend((0..letters.len()).filter(is_mark).map(|at| (at..at + 1, Kind::Mark)));
    // Stable: of those that begin together the first kind in the order above stays.
    spans.sort_by_key(|(span, _)| span.start);
    let mut one: Vec<Span> = Vec::new();
    for (span, kind) in spans {
        match one.last_mut() {
            Some((last, _)) if span.start < last.end => last.end = last.end.max(span.end),
            _ => one.push((span, kind)),
        }
    }
    one.into_iter().map(|(span, kind)| Found { bytes: letters.bytes(&span), kind }).collect()
}

/// What stands around each `@` without a gap, where there is something on both sides (RFC 5321 allows more than anybody uses).
fn emails(letters: &Letters) -> Vec<Span> {
    let local = |letter: char| letter.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(letter);
    let domain = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '.';
    let mut spans: Vec<Span> = Vec::new();
    for at in (0..letters.len()).filter(|at| letters.is(*at, |letter| letter == '@')) {
        let mut start = at;
        while start > 0 && letters.is(start - 1, local) {
            start -= 1;
        }
        let mut end = at + 1;
        while letters.is(end, domain) {
            end += 1;
        }
        // A sentence may end behind it.
        while end > at + 1 && letters.is(end - 1, |letter| letter == '.' || letter == '-') {
            end -= 1;
        }
        if start < at && end > at + 1 {
            spans.push((start..end, Kind::Email));
        }
    }
    spans
}
