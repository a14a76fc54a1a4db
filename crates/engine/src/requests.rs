//! Whether somebody asks something of their data in what they write (S-1): plain phrases in English, German, Italian and Spanish, so that
//! a member is offered to record it. Nothing is recorded by itself, so rather one too few is recognised than one too many.

mod phrases;
#[cfg(test)]
mod tests;

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

/// What turns a phrase into its opposite, or into a question of what was or will be done.
const TURNING: [&str; 29] = [
    "not", "dont", "don", "didn", "doesn", "won", "wont", "cannot", "never", "did", "do", "does", "will", "without", "nicht", "kein",
    "keine", "niemals", "nie", "ohne", "non", "mai", "senza", "no", "nunca", "sin", "ni", "if", "falls",
];
/// Who speaks of what they do themselves.
const SELF: [&str; 6] = ["i", "we", "ich", "wir", "io", "yo"];
/// What makes something else of the data before it.
const THINGS: [&str; 22] = [
    "plan", "plans", "volume", "package", "bundle", "usage", "allowance", "roaming", "sheet", "card", "cable", "connection", "roamings",
    "volumen", "tarif", "paket", "blatt", "karte", "mobili", "moviles", "del", "dell",
];

/// What is asked, if one of the phrases stands in a text; of several the first.
pub fn recognised(text: &str) -> Option<Kind> {
    let words = words(text);
    let found = RULES.iter().filter_map(|(kind, rule)| Some((first(&words, rule, *kind)?, *kind)));
    found.min_by_key(|(at, _)| *at).map(|(_, kind)| kind)
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

/// Where a rule first fits: its parts one after another, each within a few words of the one before.
fn first(words: &[String], rule: &str, kind: Kind) -> Option<usize> {
    let parts: Vec<&str> = rule.split(" ~ ").collect();
    let (head, rest) = parts.split_first()?;
    (0..words.len()).find(|at| {
        let fits = |from: usize| {
            let ends = rest.iter().try_fold(from, |end, part| {
                (end..=end + GAP).find_map(|start| fitting(words, start, part))
            });
            ends.is_some_and(|end| stands(words, (*at, end), kind))
        };
        fitting(words, *at, head).is_some_and(fits)
    })
}

/// Where one of a part's alternatives ends that begins here: the longest.
fn fitting(words: &[String], at: usize, part: &str) -> Option<usize> {
    let fits = |phrase: &str| {
        let mut end = at;
        for wanted in phrase.split(' ') {
            let word = words.get(end)?;
            let same = wanted.strip_suffix('*').map_or(word == wanted, |stem| word.starts_with(stem));
            if !same {
                return None;
            }
            end += 1;
        }
        Some(end)
    };
    part.split('|').filter_map(fits).max()
}

/// Whether what stands around a phrase leaves it what it is.
fn stands(words: &[String], (start, end): (usize, usize), kind: Kind) -> bool {
    let among = |list: &[&str], word: &String| list.contains(&word.as_str());
    let around = &words[start.saturating_sub(BEFORE)..words.len().min(end + 1)];
    let own = start > 0 && kind == Kind::Erasure && among(&SELF, &words[start - 1]);
    let thing = words.get(end).is_some_and(|next| among(&THINGS, next));
    !own && !thing && !around.iter().any(|word| among(&TURNING, word))
}
