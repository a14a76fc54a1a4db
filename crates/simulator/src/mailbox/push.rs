//! How a provider tells that a mailbox changed, and what can be wrong with that.

use serde::{Deserialize, Serialize};

/// What is wrong with everything that is told of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushFault {
    /// Nothing is told.
    Silent,
    /// Somebody else proves it: with a key or a word of their own.
    Forged,
    /// It is proven, but for somebody else's hook.
    OtherHook,
    /// It is proven, but on behalf of somebody else.
    OtherAccount,
    /// It is proven, but was good long ago.
    Expired,
}
