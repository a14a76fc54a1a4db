//! Providers that tell us that there is something to ask for: a hint, which makes asking sooner and replaces none of it.

use serde_json::{Value, json};

use crate::json::{list, text};
use crate::{Answer, Verified};

/// What a provider was asked to tell.
#[derive(Clone, PartialEq, Eq)]
pub struct Watch {
    /// What the connector has to know of it, as it comes back in [`crate::Account::watch`].
    pub state: String,
    /// Until when the provider tells, in Unix milliseconds.
    pub until_ms: i64,
    /// When it is looked after again, in Unix milliseconds: well before that.
    pub again_ms: i64,
}

// The state may name an account.
impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Watch(until {}, again {})", self.until_ms, self.again_ms)
    }
}

/// What a provider tells of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hint {
    /// There is something to ask for.
    News,
    /// What it was asked to tell has to be looked after ([`crate::Connector::watch`]).
    Watch,
}

/// A request that was proven to tell this, each once.
pub(crate) fn told(hints: &[Hint]) -> Verified {
    let word = |hint: &Hint| match hint {
        Hint::News => "news",
        Hint::Watch => "watch",
    };
    Verified::new(json!({"hints": hints.iter().map(word).collect::<Vec<_>>()}).to_string().into_bytes())
}

/// A request that wants nothing but to hear its own word, which shows that somebody is here.
pub(crate) fn handshake(word: &str) -> Verified {
    Verified::new(json!({"hints": [], "echo": word}).to_string().into_bytes())
}

/// What is answered to either. Nothing of them is kept.
pub(crate) fn answer(verified: &Verified) -> Answer {
    let said = read(verified);
    Answer { body: text(&said, "/echo").unwrap_or_default().to_owned(), keep: false, ..Answer::ok() }
}

/// What a request tells.
pub(crate) fn hints(verified: &Verified) -> Vec<Hint> {
    let said = read(verified);
    let mut hints: Vec<Hint> = list(&said, "/hints")
        .iter()
        .filter_map(|word| match word.as_str()? {
            "news" => Some(Hint::News),
            "watch" => Some(Hint::Watch),
            _ => None,
        })
        .collect();
    hints.sort_unstable();
    hints.dedup();
    hints
}

fn read(verified: &Verified) -> Value {
    serde_json::from_slice(verified.body()).unwrap_or_default()
}
