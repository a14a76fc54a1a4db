//! What the simulated carriers of short messages share: what goes out to a business's hook and what goes wrong with it
//! ([`office`]), what goes wrong with a call ([`spoil`]), and the messages themselves ([`line`]).

mod line;
mod office;
mod spoil;

pub use line::{File, Message, MessageFault};
pub(crate) use line::{Line, Lines, hexadecimal};
pub use office::Delivery;
pub(crate) use office::{Letter, Office};
pub(crate) use spoil::spoiled;
