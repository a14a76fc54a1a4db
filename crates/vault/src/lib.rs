//! The only door to stored data: engines, keys, sealing, scope, and one file per noun.
//!
//! Read in this order: [`Scope`] (who may ask), [`Vault`] (where closures run), [`Tx`] (what a closure can do),
//! then the nouns. Drivers, SQL and keys do not leave this crate.

pub mod answering;
pub mod attachments;
pub mod audit;
pub mod authorizations;
pub mod backup;
pub mod blobs;
pub mod business_hours;
pub mod canned_replies;
pub mod channels;
mod clock;
pub mod consents;
pub mod contacts;
pub mod conversations;
mod day_keys;
mod deferred;
pub mod deletions;
pub mod drafts;
pub mod ending;
pub mod erase;
mod error;
pub mod export;
pub mod exports;
pub mod facts;
mod files;
pub mod finding;
pub mod holds;
mod id;
pub mod idempotency;
pub mod identities;
pub mod inbox;
pub mod indexing;
pub mod initiations;
pub mod invitations;
pub mod jobs;
mod keys;
pub mod labels;
pub mod law;
pub mod limitations;
pub mod map;
pub mod members;
pub mod mentions;
pub mod merges;
pub mod merkle;
pub mod messages;
mod node;
mod open;
pub mod outbox;
mod page;
mod personal;
pub mod polls;
pub mod prove;
pub mod push;
pub mod reactions;
mod receiving;
pub mod remotes;
pub mod requests;
pub mod retention;
mod rights;
pub mod rotation;
pub mod saved_views;
pub mod scheduled;
mod scope;
mod sealing;
pub mod search;
pub mod second_factor;
pub mod sign_in;
pub mod sites;
pub mod stages;
mod statement;
mod store;
pub mod suppressions;
pub mod teams;
mod telling;
pub mod templates;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tokens;
mod tx;
pub mod unsubscribing;
pub mod uses;
mod value;
mod vault;
pub mod visitors;
pub mod webhooks;
pub mod workspaces;

pub use clock::{Chance, Clock, Millis};
pub use error::{Error, Result};
pub use files::NewFile;
pub(crate) use id::ThingId;
pub use id::{
    AttachmentId, BackupId, CannedReplyId, ChangesId, ChannelId, ChoiceId, ClaimId, ConsentId, ContactId,
    ConversationId, DeletionId, DeliveryId, DraftId, ErasureId, ExportId, HoldId, IdentityId, InboxId, JobId, LabelId,
    MemberId, MergeId, MessageId, OutboxId, PushSubscriptionId, RequestId, RotationId, ScheduledId, SessionId, SiteId,
    TeamId, TokenId, ViewId, WebhookId, WorkspaceId,
};
pub use keys::{CustodyAt, EnvRootKey, FileRootKey, RootKey, RootState, TwoRootKeys};
pub use open::{CUSTODY_FILE, DATABASE_FILE, Opening, ROOT_KEY_FILE};
pub use page::{Cursor, Page};
pub use personal::Personal;
pub use rights::Right;
pub use scope::{Actor, Purpose, Role, Scope};
pub use store::{Database, StoreConfig};
pub use tx::{Tx, Wake};
pub use vault::Vault;
