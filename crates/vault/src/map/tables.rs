//! The table of the map, in the order of the schema: between tables that hang on each other, erasure goes from here to there.

mod asked;
mod backed_up;
mod connected;
mod holds;
mod installed;
mod kept;
mod passing;
mod people;
mod polled;
mod records;
mod requests;
mod sites;
mod talk;
mod workplace;

use super::{Basis, Category, Class, Copied, Ends, Fate, Kept, Path, Seal, Table};
use crate::statement::Reach;

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
    ends: Ends::Term,
    with: &[],
    conversation: None,
    jobs: &[],
    keeps: None,
};
const WORKSPACES: Table = Table { reach: Reach::Workspace, class: Class::Confidential, ..INTERNAL };

/// All tables.
pub(crate) static MAP: &[Table] = &[
    installed::WORKSPACES,
    installed::COUNTERS,
    installed::CHANNEL_DIRECTORY,
    installed::LOGINS,
    installed::SESSIONS,
    installed::TOKENS,
    installed::INVITATIONS,
    installed::INBOX,
    installed::OUTBOX,
    installed::JOBS,
    workplace::MEMBERS,
    workplace::SESSION_DEVICES,
    workplace::TEAMS,
    workplace::PUSH_SUBSCRIPTIONS,
    connected::WEBHOOKS,
    connected::DELIVERIES,
    workplace::SECOND_FACTORS,
    workplace::RECOVERY_CODES,
    workplace::TEAM_MEMBERS,
    workplace::CANNED_REPLIES,
    workplace::SAVED_VIEWS,
    workplace::BUSINESS_HOURS,
    connected::CHANNELS,
    people::CONTACTS,
    people::CONTACT_KEYS,
    records::ROTATIONS,
    people::INITIATIONS,
    connected::TEMPLATES,
    people::IDENTITIES,
    // Before conversations and messages, on which they hang.
    talk::CONVERSATION_LABELS,
    talk::REACTIONS,
    talk::REMOTES,
    talk::ATTACHMENTS,
    talk::MESSAGES,
    talk::CONVERSATIONS,
    workplace::LABELS,
    people::CONSENTS,
    people::CONSENT_WITHDRAWALS,
    people::SUPPRESSIONS,
    holds::LEGAL_HOLDS,
    holds::ERASURES,
    records::FACTS,
    records::AUDIT,
    records::INDEX_PENDING,
    records::INDEX_FOLDERS,
    records::INDEX_REPAIRS,
    records::IDEMPOTENCY,
    passing::SPENT_CHALLENGES,
    passing::DOOMED_KEYS,
    // After idempotency, which finds its rows by them.
    people::MERGES,
    talk::DRAFTS,
    // After jobs and idempotency, which find their rows by it.
    talk::SCHEDULED,
    talk::MENTIONS,
    talk::CHANGES,
    asked::ANSWERING,
    asked::DELETION_REQUESTS,
    asked::EXPORTS,
    requests::REQUESTS,
    requests::REQUEST_STEPS,
    requests::REQUEST_CLAIMS,
    polled::POLLS,
    asked::SHARED_IDENTITIES,
    sites::SITE_DIRECTORY,
    sites::SITES,
    sites::BANNER_TEXTS,
    sites::CONSENT_CHOICES,
    sites::CONSENT_VISITORS,
    sites::SITE_DAYS,
    sites::SITE_VISITORS,
    sites::SITE_THINGS,
    sites::SITE_COUNTS,
    kept::RETENTION_TERMS,
    kept::SWEEPS,
    backed_up::BACKUPS,
];
