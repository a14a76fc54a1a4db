//! What is posted to a system that was written for Chatwoot: the body that Chatwoot posts for an inbox of its kind "API"
//! (<https://www.chatwoot.com/docs/product/features/webhooks>), so that such a system need not be changed.
//!
//! Ids are numbers there. Ours are made into numbers that are always the same for the same id ([`number`]), and the ids themselves
//! stand beside them: a message's in `source_id`, a conversation's in `custom_attributes.parloir_id`.

mod about;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::json::{list, string, text};
use crate::{Account, Button, Content, Ctx, OutFile, Outgoing, lenient, offered};

/// The only account there is, as far as such a system can tell.
const ACCOUNT: u64 = 1;
/// How a message within a conversation is said to be one of ours.
const OUTGOING: u8 = 1;

/// A number for an id: the first 53 bits of its SHA-256, as many as every reader of JSON takes without loss.
pub(super) fn number(id: &str) -> u64 {
    let digest = Sha256::digest(id.as_bytes());
    let head = digest.iter().take(8).fold(0_u64, |head, byte| head << 8 | u64::from(*byte));
    head >> 11
}

/// The body of what there is a word for at Chatwoot; `None` for the rest.
pub(super) fn body(ctx: &Ctx, account: &Account, out: &Outgoing) -> Option<Value> {
    let view = lenient(out.view.as_bytes()).unwrap_or(Value::Null);
    let about = lenient(out.about.as_bytes()).unwrap_or(Value::Null);
    if let Content::Typing { .. } = &out.content {
        let user = json!({"id": 0, "name": "", "type": "user"});
        let conversation = about::conversation(account, out, &about, None);
        let event = "conversation_typing_on";
        return Some(json!({"event": event, "user": user, "conversation": conversation, "is_private": false}));
    }
    let said = said(ctx, account, out, &view)?;
    let label = account.learned.get("label").map_or("", String::as_str);
    let id = said.remote.as_deref().unwrap_or(&out.message);
    let mut body = json!({
        "event": said.event,
        "id": number(id),
        "source_id": id,
        "content": said.content,
        "message_type": "outgoing",
        "content_type": said.content_type,
        "content_attributes": said.attributes,
        "additional_attributes": {},
        "private": false,
        "created_at": text(&view, "/created_at"),
        "sender": sender(&view),
        "contact": about::contact(out, &about),
        "inbox": {"id": number(&account.channel), "name": label},
        "account": {"id": ACCOUNT, "name": ""},
    });
    if !said.attachments.is_empty() {
        body["attachments"] = said.attachments.into();
    }
    let last = within(account, out, &view, &body);
    body["conversation"] = about::conversation(account, out, &about, Some(last));
    Some(body)
}

/// Who wrote it: a member, or a machine.
fn sender(view: &Value) -> Value {
    let is_member = text(view, "/author/kind").is_none_or(|kind| kind == "member");
    json!({
        "id": text(view, "/author/id").map_or(0, number),
        "name": text(view, "/author/name").unwrap_or_default(),
        "email": null,
        "type": if is_member { "user" } else { "agent_bot" },
    })
}

/// The message as it stands in its conversation, where some things are written otherwise.
fn within(account: &Account, out: &Outgoing, view: &Value, body: &Value) -> Value {
    let created = about::seconds(view, "/created_at");
    let mut message = json!({
        "account_id": ACCOUNT,
        "inbox_id": number(&account.channel),
        "conversation_id": number(&out.conversation),
        "message_type": OUTGOING,
        "created_at": created,
        "updated_at": text(view, "/edited_at").or(text(view, "/created_at")),
        "status": "sent",
        "sender_type": if body["sender"]["type"] == "user" { "User" } else { "AgentBot" },
        "sender_id": body["sender"]["id"],
    });
    for key in ["id", "source_id", "content", "content_type", "content_attributes", "private", "sender", "attachments"]
    {
        if let Some(value) = body.get(key) {
            message[key] = value.clone();
        }
    }
    message
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

fn said(ctx: &Ctx, account: &Account, out: &Outgoing, view: &Value) -> Option<Said> {
    let created = Said { event: "message_created", content_type: "text", attributes: json!({}), ..Said::default() };
    let mut said = match &out.content {
        Content::Text { text, buttons } if buttons.is_empty() => Said { content: text.as_str().into(), ..created },
        Content::Text { text, buttons } => Said {
            content: text.as_str().into(),
            content_type: "input_select",
            attributes: json!({"items": items(buttons)}),
            ..created
        },
        Content::Files { files, caption } => {
            let file =
                |(place, file): (usize, &OutFile)| attached(&out.message, place, described(ctx, account, view, file));
            Said { content: json!(caption), attachments: files.iter().enumerate().map(file).collect(), ..created }
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

/// A file, with an address at which it can be fetched for ten minutes by whoever was told it. A channel that was connected before
/// there were such addresses has the one of our API, which asks for a token.
fn described(ctx: &Ctx, account: &Account, view: &Value, file: &OutFile) -> Value {
    let shown = list(view, "/attachments").iter().find(|shown| text(shown, "/id") == Some(&file.blob.0));
    let role = shown.and_then(|shown| text(shown, "/role")).unwrap_or_default();
    let kind = match (role, file.content_type.split('/').next()) {
        ("voice", _) => "audio",
        ("sticker", _) => "image",
        (known @ ("image" | "audio" | "video"), _) | ("", Some(known @ ("image" | "audio" | "video"))) => known,
        _ => "file",
    };
    let own = || shown.and_then(|shown| string(shown, "/url")).unwrap_or_default();
    let url = offered::address(ctx, account, &file.blob).unwrap_or_else(own);
    json!({
        "file_type": kind,
        "extension": file.name.rsplit_once('.').map(|(_, extension)| extension),
        "data_url": url,
        // There is no smaller picture of it.
        "thumb_url": if kind == "image" { url.as_str() } else { "" },
        "file_size": file.size,
        "width": null,
        "height": null,
    })
}

fn attached(message: &str, place: usize, mut attachment: Value) -> Value {
    attachment["id"] = number(&format!("{message}/{place}")).into();
    attachment["message_id"] = number(message).into();
    attachment["account_id"] = ACCOUNT.into();
    attachment
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
