//! How fast things may happen: sends to a provider ([`Pace`]) and attempts to sign in ([`SignInThrottle`]).
//!
//! Both are plain state machines over a time that is handed in; neither sleeps, neither reads a clock, and both
//! keep a bounded memory whatever is thrown at them.

mod pace;
mod sign_in;

pub use pace::{Pace, Rate};
pub use sign_in::{SignInThrottle, Wait};
