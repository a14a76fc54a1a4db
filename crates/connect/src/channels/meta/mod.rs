//! What Meta's platforms have in common: how a hook is proven to be ours, how a delivery is signed, and how the Graph API
//! is called and answers (<https://developers.facebook.com/docs/graph-api>); and in `talk` what its two messengers share.

pub(super) mod graph;
pub(super) mod handshake;
mod hosts;
pub(super) mod signature;
mod signed_request;
pub(super) mod talk;
mod usage;
