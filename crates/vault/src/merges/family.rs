//! Who is one with whom.

use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Result, Tx};

/// Who stays: the contact that this one was merged into in the end, or itself. An erased family still knows.
pub fn standing(tx: &Tx<'_>, contact: ContactId) -> Result<ContactId> {
    let found = tx.maybe(
        sql!("SELECT COALESCE(merged_into, id) FROM contacts WHERE workspace_id = $1 AND id = $2"),
        params![contact],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(contact))
}

/// All contacts that are one with this one: who stays first, then the others from the oldest on. Never empty.
pub fn family(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<ContactId>> {
    let found = tx.all(
        sql!(
            "SELECT id FROM (SELECT COALESCE(o.merged_into, o.id) AS id, 0 AS place FROM contacts o \
             WHERE o.workspace_id = $1 AND o.id = $2 UNION ALL SELECT f.id AS id, 1 AS place FROM contacts o \
             JOIN contacts f ON f.workspace_id = o.workspace_id AND f.merged_into = COALESCE(o.merged_into, o.id) \
             WHERE o.workspace_id = $1 AND o.id = $2) family ORDER BY place, id"
        ),
        params![contact],
        |row| row.get(0),
    )?;
    Ok(if found.is_empty() { vec![contact] } else { found })
}

/// Whom of a contact's family to write to on a channel: who is known there, else on another channel of the same kind, else
/// who stays. What is written lies under that contact's own key, and goes to its own address.
pub fn reached_on(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<ContactId> {
    let stays = standing(tx, contact)?;
    let known = tx.maybe(
        sql!(
            "SELECT p.id FROM contacts p JOIN identities i ON i.workspace_id = p.workspace_id AND i.contact_id = p.id \
             JOIN channels h ON h.workspace_id = i.workspace_id AND h.id = i.channel_id \
             JOIN channels k ON k.workspace_id = h.workspace_id AND k.kind = h.kind \
             WHERE p.workspace_id = $1 AND (p.id = $2 OR p.merged_into = $2) AND k.id = $3 \
             ORDER BY CASE WHEN h.id = k.id THEN 0 ELSE 1 END, CASE WHEN p.id = $2 THEN 0 ELSE 1 END, \
             i.created_at DESC, i.id DESC LIMIT 1"
        ),
        params![stays, channel],
        |row| row.get(0),
    )?;
    Ok(known.unwrap_or(stays))
}
