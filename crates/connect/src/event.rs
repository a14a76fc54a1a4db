//! What the outside tells us, in one vocabulary for all channels.

mod news;

use serde::{Deserialize, Serialize};

pub use news::{AccountNews, Price, StatusChange, TemplateChange};

/// One thing that happened outside.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A contact wrote.
    Message(Box<Inbound>),
    /// A contact changed a message. The new content replaces the old.
    Edited(Box<Inbound>),
    /// Messages were removed at the provider.
    Removed {
        /// Who took them back, where the provider says so and the thread does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Person>,
        /// The thread they were in.
        thread: String,
        /// Their remote ids.
        remotes: Vec<String>,
    },
    /// The fate of something we sent.
    Status(StatusChange),
    /// A contact reacted, or took a reaction back.
    Reaction {
        /// Who.
        from: Person,
        /// The thread.
        thread: String,
        /// The message reacted to.
        remote: String,
        /// The emoji; `None` removes the contact's reaction.
        emoji: Option<String>,
        /// When, in Unix milliseconds.
        at_ms: i64,
    },
    /// A contact tapped a button under one of our messages. Recorded as a message of kind choice; `callback` is answered at the provider.
    Chosen {
        /// The message that the tap makes: text is the button's label if known, else its data.
        message: Box<Inbound>,
        /// The provider's id that must be acknowledged ([`crate::Content::AnswerChoice`]).
        callback: String,
    },
    /// A contact refuses (or accepts again) messages on this channel: a block, STOP, START.
    Opted {
        /// Who.
        from: Person,
        /// `true`: wants them again.
        accepts: bool,
        /// When, in Unix milliseconds.
        at_ms: i64,
    },
    /// A contact is typing now.
    Typing {
        /// Who.
        from: Person,
        /// The thread.
        thread: String,
    },
    /// A contact has read our messages up to one.
    Seen {
        /// Who.
        from: Person,
        /// The thread.
        thread: String,
        /// Everything up to this remote id (or, without one, everything so far).
        remote: Option<String>,
        /// When, in Unix milliseconds.
        at_ms: i64,
    },
    /// All that was sent to a contact until a moment has come so far. It never goes backwards.
    Reached {
        /// Who.
        from: Person,
        /// The thread.
        thread: String,
        /// `delivered` or `read`.
        state: String,
        /// Until when, in Unix milliseconds of the provider's clock.
        up_to_ms: i64,
    },
    /// Where several apps of a business may answer a contact, another one has the conversation now, or we have it again.
    Handed {
        /// Who.
        with: Person,
        /// The thread.
        thread: String,
        /// We have it.
        ours: bool,
        /// When, in Unix milliseconds.
        at_ms: i64,
    },
    /// A person asked the provider that what we hold of them be deleted.
    ErasureAsked {
        /// Who.
        from: Person,
        /// By what the person asks what became of it: nobody else can know it.
        code: String,
        /// When, in Unix milliseconds; 0 where the provider does not say.
        at_ms: i64,
    },
    /// The business itself wrote, changed or took back something from elsewhere (the provider's own app on a phone).
    Echo(Echo),
    /// The provider knows a person by new identities (a new number, a new id): the old ones are theirs no longer.
    Moved {
        /// Who, as known until now.
        from: Person,
        /// As known from now on.
        to: Person,
        /// When, in Unix milliseconds.
        at_ms: i64,
    },
    /// A contact gave or withdrew a consent at the provider (marketing on or off). It is written to the consent records.
    Preference {
        /// Who.
        from: Person,
        /// The purpose, in our word: `marketing`.
        purpose: String,
        /// What of it.
        says: Says,
        /// What proves it, where the provider tells that with what was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<Proof>,
        /// When, in Unix milliseconds.
        at_ms: i64,
    },
    /// A template was approved, refused, paused or moved to another category.
    Template(TemplateChange),
    /// The provider says something of the account itself.
    Account(AccountNews),
    /// Something this connector does not know. Counted, never an error.
    Unknown {
        /// What the provider calls it. Only letters, digits, `_`, `.` and `-`; no personal data.
        kind: String,
    },
}

