//! Something on its way to a webhook: where it goes, how often it was tried, when it is tried again.

use std::time::Duration;

use tokio::time::Instant;

use super::change::Change;
use crate::DeliveryOptions;

#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// Tells this one from its duplicates.
    pub(super) place: u64,
    /// What it shares with its duplicates.
    pub(super) ticket: u64,
    pub(super) changes: Vec<Change>,
    pub(super) url: String,
    /// Whose chat; none once a fault took it out of the sequence.
    pub(super) lane: Option<String>,
    pub(super) due: Option<Instant>,
    /// Milliseconds since the epoch.
    pub(super) since_ms: i64,
    pub(super) attempts: u32,
    pub(super) in_flight: bool,
    pub(super) duplicate: bool,
    /// Goes out whatever else is under way.
    pub(super) at_once: bool,
}

/// What to do next.
#[derive(Debug)]
pub(crate) enum Step {
    Bring(Parcel),
    /// Until something changes, or until then.
    Wait(Option<Instant>),
}

/// One attempt to bring something.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) place: u64,
    pub(crate) ticket: u64,
    pub(crate) attempt: u32,
    pub(crate) changes: Vec<Change>,
    pub(crate) url: String,
}

impl Pending {
    pub(super) fn parcel(&self) -> Parcel {
        Parcel {
            place: self.place,
            ticket: self.ticket,
            attempt: self.attempts + 1,
            changes: self.changes.clone(),
            url: self.url.clone(),
        }
    }
}

/// Nothing after the first failure, then twice as long each time.
pub(super) fn back_off(attempts: u32, options: &DeliveryOptions) -> Duration {
    if attempts < 2 {
        return Duration::ZERO;
    }
    let factor = 1_u64.checked_shl(attempts - 2).unwrap_or(u64::MAX);
    Duration::from_millis(options.retry_first_ms.saturating_mul(factor).min(options.retry_max_ms))
}
