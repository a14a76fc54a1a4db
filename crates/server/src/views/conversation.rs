//! Conversations as callers see them.

use serde::Serialize;
use utoipa::ToSchema;
use vault::Personal;
use vault::conversations::Conversation;

use super::{MessageView, time};

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct ConversationView {
    pub id: String,
    pub channel_id: String,
    pub contact: ContactRefView,
    /// `open`, `pending`, `snoozed` or `resolved`.
    pub status: String,
    pub assignee_id: Option<String>,
    pub team_id: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: String,
    pub labels: Vec<String>,
    pub unread_count: i64,
    pub last_message: Option<MessageView>,
    pub window: WindowView,
    /// When it wakes, while it is snoozed; null: when the contact writes.
    pub snoozed_until: Option<String>,
    /// Since when the contact waits for an answer; null when they do not.
    pub waiting_since: Option<String>,
    /// Whether a note in it names the caller.
    pub mentioned: bool,
    /// Whether the caller has not yet seen such a note. Reading the conversation's messages sees it.
    pub mention_unseen: bool,
    /// The workspace's own fields of the conversation.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    pub attributes: serde_json::Map<String, serde_json::Value>,
    pub created_at: String,
    pub active_at: String,
}

/// With whom.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactRefView {
    pub id: String,
    pub name: Option<String>,
}

/// The provider's window for free messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct WindowView {
    /// Until when a member may answer; null where the channel has none.
    pub open_until: Option<String>,
}

/// For how much longer than its window a kind of channel lets a member answer, in milliseconds.
fn late_ms(kind: &str) -> i64 {
    let late = connect::channels::by_kind(kind).map_or(0, |connector| connector.spec().late_ms());
    i64::try_from(late).unwrap_or(0)
}

impl From<Conversation> for ConversationView {
    fn from(conversation: Conversation) -> Self {
        Self {
            id: conversation.id.to_string(),
            channel_id: conversation.channel.to_string(),
            contact: ContactRefView {
                id: conversation.contact.to_string(),
                name: conversation.contact_name.map(Personal::into_revealed),
            },
            status: conversation.status.as_str().to_owned(),
            assignee_id: conversation.assignee.map(|id| id.to_string()),
            team_id: conversation.team.map(|id| id.to_string()),
            priority: conversation.priority,
            labels: conversation.labels.into_iter().map(Personal::into_revealed).collect(),
            unread_count: conversation.unread_count,
            last_message: conversation.last_message.map(Into::into),
            window: WindowView {
                open_until: conversation.window_until.map(|until| time(until + late_ms(&conversation.kind))),
            },
            snoozed_until: conversation.snoozed_until.map(time),
            waiting_since: conversation.waiting_since.map(time),
            mentioned: conversation.mentioned,
            mention_unseen: conversation.mention_unseen,
            attributes: conversation.attributes.into_revealed(),
            created_at: time(conversation.created_at),
            active_at: time(conversation.active_at),
        }
    }
}
