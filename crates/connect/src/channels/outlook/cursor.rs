//! Where asking a mailbox goes on.

use serde::{Deserialize, Serialize};

/// How far back a mailbox is looked through whose state is not known there any more, before the last time it was: clocks differ, and
/// mail may wait on its way.
const BEFORE_MS: i64 = 24 * 3_600_000;
/// How often it is noted that the changes were read.
const NOTED_MS: i64 = 3_600_000;

/// What is learned when the channel is connected: where asking begins.
pub(super) const BEGUN: &str = "begun";

/// Where asking goes on.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Below the API's root: the next page, or the changes since the last; empty: the mailbox is looked through afresh.
    pub(super) link: String,
    /// The link is to a page in the middle of things.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) within: bool,
    /// When the channel was connected, in Unix milliseconds: what came before stays where it is.
    pub(super) since_ms: i64,
    /// When the changes were last read to their end, to the hour.
    pub(super) seen_ms: i64,
    /// Mails to be brought, by id, and when they arrived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) waiting: Vec<(String, i64)>,
}

impl Cursor {
    /// From now on.
    pub(super) fn start(now_ms: i64) -> Self {
        Self { since_ms: now_ms, seen_ms: now_ms, ..Self::default() }
    }

    /// The cursor as it was kept; none that is not one.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The form in which it is kept.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From when on a mailbox is looked through, in Unix milliseconds.
    pub(super) fn afresh_from_ms(&self) -> i64 {
        if self.link.is_empty() && self.seen_ms == self.since_ms {
            return self.since_ms;
        }
        self.since_ms.max(self.seen_ms.saturating_sub(BEFORE_MS))
    }

    /// The changes were read to their end.
    pub(super) fn reached(&mut self, now_ms: i64, link: String) {
        (self.link, self.within) = (link, false);
        self.waiting.sort_by_key(|(_, at_ms)| *at_ms);
        if now_ms.saturating_sub(self.seen_ms) >= NOTED_MS {
            self.seen_ms = now_ms;
        }
    }

    /// Whether there is more to do at once.
    pub(super) fn more(&self) -> bool {
        !self.waiting.is_empty() || self.within || self.link.is_empty()
    }
}
