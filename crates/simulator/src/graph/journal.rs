//! What really happened: every call counted, every delivery, every message that reached a chat.

use std::collections::BTreeMap;

use serde::Serialize;

pub use crate::telegram::Tally;

/// A message a business really put into a chat, by the interface or from its own phone app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Counts from 1 over all of the app's messages.
    pub order: u64,
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// The business's number, by its id.
    pub number: String,
    /// Who got it, by the simulator's id.
    pub person: String,
    /// `wamid.…`.
    pub id: String,
    /// `text`, `image`, `template`, … .
    pub kind: String,
    /// Text or caption as it was put there.
    pub text: Option<String>,
    /// What the caller gave as `biz_opaque_callback_data`.
    pub callback_data: Option<String>,
}

/// One attempt to bring something to a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The number of what was brought; its repetitions have the same.
    pub ticket: u64,
    /// Its fields, e.g. `messages`.
    pub fields: Vec<String>,
    /// Where to.
    pub url: String,
    /// Messages, statuses and other things in it.
    pub updates: usize,
    /// Counts from 1.
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
    pub(crate) fn count_call(&mut self, name: &str) {
        self.tallies.entry(name.to_owned()).or_default().calls += 1;
    }

    pub(crate) fn count_outcome(&mut self, name: &str, acted: bool) {
        let tally = self.tallies.entry(name.to_owned()).or_default();
        if acted {
            tally.acted += 1;
        } else {
            tally.refused += 1;
        }
    }

    /// Notes a message; its order is filled in here.
    pub(crate) fn note_sent(&mut self, sent: Sent) {
        let order = self.sent.len() as u64 + 1;
        self.sent.push(Sent { order, ..sent });
    }
}
