//! Where asking a mailbox goes on.

use serde::{Deserialize, Serialize};

/// How far back a mailbox is looked through whose history is no longer there, before the last time it was: clocks differ, and mail
/// may wait on its way.
const BEFORE_MS: i64 = 24 * 3_600_000;
/// How much of what was brought is looked through again where the rest is looked for: mails of one moment may be on both sides.
const OVERLAP_MS: i64 = 2_000;
/// Clocks differ: mails that seem to have come this much before the channel was connected count as having come after.
const CLOCKS_MS: i64 = 10 * 60 * 1_000;
/// How often it is noted that the history was read.
const NOTED_MS: i64 = 3_600_000;

/// What is learned when the channel is connected: where asking begins.
pub(super) const BEGUN: &str = "begun";

/// Where asking goes on.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Everything until this point of the history is known, or waits below.
    pub(super) history: String,
    /// When the channel was connected, in Unix milliseconds: what came before stays where it is.
    pub(super) since_ms: i64,
    /// When the history was last read to its end, to the hour.
    pub(super) seen_ms: i64,
    /// Mails to be brought, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) waiting: Vec<String>,
    /// The next page of what is being read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) page: Option<String>,
    /// The history is not there any more, and the mailbox is looked through instead: where the history goes on then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) afresh: Option<String>,
    /// More came than may wait: what is newer than the mails above is looked for once they are here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) cut: bool,
    /// When the newest mail came that was brought of those, in Unix milliseconds.
    #[serde(default)]
    pub(super) brought_ms: i64,
    /// That is to begin.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) lost: bool,
}

impl Cursor {
    /// From now on.
    pub(super) fn start(now_ms: i64, history: String) -> Self {
        Self { history, since_ms: now_ms, seen_ms: now_ms, ..Self::default() }
    }

    /// The cursor as it was kept; none that is not one.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The form in which it is kept.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From when on a mailbox is looked through, in Unix seconds.
    pub(super) fn afresh_from_s(&self) -> i64 {
        let from_ms = self.since_ms.max(self.seen_ms.saturating_sub(BEFORE_MS));
        from_ms.max(self.brought_ms.saturating_sub(OVERLAP_MS)).div_euclid(1_000)
    }

    /// Mails that came before this moment were there before the channel, in Unix milliseconds.
    pub(super) fn oldest_ms(&self) -> i64 {
        self.since_ms.saturating_sub(CLOCKS_MS)
    }

    /// The history was read to its end.
    pub(super) fn reached(&mut self, now_ms: i64, history: String) {
        self.history = history;
        self.brought_ms = 0;
        if now_ms.saturating_sub(self.seen_ms) >= NOTED_MS {
            self.seen_ms = now_ms;
        }
    }

    /// Whether there is more to do at once.
    pub(super) fn more(&self) -> bool {
        !self.waiting.is_empty() || self.page.is_some() || self.lost || self.cut
    }
}
