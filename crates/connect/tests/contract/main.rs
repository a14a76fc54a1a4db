//! The contract of [`connect::Connector`], executed over every connector.
//!
//! Examples are data in `fixtures/{kind}/`: `received*.json` (a body and the events it makes) and `steps*.json` (what is
//! to be done, the replies so far, and the next step). `UPDATE_FIXTURES=1` writes what the code answers into them; read
//! the difference before keeping it.

mod bounds;
mod callbacks;
mod capabilities;
mod documented;
mod fixtures;
mod hints;
mod mail;
mod proofs;
mod robust;
mod secrecy;
mod shared_hook;
mod signed_in;
mod signup;
mod worlds;
