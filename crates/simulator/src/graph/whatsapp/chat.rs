//! What one person and one of a business's numbers wrote to each other.

use serde::Serialize;
use serde_json::Value;

/// A chat is known by the business's number and the person, both by the simulator's ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ChatKey {
    pub(crate) number: String,
    pub(crate) person: String,
}

impl ChatKey {
    pub(crate) fn of(number: &str, person: &str) -> Self {
        Self { number: number.to_owned(), person: person.to_owned() }
    }

    /// Tells this chat's news from others'.
    pub(crate) fn lane(&self) -> String {
        format!("{}/{}", self.number, self.person)
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    Person,
    /// The business, through the interface.
    Business,
    /// The business, on its own phone.
    PhoneApp,
}

/// How far a business's message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ticks {
    /// Taken by Meta.
    Accepted,
    /// One tick.
    Sent,
    /// Two ticks.
    Delivered,
    /// Two blue ticks.
    Read,
    /// A voice message was heard.
    Played,
    /// It will never arrive.
    Failed,
}

impl Ticks {
    /// The word of a status webhook.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed => "failed",
        }
    }
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about a message")]
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) author: Author,
    pub(crate) at_ms: i64,
    /// `text`, `image`, `interactive`, `template`, … .
    pub(crate) kind: String,
    /// What stands under the kind's name, in the form of webhooks or of the call.
    pub(crate) body: Value,
    /// The message it answers.
    pub(crate) context: Option<String>,
    pub(crate) forwarded: bool,
    pub(crate) callback_data: Option<String>,
    pub(crate) ticks: Ticks,
    pub(crate) failure: Option<i64>,
    /// What its price is counted under: `service`, `marketing`, … .
    pub(crate) category: &'static str,
    pub(crate) priced: bool,
    pub(crate) person_reaction: Option<String>,
    pub(crate) business_reaction: Option<String>,
    pub(crate) edited: bool,
    pub(crate) deleted: bool,
    /// The media it shows.
    pub(crate) media: Option<String>,
    /// A template as it is read, with header, body, footer and buttons.
    pub(crate) rendered: Option<Value>,
    /// Whether the business has read it.
    pub(crate) seen: bool,
}

impl Message {
    pub(crate) fn new(id: String, author: Author, at_ms: i64, kind: &str, body: Value) -> Self {
        Self {
            id,
            author,
            at_ms,
            kind: kind.to_owned(),
            body,
            context: None,
            forwarded: false,
            callback_data: None,
            ticks: Ticks::Accepted,
            failure: None,
            category: "service",
            priced: false,
            person_reaction: None,
            business_reaction: None,
            edited: false,
            deleted: false,
            media: None,
            rendered: None,
            seen: false,
        }
    }

    /// The words, or the caption of media.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Some(rendered) = &self.rendered {
            return rendered.get("body")?.as_str();
        }
        let said = self.body.get("body").or_else(|| self.body.get("caption")).or_else(|| self.body.get("text"));
        match said? {
            Value::String(text) => Some(text),
            inner => inner.get("text")?.as_str(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Chat {
    pub(crate) messages: Vec<Message>,
    /// Until then the business may write anything; milliseconds since the epoch, like the others.
    pub(crate) window_until_ms: i64,
    /// Until then the business sees the number, though it is hidden.
    pub(crate) number_known_until_ms: i64,
    /// When the pair's limit would be used up if nothing were sent before.
    pub(crate) pair_ms: i64,
    pub(crate) typing_until_ms: i64,
    /// The person wants no more marketing.
    pub(crate) marketing_stopped: bool,
    /// The person wants nothing more at all.
    pub(crate) blocked: bool,
}

impl Chat {
    pub(crate) fn message(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    pub(crate) fn message_mut(&mut self, id: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == id && !message.deleted)
    }
}
