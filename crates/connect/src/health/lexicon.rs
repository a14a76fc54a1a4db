//! The words, and what each of them is a sign of.

use std::collections::HashMap;
use std::ops::BitOr;
use std::sync::OnceLock;

/// What a word is a sign of: any of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Class(u8);

impl Class {
    /// An illness, a handicap, a treatment, a state.
    pub(super) const STATE: Self = Self(1);
    /// The same, of a word that is as often used for something else.
    pub(super) const EVERYDAY: Self = Self(1 << 1);
    /// What is only said of patients.
    pub(super) const FINDING: Self = Self(1 << 2);
    /// Whose it is, or that somebody has it.
    pub(super) const PERSON: Self = Self(1 << 3);
    /// That it is only if they have.
    pub(super) const IF: Self = Self(1 << 4);

    pub(super) fn contains(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn named(name: &str) -> Self {
        match name {
            "state" => Self::STATE,
            "everyday" => Self::EVERYDAY,
            "finding" => Self::FINDING,
            "person" => Self::PERSON,
            "if" => Self::IF,
            _ => Self::default(),
        }
    }
}

impl BitOr for Class {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Words in a row, each whole or with any end (`diabet*`).
struct Entry {
    words: Vec<(String, bool)>,
    class: Class,
}

impl Entry {
    fn of(line: &str, class: Class) -> Self {
        let word = |word: &str| match word.strip_suffix('*') {
            Some(stem) => (plain(stem), true),
            None => (plain(word), false),
        };
        Self { words: line.split_whitespace().map(word).collect(), class }
    }

    fn begins(&self, words: &[String]) -> bool {
        self.words.len() <= words.len()
            && self.words.iter().zip(words).all(
                |((known, any_end), word)| {
                    if *any_end { word.starts_with(known.as_str()) } else { word == known }
                },
            )
    }
}

/// All words, by the first letter of the first.
pub(super) struct Lexicon {
    entries: HashMap<char, Vec<Entry>>,
    units: Vec<String>,
}

impl Lexicon {
    pub(super) fn get() -> &'static Self {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        LEXICON.get_or_init(|| Self::of(include_str!("words.txt")))
    }

    fn of(text: &str) -> Self {
        let mut lexicon = Self { entries: HashMap::new(), units: Vec::new() };
        let mut section = "";
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                section = name;
            } else if section == "unit" {
                lexicon.units.push(line.to_owned());
            } else {
                lexicon.add(Entry::of(line, Class::named(section)));
            }
        }
        lexicon
    }

    fn add(&mut self, entry: Entry) {
        let first = entry.words.first().and_then(|(word, _)| word.chars().next());
        if let Some(first) = first {
            self.entries.entry(first).or_default().push(entry);
        }
    }

    /// Whether this is a unit that laboratories alone use, or a number with one behind it.
    pub(super) fn ends_in_unit(&self, word: &str) -> bool {
        let behind = word.trim_start_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ','));
        self.units.iter().any(|unit| unit == behind)
    }

    /// A sentence's words, small and without accents. What stands within numbers, codes and units is part of them.
    pub(super) fn words(&self, sentence: &str) -> Vec<String> {
        let within = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | ',' | '/');
        let pieces = sentence.split(|letter: char| !within(letter)).map(plain);
        pieces.flat_map(|piece| self.parts(&piece)).filter(|word| !word.is_empty()).collect()
    }

    /// One piece where it is a number, a code or a unit; otherwise the words in it.
    fn parts(&self, piece: &str) -> Vec<String> {
        let piece = piece.trim_matches(|letter: char| !letter.is_alphanumeric());
        if self.ends_in_unit(piece) {
            return vec![piece.to_owned()];
        }
        let has_digit = piece.chars().any(|letter| letter.is_ascii_digit());
        let between = |letter: char| !(letter.is_alphanumeric() || has_digit && matches!(letter, '.' | ','));
        piece.split(between).map(str::to_owned).collect()
    }

    /// What each word of a sentence is a sign of: several words in a row are it where the last of them stands, but for a person,
    /// who is where the first stands.
    pub(super) fn classes(&self, words: &[String]) -> Vec<Class> {
        let mut classes = vec![Class::default(); words.len()];
        for at in 0..words.len() {
            let first = words[at].chars().next();
            for entry in first.and_then(|first| self.entries.get(&first)).into_iter().flatten() {
                if entry.begins(&words[at..]) {
                    let last = at + entry.words.len() - 1;
                    classes[last] = classes[last] | entry.class;
                }
            }
        }
        classes
    }
}

/// Small letters, and those of Latin scripts without their signs.
fn plain(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).map(without_sign).collect()
}

fn without_sign(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        'µ' => 'μ',
        other => other,
    }
}
