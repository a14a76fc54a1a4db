//! Files a bot sends, one or in an album, and those it fetches.

use serde_json::{Map, Value, json};

use super::{Call, sending};
use crate::telegram::bot::{ChatKey, Draft};
use crate::telegram::files::{LARGEST_DOWNLOAD, Media, Stored};
use crate::telegram::form::Part;
use crate::telegram::markup;
use crate::telegram::refusal::Refusal;

/// Characters in a caption, after reading its markup.
pub(super) const LONGEST_CAPTION: usize = 1_024;
const LARGEST_UPLOAD: usize = 50 * 1024 * 1024;
const LARGEST_PHOTO: usize = 10 * 1024 * 1024;
const LARGEST_ALBUM: usize = 10;

pub(super) fn send_photo(call: &mut Call) -> Result<Value, Refusal> {
    send_media(call, Media::Photo)
}

pub(super) fn send_document(call: &mut Call) -> Result<Value, Refusal> {
    send_media(call, Media::Document)
}

pub(super) fn send_audio(call: &mut Call) -> Result<Value, Refusal> {
    send_media(call, Media::Audio)
}

pub(super) fn send_voice(call: &mut Call) -> Result<Value, Refusal> {
    send_media(call, Media::Voice)
}

pub(super) fn send_video(call: &mut Call) -> Result<Value, Refusal> {
    send_media(call, Media::Video)
}

pub(super) fn send_animation(call: &mut Call) -> Result<Value, Refusal> {
    send_media(call, Media::Animation)
}

pub(super) fn send_sticker(call: &mut Call) -> Result<Value, Refusal> {
    send_media(call, Media::Sticker)
}

fn send_media(call: &mut Call, media: Media) -> Result<Value, Refusal> {
    let key = call.writable_chat()?;
    call.reply_to(&key)?;
    sending::reply_markup(call)?;
    let caption = caption_body(call)?;
    let field = media.field();
    let given = call.form.text(field).map(str::to_owned);
    let stored = match call.form.file(field).cloned() {
        Some(part) => keep(call, media, part)?,
        None => find(call, media, given.as_deref())?,
    };
    let seconds = call.form.integer("duration").unwrap_or(0);
    let mut body = media_body(&stored, media, seconds);
    if media != Media::Sticker {
        body.extend(caption);
    }
    sending::send(call, &key, body)
}

/// The file a parameter names: `attach://part`, or the id of a file sent before.
fn find(call: &mut Call, media: Media, given: Option<&str>) -> Result<Stored, Refusal> {
    let field = media.field();
    let missing = || Refusal::bad_request(format_args!("there is no {field} in the request"));
    let given = given.ok_or_else(missing)?;
    if let Some(part) = given.strip_prefix("attach://") {
        let part = call.form.file(part).cloned().ok_or_else(missing)?;
        return keep(call, media, part);
    }
    let wrong = "wrong remote file identifier specified: can't unserialize it. Wrong last symbol";
    call.bot.files.get(given).cloned().ok_or_else(|| Refusal::bad_request(wrong))
}

fn keep(call: &mut Call, media: Media, part: Part) -> Result<Stored, Refusal> {
    let limit = if media == Media::Photo { LARGEST_PHOTO } else { LARGEST_UPLOAD };
    if part.content.is_empty() {
        return Err(Refusal::bad_request("file must be non-empty"));
    }
    if part.content.len() > limit {
        return Err(Refusal::bad_request("file is too big"));
    }
    Ok(call.bot.files.keep(media, part))
}

/// The message's fields for a file; an animation is described as a document too.
pub(crate) fn media_body(stored: &Stored, media: Media, seconds: i64) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert(media.field().to_owned(), stored.describe(media, seconds));
    if media == Media::Animation {
        body.insert("document".to_owned(), stored.describe(Media::Document, seconds));
    }
    body
}

/// `caption` and `caption_entities`, read from the call and checked; empty without a caption.
pub(super) fn caption_body(call: &Call) -> Result<Map<String, Value>, Refusal> {
    checked_caption(&markup::read(call.form, "caption", "caption_entities")?)
}

fn checked_caption(text: &markup::Text) -> Result<Map<String, Value>, Refusal> {
    if text.plain.chars().count() > LONGEST_CAPTION {
        return Err(Refusal::bad_request("message caption is too long"));
    }
    let mut body = Map::new();
    if !text.plain.is_empty() {
        text.put_into(&mut body, "caption", "caption_entities");
    }
    Ok(body)
}

pub(super) fn send_media_group(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.writable_chat()?;
    let reply_to = call.reply_to(&key)?;
    let items = call.form.json("media", "media")?.unwrap_or_default();
    let Some(items) = items.as_array().filter(|items| !items.is_empty()) else {
        return Err(Refusal::bad_request("there are no messages to send"));
    };
    if items.len() > LARGEST_ALBUM {
        return Err(Refusal::bad_request("too many messages to send as an album"));
    }
    let mut bodies = Vec::new();
    for item in items {
        bodies.push(album_item(call, item)?);
    }
    let group = call.chance.below(1 << 53).to_string();
    let group = (bodies.len() > 1).then_some(group);
    let sent = bodies.into_iter().map(|body| put_item(call, &key, body, reply_to, group.clone()));
    Ok(sent.collect())
}

fn put_item(
    call: &mut Call,
    key: &ChatKey,
    body: Map<String, Value>,
    reply_to: Option<i64>,
    media_group: Option<String>,
) -> Value {
    call.put(key, Draft { body, reply_to, keyboard: None, media_group })
}

fn album_item(call: &mut Call, item: &Value) -> Result<Map<String, Value>, Refusal> {
    let string = |name: &str| item.get(name).and_then(Value::as_str);
    let kind = string("type").unwrap_or_default();
    let media = Media::from_field(kind)
        .filter(|media| matches!(media, Media::Photo | Media::Video | Media::Document | Media::Audio));
    let unusable = || {
        Refusal::bad_request(format_args!("can't parse InputMedia: type \"{kind}\" can't be used in sendMediaGroup"))
    };
    let media = media.ok_or_else(unusable)?;
    let stored = find(call, media, string("media"))?;
    let seconds = item.get("duration").and_then(Value::as_i64).unwrap_or(0);
    let mut body = media_body(&stored, media, seconds);
    let entities = item.get("caption_entities");
    let caption = string("caption").unwrap_or_default();
    body.extend(checked_caption(&markup::parse(caption, string("parse_mode"), entities)?)?);
    Ok(body)
}

pub(super) fn get_file(call: &mut Call) -> Result<Value, Refusal> {
    let id = call.form.text("file_id");
    let id = id.ok_or_else(|| Refusal::bad_request("file_id not specified"))?;
    let unknown = || Refusal::bad_request("invalid file_id");
    let stored = call.bot.files.get(id).ok_or_else(unknown)?;
    if stored.part.content.len() > LARGEST_DOWNLOAD {
        return Err(Refusal::bad_request("file is too big"));
    }
    let mut file = stored.fields();
    file["file_path"] = json!(stored.path);
    Ok(file)
}
