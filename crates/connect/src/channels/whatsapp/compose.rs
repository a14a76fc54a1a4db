//! What is sent, as WhatsApp's message objects, with its bounds checked before anything leaves.

use serde_json::{Map, Value, json};

use super::refusal::refused;
use super::{CAPTION, TEXT, interactive, media, template};
use crate::{Card, Content, OutFile, Outgoing, Place, SendError};

/// Everything that is to be done for one outgoing thing.
#[derive(Default)]
pub(super) struct Plan<'a> {
    /// Files that Meta must have first.
    pub(super) uploads: Vec<&'a OutFile>,
    /// Messages, in order.
    pub(super) messages: Vec<Message>,
    /// Whether doing it twice is the same as doing it once. Then it is no message of its own either.
    pub(super) repeatable: bool,
    /// It marks a message of the contact and is addressed to nobody.
    pub(super) marks: bool,
}

/// One message object, without its recipient.
pub(super) struct Message {
    body: Value,
    /// Which upload it shows, and where its id goes.
    file: Option<(usize, String)>,
}

impl Message {
    /// A message of a type with its content.
    pub(super) fn of(kind: &str, content: Value) -> Self {
        let mut body = json!({"type": kind});
        body[kind] = content;
        Self { body, file: None }
    }

    /// The same, showing the file that was uploaded as the `index`-th: its id goes into the object at `pointer`.
    pub(super) fn showing(self, index: usize, pointer: impl Into<String>) -> Self {
        Self { file: Some((index, pointer.into())), ..self }
    }

    /// The fields of the body, with the id of its file.
    pub(super) fn with_file(&self, files: &[String]) -> Map<String, Value> {
        let mut body = self.body.clone();
        if let Some((index, pointer)) = &self.file
            && let Some(Value::Object(place)) = body.pointer_mut(pointer)
        {
            place.insert("id".to_owned(), files.get(*index).map(String::as_str).into());
        }
        match body {
            Value::Object(body) => body,
            _ => Map::new(),
        }
    }
}

/// What is to be done, or why it cannot be.
pub(super) fn plan(out: &Outgoing) -> Result<Plan<'_>, SendError> {
    let one = |message: Message| Plan { messages: vec![message], ..Plan::default() };
    Ok(match &out.content {
        Content::Text { text, buttons } if buttons.iter().all(Vec::is_empty) => one(plain(text)?),
        Content::Text { text, buttons } => one(interactive::buttons(text, buttons)?),
        Content::List { text, open, sections } => one(interactive::list(text, open, sections)?),
        Content::Files { files, caption } => media::plan(files, caption.as_deref())?,
        Content::Place(place) => one(Message::of("location", location(place)?)),
        Content::Card(card) => one(Message::of("contacts", json!([contact(card)?]))),
        Content::Template(used) => template::plan(used)?,
        // Taking a reaction back is a reaction with nothing.
        Content::Reaction { remote, emoji } => Plan {
            repeatable: true,
            ..one(Message::of("reaction", json!({"message_id": remote, "emoji": emoji.as_deref().unwrap_or_default()})))
        },
        Content::Seen { remote } => mark(remote, false),
        Content::Typing { last: Some(remote) } => mark(remote, true),
        // Without a message to name there is nothing that could be marked, and a tap waits for no acknowledgement.
        Content::Typing { last: None } | Content::AnswerChoice { .. } => Plan::default(),
        Content::Edit { .. } | Content::Remove { .. } => return Err(SendError::Unsupported),
    })
}

/// A message of the contact, and all before it, shown as read; with `typing`, also that somebody is writing.
fn mark(remote: &str, typing: bool) -> Plan<'static> {
    let mut body = json!({"status": "read", "message_id": remote});
    if typing {
        body["typing_indicator"] = json!({"type": "text"});
    }
    Plan { messages: vec![Message { body, file: None }], repeatable: true, marks: true, ..Plan::default() }
}

/// A text as a message. Links show no preview: Meta would fetch them.
pub(super) fn plain(text: &str) -> Result<Message, SendError> {
    let text = within(text, TEXT as usize, "text_too_long", "The text")?;
    Ok(Message::of("text", json!({"preview_url": false, "body": text})))
}

/// A caption, if there is anything in it.
pub(super) fn caption(caption: Option<&str>) -> Result<Option<&str>, SendError> {
    let caption = caption.filter(|caption| !caption.trim().is_empty());
    caption.map(|caption| within(caption, CAPTION as usize, "caption_too_long", "The caption")).transpose()
}

/// A text that is there and not too long, counted in characters.
pub(super) fn within<'a>(text: &'a str, limit: usize, code: &str, what: &str) -> Result<&'a str, SendError> {
    if text.trim().is_empty() {
        return Err(refused("text_empty", &format!("{what} is empty. Write something.")));
    }
    let length = text.chars().count();
    if length > limit {
        let why =
            format!("{what} has {length} characters, and WhatsApp takes {limit}. Shorten it, or send it in parts.");
        return Err(refused(code, &why));
    }
    Ok(text)
}

/// A place as WhatsApp writes it.
pub(super) fn location(place: &Place) -> Result<Value, SendError> {
    let (latitude, longitude) = (place.latitude, place.longitude);
    if !((-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude)) {
        return Err(refused("place_invalid", "This place is not on earth. Check latitude and longitude."));
    }
    let mut location = json!({"latitude": latitude, "longitude": longitude});
    for (key, value) in [("name", &place.name), ("address", &place.address)] {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            location[key] = value.into();
        }
    }
    Ok(location)
}

/// A card. WhatsApp wants a name in it, and one part of that name beside the whole.
fn contact(card: &Card) -> Result<Value, SendError> {
    let name = [card.name.as_str()].into_iter().chain(card.phones.iter().chain(&card.emails).map(String::as_str));
    let name = name.into_iter().find(|name| !name.trim().is_empty()).ok_or_else(|| {
        refused("card_empty", "There is nothing on the card. Add a name, a telephone number or an e-mail address.")
    })?;
    let phones: Vec<Value> = card.phones.iter().map(|phone| json!({"phone": phone, "type": "CELL"})).collect();
    let emails: Vec<Value> = card.emails.iter().map(|email| json!({"email": email, "type": "WORK"})).collect();
    Ok(json!({"name": {"formatted_name": name, "first_name": name}, "phones": phones, "emails": emails}))
}
