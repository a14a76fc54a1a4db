//! What a message carries: text, files, places, cards, or something that we can only name.

use serde_json::Value;

use crate::json::{flag, integer, list, number, string, text, word};
use crate::{Card, Choice, Inbound, Place, RemoteFile};

/// Messages that Telegram itself writes about a chat. They are counted, not shown.
const SERVICE: &[&str] = &[
    "boost_added",
    "channel_chat_created",
    "chat_background_set",
    "chat_owner_changed",
    "chat_owner_left",
    "checklist_tasks_added",
    "checklist_tasks_done",
    "community_chat_added",
    "community_chat_joined",
    "community_chat_removed",
    "connected_website",
    "delete_chat_photo",
    "direct_message_price_changed",
    "forum_topic_closed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "group_chat_created",
    "left_chat_member",
    "managed_bot_created",
    "message_auto_delete_timer_changed",
    "migrate_from_chat_id",
    "migrate_to_chat_id",
    "new_chat_members",
    "new_chat_photo",
    "new_chat_title",
    "paid_message_price_changed",
    "pinned_message",
    "poll_option_added",
    "poll_option_deleted",
    "proximity_alert_triggered",
    "suggested_post_approval_failed",
    "suggested_post_approved",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "supergroup_chat_created",
    "video_chat_ended",
    "video_chat_participants_invited",
    "video_chat_scheduled",
    "video_chat_started",
    "write_access_allowed",
];

/// What accompanies a message without being its content.
const ASIDE: &[&str] = &[
    "caption_entities",
    "chat",
    "direct_messages_topic",
    "entities",
    "external_reply",
    "forward_from",
    "forward_from_chat",
    "forward_origin",
    "from",
    "guest_bot_caller_chat",
    "guest_bot_caller_user",
    "link_preview_options",
    "quote",
    "receiver_user",
    "reply_markup",
    "reply_to_message",
    "reply_to_story",
    "sender_business_bot",
    "sender_chat",
    "suggested_post_info",
    "via_bot",
];

/// Puts a message's content into `inbound`; the name of a service message if there is none to show.
pub(super) fn fill(value: &Value, inbound: &mut Inbound) -> Result<(), String> {
    inbound.text = words(value, "text", "entities").or_else(|| words(value, "caption", "caption_entities"));
    inbound.choice = started_with(value);
    inbound.files = files(value);
    inbound.place = place(value);
    inbound.cards = value.get("contact").and_then(card).into_iter().collect();
    let shown =
        inbound.text.is_some() || !inbound.files.is_empty() || inbound.place.is_some() || !inbound.cards.is_empty();
    if shown {
        return Ok(());
    }
    let fields = value.as_object().ok_or("malformed")?;
    if let Some(service) = SERVICE.iter().find(|key| fields.contains_key(**key)) {
        return Err((*service).to_owned());
    }
    // A kind that Telegram invents tomorrow is named to the member rather than lost.
    let content =
        fields.iter().find(|(key, value)| (value.is_object() || value.is_array()) && !ASIDE.contains(&key.as_str()));
    let (kind, _) = content.ok_or("message.empty")?;
    inbound.unsupported = Some(word(kind));
    Ok(())
}

/// The payload of a link `t.me/bot?start=payload`, which arrives as the text `/start payload`.
fn started_with(value: &Value) -> Option<Choice> {
    let payload = text(value, "/text")?.strip_prefix("/start ")?.trim();
    (!payload.is_empty()).then(|| Choice { data: payload.to_owned(), of: None })
}

/// A text with the targets of its hidden links written behind their labels.
fn words(value: &Value, key: &str, entities: &str) -> Option<String> {
    let plain = value.get(key)?.as_str().filter(|plain| !plain.is_empty())?;
    let entities = value.get(entities).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut units: Vec<u16> = plain.encode_utf16().collect();
    let mut links: Vec<(usize, &str)> = entities.iter().filter_map(|entity| hidden_link(entity, &units)).collect();
    links.sort_by_key(|(end, _)| std::cmp::Reverse(*end));
    for (end, url) in links {
        let target: Vec<u16> = format!(" ({url})").encode_utf16().collect();
        units.splice(end..end, target);
    }
    Some(String::from_utf16_lossy(&units))
}

/// Where a link ends (in UTF-16 code units) and leads, if its label does not say so itself.
fn hidden_link<'a>(entity: &'a Value, units: &[u16]) -> Option<(usize, &'a str)> {
    let url = text(entity, "/url").filter(|_| text(entity, "/type") == Some("text_link"))?;
    let start = usize::try_from(integer(entity, "/offset")?).ok()?;
    let end = start.checked_add(usize::try_from(integer(entity, "/length")?).ok()?)?;
    let label = String::from_utf16(units.get(start..end)?).ok()?;
    (label.trim() != url.trim_end_matches('/') && label.trim() != url).then_some((end, url))
}

