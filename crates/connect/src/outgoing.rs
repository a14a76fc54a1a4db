//! What we tell the outside, in one vocabulary for all channels, and what may come of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{BlobHandle, Card, PersonIdentity, Place, TemplateUse};

/// One thing to be sent.
#[derive(Clone)]
pub struct Outgoing {
    /// Our id of the message (`msg_…`), for providers that echo one back or deduplicate by one.
    pub message: String,
    /// Our id of this order to send, the same however often it is tried: another for a second reaction to one message.
    pub order: String,
    /// To whom.
    pub to: Recipient,
    /// What.
    pub content: Content,
    /// Remote id of the message it answers.
    pub reply_to: Option<String>,
    /// Our id of the conversation (`cnv_…`).
    pub conversation: String,
    /// What a mail is about; empty where the connector has none, or nobody said.
    pub subject: String,
    /// Whoever wrote it chose that subject: it stands as it is, and is not marked as an answer's.
    pub titled: bool,
    /// Remotes of what was said in the conversation before, oldest first, at most twenty.
    pub before: Vec<String>,
    /// A machine wrote it: other machines are told, so that they do not answer.
    pub automatic: bool,
    /// The https address at which one POST ends mails of this sort (RFC 8058): on advertising alone.
    pub unsubscribe: Option<String>,
    /// The https address at which the contact sees and changes what it agreed to: on advertising alone.
    pub preferences: Option<String>,
    /// The language that the contact is known to speak (BCP 47): for what a connector itself says to them.
    pub language: Option<String>,
    /// How many of the messages that it makes at the provider are there already: sending goes on after them.
    pub begun: usize,
    /// Free sending has ended, and it goes on the ground that a member wrote it ([`crate::Capability::Late`]).
    pub late: bool,
    /// Who has the conversation where several apps of the business may answer.
    pub answering: Answering,
    /// For the API channel: the message as our API shows it, JSON. Empty elsewhere.
    pub view: String,
    /// For the API channel: the conversation as our API shows it, JSON. Empty elsewhere.
    pub about: String,
}

impl Outgoing {
    /// What is sent to whom, and nothing more said of it.
    pub fn new(message: String, order: String, to: Recipient, content: Content) -> Self {
        Self {
            message,
            order,
            to,
            content,
            reply_to: None,
            conversation: String::new(),
            subject: String::new(),
            titled: false,
            before: Vec::new(),
            automatic: false,
            unsubscribe: None,
            preferences: None,
            language: None,
            begun: 0,
            late: false,
            answering: Answering::Us,
            view: String::new(),
            about: String::new(),
        }
    }
}

/// Which app of the business answers a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answering {
    /// We do.
    Us,
    /// Another one: the conversation has to be taken before anything can be said there.
    Another,
}

/// Who receives.
#[derive(Clone, Default)]
pub struct Recipient {
    /// The thread at the provider, if the contact has written there.
    pub thread: Option<String>,
    /// The contact's identities, strongest first.
    pub identities: Vec<PersonIdentity>,
}

/// What is sent.
#[derive(Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, on its way out")]
pub enum Content {
    /// Text, with rows of buttons below it.
    Text { text: String, buttons: Vec<Vec<Button>> },
    /// Files with a caption.
    Files { files: Vec<OutFile>, caption: Option<String> },
    /// A place.
    Place(Place),
    /// A contact card.
    Card(Card),
    /// A reaction to a remote message; `None` takes it back.
    Reaction { remote: String, emoji: Option<String> },
    /// New text for something we sent.
    Edit { remote: String, text: String },
    /// Taking back what we sent.
    Remove { remotes: Vec<String> },
    /// A text approved by the provider beforehand, with its variables filled in.
    Template(TemplateUse),
    /// A text with a list to choose one row from, behind a button.
    List { text: String, open: String, sections: Vec<Section> },
    /// A member is typing; `last` is the remote of the contact's last message, which some providers want named.
    Typing { last: Option<String> },
    /// A member has read up to here.
    Seen { remote: String },
    /// Acknowledging a tap.
    AnswerChoice { callback: String },
}

/// A button below a message.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What comes back when it is tapped; or
    pub data: Option<String>,
    /// where it leads.
    pub url: Option<String>,
}

/// A part of a list.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Its heading; may be empty where there is only one.
    pub title: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What it says.
    pub label: String,
    /// What comes back when it is chosen.
    pub data: String,
    /// More about it.
    pub description: Option<String>,
}

/// A stored file to be sent.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct OutFile {
    pub blob: BlobHandle,
    pub name: String,
    pub content_type: String,
    pub size: u64,
}

