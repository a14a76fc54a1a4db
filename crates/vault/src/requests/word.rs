//! The words in which requests are told apart, as they are stored and shown.

use crate::{Error, Result};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $field:literal: $($(#[$of:meta])* $variant:ident = $word:literal,)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stored and shown word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Back from the word.
            ///
            /// # Errors
            /// [`Error::Invalid`], naming the words there are.
            pub fn parse(word: &str) -> Result<Self> {
                let found = Self::ALL.iter().copied().find(|one| one.as_str() == word);
                found.ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|one| one.as_str()).collect();
                    Error::Invalid(format!("{} is one of {}", $field, known.join(", ")))
                })
            }
        }
    };
}

words! {
    /// What is asked (GDPR Art. 7(3), 15 to 18, 20 to 22).
    Kind, "kind":
    /// What is held of them, and a copy of it.
    Access = "access",
    /// That something be put right.
    Rectification = "rectification",
    /// That it be erased.
    Erasure = "erasure",
    /// That it be kept and not used.
    Restriction = "restriction",
    /// A copy that machines can read.
    Portability = "portability",
    /// That it be used no more on a legitimate interest.
    Objection = "objection",
    /// That a consent ends.
    Withdrawal = "withdrawal",
    /// That a person looks at what was decided.
    HumanReview = "human_review",
}

words! {
    /// How a request came.
    CameBy, "came_by":
    /// By the workspace's public page.
    Page = "page",
    /// By mail.
    Mail = "mail",
    /// In a conversation.
    Conversation = "conversation",
    /// By another system.
    Api = "api",
    /// By telephone, letter or in person.
    Person = "person",
}

words! {
    /// How it was seen to that somebody is who they say, in proportion to what is asked (GDPR Art. 12(6)).
    Proof, "proof":
    /// They asked from the address or number by which we know them.
    SameChannel = "same_channel",
    /// They repeated a code that was sent there.
    Code = "code",
    /// A member knows them or saw a document, of which nothing is kept.
    Member = "member",
}

words! {
    /// What came of a request.
    Outcome, "outcome":
    /// It was done.
    Met = "met",
    /// It was refused, with reasons.
    Refused = "refused",
    /// They took it back.
    TakenBack = "taken_back",
    /// Nothing is held of them.
    NothingHeld = "nothing_held",
}
