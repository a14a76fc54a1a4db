//! A conversation as members see it.

use serde_json::{Map, Value};

use super::{Status, labels};
use crate::messages::{self, Message};
use crate::statement::sql;
use crate::value::{optional, params};
use crate::{
    ChannelId, ContactId, ConversationId, Error, MemberId, MessageId, Millis, Personal, Result, TeamId, Tx, contacts,
    mentions,
};

/// A conversation as members see it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Conversation {
    pub id: ConversationId,
    pub channel: ChannelId,
    /// The channel's kind.
    pub kind: String,
    /// Who is standing for the contact in it.
    pub contact: ContactId,
    pub contact_name: Option<Personal<String>>,
    pub status: Status,
    pub assignee: Option<MemberId>,
    pub team: Option<TeamId>,
    pub priority: String,
    pub labels: Vec<Personal<String>>,
    pub unread_count: i64,
    pub last_message: Option<Message>,
    pub window_until: Option<Millis>,
    pub snoozed_until: Option<Millis>,
    /// Since when the contact waits for an answer.
    pub waiting_since: Option<Millis>,
    /// The workspace's own fields.
    pub attributes: Personal<Map<String, Value>>,
    /// Whether a note names the member who looks.
    pub mentioned: bool,
    /// Whether they have not seen such a note yet.
    pub mention_unseen: bool,
    pub created_at: Millis,
    pub active_at: Millis,
}

/// One conversation, unless its contact was erased.
pub fn view(tx: &Tx<'_>, id: ConversationId) -> Result<Conversation> {
    let row = tx.maybe(
        sql!(
            "SELECT c.channel_id, c.contact_id, c.status, c.assignee_id, c.team_id, c.priority, c.unread_count, \
             c.last_message_id, c.window_until, c.created_at, c.active_at, c.snoozed_until, c.waiting_since, \
             c.attributes_sealed, (SELECT h.kind FROM channels h WHERE h.workspace_id = $1 AND h.id = c.channel_id) \
             FROM conversations c \
             WHERE c.workspace_id = $1 AND c.id = $2 AND NOT EXISTS (SELECT 1 FROM contacts p \
             WHERE p.workspace_id = $1 AND p.id = c.contact_id AND p.erased_at IS NOT NULL)"
        ),
        params![id],
        |row| {
            let status =
                Status::parse(&row.text(2)?).ok_or_else(|| Error::Engine("a stored status is unknown".into()))?;
            let last: Option<MessageId> = optional(row, 7)?;
            let conversation = Conversation {
                id,
                channel: row.get(0)?,
                kind: row.get::<Option<String>>(14)?.unwrap_or_default(),
                contact: row.get(1)?,
                contact_name: None,
                status,
                assignee: optional(row, 3)?,
                team: optional(row, 4)?,
                priority: row.text(5)?,
                labels: Vec::new(),
                unread_count: row.get(6)?,
                last_message: None,
                window_until: row.get(8)?,
                snoozed_until: row.get(11)?,
                waiting_since: row.get(12)?,
                attributes: Personal::default(),
                mentioned: false,
                mention_unseen: false,
                created_at: row.get(9)?,
                active_at: row.get(10)?,
            };
            Ok((conversation, last, row.get::<Option<Vec<u8>>>(13)?))
        },
    )?;
    let (mut conversation, last, attributes) = row.ok_or(Error::NotFound("conversation"))?;
    (conversation.contact, conversation.contact_name) = contacts::shown(tx, conversation.contact)?;
    conversation.labels = labels::of(tx, id)?;
    conversation.attributes = super::change::attributes(tx, id, attributes)?;
    if let Some((member, _)) = tx.scope()?.member() {
        (conversation.mentioned, conversation.mention_unseen) = mentions::standing(tx, id, member)?;
    }
    conversation.last_message = match last.map(|last| messages::view(tx, last)) {
        None | Some(Err(Error::NotFound(_))) => None,
        Some(message) => Some(message?),
    };
    Ok(conversation)
}
