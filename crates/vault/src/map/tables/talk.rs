//! What is said, and how it is worked on.

use super::{Category, Copied, Ends, Fate, Path, Seal, Table, WORKSPACES};
use crate::statement::sql;

pub(super) const CONVERSATION_LABELS: Table = Table {
    name: "conversation_labels",
    key: &["conversation_id", "label_id"],
    category: Category::Messages,
    contact: Path::Through("conversation_id", "conversations"),
    fate: Fate::Batches(sql!(
        "DELETE FROM conversation_labels WHERE workspace_id = $1 AND (conversation_id, label_id) IN \
         (SELECT l.conversation_id, l.label_id FROM conversation_labels l JOIN conversations c \
         ON c.workspace_id = l.workspace_id AND c.id = l.conversation_id \
         WHERE l.workspace_id = $1 AND c.contact_id = $2 LIMIT 500)"
    )),
    ends: Ends::With,
    with: &[("conversation_id", "conversations")],
    conversation: Some("conversation_id"),
    ..WORKSPACES
};
pub(super) const REACTIONS: Table = Table {
    name: "reactions",
    category: Category::Messages,
    anchor: Some("at"),
    contact: Path::Column("contact_id"),
    key: &["message_id", "author_kind", "author_id"],
    named: &["message_id", "author_id"],
    sealed: &[("emoji_sealed", Seal::Channel)],
    words: &["author_kind"],
    copies: &[Copied::Provider],
    fate: Fate::Batches(sql!(
        "DELETE FROM reactions WHERE workspace_id = $1 AND (message_id, author_kind, author_id) IN \
         (SELECT message_id, author_kind, author_id FROM reactions WHERE workspace_id = $1 AND contact_id = $2 LIMIT 500)"
    )),
    ends: Ends::With,
    with: &[("message_id", "messages")],
    ..WORKSPACES
};
pub(super) const REMOTES: Table = Table {
    name: "remotes",
    key: &["channel_id", "remote_hash"],
    category: Category::Messages,
    anchor: Some("created_at"),
    contact: Path::Column("contact_id"),
    hashes: &["remote_hash"],
    fate: Fate::Batches(sql!(
        "DELETE FROM remotes WHERE workspace_id = $1 AND (channel_id, remote_hash) IN (SELECT channel_id, remote_hash \
         FROM remotes WHERE workspace_id = $1 AND contact_id = $2 ORDER BY channel_id, remote_hash LIMIT 500)"
    )),
    ends: Ends::With,
    with: &[("message_id", "messages")],
    ..WORKSPACES
};
pub(super) const ATTACHMENTS: Table = Table {
    name: "attachments",
    category: Category::Messages,
    anchor: Some("created_at"),
    contact: Path::Column("contact_id"),
    sealed: &[
        ("name_sealed", Seal::ChannelOrWorkspace),
        ("locator_sealed", Seal::ChannelOrWorkspace),
        ("file_key_sealed", Seal::ChannelOrWorkspace),
        ("found_sealed", Seal::ChannelOrWorkspace),
    ],
    words: &["state", "failure", "role", "content_type"],
    copies: &[Copied::Blob, Copied::Provider],
    fate: Fate::Batches(sql!(
        "DELETE FROM attachments WHERE workspace_id = $1 AND id IN \
         (SELECT id FROM attachments WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id LIMIT 500)"
    )),
    ends: Ends::With,
    with: &[("message_id", "messages"), ("holder_id", "drafts"), ("holder_id", "scheduled")],
    jobs: &["fetch_file"],
    ..WORKSPACES
};
pub(super) const MESSAGES: Table = Table {
    name: "messages",
    category: Category::Messages,
    anchor: Some("written_at"),
    contact: Path::Column("contact_id"),
    sealed: &[
        ("body_sealed", Seal::Channel),
        ("remote_sealed", Seal::Channel),
        ("failure_sealed", Seal::Channel),
        ("kept_sealed", Seal::Channel),
    ],
    words: &["direction", "author_kind", "state", "failure_code", "price_category"],
    copies: &[Copied::Index, Copied::Provider],
    fate: Fate::Batches(sql!(
        "DELETE FROM messages WHERE workspace_id = $1 AND id IN \
         (SELECT id FROM messages WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id LIMIT 500)"
    )),
    conversation: Some("conversation_id"),
    ..WORKSPACES
};
pub(super) const CONVERSATIONS: Table = Table {
    name: "conversations",
    category: Category::Messages,
    anchor: Some("active_at"),
    contact: Path::Column("contact_id"),
    sealed: &[("thread_sealed", Seal::Channel), ("attributes_sealed", Seal::Channel)],
    hashes: &["thread_hash"],
    words: &["status", "priority"],
    fate: Fate::Batches(sql!(
        "DELETE FROM conversations WHERE workspace_id = $1 AND id IN \
         (SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id LIMIT 500)"
    )),
    ends: Ends::TermIf(
        "status IN ('open', 'pending', 'snoozed', 'resolved') AND NOT EXISTS (SELECT 1 FROM messages m \
         WHERE m.workspace_id = $1 AND m.conversation_id = conversations.id)",
    ),
    conversation: Some("id"),
    jobs: &["wake_conversation"],
    keeps: Some("k.status <> ''"),
    ..WORKSPACES
};
pub(super) const DRAFTS: Table = Table {
    name: "drafts",
    category: Category::Messages,
    anchor: Some("updated_at"),
    contact: Path::Column("contact_id"),
    sealed: &[("body_sealed", Seal::Channel)],
    fate: Fate::AtOnce(sql!("DELETE FROM drafts WHERE workspace_id = $1 AND contact_id = $2")),
    conversation: Some("conversation_id"),
    with: &[("conversation_id", "conversations")],
    ..WORKSPACES
};
pub(super) const SCHEDULED: Table = Table {
    name: "scheduled",
    category: Category::Messages,
    // Its own time is when it is to be sent.
    anchor: Some("send_at"),
    contact: Path::Column("contact_id"),
    sealed: &[("content_sealed", Seal::Channel), ("failure_sealed", Seal::Channel)],
    words: &["state", "then_status", "failure_code"],
    fate: Fate::AtOnce(sql!("DELETE FROM scheduled WHERE workspace_id = $1 AND contact_id = $2")),
    conversation: Some("conversation_id"),
    with: &[("conversation_id", "conversations")],
    jobs: &["send_scheduled"],
    ..WORKSPACES
};
pub(super) const MENTIONS: Table = Table {
    name: "mentions",
    key: &["message_id", "member_id"],
    category: Category::Messages,
    anchor: Some("created_at"),
    contact: Path::Column("contact_id"),
    fate: Fate::AtOnce(sql!("DELETE FROM mentions WHERE workspace_id = $1 AND contact_id = $2")),
    ends: Ends::With,
    with: &[("message_id", "messages")],
    ..WORKSPACES
};
pub(super) const CHANGES: Table = Table {
    name: "changes",
    category: Category::Messages,
    anchor: Some("created_at"),
    days: Some(1),
    contact: Path::Column("contact_id"),
    key: &["id", "conversation_id"],
    named: &["id", "conversation_id"],
    sealed: &[("before_sealed", Seal::Channel)],
    words: &["problem"],
    fate: Fate::AtOnce(sql!("DELETE FROM changes WHERE workspace_id = $1 AND contact_id = $2")),
    conversation: Some("conversation_id"),
    ..WORKSPACES
};
