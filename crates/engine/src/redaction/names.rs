//! The names that a contact gave, wherever their words stand.

use super::found::{Kind, Span};
use super::letters::Letters;

/// The fewest letters of a word that is looked for: initials are everywhere.
const FEWEST: usize = 2;

/// The words of a name, in small letters.
pub(super) fn parts(name: &str) -> Vec<String> {
    let letters = Letters::of(name);
    let name: String = letters.seen(0..letters.len()).collect();
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| word.chars().count() >= FEWEST).map(str::to_lowercase).collect()
}

/// Where they stand: whole words in any case, with or without an `s` at the end, and those of one name together. In scripts that have no
/// gaps between words they are found within others.
pub(super) fn all(letters: &Letters, names: &[String]) -> Vec<Span> {
    if names.is_empty() {
        return Vec::new();
    }
    let mut spans: Vec<Span> = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if !letters.is(at, char::is_alphanumeric) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while letters.is(end, char::is_alphanumeric) {
            end += 1;
        }
        let word: String = letters.seen(at..end).flat_map(char::to_lowercase).collect();
        let is_name = |name: &String| *name == word || word.strip_suffix('s').is_some_and(|stem| name == stem);
        if names.iter().any(is_name) {
            join(letters, &mut spans, (at..end, Kind::Name));
        } else {
            spans.extend(within(letters, at, &word, names));
        }
        at = end;
    }
    spans
}

/// Two words of a name with one letter between them are one name.
fn join(letters: &Letters, spans: &mut Vec<Span>, (span, kind): Span) {
    match spans.last_mut() {
        Some((last, _)) if last.end + 1 == span.start && letters.is(last.end, |it| " -'\u{2019}".contains(it)) => {
            last.end = span.end;
        }
        _ => spans.push((span, kind)),
    }
}

/// Names in a word of a script without capitals.
fn within(letters: &Letters, start: usize, word: &str, names: &[String]) -> Vec<Span> {
    let uncased = |letter: char| letter.is_alphabetic() && !letter.is_lowercase() && !letter.is_uppercase();
    // A letter that becomes several small ones would shift the others.
    if !word.chars().any(uncased)
        || letters.seen(start..letters.len()).take(word.chars().count()).any(char::is_uppercase)
    {
        return Vec::new();
    }
    let inside = names.iter().filter(|name| name.chars().all(uncased));
    let places = inside.flat_map(|name| {
        let length = name.chars().count();
        word.match_indices(name.as_str()).map(move |(byte, _)| {
            let from = start + word[..byte].chars().count();
            (from..from + length, Kind::Name)
        })
    });
    places.collect()
}
