//! Numbers that lead to somebody: of cards, of telephones, and all others that are as long.

use std::ops::Range;

use super::found::{Kind, Span};
use super::letters::Letters;

/// The fewest digits of a number that is replaced: shorter ones are prices, years and quantities.
const FEWEST: usize = 7;
/// The digits of a card number (ISO/IEC 7812-1).
const CARD: std::ops::RangeInclusive<usize> = 13..=19;
/// The most characters between two groups of one number.
const GAP: usize = 3;

/// All of them.
pub(super) fn all(letters: &Letters) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if !letters.is(at, |letter| letter.is_ascii_digit()) {
            at += 1;
            continue;
        }
        let groups = run(letters, at);
        at = groups.last().map_or(at + 1, |group| group.end);
        spans.extend(in_run(letters, &groups));
    }
    spans
}

/// The groups of digits that begin here, with nothing between them but what separates.
fn run(letters: &Letters, start: usize) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut at = start;
    loop {
        let mut end = at;
        while letters.is(end, |letter| letter.is_ascii_digit()) {
            end += 1;
        }
        groups.push(at..end);
        let mut next = end;
        while next < end + GAP && letters.is(next, separates) {
            next += 1;
        }
        let listed = letters.seen(end..next).any(|letter| letter == ',') && next > end + 1;
        if listed || !letters.is(next, |letter| letter.is_ascii_digit()) {
            return groups;
        }
        at = next;
    }
}

fn separates(letter: char) -> bool {
    letter != '\n' && letter != '\r' && letter.is_whitespace()
        || matches!(
            letter,
            '-' | '.' | '_' | '*' | '~' | '|' | '/' | '(' | ')' | ',' | '\u{b7}' | '\u{2010}'
                ..='\u{2015}' | '\u{2022}' | '\u{2212}'
        )
}

fn in_run(letters: &Letters, groups: &[Range<usize>]) -> Vec<Span> {
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else { return Vec::new() };
    let whole = first.start..last.end;
    if has_card(letters, groups) {
        return vec![(whole, Kind::Card)];
    }
    if let Some(start) = after_plus(letters, whole.start) {
        return if digits(groups) >= FEWEST { vec![(start..whole.end, Kind::Phone)] } else { Vec::new() };
    }
    let mut spans = Vec::new();
    let mut from = 0;
    for at in 0..=groups.len() {
        let is_date = groups.get(at..at + 3).is_some_and(|three| is_date(letters, three));
        if at < from || !(is_date || at == groups.len()) {
            continue;
        }
        spans.extend(long(letters, &groups[from..at]));
        from = at + 3;
    }
    spans
}

/// The groups as a number, if they are long enough.
fn long(letters: &Letters, groups: &[Range<usize>]) -> Option<Span> {
    let (first, last) = (groups.first()?, groups.last()?);
    let kind = if letters.at(first.start) == Some('0') { Kind::Phone } else { Kind::Number };
    (digits(groups) >= FEWEST).then_some((first.start..last.end, kind))
}

fn digits(groups: &[Range<usize>]) -> usize {
    groups.iter().map(Range::len).sum()
}

/// Where the plus stands that makes a number one of a telephone.
fn after_plus(letters: &Letters, start: usize) -> Option<usize> {
    let mut at = start;
    while at > 0 && start - at < 2 && letters.is(at - 1, |letter| letter == '(' || letter == ' ') {
        at -= 1;
    }
    (at > 0 && letters.is(at - 1, |letter| letter == '+')).then(|| at - 1)
}

/// Whether some of the groups, one after the other, are 13 to 19 digits with the check digit of a card.
fn has_card(letters: &Letters, groups: &[Range<usize>]) -> bool {
    (0..groups.len()).any(|from| {
        (from + 1..=groups.len())
            .take_while(|to| digits(&groups[from..*to]) <= *CARD.end())
            .any(|to| CARD.contains(&digits(&groups[from..to])) && checks(letters, &groups[from..to]))
    })
}

/// The check digit by Luhn (ISO/IEC 7812-1, annex B).
fn checks(letters: &Letters, groups: &[Range<usize>]) -> bool {
    let digits = groups.iter().rev().flat_map(|group| letters.seen(group.clone()).rev());
    let sum: u32 = digits
        .filter_map(|letter| letter.to_digit(10))
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 % 10 + digit / 5 })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether three groups with one and the same mark between them are a day: `2026-01-31`, `31.1.2026`, `1/31/2026`.
fn is_date(letters: &Letters, groups: &[Range<usize>]) -> bool {
    let [a, b, c] = groups else { return false };
    let between =
        |left: &Range<usize>, right: &Range<usize>| (right.start == left.end + 1).then(|| letters.at(left.end));
    let mark = between(a, b).flatten();
    if mark != between(b, c).flatten() || !mark.is_some_and(|mark| "-./".contains(mark)) {
        return false;
    }
    let value = |group: &Range<usize>| letters.seen(group.clone()).collect::<String>().parse::<u32>().unwrap_or(0);
    let small = |group: &Range<usize>| group.len() <= 2;
    let year = |group: &Range<usize>| group.len() == 4 && (1900..2100).contains(&value(group));
    let days = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    year(a) && small(b) && small(c) && days(value(b), value(c))
        || year(c) && small(a) && small(b) && (days(value(b), value(a)) || days(value(a), value(b)))
}
