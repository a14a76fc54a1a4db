//! Before a prompt reaches a model, what tells who somebody is becomes placeholders, and is put back in the answer (AI-4).
//!
//! E-mail addresses, numbers of telephones, cards and accounts, national ids and the names that the contact gave are replaced, and to be
//! safe every other number of seven digits and more that is no date: what is put back does the answer no harm. The same thing has the same
//! placeholder everywhere in a prompt. Pictures and recordings cannot be redacted so, and a prompt has none.
//!
//! Whoever calls a model takes a [`Redacted`] prompt, which [`Redactor`] alone makes:
//!
//! ```
//! use engine::redaction::{Prompt, Redactor, Turn};
//! let prompt = Prompt { instruction: "Answer.", turns: vec![Turn { said: "I am Anna, anna@example.org".to_owned().into() }] };
//! let (redacted, back) = Redactor::new(&["Anna Rossi".to_owned().into()]).redact(&prompt).unwrap();
//! assert_eq!(redacted.turns().collect::<Vec<_>>(), ["I am ⟦NAME_1⟧, ⟦EMAIL_1⟧"]);
//! let answer = back.put_back("Dear ⟦NAME_1⟧");
//! ```
//!
//! It cannot be made by hand,
//!
//! ```compile_fail
//! use engine::redaction::{Prompt, Redacted};
//! fn forged(prompt: Prompt) -> Redacted<Prompt> {
//!     Redacted(prompt)
//! }
//! ```
//!
//! nor changed once it is made:
//!
//! ```compile_fail
//! use engine::redaction::{Prompt, Redacted, Turn};
//! fn more(redacted: &mut Redacted<Prompt>, turn: Turn) {
//!     redacted.0.turns.push(turn);
//! }
//! ```

mod found;
mod ids;
mod letters;
mod names;
mod numbers;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use thiserror::Error;
use vault::Personal;

use found::Found;

/// The most characters that a prompt has in all, redacted: what is longer is cut by whoever asks, who knows what is needed.
pub const MOST: usize = 24_000;
/// What placeholders stand between. Where a text has one of these itself, that becomes a placeholder, too.
const OPEN: char = '\u{27e6}';
const CLOSE: char = '\u{27e7}';

/// What a model is asked.
pub struct Prompt {
    /// The program's own words.
    pub instruction: &'static str,
    /// What was said, and is needed for an answer, oldest first.
    pub turns: Vec<Turn>,
}

/// Something that was said.
pub struct Turn {
    /// The words.
    pub said: Personal<String>,
}

/// What was redacted.
pub struct Redacted<T>(T);

impl<T> std::fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redacted(…)")
    }
}

impl Redacted<Prompt> {
    /// The program's own words.
    pub fn instruction(&self) -> &'static str {
        self.0.instruction
    }

    /// What was said, with placeholders.
    pub fn turns(&self) -> impl Iterator<Item = &str> {
        self.0.turns.iter().map(|turn| turn.said.reveal().as_str())
    }
}

/// Why a prompt is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a prompt of {chars} characters is longer than {most}: leave out what is not needed")]
pub struct TooLong {
    /// How long it is.
    pub chars: usize,
    /// How long it may be.
    pub most: usize,
}

/// Redacts one prompt.
pub struct Redactor {
    names: Vec<String>,
    most: usize,
}

/// What placeholders stand for: it stays here, and is put back in the answer.
pub struct Back {
    stands_for: HashMap<String, String>,
}

impl std::fmt::Debug for Back {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Back(…)")
    }
}

impl Redactor {
    /// For a conversation with somebody who gave these names.
    pub fn new(names: &[Personal<String>]) -> Self {
        Self { names: names.iter().flat_map(|name| names::parts(name.reveal())).collect(), most: MOST }
    }

    /// With a ceiling below [`MOST`].
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        Self { most: most.min(MOST), ..self }
    }

    /// Redacts a prompt; what its placeholders stand for comes beside it.
    ///
    /// # Errors
    /// [`TooLong`], counted as it is when redacted.
    pub fn redact(self, prompt: &Prompt) -> Result<(Redacted<Prompt>, Back), TooLong> {
        let mut places = Places::default();
        let mut chars = prompt.instruction.chars().count();
        let mut turns = Vec::with_capacity(prompt.turns.len());
        for turn in &prompt.turns {
            let said = places.redacted(turn.said.reveal(), &self.names);
            chars += said.chars().count();
            turns.push(Turn { said: Personal::new(said) });
        }
        if chars > self.most {
            return Err(TooLong { chars, most: self.most });
        }
        let redacted = Redacted(Prompt { instruction: prompt.instruction, turns });
        Ok((redacted, Back { stands_for: places.names.into_iter().map(|(value, name)| (name, value)).collect() }))
    }
}

/// The placeholders of a prompt.
#[derive(Default)]
struct Places {
    /// By what they stand for.
    names: HashMap<String, String>,
    /// How many there are of each kind.
    counts: HashMap<&'static str, usize>,
}

impl Places {
    fn redacted(&mut self, text: &str, names: &[String]) -> String {
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for Found { bytes, kind } in found::all(text, names) {
            out.push_str(&text[end..bytes.start]);
            out.push_str(&self.place(&text[bytes.clone()], kind.word()));
            end = bytes.end;
        }
        out.push_str(&text[end..]);
        out
    }

    fn place(&mut self, value: &str, kind: &'static str) -> String {
        if let Some(known) = self.names.get(value) {
            return known.clone();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let name = format!("{OPEN}{kind}_{count}{CLOSE}");
        self.names.insert(value.to_owned(), name.clone());
        name
    }
}

impl Back {
    /// An answer with everything put back. A placeholder that the model made up stands for nothing, and stays.
    pub fn put_back(&self, answer: &str) -> Personal<String> {
        let mut out = String::with_capacity(answer.len());
        let mut rest = answer;
        while let Some(at) = rest.find(OPEN) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let end = rest.find(CLOSE).map(|close| close + CLOSE.len_utf8());
            if let Some((end, value)) = end.and_then(|end| Some((end, self.stands_for.get(&rest[..end])?))) {
                out.push_str(value);
                rest = &rest[end..];
            } else {
                out.push(OPEN);
                rest = &rest[OPEN.len_utf8()..];
            }
        }
        out.push_str(rest);
        Personal::new(out)
    }
}
