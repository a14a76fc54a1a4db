//! Files that went through a bot's chats, and how the Bot API describes them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use serde_json::{Value, json};

use super::form::Part;

/// Bots download no more than this (<https://core.telegram.org/bots/api#getfile>).
pub(crate) const LARGEST_DOWNLOAD: usize = 20 * 1024 * 1024;

/// Ends the ids of a photo's small size.
const SMALL: &str = "-s";

/// What kind of media a file was sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    Photo,
    Document,
    Audio,
    Voice,
    Video,
    Animation,
    Sticker,
}

impl Media {
    /// The field of a message, and the parameter of the method that sends it.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Animation => "animation",
            Self::Sticker => "sticker",
        }
    }

    pub(crate) fn from_field(field: &str) -> Option<Self> {
        const ALL: [Media; 7] =
            [Media::Photo, Media::Document, Media::Audio, Media::Voice, Media::Video, Media::Animation, Media::Sticker];
        ALL.into_iter().find(|media| media.field() == field)
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Photo => "photos",
            Self::Document => "documents",
            Self::Audio => "music",
            Self::Voice => "voice",
            Self::Video => "videos",
            Self::Animation => "animations",
            Self::Sticker => "stickers",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    /// The same for the same content, whatever the id.
    unique: String,
    pub(crate) path: String,
    pub(crate) part: Part,
}

#[derive(Debug)]
pub(crate) struct Files {
    bot: i64,
    stored: BTreeMap<String, Stored>,
}

impl Files {
    pub(crate) fn new(bot: i64) -> Self {
        Self { bot, stored: BTreeMap::new() }
    }

    pub(crate) fn keep(&mut self, media: Media, part: Part) -> Stored {
        let number = self.stored.len() + 1;
        let unique = fingerprint(&part.content);
        let id = format!("AgACAgIAAx{:x}k{number:06}{unique}", self.bot);
        let ending = ending(&part);
        let path = format!("{}/file_{number}{ending}", media.folder());
        let stored = Stored { id: id.clone(), unique, path, part };
        self.stored.insert(id, stored.clone());
        stored
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Stored> {
        self.stored.get(id.strip_suffix(SMALL).unwrap_or(id))
    }

    pub(crate) fn at(&self, path: &str) -> Option<&Stored> {
        self.stored.values().find(|stored| stored.path == path)
    }
}

impl Stored {
    /// A `File`, without the path.
    pub(crate) fn fields(&self) -> Value {
        json!({
            "file_id": self.id, "file_unique_id": self.unique,
            "file_size": self.part.content.len(),
        })
    }

    /// The media object of a message (`PhotoSize`s for a photo). Lengths and sizes nobody gave
    /// are plausible, not measured; a PNG's are its own.
    pub(crate) fn describe(&self, media: Media, seconds: i64) -> Value {
        let mut value = self.fields();
        let named = |value: &mut Value| {
            value["file_name"] = json!(self.part.name);
            value["mime_type"] = json!(self.part.mime);
        };
        match media {
            Media::Photo => return json!([self.small_size(), self.natural_size()]),
            Media::Document => named(&mut value),
            Media::Voice => {
                value["duration"] = json!(seconds);
                value["mime_type"] = json!(self.part.mime);
            }
            Media::Audio => {
                value["duration"] = json!(seconds);
                named(&mut value);
            }
            Media::Video | Media::Animation => {
                value["duration"] = json!(seconds);
                value["width"] = json!(640);
                value["height"] = json!(360);
                named(&mut value);
            }
            Media::Sticker => {
                value["width"] = json!(512);
                value["height"] = json!(512);
                value["type"] = json!("regular");
                value["is_animated"] = json!(false);
                value["is_video"] = json!(false);
            }
        }
        value
    }

    /// The small size of a photo has an id of its own, though it is the same file here.
    fn small_size(&self) -> Value {
        let mut value = self.sized(90, 68);
        value["file_id"] = json!(format!("{}{SMALL}", self.id));
        value["file_unique_id"] = json!(format!("{}{SMALL}", self.unique));
        value
    }

    fn sized(&self, width: u32, height: u32) -> Value {
        let mut value = self.fields();
        value["width"] = json!(width);
        value["height"] = json!(height);
        value
    }

    fn natural_size(&self) -> Value {
        let (width, height) = png_size(&self.part.content).unwrap_or((1_280, 960));
        self.sized(width, height)
    }
}

/// Width and height from a PNG's first chunk.
fn png_size(content: &Bytes) -> Option<(u32, u32)> {
    let header = content.get(..24)?;
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    if !header.starts_with(b"\x89PNG") {
        return None;
    }
    Some((number(16)?, number(20)?))
}

fn fingerprint(content: &Bytes) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// `.pdf` of `offer.pdf`, or what the type suggests.
fn ending(part: &Part) -> String {
    let legible = |end: &&str| end.len() <= 8 && end.bytes().all(|b| b.is_ascii_alphanumeric());
    if let Some(end) = part.name.rsplit_once('.').map(|(_, end)| end).filter(legible) {
        return format!(".{end}");
    }
    let kind = part.mime.rsplit('/').next().unwrap_or("bin");
    if legible(&kind) { format!(".{kind}") } else { ".bin".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, content: &'static [u8]) -> Part {
        Part { name: name.to_owned(), mime: "image/png".to_owned(), content: content.into() }
    }

    #[test]
    fn the_same_content_is_recognised() {
        let mut files = Files::new(42);
        let one = files.keep(Media::Photo, part("a.png", b"x"));
        let two = files.keep(Media::Document, part("b", b"x"));
        assert_eq!(one.unique, two.unique);
        assert_ne!(one.id, two.id);
        assert_eq!(two.path, "documents/file_2.png");
        assert!(files.at("photos/file_1.png").is_some());
    }

    #[test]
    fn a_short_png_has_no_size() {
        assert_eq!(png_size(&Bytes::from_static(b"\x89PNG")), None);
    }
}
