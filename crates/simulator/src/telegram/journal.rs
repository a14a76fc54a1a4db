//! What really happened: every call counted, every message that reached a chat, every delivery.

use std::collections::BTreeMap;

use serde::Serialize;

/// A message a bot really put into a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Counts from 1 over all of the bot's chats.
    pub order: u64,
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// The method that did it, e.g. `sendMessage`.
    pub method: String,
    /// Whose chat.
    pub chat_id: i64,
    /// Its number in that chat.
    pub message_id: i64,
    /// `text`, `photo`, `document`, … .
    pub kind: String,
    /// Text or caption as it was put there; later edits do not show.
    pub text: Option<String>,
    /// The business connection it went through, if any.
    pub business_connection_id: Option<String>,
}

/// How often a method was called, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Calls that arrived.
    pub calls: u64,
    /// Calls that took effect, whatever the caller was told.
    pub acted: u64,
    /// Calls that had none.
    pub refused: u64,
}

/// One attempt to bring an update to the webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The update's number.
    pub update_id: i64,
    /// Its kind, e.g. `message`.
    pub kind: String,
    /// Counts from 1 for each update (and each of its duplicates).
    pub attempt: u32,
    /// Milliseconds since the epoch when the attempt ended.
    pub at_ms: i64,
    /// What the webhook answered; none if no answer came.
    pub status: Option<u16>,
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) sent: Vec<Sent>,
    pub(crate) tallies: BTreeMap<String, Tally>,
    pub(crate) deliveries: Vec<Delivery>,
}

impl Journal {
    pub(crate) fn count_call(&mut self, method: &str) {
        self.tally(method).calls += 1;
    }

    pub(crate) fn count_outcome(&mut self, method: &str, acted: bool) {
        let tally = self.tally(method);
        if acted {
            tally.acted += 1;
        } else {
            tally.refused += 1;
        }
    }

    fn tally(&mut self, method: &str) -> &mut Tally {
        self.tallies.entry(method.to_owned()).or_default()
    }

    /// Notes a message; its order is filled in here.
    pub(crate) fn note_sent(&mut self, sent: Sent) {
        let order = self.sent.len() as u64 + 1;
        self.sent.push(Sent { order, ..sent });
    }
}
