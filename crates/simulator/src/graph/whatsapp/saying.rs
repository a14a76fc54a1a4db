//! What somebody can say on their phone, in the form of webhooks.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::media::Origin;
use crate::graph::call::Part;
use crate::graph::refusal::Refusal;
use crate::graph::world::World;
use crate::telegram::Upload;

/// A one-pixel PNG, for pictures nobody brought.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
\0\0\0\rIDATx\x9cc\xf8\xff\xff\xff\x7f\0\t\xfb\x03\xfd\x05CE\xca\0\0\0\0IEND\xaeB`\x82";

/// Somebody's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Their name.
    pub name: String,
    /// Their number.
    pub phone: String,
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
    Image(Upload),
    /// Any file.
    Document(Upload),
    /// A sound file.
    Audio(Upload),
    /// A voice message.
    Voice(Upload),
    /// A film.
    Video(Upload),
    /// A sticker.
    Sticker(Upload),
    /// A place.
    Location {
        /// Degrees.
        latitude: f64,
        /// Degrees.
        longitude: f64,
        /// What it is called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Where it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
    /// People's cards.
    Contacts {
        /// The cards.
        cards: Vec<Card>,
        /// Whether it is their own, because the business asked for it.
        #[serde(default)]
        asked_for: bool,
    },
    /// Goods, as `catalog_id`, `text` and `product_items`.
    Order {
        /// The object of the webhook.
        order: Value,
    },
    /// What businesses are not shown, e.g. a `poll`.
    Unsupported {
        /// What it was.
        what: String,
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
    pub reply_to: Option<String>,
    /// Whether it was forwarded.
    #[serde(default)]
    pub forwarded: bool,
    /// The advertisement that led here, as webhooks tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Value>,
}

impl Saying {
    /// Words.
    pub fn text(text: &str) -> Self {
        Says::Text { text: text.to_owned() }.into()
    }

    /// In answer to this message.
    #[must_use]
    pub fn replying_to(mut self, message: &str) -> Self {
        self.reply_to = Some(message.to_owned());
        self
    }

    /// Passed on from somewhere else.
    #[must_use]
    pub fn forwarded(mut self) -> Self {
        self.forwarded = true;
        self
    }
}

impl From<Says> for Saying {
    fn from(says: Says) -> Self {
        Self { says, reply_to: None, forwarded: false, referral: None }
    }
}

/// What is said, ready to go.
pub(super) struct Said {
    pub(super) kind: &'static str,
    pub(super) body: Value,
    pub(super) media: Option<String>,
    /// Goes beside the body: `errors` of what is unsupported.
    pub(super) beside: Option<(&'static str, Value)>,
}

impl Said {
    pub(super) fn plain(kind: &'static str, body: Value) -> Self {
        Self { kind, body, media: None, beside: None }
    }
}

impl Says {
    /// Keeps its file, and answers type and body of the message.
    pub(super) fn said(self, world: &mut World, number: &str) -> Result<Said, Refusal> {
        Ok(match self {
            Self::Text { text } => Said::plain("text", json!({ "body": text })),
            Self::Image(file) => said_file(world, number, "image", file)?,
            Self::Document(file) => said_file(world, number, "document", file)?,
            Self::Audio(file) => said_file(world, number, "audio", file)?,
            Self::Video(file) => said_file(world, number, "video", file)?,
            Self::Sticker(file) => said_file(world, number, "sticker", file)?,
            Self::Voice(file) => {
                let mut said = said_file(world, number, "audio", file)?;
                said.body["voice"] = json!(true);
                said
            }
            Self::Location { latitude, longitude, name, address } => {
                let mut place = json!({ "latitude": latitude, "longitude": longitude });
                for (key, value) in [("name", name), ("address", address)] {
                    if let Some(value) = value {
                        place[key] = json!(value);
                    }
                }
                Said::plain("location", place)
            }
            Self::Contacts { cards, asked_for } => {
                let beside = asked_for.then(|| ("origin", json!("contact_request")));
                let cards = cards.iter().map(card).collect();
                Said { beside, ..Said::plain("contacts", cards) }
            }
            Self::Order { order } => Said::plain("order", order),
            Self::Unsupported { what } => unsupported(&what),
        })
    }
}

/// Meta says that there was something, and what, but not which.
pub(super) fn unsupported(what: &str) -> Said {
    let errors = json!([Refusal::of(131_051).as_told()]);
    Said { beside: Some(("errors", errors)), ..Said::plain("unsupported", json!({ "type": what })) }
}

fn card(card: &Card) -> Value {
    let (first, last) = card.name.split_once(' ').unwrap_or((&card.name, ""));
    let digits: String = card.phone.chars().filter(char::is_ascii_digit).collect();
    let mut name = json!({ "formatted_name": card.name, "first_name": first });
    if !last.is_empty() {
        name["last_name"] = json!(last);
    }
    json!({ "name": name, "phones": [{ "phone": card.phone, "wa_id": digits, "type": "CELL" }] })
}

fn said_file(world: &mut World, number: &str, kind: &'static str, file: Upload) -> Result<Said, Refusal> {
    let (name, mime, content) = sample(kind);
    let or = |given: String, usual: &str| if given.is_empty() { usual.to_owned() } else { given };
    let content = if file.content.is_empty() { bytes::Bytes::from_static(content) } else { file.content };
    let part = Part { name: or(file.name, name), mime: or(file.mime, mime), content };
    let name = part.name.clone();
    let stored = world.keep_media(number, Origin::Received, part)?;
    let mut body = stored.told();
    if !world.base.is_empty() {
        body["url"] = json!(stored.url(&world.base, world.now_s() + 300));
    }
    if let Some(caption) = file.caption.filter(|caption| !caption.is_empty()) {
        body["caption"] = json!(caption);
    }
    match kind {
        "document" => body["filename"] = json!(name),
        "audio" => body["voice"] = json!(false),
        "sticker" => body["animated"] = json!(false),
        _ => {}
    }
    Ok(Said { media: Some(stored.id), ..Said::plain(kind, body) })
}

/// Usual name, type and content of each kind.
fn sample(kind: &str) -> (&'static str, &'static str, &'static [u8]) {
    match kind {
        "image" => ("photo.png", "image/png", PIXEL),
        "audio" => ("voice.ogg", "audio/ogg; codecs=opus", b"OggS"),
        "video" => ("film.mp4", "video/mp4", b"\0\0\0\x18ftypmp42"),
        "sticker" => ("sticker.webp", "image/webp", b"RIFF"),
        _ => ("note.txt", "text/plain", b"A note.\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saying_reads_as_flat_json() {
        let json = r#"{"kind":"image","caption":"Here","base64":"eA==","reply_to":"wamid.x"}"#;
        let saying: Saying = serde_json::from_str(json).expect("a valid saying");
        let upload = Upload { content: "x".into(), ..Upload::default() }.captioned("Here");
        assert_eq!(saying, Saying::from(Says::Image(upload)).replying_to("wamid.x"));
    }
}
