//! Cutting text into words, the same way for documents, queries and highlights.
//!
//! A word is a run of letters and digits, in lower case, without accents that are characters of their own. Scripts
//! written without spaces give a word per character; a query of several such characters is a phrase.

use tantivy::tokenizer::{AsciiFoldingFilter, RawTokenizer, TextAnalyzer};

/// The longest word, in bytes; the rest of a longer one is not looked at.
const LONGEST: usize = 120;

/// A word and the bytes it takes in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case, with its accents: what stems are made of.
    pub(super) lower: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The words of a text in their order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut open: Option<Word> = None;
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        if stands_alone(c) {
            words.extend(open.take());
            words.push(Word { lower: c.to_string(), start, end });
        } else if is_mark(c) {
            if let Some(word) = &mut open {
                word.end = end;
            }
        } else if c.is_alphanumeric() {
            let word = open.get_or_insert_with(|| Word { lower: String::new(), start, end });
            word.end = end;
            if word.lower.len() < LONGEST {
                word.lower.extend(c.to_lowercase().filter(|c| !is_mark(*c)).map(plain));
            }
        } else {
            words.extend(open.take());
        }
    }
    words.extend(open);
    // A letter may consist of nothing but an accent.
    words.retain(|word| !word.lower.is_empty());
    words
}

/// Han, Hiragana, Katakana, Thai, Lao, Myanmar and Khmer.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

/// Accents, vowel points, viramas, joiners: inside a word they neither end it nor count.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{0300}'..='\u{036f}' | '\u{0483}'..='\u{0487}' | '\u{0591}'..='\u{05bd}' | '\u{05bf}'
        | '\u{05c1}'..='\u{05c2}' | '\u{05c4}'..='\u{05c5}' | '\u{05c7}' | '\u{0640}' | '\u{064b}'..='\u{065f}' | '\u{0670}'
        | '\u{093c}' | '\u{094d}' | '\u{09cd}' | '\u{0a4d}' | '\u{0acd}' | '\u{0b4d}' | '\u{0bcd}' | '\u{0c4d}'
        | '\u{0ccd}' | '\u{0d4d}' | '\u{1dc0}'..='\u{1dff}' | '\u{200c}' | '\u{200d}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// Letters that people write with and without their accent, beyond the Latin ones.
fn plain(c: char) -> char {
    match c {
        'ё' => 'е',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        'أ' | 'إ' | 'آ' => 'ا',
        'ى' => 'ي',
        other => other,
    }
}

/// Takes the accents from Latin letters: `straße` becomes `strasse`.
pub(super) struct Folding(TextAnalyzer);

impl Folding {
    pub(super) fn new() -> Self {
        Self(TextAnalyzer::builder(RawTokenizer::default()).filter(AsciiFoldingFilter).build())
    }

    pub(super) fn fold(&mut self, lower: &str) -> String {
        if lower.is_ascii() { lower.to_owned() } else { through(&mut self.0, lower) }
    }
}

/// What an analyzer makes of a single word.
pub(super) fn through(analyzer: &mut TextAnalyzer, word: &str) -> String {
    let mut stream = analyzer.token_stream(word);
    if stream.advance() { stream.token().text.to_lowercase() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Folding, words};

    fn folded(text: &str) -> String {
        let mut folding = Folding::new();
        words(text).iter().map(|word| folding.fold(&word.lower)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_are_cut_lowered_and_folded() {
        for (text, expected) in [
            ("Grüße aus der Straße!", "grusse aus der strasse"),
            ("l'été à Noël", "l ete a noel"),
            ("e\u{301}te\u{301}", "ete"),
            ("Ёлка, ёж", "елка еж"),
            ("Καλημέρα ΚΌΣΜΕ", "καλημερα κοσμε"),
            ("東京 tower", "東 京 tower"),
            ("anna@example.org +49-151", "anna example org 49 151"),
            ("İstanbul", "istanbul"),
            ("ﬁn ÆTHER", "fin aether"),
            ("👍 ...", ""),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn words_lie_in_the_text_in_order(text in any::<String>()) {
            let mut at = 0;
            for word in words(&text) {
                prop_assert!(at <= word.start && word.start < word.end);
                prop_assert!(text.get(word.start..word.end).is_some());
                at = word.end;
            }
        }
    }
}
