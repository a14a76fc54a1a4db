//! What happens: plain synchronous functions over a vault transaction. They know the vault and the connectors, which
//! know neither each other nor this crate. No network, no SQL, no clock but the transaction's.
//!
//! Read in the order in which a message travels: [`receive`] (verified bytes become events, events become people,
//! threads and messages), [`compose`] (a member answers), [`deliver`] (the answer goes out once; [`schedule`]: at its time), [`files`]
//! (what hangs on messages is fetched).

pub mod agree;
pub mod asked;
pub mod codes;
pub mod compose;
pub mod consenting;
mod content;
pub mod declared;
pub mod deliver;
pub mod directory;
mod echo;
mod error;
pub mod files;
mod forbidden;
mod gate;
mod handover;
mod identify;
mod machines;
mod named;
mod news;
pub mod preferences;
pub mod reads;
pub mod receive;
pub mod redaction;
pub mod requests;
pub mod schedule;
mod signals;
#[cfg(test)]
mod stage;
pub mod templates;
mod threads;
pub mod unsubscribing;

pub use error::{Error, Result};
