//! What is posted to a system that was written for Chatwoot: the body that Chatwoot posts for an inbox of its kind "API"
//! (<https://www.chatwoot.com/docs/product/features/webhooks>), so that such a system need not be changed.
//!
//! Ids are numbers there. Ours are made into numbers that are always the same for the same id ([`number`]), and the ids themselves
//! stand beside them: a message's in `source_id`, a conversation's in `custom_attributes.parloir_id`.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::json::{list, string, text};
use crate::{Button, Content, IdentityKind, Outgoing, lenient};

/// The only account there is, as far as such a system can tell.
const ACCOUNT: u64 = 1;

/// A number for an id: the first 53 bits of its SHA-256, as many as every reader of JSON takes without loss.
pub(super) fn number(id: &str) -> u64 {
    let digest = Sha256::digest(id.as_bytes());
    let head = digest.iter().take(8).fold(0_u64, |head, byte| head << 8 | u64::from(*byte));
    head >> 11
}

/// The body of what there is a word for at Chatwoot; `None` for the rest.
pub(super) fn body(channel: &str, label: &str, out: &Outgoing) -> Option<Value> {
    let view = lenient(out.view.as_bytes()).unwrap_or(Value::Null);
    let inbox = json!({"id": number(channel), "name": label});
    let conversation = conversation(channel, out);
    if let Content::Typing { .. } = &out.content {
        let user = json!({"id": 0, "name": "", "type": "user"});
        let event = "conversation_typing_on";
        return Some(json!({"event": event, "user": user, "conversation": conversation, "is_private": false}));
    }
    let said = said(out, &view)?;
    let created = string(&view, "/created_at");
    let sender = json!({
        "id": string(&view, "/author/id").map_or(0, |id| number(&id)),
        "name": text(&view, "/author/name").unwrap_or_default(),
        "type": "user",
    });
    let id = said.remote.as_deref().unwrap_or(&out.message);
    let mut body = json!({
        "event": said.event,
        "id": number(id),
        "source_id": id,
        "content": said.content,
        "message_type": "outgoing",
        "content_type": said.content_type,
        "content_attributes": said.attributes,
        "private": false,
        "sender": sender,
        "inbox": inbox,
        "conversation": conversation,
        "account": {"id": ACCOUNT, "name": ""},
    });
    if let Some(created) = created {
        body["created_at"] = created.into();
    }
    if !said.attachments.is_empty() {
        body["attachments"] = said.attachments.into();
    }
    Some(body)
}

/// What has to be deleted because its contact was erased. Chatwoot has no such event; it is named after ours.
pub(super) fn erased(thread: Option<&str>, ids: &[&str]) -> Value {
    let numbers: Vec<u64> = ids.iter().map(|id| number(id)).collect();
    json!({"event": "messages_erased", "ids": numbers, "source_ids": ids, "thread": thread})
}

/// What a message says there.
#[derive(Default)]
struct Said {
    event: &'static str,
    /// The message that is changed, where it is another than the one that is sent.
    remote: Option<String>,
    content: Value,
    content_type: &'static str,
    attributes: Value,
    attachments: Vec<Value>,
}

fn said(out: &Outgoing, view: &Value) -> Option<Said> {
    let created = Said { event: "message_created", content_type: "text", attributes: json!({}), ..Said::default() };
    let mut said = match &out.content {
        Content::Text { text, buttons } if buttons.is_empty() => Said { content: text.as_str().into(), ..created },
        Content::Text { text, buttons } => Said {
            content: text.as_str().into(),
            content_type: "input_select",
            attributes: json!({"items": items(buttons)}),
            ..created
        },
        Content::Files { caption, .. } => {
            Said { content: json!(caption), attachments: files(&out.message, view), ..created }
        }
        Content::Place(place) => {
            let title = place.name.as_deref().or(place.address.as_deref());
            let attachment = json!({"file_type": "location", "coordinates_lat": place.latitude,
                "coordinates_long": place.longitude, "fallback_title": title});
            Said { attachments: vec![attached(&out.message, 0, attachment)], ..created }
        }
        Content::Card(card) => {
            let number = card.phones.first().or(card.emails.first());
            let attachment = json!({"file_type": "contact", "fallback_title": number});
            let content = card.name.as_str().into();
            Said { content, attachments: vec![attached(&out.message, 0, attachment)], ..created }
        }
        Content::Edit { remote, text } => {
            let (event, remote) = ("message_updated", Some(remote.clone()));
            Said { event, remote, content: text.as_str().into(), ..created }
        }
        Content::Remove { remotes } => {
            let (event, remote) = ("message_updated", remotes.first().cloned());
            Said { event, remote, content: "".into(), attributes: json!({"deleted": true}), ..created }
        }
        Content::Reaction { .. }
        | Content::Template(_)
        | Content::List { .. }
        | Content::Typing { .. }
        | Content::Seen { .. }
        | Content::AnswerChoice { .. } => return None,
    };
    if let Some(remote) = &out.reply_to {
        said.attributes["in_reply_to_external_id"] = remote.as_str().into();
    }
    Some(said)
}

fn items(buttons: &[Vec<Button>]) -> Vec<Value> {
    let value = |button: &Button| button.data.clone().or_else(|| button.url.clone());
    buttons.iter().flatten().map(|button| json!({"title": button.label, "value": value(button)})).collect()
}

/// The files as our API shows them.
fn files(message: &str, view: &Value) -> Vec<Value> {
    let file = |(place, file): (usize, &Value)| {
        let role = match text(file, "/role").unwrap_or_default() {
            known @ ("image" | "audio" | "video") => known,
            "voice" => "audio",
            "sticker" => "image",
            _ => "file",
        };
        let extension = text(file, "/name").and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
        let url = text(file, "/url").unwrap_or_default();
        let attachment = json!({"file_type": role, "extension": extension, "data_url": url, "thumb_url": url,
            "file_size": file.get("size")});
        attached(message, place, attachment)
    };
    list(view, "/attachments").iter().enumerate().map(file).collect()
}

fn attached(message: &str, place: usize, mut attachment: Value) -> Value {
    attachment["id"] = number(&format!("{message}/{place}")).into();
    attachment["message_id"] = number(message).into();
    attachment["account_id"] = ACCOUNT.into();
    attachment
}

/// The conversation as far as it is known here. `contact_inbox.source_id` is the other system's own id of the contact.
fn conversation(channel: &str, out: &Outgoing) -> Value {
    let identity =
        |kind| out.to.identities.iter().find(move |identity| identity.kind == kind).map(|known| &known.value);
    let external = identity(IdentityKind::ExternalId);
    let sender = json!({
        "id": external.map_or(0, |id| number(id)),
        "identifier": external,
        "email": identity(IdentityKind::Email),
        "phone_number": identity(IdentityKind::Phone),
        "type": "contact",
    });
    json!({
        "id": number(&out.conversation),
        "inbox_id": number(channel),
        "channel": "Channel::Api",
        "status": "open",
        "can_reply": true,
        "contact_inbox": {"source_id": external, "inbox_id": number(channel)},
        "meta": {"sender": sender},
        "additional_attributes": {"thread": out.to.thread},
        "custom_attributes": {"parloir_id": out.conversation},
        "labels": [],
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_id_is_the_same_number_for_ever() {
        assert_eq!(number("msg_1"), 612_913_814_331_407);
        assert_ne!(number("msg_1"), number("msg_2"));
    }

    proptest! {
        #[test]
        fn every_number_is_one_for_every_reader(id in ".*") {
            prop_assert!(number(&id) < 1 << 53);
        }
    }
}
