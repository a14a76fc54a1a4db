//! How fast things may happen: sends to a provider ([`Pace`]), attempts to sign in ([`SignInThrottle`]), and what anybody may
//! ask for ([`Arrivals`]); and how many may look on at once ([`Seats`]).
//!
//! All are plain state machines; those that need the time are handed it. None sleeps, none reads a clock, and all
//! keep a bounded memory whatever is thrown at them.

mod arrivals;
mod pace;
mod seats;
mod sign_in;

pub use arrivals::Arrivals;
pub use pace::{Pace, Rate};
pub use seats::{Seat, Seats};
pub use sign_in::{SignInThrottle, Wait};
