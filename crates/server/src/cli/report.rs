//! What an examination found, line by line.

use serde::{Deserialize, Serialize};

/// How good or bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As it should be.
    Good,
    /// It works, and could be better.
    Mind,
    /// It has to be mended.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Finding {
    pub(super) about: String,
    pub(super) state: State,
    pub(super) words: String,
}

impl Finding {
    pub(super) fn good(about: &str, words: impl Into<String>) -> Self {
        Self { about: about.to_owned(), state: State::Good, words: words.into() }
    }

    pub(super) fn mind(about: &str, words: impl Into<String>) -> Self {
        Self { state: State::Mind, ..Self::good(about, words) }
    }

    pub(super) fn wrong(about: &str, words: impl Into<String>) -> Self {
        Self { state: State::Wrong, ..Self::good(about, words) }
    }

    pub(super) fn line(&self) -> String {
        let mark = match self.state {
            State::Good => "ok   ",
            State::Mind => "mind ",
            State::Wrong => "WRONG",
        };
        format!("{mark}  {:<10}  {}", self.about, self.words)
    }
}
