//! What the program tells about itself: logs for people, metrics for machines, durations for both.
//!
//! # What is never logged
//!
//! Listed in [`NEVER_LOGGED`], and kept by three things: types that cannot be printed (`Personal<T>`,
//! [`connect::Secret`], [`connect::HttpCall`]); a filter that lets only our own crates speak, because libraries print
//! URLs, headers and SQL values; and a panic hook that prints where, never what.

mod http;
mod labels;
pub(crate) mod logs;
mod metrics;
mod stopwatch;

pub use http::{Observed, observe};
pub use logs::{Format, Level, LogError, silence_panics, start, subscriber};
pub use metrics::{CallResult, HookResult, Metrics, PollResult, SendResult};
pub use stopwatch::Monotonic;

/// What never appears in a log, an error text, a metric or a `Debug` output, and what is written in its place.
pub const NEVER_LOGGED: &[(&str, &str)] = &[
    ("what a contact or a member wrote, said or attached, and file names", "the message's id"),
    ("names, e-mail addresses, phone numbers, provider ids of people", "the contact's or member's id"),
    ("IP addresses, user agents and cookies of contacts and members", "nothing"),
    ("passwords, tokens, keys, signatures, webhook secrets", "nothing"),
    (
        "paths, queries, headers and bodies of calls to the outside (Telegram's token is in the path)",
        "operation and host",
    ),
    ("paths and queries of requests that reach us", "the route's template"),
    ("SQL values and search words", "the statement's name"),
    ("texts of foreign errors, which quote any of these", "our own words for the kind of error"),
];
