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
mod open;
mod keys;
mod sealing;
pub mod map;
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
mod files;
pub mod blobs;
pub mod search;
pub mod inbox;
mod day_keys;
pub mod outbox;
mod node;
pub mod stages;
pub mod consents;
pub mod suppressions;
pub mod erase;
pub mod jobs;
pub mod facts;
pub mod indexing;
pub mod finding;
pub mod audit;
pub mod merkle;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use clock::{Chance, Clock, Millis};
pub use error::{Error, Result};
pub use id::{
    AttachmentId, ChannelId, ConsentId, ContactId, ConversationId, ErasureId, IdentityId, InboxId, JobId, LabelId,
    MemberId, MessageId, OutboxId, TeamId, TokenId, WorkspaceId,
};
pub use keys::{CustodyAt, EnvRootKey, FileRootKey, RootKey};
pub use files::NewFile;
pub use open::{CUSTODY_FILE, DATABASE_FILE, Opening, ROOT_KEY_FILE};
pub use page::{Cursor, Page};
pub use personal::Personal;
pub use rights::Right;
pub use scope::{Actor, Purpose, Role, Scope};
pub use store::{Database, StoreConfig};
pub use tx::{Tx, Wake};
pub use vault::Vault;
