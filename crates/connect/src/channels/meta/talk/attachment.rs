//! What hangs on a message: files, places, what was shared, or something that can only be named.

use serde_json::Value;

use crate::json::{flag, number, string, text, word};
use crate::{Inbound, Origin, Place, RemoteFile};

/// A story in which somebody named the business.
const STORY_MENTION: &str = "story_mention";

/// Adds what hangs on a message. A kind that Meta invents tomorrow is named to the member rather than lost.
pub(super) fn fill(message: &Value, inbound: &mut Inbound) {
    let attachments = message.get("attachments").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut named = None;
    for attachment in attachments {
        let kind = text(attachment, "/type").unwrap_or("unnamed");
        if !add(kind, attachment, inbound) {
            named.get_or_insert_with(|| word(kind));
        }
    }
    let mentioned = inbound.origin.as_ref().is_some_and(|origin| origin.kind == STORY_MENTION && origin.url.is_some());
    let shown = mentioned
        || inbound.text.is_some()
        || inbound.choice.is_some()
        || !inbound.files.is_empty()
        || inbound.place.is_some();
    let unsupported = if flag(message, "/is_unsupported") { Some("unsupported".to_owned()) } else { named };
    if !shown {
        inbound.unsupported = Some(unsupported.unwrap_or_else(|| "empty".to_owned()));
    }
}

/// Adds one; whether there was anything that can be shown.
fn add(kind: &str, attachment: &Value, inbound: &mut Inbound) -> bool {
    let payload = attachment.get("payload").unwrap_or(&Value::Null);
    match kind {
        "image" | "video" | "audio" | "file" | "sticker" => match file(kind, payload) {
            Some(file) => inbound.files.push(file),
            None => return false,
        },
        "location" => match place(payload) {
            Some(place) => inbound.place = Some(place),
            None => return false,
        },
        "story_mention" => {
            let url = string(payload, "/url");
            inbound.origin = Some(Origin { kind: STORY_MENTION.to_owned(), url: url.clone(), ..Origin::default() });
            // Its picture or film may not be stored (Meta, Instagram story mentions): whoever wants to see it opens it there.
            if url.is_none() {
                return false;
            }
        }
        // What was shared from elsewhere, and cards with words: a line each.
        _ => return lines(kind, attachment, payload, inbound),
    }
    true
}

fn file(kind: &str, payload: &Value) -> Option<RemoteFile> {
    let role = if payload.get("sticker_id").is_some_and(|id| !id.is_null()) { "sticker" } else { kind };
    Some(remote(string(payload, "/url")?, role))
}

fn remote(locator: String, role: &str) -> RemoteFile {
    RemoteFile { locator, name: None, content_type: None, size: None, role: role.to_owned() }
}

fn place(payload: &Value) -> Option<Place> {
    let (latitude, longitude) = (number(payload, "/coordinates/lat")?, number(payload, "/coordinates/long")?);
    Some(Place { latitude, longitude, name: None, address: None })
}

/// Titles and addresses, below what was written; whether there were any.
fn lines(kind: &str, attachment: &Value, payload: &Value, inbound: &mut Inbound) -> bool {
    let mut found: Vec<String> = Vec::new();
    let cards = ["/elements", "/generic/elements", "/product/elements"].into_iter();
    let cards = cards.filter_map(|pointer| payload.pointer(pointer)?.as_array()).flatten();
    for of in std::iter::once(payload).chain(cards) {
        for key in ["/title", "/text", "/subtitle", "/url", "/story_media_url"] {
            found.extend(string(of, key).filter(|line| !found.contains(line)));
        }
    }
    if found.is_empty() {
        found.extend(["/title", "/url"].iter().filter_map(|key| string(attachment, key)));
    }
    // What an address leads to is in the text already where a link was written out.
    let written = inbound.text.clone().unwrap_or_default();
    if kind == "fallback" && !written.is_empty() {
        found.retain(|line| !written.contains(line.as_str()));
        inbound.text = Some(std::iter::once(written).chain(found).collect::<Vec<_>>().join("\n"));
        return true;
    }
    let any = !found.is_empty();
    let all: Vec<String> = inbound.text.take().into_iter().chain(found).collect();
    inbound.text = Some(all.join("\n")).filter(|text| !text.is_empty());
    any
}
