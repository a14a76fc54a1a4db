//! Behind the wall: what only somebody with a hand in the machine could find out, for tests that ask whether what was
//! erased is gone.

use crate::id::KeyId;
use crate::jobs::JobKind;
use crate::statement::{installation_sql, sql};
use crate::value::{params, word};
use crate::{ContactId, MessageId, Millis, Result, ScheduledId, Scope, Tx, Vault};

/// The ids of a contact's keys, as they stand in the database now.
///
/// # Errors
/// What the database says.
pub async fn keys_of(vault: &Vault, scope: &Scope, contact: ContactId) -> Result<Vec<String>> {
    let all = move |tx: &Tx<'_>| {
        tx.all(
            sql!("SELECT key_id FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2 ORDER BY key_id"),
            params![contact],
            |row| row.get::<KeyId>(0).map(|id| id.to_string()),
        )
    };
    vault.read(scope, all).await
}

/// A contact asks that nothing but members' own words reach it.
///
/// # Errors
/// What the database says.
pub async fn restrict(vault: &Vault, scope: &Scope, contact: ContactId) -> Result<()> {
    let note = move |tx: &Tx<'_>| {
        tx.run(
            sql!("UPDATE contacts SET restricted_at = $3 WHERE workspace_id = $1 AND id = $2 AND erased_at IS NULL"),
            params![contact, tx.now()],
        )
    };
    vault.write(scope, note).await.map(drop)
}

/// The kinds of the jobs that wait or run in a workspace and were not given up.
///
/// # Errors
/// What the database says.
pub async fn jobs(vault: &Vault, scope: &Scope) -> Result<Vec<JobKind>> {
    let all = |tx: &Tx<'_>| {
        tx.all(
            sql!("SELECT DISTINCT kind FROM jobs WHERE workspace_id = $1 AND failure IS NULL ORDER BY kind"),
            params![],
            |row| word(row, 0),
        )
    };
    vault.read(scope, all).await
}

/// When a job is due that nobody is at; `None` if there is no such job, or somebody is.
///
/// # Errors
/// What the database says.
pub async fn due(vault: &Vault, kind: JobKind, subject: &str) -> Result<Option<Millis>> {
    let subject = subject.to_owned();
    let found = move |tx: &Tx<'_>| {
        tx.maybe(
            installation_sql!("SELECT due_at FROM jobs WHERE kind = $1 AND subject = $2 AND lease IS NULL"),
            params![kind.as_str(), &subject],
            |row| row.get(0),
        )
    };
    vault.read_installation(found).await
}

/// When the next job is due or the next lease runs out, of all workspaces. What comes back every minute, such as asking an account, counts
/// only once its moment has come.
///
/// # Errors
/// What the database says.
pub async fn next_due(vault: &Vault) -> Result<Option<Millis>> {
    let next = |tx: &Tx<'_>| {
        tx.maybe(
            installation_sql!(
                "SELECT MIN(CASE WHEN lease IS NULL THEN due_at ELSE lease_until END) FROM jobs WHERE failure IS NULL \
                 AND (kind NOT IN ('poll_channel', 'audit_tree') OR (lease IS NULL AND due_at <= $1))"
            ),
            params![tx.now()],
            |row| row.get::<Option<Millis>>(0),
        )
    };
    vault.read_installation(next).await.map(Option::flatten)
}

/// Notes which message came of something sent later, and not yet that it was sent.
pub(crate) fn half_sent(tx: &Tx<'_>, id: ScheduledId, message: MessageId) -> Result<()> {
    tx.run(sql!("UPDATE scheduled SET message_id = $3 WHERE workspace_id = $1 AND id = $2"), params![id, message])
        .map(drop)
}

/// Notes that everything was sent of which a message has come.
///
/// # Errors
/// What the database says.
pub fn wholly_sent(tx: &Tx<'_>) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE scheduled SET state = 'sent', content_sealed = NULL WHERE workspace_id = $1 AND state = 'waiting' \
             AND message_id IS NOT NULL"
        ),
        params![],
    )
    .map(drop)
}

/// The attachments whose bytes are kept, sealed, by their ids.
///
/// # Errors
/// What the store of files says.
pub fn files(vault: &Vault) -> Result<Vec<String>> {
    let names = vault.blobs().list("attachments/")?;
    Ok(names.iter().filter_map(|name| name.strip_prefix("attachments/").map(str::to_owned)).collect())
}

/// Whether custody or the program's memory still has a contact's key.
///
/// # Errors
/// What custody says.
pub fn has_key(vault: &Vault, scope: &Scope, key: &str) -> Result<bool> {
    Ok(vault.keys().contact_key(scope.workspace(), key.parse()?)?.is_some())
}
