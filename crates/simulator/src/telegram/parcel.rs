//! One update on its way: where it goes, how often it was tried, when it is tried again.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::DeliveryOptions;

/// Where updates are brought.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    pub(crate) max_connections: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// Tells this entry from its duplicates.
    pub(super) ticket: u64,
    pub(super) update_id: i64,
    pub(super) kind: String,
    pub(super) update: Value,
    /// Whose chat; none once a fault took it out of the sequence.
    pub(super) lane: Option<i64>,
    pub(super) due: Option<Instant>,
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

/// One attempt to bring an update.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) ticket: u64,
    pub(crate) update_id: i64,
    pub(crate) kind: String,
    pub(crate) attempt: u32,
    pub(crate) update: Value,
    pub(crate) webhook: Webhook,
}

impl Pending {
    pub(super) fn parcel(&self, webhook: Webhook) -> Parcel {
        Parcel {
            ticket: self.ticket,
            update_id: self.update_id,
            kind: self.kind.clone(),
            attempt: self.attempts + 1,
            update: self.update.clone(),
            webhook,
        }
    }
}

/// Nothing after the first failure, then twice as long each time.
pub(super) fn back_off(attempts: u32, options: &DeliveryOptions) -> Duration {
    if attempts < 2 {
        return Duration::ZERO;
    }
    let factor = 1_u64.checked_shl(attempts - 2).unwrap_or(u64::MAX);
    let wait = options.retry_first_ms.saturating_mul(factor);
    Duration::from_millis(wait.min(options.retry_max_ms))
}