/// What a contact says at the provider of a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// It is given: that is said of this purpose, and nothing else.
    Gives,
    /// What a refusal had withdrawn may hold again; where nothing was given before, nothing is now.
    Restores,
    /// It is withdrawn.
    Withdraws,
}

/// What a provider tells of a consent that was given there.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Proof {
    /// What it told, as JSON. Of what could be acted with (a token) there is a digest.
    pub told: String,
    /// From when on it counts no longer, in Unix milliseconds, where it was given for a while only.
    pub ends_ms: Option<i64>,
}

/// What the business did from elsewhere. In each message `from` is the contact whose thread it is in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub enum Echo {
    /// It wrote.
    Wrote(Box<Inbound>),
    /// It changed what it had written; the new content replaces the old.
    Edited(Box<Inbound>),
    /// It took back messages.
    Removed {
        /// The thread they were in.
        thread: String,
        /// Their remote ids.
        remotes: Vec<String>,
    },
    /// It reacted, or took its reaction back.
    Reacted {
        /// The contact in whose thread it did.
        to: Person,
        /// The thread.
        thread: String,
        /// The message reacted to.
        remote: String,
        /// The emoji; `None` takes it back.
        emoji: Option<String>,
        /// When, in Unix milliseconds.
        at_ms: i64,
    },
}

/// A message from outside.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own about the message")]
pub struct Inbound {
    /// Unique per channel: the provider's message id, made unique (`chat:message`). Deliveries with the same remote are one message,
    /// unless each has a `fingerprint` of its own.
    pub remote: String,
    /// What tells this from other messages with the same remote, where its sender chooses that: the same for the same message,
    /// however often and on whatever way it comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The provider's key of the thread within the channel (a chat id, a visitor). Empty where the provider has no threads
    /// but the person: then it is the contact's own conversation on this channel.
    pub thread: String,
    /// Who wrote.
    pub from: Person,
    /// The text or caption. Any Unicode; never NUL.
    pub text: Option<String>,
    /// The text as formatted mail, exactly as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The subject of a mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What a mail carries below the writer's words: the signature and what it quotes. `text` has the words alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<String>,
    /// Remotes of the messages it answers, the likeliest first: it belongs to the conversation of the first that is known and
    /// is the same contact's, and only if there is none to that of `thread`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
    /// The conversation (`cnv_…`) it belongs to before all, as a token of ours that came back proves; only if it is the same contact's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// A machine wrote it (an absence note, a list, a receipt): nothing may answer it by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// The receiving server found that it does not come from where it says: whoever wrote it may be somebody else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubtful_sender: bool,
    /// Files to be fetched.
    pub files: Vec<RemoteFile>,
    /// Which of the files stand within `html`: the place in `files`, and the id by which `cid:` names it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<(usize, String)>,
    /// A place.
    pub place: Option<Place>,
    /// Contact cards.
    pub cards: Vec<Card>,
    /// What was tapped.
    pub choice: Option<Choice>,
    /// What it answers.
    pub quote: Option<Quote>,
    /// Remote of an album shared by several messages.
    pub album: Option<String>,
    /// What this is when it is something we cannot show (`poll`, `dice`, …), in the provider's word.
    pub unsupported: Option<String>,
    /// The contact passed on what somebody else wrote.
    pub forwarded: bool,
    /// The advertisement, post or product that brought the contact here.
    pub origin: Option<Origin>,
    /// It came to us while another app of the business answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub standby: bool,
    /// When the contact wrote it, in Unix milliseconds; 0 where nobody says (a tap, a web visitor): then the moment of receipt.
    pub at_ms: i64,
    /// Since when it lies where it may be brought from again (a mailbox), in Unix milliseconds; 0 where nothing is brought again.
    /// What was erased or has ended here by its term meanwhile is known by it and not kept once more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lies_since_ms: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(ms: &i64) -> bool {
    *ms == 0
}

