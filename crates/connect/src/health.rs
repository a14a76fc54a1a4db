//! What a text says of somebody's health, for channels whose provider forbids that it is sent
//! ([`crate::Forbids::special_categories`], CH-1).
//!
//! Data concerning health are about a person (GDPR, Article 4(15)): a shop may sell blood glucose meters, and may not write that a
//! customer has diabetes. So a word for an illness, a handicap, a treatment or a state is not enough. One sentence must hold
//!
//! - such a word and, before it, whose it is or that somebody has it ("your asthma", "la signora ha il diabete"), or
//! - such a word and what is only said of patients: a diagnosis, a finding, a therapy; or
//! - a measured value in a unit that laboratories alone use ("140 mg/dl"); or
//! - a code of the ICD-10 beside its name or the word for a diagnosis.
//!
//! Words of everyday use, as a sign of the zodiac or a pandemic, count only beside what is said of patients. A condition ("if you are
//! pregnant") is of nobody, and a question tells nothing until it holds both, whose and what is said of patients.
//!
//! The words are English, Italian, German, Spanish, French and Portuguese (`words.txt`). No list of words is complete: this stops what is
//! plain, and never takes the place of the workspace's own declaration.

mod lexicon;
#[cfg(test)]
mod tests;

use lexicon::{Class, Lexicon};

/// How many words stand between whose something is, or that somebody has it, and what it is.
const NEAR: usize = 3;
/// The same for "if" before that.
const IF_NEAR: usize = 3;

/// Whether a text says something of somebody's health.
pub fn is_in(text: &str) -> bool {
    let lexicon = Lexicon::get();
    sentences(text).any(|sentence| tells(lexicon, sentence))
}

/// A text's sentences, each with the sign at its end. A point within a number or a code ends none.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.char_indices().find(|(at, letter)| ends(rest, *at, *letter));
        let (sentence, after) = rest.split_at(end.map_or(rest.len(), |(at, letter)| at + letter.len_utf8()));
        rest = after;
        Some(sentence)
    })
}

fn ends(text: &str, at: usize, letter: char) -> bool {
    match letter {
        '\n' | '!' | '?' | ';' => true,
        '.' => text[at + 1..].chars().next().is_none_or(char::is_whitespace),
        _ => false,
    }
}

fn tells(lexicon: &Lexicon, sentence: &str) -> bool {
    let words = lexicon.words(sentence);
    if is_measured(lexicon, &words) {
        return true;
    }
    let classes = lexicon.classes(&words);
    let found = classes.iter().any(|class| class.contains(Class::FINDING));
    let asks = sentence.trim_end().ends_with('?');
    if found && words.iter().any(|word| is_icd_code(word)) {
        return true;
    }
    classes.iter().enumerate().any(|(at, class)| {
        let whose = || is_somebodys(&classes, at);
        match (class.contains(Class::STATE), class.contains(Class::EVERYDAY)) {
            (true, _) if asks => found && whose(),
            (true, _) => found || whose(),
            (_, true) if asks => found && whose(),
            (_, true) => found,
            _ => false,
        }
    })
}

/// Whether it is said before a word whose it is, or that somebody has it; and not only if they do.
fn is_somebodys(classes: &[Class], at: usize) -> bool {
    let near = at.saturating_sub(NEAR)..at;
    near.rev().any(|owner| {
        let before = owner.saturating_sub(IF_NEAR)..owner;
        classes[owner].contains(Class::PERSON) && !before.into_iter().any(|it| classes[it].contains(Class::IF))
    })
}

/// A number before a unit that laboratories alone use, or with one behind it.
fn is_measured(lexicon: &Lexicon, words: &[String]) -> bool {
    let is_number = |word: &String| word.starts_with(|letter: char| letter.is_ascii_digit());
    let numbered = |at: usize| is_number(&words[at]) || at > 0 && is_number(&words[at - 1]);
    words.iter().enumerate().any(|(at, word)| lexicon.ends_in_unit(word) && numbered(at))
}

/// A code of the ICD-10: a letter, two digits, and often a point and more digits (`F32.1`).
fn is_icd_code(word: &str) -> bool {
    let (category, detail) = word.split_once('.').unwrap_or((word, "0"));
    let mut letters = category.chars();
    let begins = letters.next().is_some_and(|letter| letter.is_ascii_lowercase());
    let digits = letters.as_str();
    begins
        && digits.len() == 2
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=4).contains(&detail.len())
        && detail.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
