//! Lists of conversations, most recently active first.

use super::{Conversation, Status, labels, view};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, ConversationId, Cursor, LabelId, MemberId, Page, Result, TeamId, Tx, merges};

/// Which conversations: what is `None` does not matter.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Filter {
    pub status: Option<Status>,
    /// `Some(None)`: nobody's.
    pub assignee: Option<Option<MemberId>>,
    pub team: Option<TeamId>,
    pub label: Option<String>,
    pub channel: Option<ChannelId>,
    /// With this contact, or anybody who is one with it.
    pub contact: Option<ContactId>,
}

/// A page of conversations.
pub fn list(tx: &Tx<'_>, filter: &Filter, after: Option<&Cursor>, limit: i64) -> Result<Page<Conversation>> {
    let label: Option<LabelId> = match &filter.label {
        Some(name) => match labels::find(tx, name)? {
            Some(id) => Some(id),
            None => return Ok(Page { data: Vec::new(), next: None }),
        },
        None => None,
    };
    let (key, id) = after.map_or((i64::MAX, ""), |cursor| (cursor.key, cursor.id.as_str()));
    let contact = filter.contact.map(|contact| merges::standing(tx, contact)).transpose()?;
    let nobodys = filter.assignee == Some(None);
    let rows: Vec<(ConversationId, i64)> = tx.all(
        sql!(
            "SELECT c.id, c.active_at FROM conversations c WHERE c.workspace_id = $1 \
             AND (c.active_at < $2 OR (c.active_at = $2 AND c.id < $3)) \
             AND (c.status = $5 OR CAST($5 AS TEXT) IS NULL) \
             AND (c.assignee_id = $6 OR CAST($6 AS TEXT) IS NULL) \
             AND (c.assignee_id IS NULL OR NOT CAST($7 AS BOOLEAN)) \
             AND (c.team_id = $8 OR CAST($8 AS TEXT) IS NULL) \
             AND (c.channel_id = $9 OR CAST($9 AS TEXT) IS NULL) \
             AND (c.contact_id = $10 OR CAST($10 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM contacts m \
                  WHERE m.workspace_id = $1 AND m.id = c.contact_id AND m.merged_into = $10)) \
             AND (CAST($11 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM conversation_labels l \
                  WHERE l.workspace_id = $1 AND l.conversation_id = c.id AND l.label_id = $11)) \
             AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 AND p.id = c.contact_id \
                  AND p.erased_at IS NOT NULL) \
             ORDER BY c.active_at DESC, c.id DESC LIMIT $4"
        ),
        params![
            key,
            id,
            limit + 1,
            filter.status.map(Status::as_str),
            filter.assignee.flatten(),
            nobodys,
            filter.team,
            filter.channel,
            contact,
            label,
        ],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let page = Page::from_overfull(rows, limit, |(id, key)| Cursor { key: *key, id: id.to_string() });
    let data = page.data.iter().map(|(id, _)| view(tx, *id)).collect::<Result<_>>()?;
    Ok(Page { data, next: page.next })
}
