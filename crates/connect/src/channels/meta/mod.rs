//! What Meta's platforms have in common: how a hook is proven to be ours, how a delivery is signed, and how the Graph API
//! is called and answers (<https://developers.facebook.com/docs/graph-api>).

pub(super) mod graph;
pub(super) mod handshake;
pub(super) mod signature;
mod usage;
