//! Whether somebody asks something of their data in what they write (S-1): plain phrases in English, German, Italian and Spanish, so that
//! a member is offered to record it. Nothing is recorded by itself, so rather one too few is recognised than one too many.

mod phrases;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

use vault::requests::Kind;

use phrases::RULES;

/// How many words are looked at.
const WORDS: usize = 600;
/// How many characters.
const LETTERS: usize = 6_000;
/// How many words may stand between two parts of a phrase.
const GAP: usize = 4;
/// How many words before a phrase are looked at for what turns it round.
const BEFORE: usize = 3;

/// What turns a phrase into its opposite.
const TURNING: [&str; 23] = [
    "not", "dont", "don", "didn", "doesn", "won", "wont", "cannot", "never", "without", "nicht", "kein", "keine",
    "niemals", "nie", "ohne", "non", "mai", "senza", "no", "nunca", "sin", "ni",
];
/// What makes it a question of what was or will be done, where it stands before.
const ASKING: [&str; 6] = ["did", "do", "does", "will", "if", "falls"];
/// Who speaks of what they do themselves.
const SELF: [&str; 6] = ["i", "we", "ich", "wir", "io", "yo"];
/// What makes something else of the data before it.
const THINGS: [&str; 22] = [
    "plan",
    "plans",
    "volume",
    "package",
    "bundle",
    "usage",
    "allowance",
    "roaming",
    "sheet",
    "card",
    "cable",
    "connection",
    "roamings",
    "volumen",
    "tarif",
    "paket",
    "blatt",
    "karte",
    "mobili",
    "moviles",
    "del",
    "dell",
];

/// A part of a phrase: its alternatives, each some words.
type Part = Vec<Vec<&'static str>>;

/// All phrases, by the words with which they begin: most words of a text begin none.
struct Book {
    rules: Vec<(Kind, Vec<Part>)>,
    by_word: HashMap<&'static str, Vec<usize>>,
    /// Those that begin with any ending.
    others: Vec<usize>,
}

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let part = |part: &'static str| part.split('|').map(|phrase| phrase.split(' ').collect()).collect();
    let rules: Vec<(Kind, Vec<Part>)> =
        RULES.iter().map(|(kind, rule)| (*kind, rule.split(" ~ ").map(part).collect())).collect();
    let mut book = Book { rules, by_word: HashMap::new(), others: Vec::new() };
    for (number, (_, parts)) in book.rules.iter().enumerate() {
        for first in parts.iter().take(1).flatten().filter_map(|phrase| phrase.first()) {
            let of = if first.ends_with('*') { &mut book.others } else { book.by_word.entry(first).or_default() };
            of.push(number);
        }
    }
    book
});

/// What is asked, if one of the phrases stands in a text; of several the first.
pub fn recognised(text: &str) -> Option<Kind> {
    let words = words(text);
    (0..words.len()).find_map(|at| {
        let own = BOOK.by_word.get(words[at].as_str()).into_iter().flatten();
        let rules = own.chain(&BOOK.others).filter_map(|number| BOOK.rules.get(*number));
        rules.filter(|(kind, parts)| fits(&words, at, parts, *kind)).map(|(kind, _)| *kind).next()
    })
}

/// The words of a text, in lower case and without accents.
fn words(text: &str) -> Vec<String> {
    let plain: String = text.chars().take(LETTERS).flat_map(char::to_lowercase).map(unaccented).collect();
    let words = plain.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(WORDS).map(str::to_owned).collect()
}

const fn unaccented(letter: char) -> char {
    match letter {
        'à' | 'á' | 'ä' | 'â' => 'a',
        'è' | 'é' | 'ë' | 'ê' => 'e',
        'ì' | 'í' | 'ï' => 'i',
        'ò' | 'ó' | 'ö' => 'o',
        'ù' | 'ú' | 'ü' => 'u',
        'ñ' => 'n',
        'ß' => 's',
        other => other,
    }
}

/// Whether a phrase begins here: its parts one after another, each within a few words of the one before.
fn fits(words: &[String], at: usize, parts: &[Part], kind: Kind) -> bool {
    let Some((head, rest)) = parts.split_first() else { return false };
    let Some(end) = end_of(words, at, head) else { return false };
    let last = rest.iter().try_fold(end, |end, part| (end..=end + GAP).find_map(|start| end_of(words, start, part)));
    last.is_some_and(|end| stands(words, (at, end), kind))
}

/// Where one of a part's alternatives ends that begins here: the longest.
fn end_of(words: &[String], at: usize, part: &Part) -> Option<usize> {
    let same =
        |word: &str, wanted: &str| wanted.strip_suffix('*').map_or(word == wanted, |stem| word.starts_with(stem));
    let fits = |phrase: &&Vec<&str>| {
        let there = words.get(at..at + phrase.len());
        there.is_some_and(|there| there.iter().zip(phrase.iter()).all(|(word, wanted)| same(word, wanted)))
    };
    part.iter().filter(fits).map(|phrase| at + phrase.len()).max()
}

/// Whether what stands around a phrase leaves it what it is.
fn stands(words: &[String], (start, end): (usize, usize), kind: Kind) -> bool {
    let among = |list: &[&str], word: &String| list.contains(&word.as_str());
    let around = &words[start.saturating_sub(BEFORE)..words.len().min(end + 1)];
    let before = &words[start.saturating_sub(BEFORE)..start];
    // An Italian article is none.
    let own = words.get(start).is_some_and(|first| !matches!(first.as_str(), "miei" | "dati"))
        && before.last().is_some_and(|word| among(&SELF, word));
    let wondering = before.iter().any(|word| among(&ASKING, word));
    let erasure = kind == Kind::Erasure && (own || wondering);
    let thing = words.get(end).is_some_and(|next| among(&THINGS, next));
    !erasure && !thing && !around.iter().any(|word| among(&TURNING, word))
}
