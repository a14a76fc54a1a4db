//! What a person can say: words, files, places, contacts, albums.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::files::{Files, Media};
use super::form::Part;
use super::markup;
use super::methods::media_body;

/// A one-pixel PNG, for pictures nobody brought.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
\0\0\0\rIDATx\x9cc\xf8\xff\xff\xff\x7f\0\t\xfb\x03\xfd\x05CE\xca\0\0\0\0IEND\xaeB`\x82";

/// A file a person sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Upload {
    /// File name.
    pub name: String,
    /// Media type; empty for the usual one of its kind.
    pub mime: String,
    /// Words that go with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Length of sound or film, in seconds.
    pub seconds: i64,
    /// The bytes; `base64` in JSON. Empty for a small sample.
    #[serde(rename = "base64", serialize_with = "encoded", deserialize_with = "decoded")]
    pub content: Bytes,
}

impl Upload {
    /// A file with this name, type and content.
    pub fn new(name: &str, mime: &str, content: impl Into<Bytes>) -> Self {
        let (name, mime) = (name.to_owned(), mime.to_owned());
        Self { name, mime, content: content.into(), ..Self::default() }
    }

    /// With words.
    #[must_use]
    pub fn captioned(mut self, caption: &str) -> Self {
        self.caption = Some(caption.to_owned());
        self
    }
}

fn encoded<S: Serializer>(content: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(content))
}

fn decoded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64.decode(text).map(Bytes::from).map_err(serde::de::Error::custom)
}

/// One thing said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Says {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A picture.
    Photo(Upload),
    /// Any file.
    Document(Upload),
    /// Music.
    Audio(Upload),
    /// A voice message.
    Voice(Upload),
    /// A film.
    Video(Upload),
    /// A film without sound.
    Animation(Upload),
    /// A sticker.
    Sticker(Upload),
    /// A place.
    Location {
        /// Degrees.
        latitude: f64,
        /// Degrees.
        longitude: f64,
    },
    /// Somebody's telephone number.
    Contact {
        /// The number.
        phone_number: String,
        /// Their first name.
        first_name: String,
        /// Their last name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_name: Option<String>,
    },
    /// Several files at once: as many messages with one `media_group_id`.
    Album {
        /// Photos, videos, documents or music.
        items: Vec<Says>,
    },
}

/// One thing said, with its circumstances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saying {
    /// What is said.
    #[serde(flatten)]
    pub says: Says,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// The business connection through whose owner the bot hears it; none for the bot itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_connection_id: Option<String>,
}

impl Saying {
    /// Words.
    pub fn text(text: &str) -> Self {
        Says::Text { text: text.to_owned() }.into()
    }

    /// In answer to this message.
    #[must_use]
    pub fn replying_to(mut self, message: i64) -> Self {
        self.reply_to = Some(message);
        self
    }

    /// To the owner of this business connection.
    #[must_use]
    pub fn through(mut self, business_connection: &str) -> Self {
        self.business_connection_id = Some(business_connection.to_owned());
        self
    }
}

impl From<Says> for Saying {
    fn from(says: Says) -> Self {
        Self { says, reply_to: None, business_connection_id: None }
    }
}

impl Says {
    /// The bodies of the messages it makes: one, or one for each item of an album.
    pub(crate) fn bodies(self, files: &mut Files) -> Vec<Map<String, Value>> {
        match self {
            Self::Album { items } => items.into_iter().flat_map(|item| item.bodies(files)).collect(),
            Self::Text { text } => vec![text_body(&text)],
            Self::Photo(upload) => vec![upload.body(Media::Photo, files)],
            Self::Document(upload) => vec![upload.body(Media::Document, files)],
            Self::Audio(upload) => vec![upload.body(Media::Audio, files)],
            Self::Voice(upload) => vec![upload.body(Media::Voice, files)],
            Self::Video(upload) => vec![upload.body(Media::Video, files)],
            Self::Animation(upload) => vec![upload.body(Media::Animation, files)],
            Self::Sticker(upload) => vec![upload.body(Media::Sticker, files)],
            Self::Location { latitude, longitude } => {
                vec![body("location", json!({ "latitude": latitude, "longitude": longitude }))]
            }
            Self::Contact { phone_number, first_name, last_name } => {
                let mut contact = json!({ "phone_number": phone_number, "first_name": first_name });
                if let Some(last_name) = last_name {
                    contact["last_name"] = json!(last_name);
                }
                vec![body("contact", contact)]
            }
        }
    }
}

impl Upload {
    fn body(self, media: Media, files: &mut Files) -> Map<String, Value> {
        let (name, mime, sample) = sample(media);
        let or = |given: String, usual: &str| {
            if given.is_empty() { usual.to_owned() } else { given }
        };
        let content = if self.content.is_empty() { Bytes::from_static(sample) } else { self.content };
        let part = Part { name: or(self.name, name), mime: or(self.mime, mime), content };
        let stored = files.keep(media, part);
        let mut body = media_body(&stored, media, self.seconds);
        if let Some(caption) = self.caption.filter(|caption| !caption.is_empty()) {
            body.insert("caption".to_owned(), json!(caption));
        }
        body
    }
}

/// Usual name, type and content of each kind.
fn sample(media: Media) -> (&'static str, &'static str, &'static [u8]) {
    match media {
        Media::Photo => ("photo.png", "image/png", PIXEL),
        Media::Document => ("note.txt", "text/plain", b"A note.\n"),
        Media::Audio => ("song.mp3", "audio/mpeg", b"ID3"),
        Media::Voice => ("voice.ogg", "audio/ogg", b"OggS"),
        Media::Video => ("film.mp4", "video/mp4", b"\0\0\0\x18ftypmp42"),
        Media::Animation => ("animation.mp4", "video/mp4", b"\0\0\0\x18ftypmp42"),
        Media::Sticker => ("sticker.webp", "image/webp", b"RIFF"),
    }
}

pub(crate) fn text_body(text: &str) -> Map<String, Value> {
    let mut body = body("text", json!(text));
    let entities = markup::commands(text);
    if !entities.is_empty() {
        body.insert("entities".to_owned(), json!(entities));
    }
    body
}

fn body(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saying_reads_as_flat_json() {
        let json = r#"{"kind":"photo","caption":"Here","base64":"eA==","reply_to":3}"#;
        let saying: Saying = serde_json::from_str(json).expect("a valid saying");
        let upload = Upload { content: "x".into(), ..Upload::default() }.captioned("Here");
        assert_eq!(saying, Saying::from(Says::Photo(upload)).replying_to(3));
    }

    #[test]
    fn an_album_makes_one_message_for_each_item() {
        let items = vec![Says::Photo(Upload::default()), Says::Video(Upload::default())];
        let bodies = Says::Album { items }.bodies(&mut Files::new(1));
        assert!(bodies[0].contains_key("photo") && bodies[1].contains_key("video"));
    }
}
