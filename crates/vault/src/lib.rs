//! The only door to stored data: engines, keys, sealing, scope, and one file per noun.
//!
//! Read in this order: [`Scope`] (who may ask), [`Vault`] (where closures run), [`Tx`] (what a closure can do),
//! then the nouns. Drivers, SQL and keys do not leave this crate.

mod clock;
mod id;
mod value;
mod page;
mod personal;
mod error;
mod scope;
mod rights;
mod statement;
mod tx;
mod store;
mod vault;
mod keys;
mod sealing;
mod map;
pub mod workspaces;
pub mod members;
pub mod sign_in;
pub mod tokens;
pub mod channels;
pub mod idempotency;
pub mod contacts;
pub mod identities;
pub mod conversations;
pub mod messages;
pub mod remotes;
pub mod reactions;
pub mod attachments;
pub mod blobs;
pub mod inbox;
pub mod outbox;
pub mod stages;
pub mod consents;
pub mod suppressions;
pub mod jobs;
pub mod facts;
pub mod indexing;
pub mod audit;
pub mod merkle;
mod testing;

pub use clock::{Chance, Clock, Millis};
pub use error::{Error, Result};
pub use id::{
    AttachmentId, ChannelId, ConsentId, ContactId, ConversationId, ErasureId, IdentityId, InboxId, JobId, LabelId,
    MemberId, MessageId, OutboxId, TeamId, TokenId, WorkspaceId,
};
pub use page::{Cursor, Page};
pub use personal::Personal;
pub use rights::Right;
pub use scope::{Actor, Purpose, Role, Scope};
pub use store::{Database, StoreConfig};
pub use tx::{Tx, Wake};
pub use vault::Vault;
