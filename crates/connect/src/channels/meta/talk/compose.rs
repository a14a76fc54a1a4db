//! What is sent, as Meta's message objects, with its bounds checked before anything leaves.

use serde_json::{Map, Value, json};

use super::refusal::refused;
use super::{Product, media};
use crate::{Button, Content, OutFile, Outgoing, SendError};

/// How many buttons stay below a text; more become quick replies, which go with the contact's answer.
const BUTTONS: usize = 3;
/// How many quick replies there may be.
const QUICK: usize = 13;
/// Longest label of either, in characters.
const LABEL: usize = 20;
/// Longest data of either, in characters.
const DATA: usize = 1000;
/// Longest text above buttons, in characters.
const ABOVE: usize = 640;

/// Everything that is to be done for one outgoing thing.
#[derive(Default)]
pub(super) struct Plan<'a> {
    /// Files that Meta must have first.
    pub(super) uploads: Vec<&'a OutFile>,
    /// Messages, in order.
    pub(super) messages: Vec<Message>,
    /// An action and no message: doing it twice is the same as doing it once.
    pub(super) action: bool,
}

/// The fields of one message, without its recipient.
pub(super) struct Message {
    pub(super) body: Map<String, Value>,
    /// Which upload it shows.
    pub(super) file: Option<usize>,
}

impl Message {
    /// A message object.
    pub(super) fn of(message: Value) -> Self {
        Self { body: Map::from_iter([("message".to_owned(), message)]), file: None }
    }

    /// The fields, with the id of its file.
    pub(super) fn with_file(&self, files: &[String]) -> Map<String, Value> {
        let mut body = self.body.clone();
        let id = self.file.and_then(|index| files.get(index));
        let place = body.get_mut("message").and_then(|message| message.pointer_mut("/attachment/payload"));
        if let (Some(id), Some(place)) = (id, place) {
            place["attachment_id"] = id.as_str().into();
        }
        body
    }
}

/// What is to be done, or why it cannot be.
pub(super) fn plan<'a>(product: &Product, out: &'a Outgoing) -> Result<Plan<'a>, SendError> {
    let one = |message: Message| Plan { messages: vec![message], ..Plan::default() };
    Ok(match &out.content {
        Content::Text { text, buttons } if buttons.iter().all(Vec::is_empty) => one(plain(product, text)?),
        Content::Text { text, buttons } => one(with_buttons(product, text, buttons)?),
        Content::Files { files, caption } => media::plan(product, files, caption.as_deref())?,
        Content::Reaction { remote, emoji: Some(emoji) } => {
            action("react", Some(json!({"message_id": remote, "reaction": emoji})))
        }
        Content::Reaction { remote, emoji: None } => action("unreact", Some(json!({"message_id": remote}))),
        Content::Seen { .. } => action("mark_seen", None),
        Content::Typing { .. } => action("typing_on", None),
        // A tap waits for no acknowledgement.
        Content::AnswerChoice { .. } => Plan::default(),
        Content::Place(_)
        | Content::Card(_)
        | Content::Edit { .. }
        | Content::Remove { .. }
        | Content::Template(_)
        | Content::List { .. } => return Err(SendError::Unsupported),
    })
}

fn action(action: &str, payload: Option<Value>) -> Plan<'static> {
    let mut body = Map::from_iter([("sender_action".to_owned(), action.into())]);
    body.extend(payload.map(|payload| ("payload".to_owned(), payload)));
    Plan { messages: vec![Message { body, file: None }], action: true, ..Plan::default() }
}

/// A text as a message.
pub(super) fn plain(product: &Product, text: &str) -> Result<Message, SendError> {
    let length = if product.counts_bytes { text.len() } else { text.chars().count() };
    let unit = if product.counts_bytes { "bytes (letters beyond English count double or more)" } else { "characters" };
    filled(text, "The text")?;
    if length > product.text {
        let why = format!(
            "The text has {length} {unit}, and {} takes {}. Shorten it, or send it in parts.",
            product.name, product.text
        );
        return Err(refused("text_too_long", &why));
    }
    Ok(Message::of(json!({"text": text})))
}

fn filled(text: &str, what: &str) -> Result<(), SendError> {
    if text.trim().is_empty() {
        return Err(refused("text_empty", &format!("{what} is empty. Write something.")));
    }
    Ok(())
}

fn within<'a>(
    product: &Product,
    text: &'a str,
    limit: usize,
    (code, what): (&str, &str),
) -> Result<&'a str, SendError> {
    filled(text, what)?;
    let length = text.chars().count();
    if length > limit {
        let why = format!("{what} has {length} characters, and {} takes {limit}. Shorten it.", product.name);
        return Err(refused(code, &why));
    }
    Ok(text)
}

/// A text with buttons: up to three stay below it and may open links; more go with the answer, and open none.
fn with_buttons(product: &Product, text: &str, rows: &[Vec<Button>]) -> Result<Message, SendError> {
    let buttons: Vec<&Button> = rows.iter().flatten().collect();
    if buttons.len() > QUICK {
        let why = format!("{} shows at most {QUICK} buttons. Leave some out, or ask in two steps.", product.name);
        return Err(refused("too_many_buttons", &why));
    }
    if buttons.len() <= BUTTONS {
        let above = within(product, text, ABOVE, ("text_too_long", "The text above buttons"))?;
        let shown: Vec<Value> = buttons.iter().map(|one| button(product, one)).collect::<Result<_, SendError>>()?;
        let payload = json!({"template_type": "button", "text": above, "buttons": shown});
        return Ok(Message::of(json!({"attachment": {"type": "template", "payload": payload}})));
    }
    if buttons.iter().any(|button| button.url.is_some()) {
        let why = format!("With links {} shows at most {BUTTONS} buttons. Put the links into the text.", product.name);
        return Err(refused("buttons_mixed", &why));
    }
    let mut message = plain(product, text)?;
    let quick: Vec<Value> = buttons.iter().map(|one| quick(product, one)).collect::<Result<_, SendError>>()?;
    if let Some(object) = message.body.get_mut("message") {
        object["quick_replies"] = quick.into();
    }
    Ok(message)
}

fn label_and_data(product: &Product, button: &Button) -> Result<(String, String), SendError> {
    let label = within(product, &button.label, LABEL, ("button_too_long", "A button's label"))?;
    let data = button.data.clone().unwrap_or_else(|| button.label.clone());
    within(product, &data, DATA, ("button_data_too_long", "A button's data"))?;
    Ok((label.to_owned(), data))
}

fn button(product: &Product, button: &Button) -> Result<Value, SendError> {
    let (label, data) = label_and_data(product, button)?;
    match button.url.as_deref() {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
            Ok(json!({"type": "web_url", "title": label, "url": url}))
        }
        Some(_) => {
            Err(refused("button_invalid", "A button's link is not one that can be opened. Use a full https address."))
        }
        None => Ok(json!({"type": "postback", "title": label, "payload": data})),
    }
}

fn quick(product: &Product, button: &Button) -> Result<Value, SendError> {
    let (label, data) = label_and_data(product, button)?;
    Ok(json!({"content_type": "text", "title": label, "payload": data}))
}
