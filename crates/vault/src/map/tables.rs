//! The table of the map, in the order of the schema: between tables that hang on each other, erasure goes from here to there.

mod asked;
mod passing;
mod polled;
mod workplace;

use super::{Basis, Category, Class, Copied, Fate, Kept, Path, Seal, Table};
use crate::statement::{Reach, sql};

/// What most entries have in common: the start of each.
const INTERNAL: Table = Table {
    name: "",
    reach: Reach::Installation,
    category: Category::Passing,
    class: Class::Internal,
    basis: Basis::Contract,
    anchor: None,
    days: None,
    contact: Path::None,
    key: &["id"],
    named: &["id"],
    sealed: &[],
    hashes: &[],
    words: &[],
    copies: &[],
    fate: Fate::Untouched,
};
const WORKSPACES: Table = Table { reach: Reach::Workspace, class: Class::Confidential, ..INTERNAL };

/// All tables.
pub(crate) static MAP: &[Table] = &[
    Table {
        name: "workspaces",
        category: Category::Account,
        class: Class::Confidential,
        sealed: &[("name_sealed", Seal::Workspace)],
        words: &["region"],
        ..INTERNAL
    },
    Table { name: "counters", category: Category::Account, words: &["name"], ..INTERNAL },
    Table {
        name: "channel_directory",
        category: Category::Settings,
        hashes: &["account_hash", "app_hash"],
        words: &["kind", "state", "inbox_lease"],
        ..INTERNAL
    },
    Table {
        name: "logins",
        category: Category::Account,
        class: Class::Restricted,
        hashes: &["email_hash"],
        // A salted argon2id hash.
        words: &["password_hash"],
        ..INTERNAL
    },
    Table {
        name: "sessions",
        category: Category::Credentials,
        class: Class::Restricted,
        anchor: Some("expires_at"),
        hashes: &["token_hash"],
        ..INTERNAL
    },
    Table {
        name: "tokens",
        category: Category::Credentials,
        class: Class::Restricted,
        anchor: Some("revoked_at"),
        hashes: &["token_hash"],
        ..INTERNAL
    },
    Table {
        name: "invitations",
        category: Category::Credentials,
        class: Class::Restricted,
        anchor: Some("expires_at"),
        hashes: &["token_hash"],
        ..INTERNAL
    },
    Table {
        name: "inbox",
        class: Class::Restricted,
        anchor: Some("received_at"),
        sealed: &[("body_sealed", Seal::Day)],
        words: &["failure"],
        ..INTERNAL
    },
    Table {
        name: "outbox",
        class: Class::Confidential,
        anchor: Some("created_at"),
        contact: Path::Column("contact_id"),
        sealed: &[("detail_sealed", Seal::Channel)],
        words: &["act", "purpose", "lease"],
        fate: Fate::AtOnce(sql!("DELETE FROM outbox WHERE workspace_id = $1 AND contact_id = $2")),
        ..INTERNAL
    },
    Table {
        name: "jobs",
        anchor: Some("created_at"),
        contact: Path::Subject("subject"),
        words: &["kind", "subject", "lease", "failure"],
        // What removes files must stay; what fetches them must not come.
        fate: Fate::AtOnce(sql!(
            "DELETE FROM jobs WHERE workspace_id = $1 AND (subject = $2 OR (kind = 'fetch_file' AND subject IN \
             (SELECT id FROM attachments WHERE workspace_id = $1 AND contact_id = $2)) OR (kind = 'send_scheduled' \
             AND subject IN (SELECT id FROM scheduled WHERE workspace_id = $1 AND contact_id = $2)) \
             OR (kind = 'wake_conversation' AND subject IN \
             (SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2)))"
        )),
        ..INTERNAL
    },
    Table {
        name: "members",
        category: Category::Account,
        sealed: &[
            ("name_sealed", Seal::Workspace),
            ("email_sealed", Seal::Workspace),
            ("preferences_sealed", Seal::Workspace),
        ],
        words: &["role", "state", "locale"],
        ..WORKSPACES
    },
    workplace::SESSION_DEVICES,
    workplace::TEAMS,
    Table {
        name: "push_subscriptions",
        category: Category::Account,
        class: Class::Restricted,
        sealed: &[("endpoint_sealed", Seal::Workspace)],
        hashes: &["endpoint_hash"],
        ..WORKSPACES
    },
    Table {
        name: "webhooks",
        category: Category::Settings,
        class: Class::Restricted,
        sealed: &[("url_sealed", Seal::Workspace), ("secret_sealed", Seal::Workspace)],
        words: &["types", "state", "reason"],
        ..WORKSPACES
    },
    // Which facts went where: a fact's number, never what it is about.
    Table {
        name: "deliveries",
        class: Class::Internal,
        anchor: Some("created_at"),
        days: Some(7),
        words: &["kind", "state", "failure"],
        ..WORKSPACES
    },
    Table {
        name: "second_factors",
        category: Category::Credentials,
        class: Class::Restricted,
        sealed: &[("secret_sealed", Seal::Workspace)],
        ..WORKSPACES
    },
    Table {
        name: "recovery_codes",
        category: Category::Credentials,
        class: Class::Restricted,
        hashes: &["code_hash"],
        ..WORKSPACES
    },
    Table { name: "team_members", category: Category::Account, ..WORKSPACES },
    workplace::CANNED_REPLIES,
    workplace::SAVED_VIEWS,
    workplace::BUSINESS_HOURS,
    Table {
        name: "channels",
        category: Category::Settings,
        class: Class::Restricted,
        anchor: Some("disconnected_at"),
        sealed: &[
            ("name_sealed", Seal::Workspace),
            ("settings_sealed", Seal::Workspace),
            ("account_sealed", Seal::Workspace),
        ],
        hashes: &["portfolio_hash"],
        words: &["kind", "state", "state_reason", "quality"],
        ..WORKSPACES
    },
    Table {
        name: "contacts",
        category: Category::Profiles,
        anchor: Some("active_at"),
        contact: Path::Own,
        sealed: &[
            ("name_sealed", Seal::Profile),
            ("attributes_sealed", Seal::Profile),
            ("language_sealed", Seal::Profile),
        ],
        // An id. It stays on the tombstone, so that an erased family is one erasure by whichever of its ids it is asked for.
        words: &["merged_into"],
        fate: Fate::Tombstone,
        ..WORKSPACES
    },
    Table {
        name: "contact_keys",
        category: Category::Profiles,
        contact: Path::Column("contact_id"),
        words: &["retired_by"],
        fate: Fate::AtOnce(sql!("DELETE FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2")),
        ..WORKSPACES
    },
    Table {
        name: "rotations",
        category: Category::Registers,
        anchor: Some("completed_at"),
        contact: Path::Subject("subject"),
        words: &["what", "subject", "state", "place"],
        fate: Fate::AtOnce(sql!("DELETE FROM rotations WHERE workspace_id = $1 AND subject = $2")),
        ..WORKSPACES
    },
    Table {
        name: "initiations",
        category: Category::Messages,
        anchor: Some("at"),
        days: Some(2),
        contact: Path::Column("contact_id"),
        fate: Fate::AtOnce(sql!("DELETE FROM initiations WHERE workspace_id = $1 AND contact_id = $2")),
        ..WORKSPACES
    },
    Table {
        name: "templates",
        category: Category::Settings,
        key: &["channel_id", "name", "language"],
        named: &["channel_id", "name", "language"],
        sealed: &[("content_sealed", Seal::Workspace)],
        words: &["name", "language", "category", "status", "quality", "reason"],
        ..WORKSPACES
    },
    Table {
        name: "identities",
        category: Category::Profiles,
        contact: Path::Column("contact_id"),
        sealed: &[("value_sealed", Seal::Profile)],
        hashes: &["value_hash"],
        words: &["kind"],
        // At once, although it is content: who comes back must be a new contact.
        fate: Fate::AtOnce(sql!("DELETE FROM identities WHERE workspace_id = $1 AND contact_id = $2")),
        ..WORKSPACES
    },
    // Before conversations and messages, on which they hang.
    Table {
        name: "conversation_labels",
        category: Category::Messages,
        contact: Path::Through("conversation_id", "conversations"),
        fate: Fate::Batches(sql!(
            "DELETE FROM conversation_labels WHERE workspace_id = $1 AND (conversation_id, label_id) IN \
             (SELECT l.conversation_id, l.label_id FROM conversation_labels l JOIN conversations c \
             ON c.workspace_id = l.workspace_id AND c.id = l.conversation_id \
             WHERE l.workspace_id = $1 AND c.contact_id = $2 LIMIT 500)"
        )),
        ..WORKSPACES
    },
    Table {
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
        ..WORKSPACES
    },
    Table {
        name: "remotes",
        category: Category::Messages,
        anchor: Some("created_at"),
        contact: Path::Column("contact_id"),
        hashes: &["remote_hash"],
        fate: Fate::Batches(sql!(
            "DELETE FROM remotes WHERE workspace_id = $1 AND (channel_id, remote_hash) IN (SELECT channel_id, remote_hash \
             FROM remotes WHERE workspace_id = $1 AND contact_id = $2 ORDER BY channel_id, remote_hash LIMIT 500)"
        )),
        ..WORKSPACES
    },
    Table {
        name: "attachments",
        category: Category::Messages,
        anchor: Some("created_at"),
        contact: Path::Column("contact_id"),
        sealed: &[
            ("name_sealed", Seal::ChannelOrWorkspace),
            ("locator_sealed", Seal::ChannelOrWorkspace),
            ("file_key_sealed", Seal::ChannelOrWorkspace),
        ],
        words: &["state", "failure", "role", "content_type"],
        copies: &[Copied::Blob, Copied::Provider],
        fate: Fate::Batches(sql!(
            "DELETE FROM attachments WHERE workspace_id = $1 AND id IN \
             (SELECT id FROM attachments WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id LIMIT 500)"
        )),
        ..WORKSPACES
    },
    Table {
        name: "messages",
        category: Category::Messages,
        anchor: Some("written_at"),
        contact: Path::Column("contact_id"),
        sealed: &[("body_sealed", Seal::Channel), ("remote_sealed", Seal::Channel), ("failure_sealed", Seal::Channel)],
        words: &["direction", "author_kind", "state", "failure_code", "price_category"],
        copies: &[Copied::Index, Copied::Provider],
        fate: Fate::Batches(sql!(
            "DELETE FROM messages WHERE workspace_id = $1 AND id IN \
             (SELECT id FROM messages WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id LIMIT 500)"
        )),
        ..WORKSPACES
    },
    Table {
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
        ..WORKSPACES
    },
    Table {
        name: "labels",
        category: Category::Account,
        sealed: &[("name_sealed", Seal::Workspace)],
        hashes: &["name_hash"],
        words: &["colour"],
        ..WORKSPACES
    },
    Table {
        name: "consents",
        category: Category::Consents,
        basis: Basis::LegalObligation,
        anchor: Some("withdrawn_at"),
        contact: Path::Column("contact_id"),
        sealed: &[("evidence_sealed", Seal::Evidence)],
        words: &["purpose", "channel", "ground", "text_version", "collected_by"],
        fate: Fate::Keep(Kept {
            what: "consent records",
            ground: "evidence of consent given and withdrawn (GDPR Art. 7(1), 17(3)(e))",
        }),
        ..WORKSPACES
    },
    Table {
        name: "suppressions",
        category: Category::Suppressions,
        basis: Basis::LegalObligation,
        contact: Path::Hash("value_hash"),
        hashes: &["value_hash"],
        words: &["purpose", "reason"],
        fate: Fate::Keep(Kept {
            what: "keyed hashes of identities and, for nine days, of messages' ids, so that the erasure and opt-outs stay honoured",
            ground: "legal obligation (GDPR Art. 17(3)(b), 21(3))",
        }),
        ..WORKSPACES
    },
    Table {
        name: "erasures",
        category: Category::Registers,
        basis: Basis::LegalObligation,
        anchor: Some("completed_at"),
        contact: Path::Column("contact_id"),
        sealed: &[("traces_sealed", Seal::Evidence)],
        words: &["state", "counts", "remote"],
        fate: Fate::Keep(Kept {
            what: "the record of this erasure: an id, times and counts",
            ground: "proof that the request was met (GDPR Art. 5(2), 12(3))",
        }),
        ..WORKSPACES
    },
    Table {
        name: "facts",
        class: Class::Internal,
        anchor: Some("at"),
        days: Some(7),
        contact: Path::Column("contact_id"),
        words: &["kind"],
        fate: Fate::Keep(Kept {
            what: "the live stream's journal: ids and times, no content",
            ground: "until every listener has heard of the erasure (GDPR Art. 19)",
        }),
        ..WORKSPACES
    },
    Table {
        name: "audit",
        category: Category::SecurityLogs,
        basis: Basis::LegalObligation,
        anchor: Some("at"),
        contact: Path::Subject("subject"),
        hashes: &["salt", "leaf"],
        words: &["actor_kind", "purpose", "act", "subject"],
        fate: Fate::Keep(Kept {
            what: "the log of who read or changed what: ids and times, no content",
            ground: "security of processing and its proof (GDPR Art. 5(2), 32)",
        }),
        ..WORKSPACES
    },
    Table {
        name: "index_pending",
        class: Class::Internal,
        contact: Path::Column("contact_id"),
        words: &["act"],
        copies: &[Copied::Index],
        // Erasure then leaves one mark, by which the index learns of it; the index takes it off.
        fate: Fate::AtOnce(sql!("DELETE FROM index_pending WHERE workspace_id = $1 AND contact_id = $2")),
        ..WORKSPACES
    },
    Table { name: "index_folders", class: Class::Internal, ..WORKSPACES },
    Table {
        name: "index_repairs",
        class: Class::Internal,
        words: &["state", "contacts_after", "messages_after"],
        ..WORKSPACES
    },
    Table {
        name: "idempotency",
        class: Class::Internal,
        anchor: Some("at"),
        days: Some(1),
        contact: Path::Subject("subject"),
        hashes: &["key_hash", "request_hash"],
        words: &["subject"],
        fate: Fate::AtOnce(sql!(
            "DELETE FROM idempotency WHERE workspace_id = $1 AND (subject = $2 OR subject IN \
             (SELECT id FROM messages WHERE workspace_id = $1 AND contact_id = $2) OR subject IN \
             (SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2) OR subject IN \
             (SELECT id FROM scheduled WHERE workspace_id = $1 AND contact_id = $2) OR subject IN \
             (SELECT id FROM merges WHERE workspace_id = $1 AND (contact_id = $2 OR merged_id = $2)))"
        )),
        ..WORKSPACES
    },
    passing::SPENT_CHALLENGES,
    passing::DOOMED_KEYS,
    // After idempotency, which finds its rows by them.
    Table {
        name: "merges",
        category: Category::Profiles,
        anchor: Some("merged_at"),
        contact: Path::Column("contact_id"),
        words: &["merged_by"],
        fate: Fate::AtOnce(sql!("DELETE FROM merges WHERE workspace_id = $1 AND (contact_id = $2 OR merged_id = $2)")),
        ..WORKSPACES
    },
    Table {
        name: "drafts",
        category: Category::Messages,
        anchor: Some("updated_at"),
        contact: Path::Column("contact_id"),
        sealed: &[("body_sealed", Seal::Channel)],
        fate: Fate::AtOnce(sql!("DELETE FROM drafts WHERE workspace_id = $1 AND contact_id = $2")),
        ..WORKSPACES
    },
    // After jobs and idempotency, which find their rows by it.
    Table {
        name: "scheduled",
        category: Category::Messages,
        anchor: Some("updated_at"),
        contact: Path::Column("contact_id"),
        sealed: &[("content_sealed", Seal::Channel), ("failure_sealed", Seal::Channel)],
        words: &["state", "then_status", "failure_code"],
        fate: Fate::AtOnce(sql!("DELETE FROM scheduled WHERE workspace_id = $1 AND contact_id = $2")),
        ..WORKSPACES
    },
    Table {
        name: "mentions",
        category: Category::Messages,
        anchor: Some("created_at"),
        contact: Path::Column("contact_id"),
        fate: Fate::AtOnce(sql!("DELETE FROM mentions WHERE workspace_id = $1 AND contact_id = $2")),
        ..WORKSPACES
    },
    Table {
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
        ..WORKSPACES
    },
    asked::ANSWERING,
    asked::DELETION_REQUESTS,
    polled::POLLS,
    asked::SHARED_IDENTITIES,
];
