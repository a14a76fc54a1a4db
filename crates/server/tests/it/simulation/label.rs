//! Everything that is said bears a label, by which it is known again wherever it turns up: `m5v2` is the second version of the
//! fifth thing that contacts say, `r3v1` the first of the third that members reply.

use std::fmt;

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Voice {
    Contact,
    Member,
}

/// What something is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Label {
    pub(crate) voice: Voice,
    pub(crate) number: u32,
    pub(crate) version: u32,
}

/// A word that is in everything that is said, so that all of it can be found at once.
pub(crate) const COMMON: &str = "marzipan";

impl Label {
    pub(crate) fn said(number: u32, version: u32) -> Self {
        Self { voice: Voice::Contact, number, version }
    }

    pub(crate) fn reply(number: u32, version: u32) -> Self {
        Self { voice: Voice::Member, number, version }
    }

    /// What is said.
    pub(crate) fn words(self) -> String {
        format!("{self} {COMMON}")
    }

    /// The labels in a text, each once.
    pub(crate) fn all_in(text: &str) -> Vec<Self> {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        let mut found: Vec<Self> = words.filter_map(Self::read).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn read(word: &str) -> Option<Self> {
        let voice = match word.get(..1)? {
            "m" => Voice::Contact,
            "r" => Voice::Member,
            _ => return None,
        };
        let (number, version) = word.get(1..)?.split_once('v')?;
        Some(Self { voice, number: number.parse().ok()?, version: version.parse().ok()? })
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let voice = match self.voice {
            Voice::Contact => 'm',
            Voice::Member => 'r',
        };
        write!(f, "{voice}{}v{}", self.number, self.version)
    }
}

#[test]
fn labels_are_known_again() {
    let both = [Label::said(5, 2), Label::reply(3, 1)];
    let text = format!("\"{}\", {}; m5, v2, r3vx, {}", both[0].words(), both[1], both[0]);
    assert_eq!(Label::all_in(&text), both);
}
