//! Full-text search: one index per workspace, sealed file by file under the workspace's index key.
//!
//! In the order of the data: `words` cuts text into words, `language` finds stems, `schema` makes documents,
//! `directory` seals what the engine writes; `query` reads what a person typed, `plan` turns it into the engine's
//! terms, `index` runs it. Nothing textual comes out of an index: ids and scores only, which the caller checks
//! against the database before he opens and shows a text, with [`highlight`] to mark the words in it.
//!
//! Everything here blocks: call it from a blocking thread.

mod cache;
mod directory;
mod failure;
mod highlight;
mod index;
mod indexes;
mod language;
mod plan;
mod query;
mod schema;
#[cfg(test)]
mod tests;
mod words;
mod writing;

pub use directory::never_changes;
pub use failure::SearchError;
pub use highlight::highlight;
pub use index::{IndexState, WorkspaceIndex};
pub use indexes::{Limits, SearchIndexes};

use crate::Millis;

/// Something that can be found.
#[derive(Clone, PartialEq, Eq)]
pub struct Doc {
    /// The id by which it is found again and replaced: a message's, or the contact's for [`Kind::Contact`].
    pub message: String,
    /// Its conversation's id; empty if it has none.
    pub conversation: String,
    /// The contact's id whose erasure removes it; empty if it concerns none.
    pub contact: String,
    /// Its channel's id; empty if it has none.
    pub channel: String,
    /// When, for order and date ranges.
    pub at: Millis,
    /// What it is.
    pub kind: Kind,
    /// What was written.
    pub text: String,
    /// A name by which it is also found: a contact's, a file's, a ticket's title.
    pub name: Option<String>,
    /// The text's language (BCP 47); guessed if `None`. It decides the stems; other words are found as they are.
    pub language: Option<String>,
}

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "plain words")]
pub enum Kind {
    Message,
    Note,
    Contact,
    Ticket,
}

/// Which documents to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteBy {
    /// The one with this id.
    Message(String),
    /// All of a contact (erasure).
    Contact(String),
    /// All of a contact on a channel (contact, channel).
    ContactOn(String, String),
    /// All of a conversation.
    Conversation(String),
    /// All of a channel.
    Channel(String),
}

/// A search. What a member typed may name a person, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Query {
    /// What was typed: words (all must occur), `"phrases"`, `-without`; a last word without a space after it may be
    /// the beginning of one. Whatever it holds, it is no error.
    pub text: String,
    /// What it must belong to.
    pub filter: Filter,
    /// The order of hits.
    pub order: Order,
    /// Hits wanted, 1 to [`Query::MOST`].
    pub limit: usize,
    /// Hits to pass over: [`Found::next`] of the page before.
    pub offset: usize,
    /// Now, for [`Order::Relevance`].
    pub now: Millis,
}

/// What a hit must belong to. An empty list asks for nothing, several values for one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Contacts' ids.
    pub contacts: Vec<String>,
    /// Channels' ids.
    pub channels: Vec<String>,
    /// Conversations' ids.
    pub conversations: Vec<String>,
    /// Kinds.
    pub kinds: Vec<Kind>,
    /// Not before this moment.
    pub since: Option<Millis>,
    /// Before this moment.
    pub until: Option<Millis>,
}

/// The order of hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The best first; of equally good ones the newer (up to twice the score, half of that gone after a month).
    #[default]
    Relevance,
    /// The newest first.
    Newest,
}

/// A document found.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields of `Doc`")]
pub struct Hit {
    pub message: String,
    pub conversation: String,
    pub contact: String,
    pub channel: String,
    pub kind: Kind,
    pub at: Millis,
    /// Comparable within one search only; 0 when ordered by time.
    pub score: f32,
}

/// A page of hits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The hits.
    pub hits: Vec<Hit>,
    /// The offset of the next page, if there is one.
    pub next: Option<usize>,
}

impl Query {
    /// The most hits of a page.
    pub const MOST: usize = 200;
    /// How deep pages reach: hits beyond are not offered.
    pub const DEEPEST: usize = 10_000;
}

impl Kind {
    const ALL: [Self; 4] = [Self::Message, Self::Note, Self::Contact, Self::Ticket];

    fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Note => "note",
            Self::Contact => "contact",
            Self::Ticket => "ticket",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl std::fmt::Debug for Doc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doc").field("message", &self.message).field("kind", &self.kind).finish_non_exhaustive()
    }
}
