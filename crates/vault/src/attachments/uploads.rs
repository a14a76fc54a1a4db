//! Uploads that no message came for: what a visitor or a member put here and never sent, and what an erased contact had.

use super::{drop_one, locator};
use crate::statement::sql;
use crate::value::params;
use crate::{AttachmentId, ContactId, Millis, Personal, Result, Tx};

/// How long an upload waits for its message, in milliseconds.
const UPLOAD_KEPT_MS: Millis = 24 * 3_600_000;
/// Uploads removed in one transaction.
const UPLOADS: i64 = 200;
/// Pending files looked at when their contact is erased; uploads beyond go by [`sweep`], as all that nobody sends.
const PENDING: i64 = 2_000;

/// Removes uploads of which no message came within a day; whether there may be more.
pub(crate) fn sweep(tx: &Tx<'_>) -> Result<bool> {
    let forgotten = tx.all(
        sql!(
            "SELECT id FROM attachments WHERE workspace_id = $1 AND message_id IS NULL AND holder_id IS NULL \
             AND created_at < $2 ORDER BY id LIMIT $3"
        ),
        params![tx.now() - UPLOAD_KEPT_MS, UPLOADS],
        |row| row.get(0),
    )?;
    let more = i64::try_from(forgotten.len()).is_ok_and(|found| found == UPLOADS);
    forgotten.into_iter().try_for_each(|id| drop_one(tx, id))?;
    Ok(more)
}

/// The attachments after one of them, in the order of their ids, whatever they are of.
pub(crate) fn page(tx: &Tx<'_>, after: &str, limit: i64) -> Result<Vec<AttachmentId>> {
    tx.all(
        sql!("SELECT id FROM attachments WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
        params![after, limit],
        |row| row.get(0),
    )
}

/// Removes the uploads that a contact's pending files are still to be copied from, and which name no contact themselves;
/// how many. Before the contact's tombstone: which they are is read from sealed locators.
pub(crate) fn drop_uploads_of(tx: &Tx<'_>, contact: ContactId) -> Result<u64> {
    let pending = tx.all(
        sql!(
            "SELECT id FROM attachments WHERE workspace_id = $1 AND contact_id = $2 AND state = 'pending' \
             ORDER BY created_at DESC, id DESC LIMIT $3"
        ),
        params![contact, PENDING],
        |row| row.get(0),
    )?;
    let mut dropped = 0;
    for id in pending {
        let Some(upload) = locator(tx, id)?.and_then(|locator| upload_in(&locator)) else { continue };
        let unused = tx.maybe(
            sql!(
                "SELECT 1 FROM attachments WHERE workspace_id = $1 AND id = $2 AND message_id IS NULL AND contact_id IS NULL"
            ),
            params![upload],
            |_| Ok(()),
        )?;
        if unused.is_some() {
            drop_one(tx, upload)?;
            dropped += 1;
        }
    }
    Ok(dropped)
}

/// The upload that a locator names: that of a web chat is the upload's id.
fn upload_in(locator: &Personal<String>) -> Option<AttachmentId> {
    let described: serde_json::Value = serde_json::from_str(locator.reveal()).ok()?;
    described.get("locator")?.as_str()?.parse().ok()
}
