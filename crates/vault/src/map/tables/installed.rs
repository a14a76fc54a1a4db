//! What belongs to the installation: ids, states, times, hashes and sealed bytes.

use super::{Category, Class, Ends, Fate, INTERNAL, Path, Seal, Table};
use crate::statement::sql;

pub(super) const WORKSPACES: Table = Table {
    name: "workspaces",
    category: Category::Account,
    class: Class::Confidential,
    sealed: &[("name_sealed", Seal::Workspace)],
    words: &["region", "country", "ending_by"],
    ends: Ends::Contract,
    ..INTERNAL
};
pub(super) const COUNTERS: Table =
    Table { name: "counters", category: Category::Account, words: &["name"], ends: Ends::Contract, ..INTERNAL };
pub(super) const CHANNEL_DIRECTORY: Table = Table {
    name: "channel_directory",
    category: Category::Settings,
    hashes: &["account_hash", "app_hash"],
    words: &["kind", "state", "inbox_lease"],
    ends: Ends::With,
    with: &[("id", "channels")],
    ..INTERNAL
};
pub(super) const LOGINS: Table = Table {
    name: "logins",
    category: Category::Account,
    class: Class::Restricted,
    hashes: &["email_hash"],
    // A salted argon2id hash.
    words: &["password_hash"],
    ends: Ends::With,
    with: &[("member_id", "members")],
    ..INTERNAL
};
pub(super) const SESSIONS: Table = Table {
    name: "sessions",
    category: Category::Credentials,
    class: Class::Restricted,
    anchor: Some("expires_at"),
    hashes: &["token_hash"],
    ends: Ends::Work,
    ..INTERNAL
};
pub(super) const TOKENS: Table = Table {
    name: "tokens",
    category: Category::Credentials,
    class: Class::Restricted,
    anchor: Some("revoked_at"),
    hashes: &["token_hash"],
    ..INTERNAL
};
pub(super) const INVITATIONS: Table = Table {
    name: "invitations",
    category: Category::Credentials,
    class: Class::Restricted,
    anchor: Some("expires_at"),
    hashes: &["token_hash"],
    ends: Ends::Work,
    ..INTERNAL
};
pub(super) const INBOX: Table = Table {
    name: "inbox",
    class: Class::Restricted,
    anchor: Some("received_at"),
    sealed: &[("body_sealed", Seal::Day)],
    words: &["failure"],
    ends: Ends::Work,
    ..INTERNAL
};
pub(super) const OUTBOX: Table = Table {
    name: "outbox",
    class: Class::Confidential,
    anchor: Some("created_at"),
    contact: Path::Column("contact_id"),
    sealed: &[("detail_sealed", Seal::Channel)],
    words: &["act", "purpose", "lease"],
    fate: Fate::AtOnce(sql!("DELETE FROM outbox WHERE workspace_id = $1 AND contact_id = $2")),
    ends: Ends::Work,
    with: &[("message_id", "messages"), ("conversation_id", "conversations")],
    ..INTERNAL
};
pub(super) const JOBS: Table = Table {
    name: "jobs",
    anchor: Some("created_at"),
    contact: Path::Subject("subject"),
    words: &["kind", "subject", "lease", "failure", "lane"],
    // What removes files must stay; what fetches them must not come.
    fate: Fate::AtOnce(sql!(
        "DELETE FROM jobs WHERE workspace_id = $1 AND (subject = $2 OR (kind = 'fetch_file' AND subject IN \
         (SELECT id FROM attachments WHERE workspace_id = $1 AND contact_id = $2)) OR (kind = 'send_scheduled' \
         AND subject IN (SELECT id FROM scheduled WHERE workspace_id = $1 AND contact_id = $2)) \
         OR (kind = 'wake_conversation' AND subject IN \
         (SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2)))"
    )),
    ends: Ends::Work,
    ..INTERNAL
};
