//! The simulator as its users meet it: over HTTP, and through the Rust functions.

mod calls;
mod control;
mod deeds;
mod faults;
mod graph;
mod interop;
mod mailboxes;
mod script;
mod sms;
mod stage;
mod webhook;
