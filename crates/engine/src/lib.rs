//! What happens: plain synchronous functions over a vault transaction. They know the vault and the connectors, which
//! know neither each other nor this crate. No network, no SQL, no clock but the transaction's.
//!
//! Read in the order in which a message travels: [`receive`] (verified bytes become events, events become people,
//! threads and messages), [`compose`] (a member answers), [`deliver`] (the answer goes out once; [`schedule`]: at its time), [`files`]
//! (what hangs on messages is fetched).

pub mod agree;
pub mod asked;
mod cards;
pub mod compose;
mod content;
pub mod deliver;
pub mod directory;
mod echo;
mod error;
pub mod files;
mod gate;
mod handover;
mod identify;
mod named;
mod news;
pub mod reads;
pub mod receive;
pub mod schedule;
mod signals;
#[cfg(test)]
mod stage;
pub mod templates;
mod threads;
pub mod unsubscribing;

pub use error::{Error, Result};
