//! What stands beside each message: the conversation, with whom it is, and whose it is. What the workspace files a conversation
//! under (labels, fields of its own) stays there.

use serde_json::{Value, json};

use super::{ACCOUNT, number};
use crate::json::{integer, text};
use crate::{Account, IdentityKind, Outgoing};

/// The conversation, as far as it is known here. `last`: what was said last in it.
pub(super) fn conversation(account: &Account, out: &Outgoing, about: &Value, last: Option<Value>) -> Value {
    let inbox = number(&account.channel);
    let contact = contact(out, about);
    let assignee = text(about, "/assignee_id").map(|id| json!({"id": number(id), "type": "user"}));
    let active = seconds(about, "/active_at");
    json!({
        "id": number(&out.conversation),
        "account_id": ACCOUNT,
        "inbox_id": inbox,
        "channel": "Channel::Api",
        "status": text(about, "/status").unwrap_or("open"),
        // What is not said to be urgent or unimportant has none there.
        "priority": text(about, "/priority").filter(|priority| *priority != "normal"),
        "snoozed_until": text(about, "/snoozed_until"),
        "can_reply": true,
        "contact_inbox": {"contact_id": contact["id"], "inbox_id": inbox, "source_id": contact["identifier"], "hmac_verified": false},
        "meta": {
            "assignee_type": assignee.as_ref().map(|_| "User"),
            "assignee": assignee,
            "team": text(about, "/team_id").map(|id| json!({"id": number(id)})),
            "sender": contact,
            "hmac_verified": false,
        },
        "messages": last.into_iter().collect::<Vec<_>>(),
        "unread_count": integer(about, "/unread_count").unwrap_or(0),
        "first_reply_created_at": null,
        "waiting_since": seconds(about, "/waiting_since"),
        "agent_last_seen_at": 0,
        "contact_last_seen_at": 0,
        "last_activity_at": active,
        "timestamp": active,
        "created_at": seconds(about, "/created_at"),
        "updated_at": active,
        "additional_attributes": {"thread": out.to.thread},
        "custom_attributes": {"parloir_id": out.conversation},
        "labels": [],
    })
}

/// The contact. `identifier` is the other system's own id of it.
pub(super) fn contact(out: &Outgoing, about: &Value) -> Value {
    let identity =
        |kind| out.to.identities.iter().find(move |identity| identity.kind == kind).map(|known| &known.value);
    let external = identity(IdentityKind::ExternalId);
    json!({
        "id": external.map_or(0, |id| number(id)),
        "account": {"id": ACCOUNT, "name": ""},
        "name": text(about, "/contact/name").unwrap_or_default(),
        "identifier": external,
        "email": identity(IdentityKind::Email),
        "phone_number": identity(IdentityKind::Phone),
        "avatar": "",
        "thumbnail": "",
        "blocked": false,
        "additional_attributes": {},
        "custom_attributes": {},
        "type": "contact",
    })
}

/// A moment in whole seconds; 0 for none, as there.
pub(super) fn seconds(view: &Value, pointer: &str) -> i64 {
    text(view, pointer).and_then(|at| at.parse::<jiff::Timestamp>().ok()).map_or(0, jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_whole_seconds_and_none_is_zero() {
        let view = json!({"at": "2026-01-01T00:00:00.900Z", "none": null, "wrong": "soon"});
        assert_eq!(seconds(&view, "/at"), 1_767_225_600);
        assert_eq!((seconds(&view, "/none"), seconds(&view, "/wrong"), seconds(&Value::Null, "/at")), (0, 0, 0));
    }
}
