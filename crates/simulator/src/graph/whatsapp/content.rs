//! What a message says, read from the call that sends it and checked.

use serde_json::{Map, Value, json};

use super::sending::object;
use super::{filling, interactive, media};
use crate::graph::call::{Call, text};
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

const LONGEST_TEXT: usize = 4_096;
const LONGEST_CAPTION: usize = 1_024;
/// Reactions are for messages of at most 30 days.
const LONGEST_REACTION_MS: i64 = 30 * 24 * 3_600 * 1_000;
const KINDS: &str = "AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, STICKER, TEMPLATE, TEXT, VIDEO";

/// A message that may be sent.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) kind: String,
    /// What stood under the kind's name.
    pub(super) body: Value,
    pub(super) media: Option<String>,
    /// A template with its variables filled in.
    pub(super) rendered: Option<Value>,
    /// What its price is counted under.
    pub(super) category: &'static str,
    /// Text or caption.
    pub(super) said: Option<String>,
    /// Whether it can go to a number only, not to a business-scoped id.
    pub(super) needs_number: bool,
}

impl Content {
    pub(super) fn plain(kind: &str, body: &Map<String, Value>) -> Self {
        Self {
            kind: kind.to_owned(),
            body: Value::Object(body.clone()),
            media: None,
            rendered: None,
            category: "service",
            said: None,
            needs_number: false,
        }
    }

    pub(super) fn saying(self, said: &str) -> Self {
        Self { said: Some(said.to_owned()), ..self }
    }
}

pub(super) fn read(world: &mut World, number: &str, call: &Call) -> Result<Content, Refusal> {
    let kind = call.text("type").unwrap_or("text");
    if kind == "contacts" {
        return contacts(call);
    }
    let known = KINDS.split(", ").any(|known| known.eq_ignore_ascii_case(kind));
    if !known {
        return Err(Refusal::invalid(format!("Param type must be one of {{{KINDS}}} - got \"{kind}\".")));
    }
    let body = object(&call.fields, kind).ok_or_else(|| Refusal::of(131_008).because(format!("{kind} is required")))?;
    match kind {
        "text" => words(body),
        "location" => location(body),
        "reaction" => reaction(world, number, body),
        "interactive" => interactive::read(world, number, body),
        "template" => filling::read(world, number, body),
        _ => file(world, number, kind, body, call),
    }
}

/// A text that must be there and not be too long, in letters.
pub(super) fn bounded<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
    path: &str,
    longest: usize,
) -> Result<&'a str, Refusal> {
    let missing = || Refusal::of(131_008).because(format!("Required parameter is missing: {path}"));
    let text = text(fields, name).ok_or_else(missing)?;
    let too_long = || Refusal::invalid(format!("Param {path} must be at most {longest} characters long."));
    (text.chars().count() <= longest).then_some(text).ok_or_else(too_long)
}

fn words(body: &Map<String, Value>) -> Result<Content, Refusal> {
    let said = bounded(body, "body", "text['body']", LONGEST_TEXT)?;
    Ok(Content::plain("text", body).saying(said))
}

fn location(body: &Map<String, Value>) -> Result<Content, Refusal> {
    for (name, limit) in [("latitude", 90.0), ("longitude", 180.0)] {
        let given = body.get(name).map(|value| value.as_str().map_or_else(|| value.as_f64(), |text| text.parse().ok()));
        let valid = given.flatten().is_some_and(|degrees| (-limit..=limit).contains(&degrees));
        if !valid {
            return Err(Refusal::of(131_009).because(format!("location['{name}'] is not valid")));
        }
    }
    Ok(Content::plain("location", body))
}

fn contacts(call: &Call) -> Result<Content, Refusal> {
    let cards = call.fields.get("contacts").and_then(Value::as_array).filter(|cards| !cards.is_empty());
    let cards = cards.ok_or_else(|| Refusal::of(131_008).because("contacts is required"))?;
    let named = |card: &Value| card.pointer("/name/formatted_name").is_some_and(Value::is_string);
    if !cards.iter().all(named) {
        return Err(Refusal::of(131_009).because("contacts[]['name']['formatted_name'] is required"));
    }
    Ok(Content { body: json!(cards), ..Content::plain("contacts", &Map::new()) })
}

fn reaction(world: &World, number: &str, body: &Map<String, Value>) -> Result<Content, Refusal> {
    let target = bounded(body, "message_id", "reaction['message_id']", LONGEST_TEXT)?;
    let now = world.now_ms();
    let mut chats = world.whatsapp.chats.iter().filter(|(key, _)| key.number == number);
    let found = chats.find_map(|(_, chat)| chat.message(target));
    let young = found.is_some_and(|message| now - message.at_ms <= LONGEST_REACTION_MS && !message.deleted);
    if !young {
        return Err(Refusal::of(131_009).because("The message to react to is unknown, or older than 30 days"));
    }
    Ok(Content::plain("reaction", body))
}

fn file(
    world: &mut World,
    number: &str,
    kind: &str,
    body: &Map<String, Value>,
    call: &Call,
) -> Result<Content, Refusal> {
    let mut content = Content::plain(kind, body);
    if body.contains_key("caption") {
        if matches!(kind, "audio" | "sticker") {
            return Err(Refusal::invalid(format!("Unexpected key \"caption\" on param \"{kind}\".")));
        }
        let caption = text(body, "caption").map(|_| bounded(body, "caption", "caption", LONGEST_CAPTION));
        content.said = caption.transpose()?.map(str::to_owned);
    }
    content.media = media::given(world, number, kind, body, call)?;
    Ok(content)
}
