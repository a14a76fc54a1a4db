//! A text as it is read: without what nobody sees, its digits as ASCII writes them, and where each letter stands in it.

use std::ops::Range;

use connect::payment_card::{digit, is_invisible};

/// A letter, and its bytes in the text.
#[derive(Debug, Clone, Copy)]
struct Letter {
    seen: char,
    start: usize,
    end: usize,
}

/// The letters of a text.
pub(super) struct Letters(Vec<Letter>);

impl Letters {
    pub(super) fn of(text: &str) -> Self {
        let seen = text.char_indices().filter(|(_, letter)| !is_invisible(*letter));
        let letter = |(start, letter): (usize, char)| {
            let seen = match letter {
                '\u{ff20}' => '@',
                '\u{ff0b}' => '+',
                // Letters of full width stand where ASCII's do, further on.
                '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
                    char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter)
                }
                other => digit(other).unwrap_or(other),
            };
            Letter { seen, start, end: start + letter.len_utf8() }
        };
        Self(seen.map(letter).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The letter at a place; none beyond the text.
    pub(super) fn at(&self, at: usize) -> Option<char> {
        self.0.get(at).map(|letter| letter.seen)
    }

    pub(super) fn is(&self, at: usize, kind: impl Fn(char) -> bool) -> bool {
        self.at(at).is_some_and(kind)
    }

    /// Whether no word goes on here from the letter before.
    pub(super) fn begins(&self, at: usize) -> bool {
        at == 0 || !self.is(at - 1, char::is_alphanumeric)
    }

    /// Whether no word goes on here.
    pub(super) fn ends(&self, at: usize) -> bool {
        !self.is(at, char::is_alphanumeric)
    }

    pub(super) fn seen(&self, letters: Range<usize>) -> impl DoubleEndedIterator<Item = char> {
        self.0[letters].iter().map(|letter| letter.seen)
    }

    /// The bytes of some letters, at least one, with what nobody sees between them.
    pub(super) fn bytes(&self, letters: &Range<usize>) -> Range<usize> {
        self.0[letters.start].start..self.0[letters.end - 1].end
    }
}
