//! Legal holds as callers see them.

use serde::Serialize;
use utoipa::ToSchema;
use vault::Millis;
use vault::holds::{Hold, Subject};

use super::time;

/// A legal hold: what must not be removed, and why.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct HoldView {
    pub id: String,
    /// `contact`, `conversation` or `workspace`.
    pub on: String,
    pub contact_id: Option<String>,
    pub conversation_id: Option<String>,
    pub reason: String,
    /// Whether it stands now.
    pub active: bool,
    /// The member who set it; empty for the operator.
    pub set_by: String,
    pub set_at: String,
    /// When it ends by itself; null: when it is lifted.
    pub ends_at: Option<String>,
    /// When it was lifted, or ended.
    pub lifted_at: Option<String>,
    /// The member who lifted it; empty for the operator, and where it ended by itself.
    pub lifted_by: Option<String>,
}

impl HoldView {
    /// A hold as it is at a moment.
    pub fn of(hold: Hold, now: Millis) -> Self {
        let (on, contact_id, conversation_id) = match hold.on {
            Subject::Contact(contact) => ("contact", Some(contact.to_string()), None),
            Subject::Conversation(conversation) => ("conversation", None, Some(conversation.to_string())),
            Subject::Workspace => ("workspace", None, None),
        };
        Self {
            id: hold.id.to_string(),
            on: on.to_owned(),
            contact_id,
            conversation_id,
            active: hold.stands(now),
            reason: hold.reason.into_revealed(),
            set_by: hold.set_by,
            set_at: time(hold.set_at),
            ends_at: hold.ends_at.map(time),
            lifted_at: hold.lifted_at.map(time),
            lifted_by: hold.lifted_by,
        }
    }
}
