//! What the business wrote, changed, took back or put on a message on its own phone, where the number is also used in the Business app
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/smb_message_echoes>).

use serde_json::Value;

use super::message;
use super::parse::{Change, moment, unknown};
use super::person::{self, Named};
use crate::json::text;
use crate::{Echo, Event};

/// What one of `message_echoes` is. It is to the contact in whose conversation it was written.
pub(super) fn event(change: Change<'_>, item: &Value) -> Event {
    match read(change, item) {
        Ok(echo) => Event::Echo(echo),
        Err(kind) => unknown(&format!("{}.{kind}", change.field)),
    }
}

fn read(change: Change<'_>, item: &Value) -> Result<Echo, String> {
    let to = person::person(Named::by(item, "/to", "/to_user_id"), change.value, change.scope);
    match (text(item, "/type").unwrap_or("unnamed"), to) {
        (kind @ "system", _) => Err(kind.to_owned()),
        ("revoke", _) => {
            Ok(Echo::Removed { thread: message::thread(item), remotes: vec![message::original(item, "/revoke")?] })
        }
        (_, None) => Err("anonymous".to_owned()),
        ("reaction", Some(to)) => {
            let (remote, emoji) = message::reacted(item)?;
            Ok(Echo::Reacted { to, thread: message::thread(item), remote, emoji, at_ms: moment(item, "/timestamp") })
        }
        ("edit", Some(to)) => message::edited(item, to).map(Echo::Edited),
        (_, Some(to)) => message::message(item, to).map(Echo::Wrote),
    }
}