/// A person as a provider describes them.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Person {
    /// Identities, strongest first; at least one.
    pub identities: Vec<PersonIdentity>,
    /// The name they chose.
    pub name: Option<String>,
    /// BCP 47 language tag.
    pub language: Option<String>,
}

/// The kinds of identity. `scope` says within what the value is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the field's")]
pub enum IdentityKind {
    Phone,
    Email,
    TelegramId,
    TelegramUsername,
    /// WhatsApp's id of a person for one business portfolio (the scope); there may be no number beside it.
    WhatsappUserId,
    /// A WhatsApp user name: it can pass to another person, so it is shown and identifies nobody.
    WhatsappUsername,
    WebVisitor,
    /// The id by which a provider knows a person for one account of a business (the scope): a page's, a profile's.
    AccountScopedId,
    /// The id by which a provider knows a person for one app (the scope); the scope is empty where nobody knows yet which app it is.
    AppScopedId,
    /// The id another system knows its user by: verified web chat users, API channel contacts.
    ExternalId,
}

/// One way by which a person is known.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonIdentity {
    /// What it is.
    pub kind: IdentityKind,
    /// Within what it is unique: empty for the whole world, else a channel, page or portfolio.
    pub scope: String,
    /// The value, normalised (E.164, lower-case address).
    pub value: String,
}

/// A file at the provider.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoteFile {
    /// What `fetch` needs to bring it.
    pub locator: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The claimed content type; never trusted.
    pub content_type: Option<String>,
    /// Its claimed size in bytes.
    pub size: Option<u64>,
    /// What it is to a reader: `image`, `audio`, `voice`, `video`, `sticker`, `file`.
    pub role: String,
}

/// What brought a contact here.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// What it is: `ad`, `post`, `product`, `story`, or what the provider calls a link.
    pub kind: String,
    /// Its id at the provider.
    pub id: Option<String>,
    /// Where it can be seen.
    pub url: Option<String>,
    /// Its headline.
    pub headline: Option<String>,
    /// Its text.
    pub text: Option<String>,
}

/// A place on earth (WGS 84 degrees).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
    pub name: Option<String>,
    pub address: Option<String>,
}

/// A contact card.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct Card {
    pub name: String,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
}

/// A tapped button.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The data we gave the button.
    pub data: String,
    /// Remote of the message whose button it was.
    pub of: Option<String>,
}

/// What a message answers.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// The quoted message.
    pub remote: Option<String>,
    /// Its text, kept only when no stored message has that remote.
    pub text: Option<String>,
}

macro_rules! silent_debug {
    ($($name:ident),*) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )* };
}
// What a person wrote or is called must not reach a log by way of {:?}.
silent_debug!(
    Inbound,
    Echo,
    Proof,
    Person,
    PersonIdentity,
    RemoteFile,
    Origin,
    Place,
    Card,
    Choice,
    Quote,
    StatusChange
);

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Event {
    /// What kind of event this is, for metrics and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Edited(_) => "edited",
            Self::Removed { .. } => "removed",
            Self::Status(_) => "status",
            Self::Reaction { .. } => "reaction",
            Self::Chosen { .. } => "chosen",
            Self::Opted { .. } => "opted",
            Self::Typing { .. } => "typing",
            Self::Seen { .. } => "seen",
            Self::Reached { .. } => "reached",
            Self::Handed { .. } => "handed",
            Self::ErasureAsked { .. } => "erasure_asked",
            Self::Echo(_) => "echo",
            Self::Moved { .. } => "moved",
            Self::Preference { .. } => "preference",
            Self::Template(_) => "template",
            Self::Account(_) => "account",
            Self::Unknown { .. } => "unknown",
        }
    }
}
