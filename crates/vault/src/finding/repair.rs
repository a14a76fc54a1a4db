//! A damaged index: an empty one takes its place at once, and everything is marked to be taken in anew, page by page, so
//! that what is new is found meanwhile and erasures go on.

use super::place::{self, Place};
use crate::jobs::{self, JobKind};
use crate::rotation::{self, Moving};
use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, Error, MessageId, Result, Scope, Tx, Vault};

/// How many contacts and how many messages are marked at a time.
const PAGE: i64 = super::gathering::STEP;

/// How an index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing is known against it.
    Sound,
    /// A search could not read it.
    Suspected,
    /// It takes everything in anew.
    Filling,
}

/// Whether an error says that the index is damaged.
pub(super) fn is_damage(error: &Error) -> bool {
    matches!(error, Error::Conflict { code: "index_damaged", .. })
}

pub(super) fn condition(tx: &Tx<'_>) -> Result<Condition> {
    let state =
        tx.maybe(sql!("SELECT state FROM index_repairs WHERE workspace_id = $1"), params![], |row| row.text(0))?;
    Ok(match state.as_deref() {
        None => Condition::Sound,
        Some("suspected") => Condition::Suspected,
        Some(_) => Condition::Filling,
    })
}

/// A search found the index damaged: its job is to look. A search alone may have met files that were just merged away.
pub(super) fn suspect(tx: &Tx<'_>) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO index_repairs (workspace_id, state, contacts_after, messages_after) \
             VALUES ($1, 'suspected', '', '') ON CONFLICT (workspace_id) DO NOTHING"
        ),
        params![],
    )?;
    let workspace = tx.workspace()?.to_string();
    jobs::enqueue(tx, JobKind::Index, &workspace, tx.now())
}

fn lift_suspicion(tx: &Tx<'_>) -> Result<()> {
    tx.run(sql!("DELETE FROM index_repairs WHERE workspace_id = $1 AND state = 'suspected'"), params![])?;
    Ok(())
}

/// Puts an empty index in the place of a damaged one, under the new key if it was about to get one. Nothing if somebody
/// else began a folder meanwhile.
fn begin(tx: &Tx<'_>, seen: Place, moving: Option<Moving>) -> Result<bool> {
    if place::now(tx)? != seen {
        return Ok(false);
    }
    let folder = place::begin(tx)?;
    place::turn_to(tx, folder)?;
    if let Some(moving) = moving {
        rotation::has_moved(tx, moving, 0)?;
    }
    tx.run(
        sql!(
            "INSERT INTO index_repairs (workspace_id, state, contacts_after, messages_after) \
             VALUES ($1, 'filling', '', '') ON CONFLICT (workspace_id) DO UPDATE SET state = excluded.state, \
             contacts_after = excluded.contacts_after, messages_after = excluded.messages_after"
        ),
        params![],
    )?;
    let workspace = tx.workspace()?.to_string();
    jobs::enqueue(tx, JobKind::Index, &workspace, tx.now())?;
    Ok(true)
}

/// Begins an index anew, whatever became of the one before: its files are gone after a restore.
pub(crate) fn begin_anew(tx: &Tx<'_>) -> Result<()> {
    begin(tx, place::now(tx)?, None).map(|_| ())
}

/// Marks some more of what an empty index has to take in; whether it did.
fn fill(tx: &Tx<'_>) -> Result<bool> {
    let at = tx.maybe(
        sql!("SELECT contacts_after, messages_after FROM index_repairs WHERE workspace_id = $1 AND state = 'filling'"),
        params![],
        |row| Ok((row.text(0)?, row.text(1)?)),
    )?;
    let Some((contacts, messages)) = at else { return Ok(false) };
    let contacts_to = mark_contacts(tx, &contacts)?;
    let messages_to = mark_messages(tx, &messages)?;
    if contacts_to.is_none() && messages_to.is_none() {
        tx.run(sql!("DELETE FROM index_repairs WHERE workspace_id = $1"), params![])?;
        return Ok(false);
    }
    let contacts = contacts_to.map_or(contacts, |id| id.to_string());
    let messages = messages_to.map_or(messages, |id| id.to_string());
    tx.run(
        sql!("UPDATE index_repairs SET contacts_after = $2, messages_after = $3 WHERE workspace_id = $1"),
        params![contacts, messages],
    )?;
    Ok(true)
}

/// Up to which contact.
fn mark_contacts(tx: &Tx<'_>, after: &str) -> Result<Option<ContactId>> {
    let page = tx.all(
        sql!("SELECT id FROM contacts WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
        params![after, PAGE],
        |row| row.get::<ContactId>(0),
    )?;
    let Some(last) = page.last().copied() else { return Ok(None) };
    tx.run(
        sql!(
            "INSERT INTO index_pending (workspace_id, message_id, contact_id, act, at) \
             SELECT workspace_id, id, id, 'contact', $4 FROM contacts WHERE workspace_id = $1 AND id > $2 AND id <= $3 \
             AND erased_at IS NULL ON CONFLICT (workspace_id, message_id) DO NOTHING"
        ),
        params![after, last, tx.now()],
    )?;
    Ok(Some(last))
}

/// Up to which message.
fn mark_messages(tx: &Tx<'_>, after: &str) -> Result<Option<MessageId>> {
    let page = tx.all(
        sql!("SELECT id FROM messages WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
        params![after, PAGE],
        |row| row.get::<MessageId>(0),
    )?;
    let Some(last) = page.last().copied() else { return Ok(None) };
    tx.run(
        sql!(
            "INSERT INTO index_pending (workspace_id, message_id, contact_id, act, at) \
             SELECT workspace_id, id, contact_id, 'write', $4 FROM messages WHERE workspace_id = $1 AND id > $2 \
             AND id <= $3 ON CONFLICT (workspace_id, message_id) DO NOTHING"
        ),
        params![after, last, tx.now()],
    )?;
    Ok(Some(last))
}

impl Vault {
    /// Looks whether a suspected index is damaged.
    pub(super) async fn check_index(&self, scope: &Scope, at: Place) -> Result<()> {
        let workspace = scope.workspace();
        self.off_thread(move |vault| Ok(vault.index(workspace, at)?.check()?)).await?;
        self.write(scope, lift_suspicion).await
    }

    /// An empty index takes the place of one that is damaged.
    ///
    /// # Errors
    /// The damage again if this one was just being filled: then its job pauses longer each time.
    pub(crate) async fn rebuild_index(
        &self,
        scope: &Scope,
        seen: Place,
        moving: Option<Moving>,
        damage: Error,
    ) -> Result<()> {
        let again = self.read(scope, condition).await? == Condition::Filling;
        if self.write(scope, move |tx| begin(tx, seen, moving)).await? {
            tracing::warn!(workspace = %scope.workspace(), "a search index was damaged and takes everything in anew");
        }
        self.drop_idle_folders(scope).await?;
        if again { Err(damage) } else { Ok(()) }
    }

    /// Marks some more for an index that takes everything in anew; whether it did.
    pub(super) async fn fill_index(&self, scope: &Scope) -> Result<bool> {
        self.write(scope, fill).await
    }
}
