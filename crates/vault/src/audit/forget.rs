//! What erasure and expiry do to the log. An erasure wipes whom entries name, together with the salt of that hash: act, actor
//! and time stay, and so does every proof (D-1, X-6). Expiry wipes all words.
//!
//! Entries of the first form cannot lose a name alone; they lose all words.

#[cfg(test)]
mod tests;

use crate::map::Due;
use crate::statement::{Statement, sql};
use crate::value::params;
use crate::{ContactId, Millis, Result, Tx};

/// Wipes whom the entries name that a subquery finds. `$2` is the contact.
macro_rules! wipe {
    ($($which:literal),*) => {
        sql!(concat!(
            "UPDATE audit SET actor_id = CASE WHEN actor_kind = 'visitor' OR subject_hash IS NULL THEN '' ELSE actor_id END, \
             actor_kind = CASE WHEN subject_hash IS NULL THEN '' ELSE actor_kind END, \
             purpose = CASE WHEN subject_hash IS NULL THEN '' ELSE purpose END, \
             act = CASE WHEN subject_hash IS NULL THEN '' ELSE act END, \
             salt = CASE WHEN subject_hash IS NULL THEN NULL ELSE salt END, \
             subject = '', subject_salt = NULL WHERE workspace_id = $1 AND seq IN (SELECT a.seq FROM audit a ",
            $($which,)* ")"
        ))
    };
}

/// The same for what hangs on a contact in a table: all at once, or a batch. It goes by the index over subjects, so its cost
/// follows the contact's size.
macro_rules! wipe_of {
    ($table:literal, $column:literal, $limit:literal) => {
        wipe!(
            "WHERE a.workspace_id = $1 AND a.subject IN (SELECT id FROM ",
            $table,
            " WHERE workspace_id = $1 AND ",
            $column,
            " = $2)",
            $limit
        )
    };
}

/// Wipes what tells of a contact itself, and of what goes in the transaction of its tombstone: later nobody could say
/// any more what hung on it.
pub(crate) fn forget_at_once(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    let statements: [&'static Statement; 10] = [
        wipe!("WHERE a.workspace_id = $1 AND a.subject = $2"),
        wipe!("WHERE a.workspace_id = $1 AND a.actor_kind = 'visitor' AND a.actor_id = $2"),
        wipe_of!("merges", "contact_id", ""),
        wipe_of!("merges", "merged_id", ""),
        wipe_of!("identities", "contact_id", ""),
        wipe_of!("drafts", "contact_id", ""),
        wipe_of!("scheduled", "contact_id", ""),
        wipe_of!("changes", "contact_id", ""),
        wipe_of!("exports", "contact_id", ""),
        wipe_of!("request_claims", "contact_id", ""),
    ];
    statements.into_iter().try_for_each(|statement| tx.run(statement, params![contact]).map(|_| ()))
}

/// Wipes a batch of what tells of a contact's conversations, messages and the rest whose rows go, or stay, after the
/// tombstone; how many entries it was. Come again until it is none.
pub(crate) fn forget(tx: &Tx<'_>, contact: ContactId) -> Result<u64> {
    let statements: [&'static Statement; 5] = [
        wipe_of!("conversations", "contact_id", " ORDER BY a.subject LIMIT 500"),
        wipe_of!("messages", "contact_id", " ORDER BY a.subject LIMIT 500"),
        wipe_of!("attachments", "contact_id", " ORDER BY a.subject LIMIT 500"),
        wipe_of!("consents", "contact_id", " ORDER BY a.subject LIMIT 500"),
        wipe_of!("deletion_requests", "contact_id", " ORDER BY a.subject LIMIT 500"),
    ];
    statements.into_iter().try_fold(0, |sum, statement| Ok(sum + tx.run(statement, params![contact])?))
}

/// Wipes words and salts of entries older than a moment, at most `limit` of them; how many it was.
pub fn expire(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE audit SET actor_kind = '', actor_id = '', purpose = '', act = '', subject = '', salt = NULL, \
             subject_salt = NULL, subject_hash = NULL WHERE workspace_id = $1 AND seq IN (SELECT seq FROM audit \
             WHERE workspace_id = $1 AND salt IS NOT NULL AND at < $2 ORDER BY seq LIMIT $3)"
        ),
        params![before, limit],
    )
}

/// The same, as a sweep asks for it.
pub(crate) fn sweep(tx: &Tx<'_>, due: &Due) -> Result<u64> {
    expire(tx, due.before.saturating_add(1), due.limit)
}

/// Tables with ids of their own whose rows hang on a contact, for the test that none is forgotten. The outbox' ids are told
/// to nobody; an erasure stays named, for it is what tells why names are missing.
#[cfg(test)]
pub(crate) const KNOWN: [&str; 13] = [
    "merges",
    "identities",
    "drafts",
    "scheduled",
    "changes",
    "exports",
    "request_claims",
    "conversations",
    "messages",
    "attachments",
    "consents",
    "deletion_requests",
    "outbox",
];