/// What is known after sending.
#[derive(Clone, PartialEq, Eq)]
pub enum Receipt {
    /// The provider has it.
    Accepted {
        /// Its ids there, unique per channel as [`crate::Inbound::remote`] is.
        remotes: Vec<String>,
        /// The thread it went to, if the provider names one.
        thread: Option<String>,
    },
    /// Of what makes several messages at the provider some were accepted, and the next was certainly not, for a reason that
    /// passes: the platform waits as `then` says, and goes on with [`Outgoing::begun`].
    Begun {
        /// The ids of those that were accepted now, one each, in order.
        remotes: Vec<String>,
        /// How many are accepted in all.
        parts: usize,
        /// Why the next one was not.
        then: SendError,
    },
    /// Of what makes several messages at the provider some were accepted, and the rest was not. It is never sent again by
    /// itself: the member is told.
    Partly {
        /// The ids of those that were accepted now, one each, in order.
        remotes: Vec<String>,
        /// A stable code for the rest (`partly_sent`).
        code: String,
        /// Words for the member: what, and what to do.
        why: String,
    },
    /// It may or may not have been sent, and the provider cannot be asked. Never sent again by itself. Where the Spec's
    /// `limits.echo_ms` is set, the platform waits that long for a status that names our id before it says so.
    Unknown,
}

// Remote ids hold ids of people (a Telegram chat's id is its contact's), so they are not printed.
impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Accepted { remotes, .. } => write!(f, "Accepted({} remotes)", remotes.len()),
            Self::Begun { parts, then, .. } => write!(f, "Begun({parts} parts, {then})"),
            Self::Partly { remotes, code, .. } => write!(f, "Partly({} remotes, {code})", remotes.len()),
            Self::Unknown => f.write_str("Unknown"),
        }
    }
}

/// What an erasure at the provider addresses.
#[derive(Clone)]
pub struct Trace {
    /// The thread.
    pub thread: Option<String>,
    /// Messages with the time they were sent, in Unix milliseconds.
    pub remotes: Vec<(String, i64)>,
    /// By what the person was known: addresses, numbers, ids. Where a sender chooses a message's id, only these tell whose it is.
    pub known: Vec<String>,
}

/// What came of an erasure at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erased {
    /// All of it is gone there.
    Gone,
    /// Some of it is; what is not and why, in words, for the requester.
    Partly(String),
    /// It cannot be removed there; the reason in words, for the requester.
    Cannot(String),
}

/// A proven account.
#[derive(Clone)]
pub struct Authorized {
    /// The provider's id of the account.
    pub account: String,
    /// What members may call it (`@shop_bot`).
    pub label: String,
    /// What else was learned of it, by keys of the connector (`portfolio`): handed back in [`crate::Account::learned`]. Two
    /// are the platform's too: `quality` and `daily_recipients`, as in [`crate::AccountNews`].
    pub learned: BTreeMap<String, String>,
}

/// Why something was not sent: a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Not now; certainly not sent. The platform waits and tries again.
    #[error("temporarily not possible: {0}")]
    Retry(String),
    /// Too fast; certainly not sent. The whole account waits this many milliseconds.
    #[error("throttled for {0} ms")]
    Throttled(u64),
    /// Too fast for this one recipient; certainly not sent. Only this conversation waits this many milliseconds.
    #[error("throttled for {0} ms towards this recipient")]
    RecipientThrottled(u64),
    /// The credentials are no longer good; the channel needs a member.
    #[error("the account must be authorised anew")]
    Reauthorise,
    /// The account cannot send until a member does something about it at the provider; certainly not sent. Nothing else
    /// of its queue is tried until then.
    #[error("the account cannot send: {code}")]
    Stopped {
        /// A stable code, for which [`crate::Connector::reason`] has words (`payment_needed`).
        code: String,
        /// Words for the member: what, and what to do.
        why: String,
    },
    /// The contact does not want messages here.
    #[error("the contact has opted out")]
    OptedOut,
    /// The contact does not want messages for this purpose here (`marketing`); others still reach them.
    #[error("the contact has opted out of {0}")]
    OptedOutOf(&'static str),
    /// The provider's window for free messages has closed.
    #[error("the window for free messages has closed")]
    WindowClosed,
    /// Refused for good.
    #[error("refused: {code}")]
    Refused {
        /// A stable code (`chat_not_found`).
        code: String,
        /// Words for the member: what, and what to do.
        why: String,
    },
    /// This system cannot do that.
    #[error("not supported by this channel")]
    Unsupported,
}
