//! What can go wrong with one message after Meta has taken it, or in Meta's own words before.

use serde::{Deserialize, Serialize};

/// Goes wrong with a call that sends. What goes wrong with any call is [`crate::faults::CallFault`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum MessageFault {
    /// Refused with this code of Meta's; nothing happens.
    Refuse {
        /// e.g. `131048`.
        code: i64,
    },
    /// Answered as accepted, but nothing happens and no status ever comes.
    Pretend,
    /// Answered as accepted; a `failed` status with this code follows.
    FailLater {
        /// e.g. `131049`.
        code: i64,
    },
    /// Accepted and `sent`, but it never arrives.
    Undelivered,
}