fn files(value: &Value) -> Vec<RemoteFile> {
    let mut files: Vec<RemoteFile> = Vec::new();
    files.extend(largest(list(value, "/photo")).and_then(|size| file(size, "image", Some("image/jpeg"))));
    let animation = value.get("animation");
    files.extend(animation.and_then(|animation| file(animation, animation_role(animation), None)));
    // An animation is repeated as a document for clients that know none.
    let document = value.get("document").filter(|_| animation.is_none());
    files.extend(document.and_then(|document| file(document, "file", None)));
    for (kind, role, usual) in [
        ("audio", "audio", "audio/mpeg"),
        ("voice", "voice", "audio/ogg"),
        ("video", "video", "video/mp4"),
        ("video_note", "video", "video/mp4"),
        ("live_photo", "video", "video/mp4"),
    ] {
        files.extend(value.get(kind).and_then(|found| file(found, role, Some(usual))));
    }
    files.extend(value.get("sticker").and_then(|sticker| file(sticker, "sticker", Some(sticker_type(sticker)))));
    files
}

fn largest(sizes: &[Value]) -> Option<&Value> {
    let area = |size: &Value| {
        let side = |pointer| integer(size, pointer).unwrap_or(0).max(0);
        (side("/width").saturating_mul(side("/height")), side("/file_size"))
    };
    sizes.iter().max_by_key(|size| area(size))
}

fn animation_role(animation: &Value) -> &'static str {
    if text(animation, "/mime_type") == Some("image/gif") { "image" } else { "video" }
}

fn sticker_type(sticker: &Value) -> &'static str {
    match (flag(sticker, "/is_animated"), flag(sticker, "/is_video")) {
        (true, _) => "application/x-tgsticker",
        (_, true) => "video/webm",
        _ => "image/webp",
    }
}

fn file(value: &Value, role: &str, usual: Option<&str>) -> Option<RemoteFile> {
    Some(RemoteFile {
        locator: string(value, "/file_id")?,
        name: string(value, "/file_name"),
        content_type: string(value, "/mime_type").or_else(|| usual.map(str::to_owned)),
        size: integer(value, "/file_size").and_then(|size| u64::try_from(size).ok()),
        role: role.to_owned(),
    })
}

fn place(value: &Value) -> Option<Place> {
    let location = value.pointer("/venue/location").or_else(|| value.get("location"))?;
    Some(Place {
        latitude: number(location, "/latitude")?,
        longitude: number(location, "/longitude")?,
        name: string(value, "/venue/title"),
        address: string(value, "/venue/address"),
    })
}

fn card(contact: &Value) -> Option<Card> {
    let names: Vec<_> = ["/first_name", "/last_name"].iter().filter_map(|pointer| text(contact, pointer)).collect();
    let phones: Vec<_> = string(contact, "/phone_number").into_iter().collect();
    let emails = string(contact, "/vcard").iter().flat_map(|vcard| vcard.lines()).filter_map(email_line).collect();
    (!names.is_empty() || !phones.is_empty()).then(|| Card { name: names.join(" "), phones, emails })
}

/// The address of a vCard's `EMAIL` line (RFC 6350, 6.4.2), with or without parameters.
fn email_line(line: &str) -> Option<String> {
    let (name, value) = line.split_once(':')?;
    let name = name.split(';').next()?;
    name.eq_ignore_ascii_case("email").then(|| crate::identity::email(value)).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hidden_links_are_written_out() {
        let value = json!({"text": "\u{1f600} see here or https://a.b", "entities": [
            {"type": "text_link", "offset": 7, "length": 4, "url": "https://x.y/z"},
            {"type": "text_link", "offset": 15, "length": 11, "url": "https://a.b/"},
            {"type": "text_link", "offset": 1, "length": 1, "url": "https://half.pair"},
            {"type": "text_link", "offset": -1, "length": 900, "url": "https://outside"},
            {"type": "bold", "offset": 0, "length": 2},
        ]});
        let read = words(&value, "text", "entities");
        assert_eq!(read.as_deref(), Some("\u{1f600} see here (https://x.y/z) or https://a.b"));
    }

    #[test]
    fn the_largest_photo_is_taken() {
        let sizes = json!([{"width": 90, "height": 60, "n": 1}, {"width": 1280, "height": 853, "n": 2}, {"width": 320, "height": 213, "n": 3}]);
        let sizes = sizes.as_array().map_or(&[][..], Vec::as_slice);
        assert_eq!(largest(sizes).and_then(|size| integer(size, "/n")), Some(2));
    }
}
