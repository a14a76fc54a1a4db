//! What a person's phone shows: the chat with one number of a business, as plain data for tests and for the page.

use serde::Serialize;
use serde_json::{Value, json};

use super::chat::{Author, Chat, ChatKey, Message, Ticks};
use super::media::Store;
use super::person::Person;
use super::{State, WhatsApp};
use crate::graph::refusal::Refusal;

/// One person's chat with one number.
#[expect(clippy::struct_excessive_bools, reason = "each is something of its own that a phone shows")]
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhoneView {
    /// Whose phone it is.
    pub person: Person,
    /// The business's shown name.
    pub business_name: String,
    /// The business's number, with `+`.
    pub business_number: String,
    /// Whether the number is also used on the business's own phone.
    pub coexistence: bool,
    /// Whether the person blocked the business.
    pub blocked: bool,
    /// Whether the person wants no marketing from it.
    pub marketing_stopped: bool,
    /// Whether the business sees the person's number.
    pub number_shown: bool,
    /// The business-scoped id by which the business knows the person.
    pub user_id: String,
    /// Milliseconds for which the business may still write anything.
    pub window_for_ms: i64,
    /// For how many milliseconds the business is seen writing.
    pub typing_for_ms: i64,
    /// All messages, oldest first, deleted ones too.
    pub messages: Vec<Shown>,
}

/// One message as the phone shows it.
#[expect(clippy::struct_excessive_bools, reason = "each is something of its own that a phone shows")]
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// `wamid.…`.
    pub message_id: String,
    /// `person` or `business`.
    pub from: &'static str,
    /// Whether it was written on the business's own phone.
    pub by_phone: bool,
    /// Seconds since the epoch.
    pub date: i64,
    /// `text`, `image`, `template`, … .
    pub kind: String,
    /// Text or caption.
    pub text: Option<String>,
    /// Above the text: a line, a place, or the kind of the file shown.
    pub header: Option<Value>,
    /// Below the text.
    pub footer: Option<String>,
    /// `id`, `url` (below the simulator), `name`, `mime`, `size`, for media.
    pub media: Option<Value>,
    /// Place, contacts, order, or what is unsupported, as webhooks tell it.
    pub body: Option<Value>,
    /// Buttons: `kind`, `text`, and `id`, `url`, `code` or `phone_number`.
    pub buttons: Vec<Value>,
    /// A list to choose from: `button`, and `sections` with their `rows`.
    pub list: Option<Value>,
    /// The message it answers.
    pub reply_to: Option<String>,
    /// Whether it was passed on from somewhere else.
    pub forwarded: bool,
    /// Whether it was changed after it was sent.
    pub edited: bool,
    /// Whether either side deleted it.
    pub deleted: bool,
    /// The emoji the person put on it.
    pub person_reaction: Option<String>,
    /// The emoji the business put on it.
    pub business_reaction: Option<String>,
    /// How far the business's message came; none for the person's.
    pub ticks: Option<Ticks>,
    /// Why it failed.
    pub failure: Option<i64>,
    /// Whether the business has read the person's message.
    pub seen: bool,
}

impl WhatsApp {
    /// What the person's phone shows of the chat with this number; empty if there is none yet.
    ///
    /// # Errors
    /// 100 for an unknown number or person.
    pub fn phone(&self, number: &str, person: &str) -> Result<PhoneView, Refusal> {
        let world = self.graph.world();
        view(&world.whatsapp, &ChatKey::of(number, person), world.now_ms())
    }

    /// The messages of [`WhatsApp::phone`].
    ///
    /// # Errors
    /// As [`WhatsApp::phone`].
    pub fn transcript(&self, number: &str, person: &str) -> Result<Vec<Shown>, Refusal> {
        Ok(self.phone(number, person)?.messages)
    }
}

fn view(state: &State, key: &ChatKey, now_ms: i64) -> Result<PhoneView, Refusal> {
    let number = state.number(&key.number)?;
    let known = state.known(key, now_ms)?;
    let empty = Chat::default();
    let chat = state.chats.get(key).unwrap_or(&empty);
    Ok(PhoneView {
        person: state.person(&key.person)?.clone(),
        business_name: number.card.name.clone(),
        business_number: number.display(),
        coexistence: number.card.coexistence,
        blocked: chat.blocked,
        marketing_stopped: chat.marketing_stopped,
        number_shown: known.wa_id.is_some(),
        user_id: known.user_id,
        window_for_ms: (chat.window_until_ms - now_ms).max(0),
        typing_for_ms: (chat.typing_until_ms - now_ms).max(0),
        messages: chat.messages.iter().map(|message| shown(&state.media, message)).collect(),
    })
}

fn shown(media: &Store, message: &Message) -> Shown {
    let rendered = message.rendered.as_ref();
    let body = &message.body;
    let line = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let footer = rendered.map_or_else(|| body.pointer("/footer/text"), |rendered| rendered.get("footer"));
    let plain = !matches!(message.kind.as_str(), "text" | "interactive" | "template");
    let by_business = message.author != Author::Person;
    Shown {
        message_id: message.id.clone(),
        from: if by_business { "business" } else { "person" },
        by_phone: message.author == Author::PhoneApp,
        date: message.at_ms.div_euclid(1_000),
        kind: message.kind.clone(),
        text: message.text().or_else(|| answered(body)).map(str::to_owned),
        header: header(message),
        footer: line(footer),
        media: message.media.as_ref().and_then(|id| file(media, id, body)),
        body: plain.then(|| body.clone()),
        buttons: buttons(message),
        list: list(body),
        reply_to: message.context.clone(),
        forwarded: message.forwarded,
        edited: message.edited,
        deleted: message.deleted,
        person_reaction: message.person_reaction.clone(),
        business_reaction: message.business_reaction.clone(),
        ticks: by_business.then_some(message.ticks),
        failure: message.failure,
        seen: message.seen,
    }
}

/// The words of a tapped button or a chosen row.
fn answered(body: &Value) -> Option<&str> {
    let reply = body.get("button_reply").or_else(|| body.get("list_reply"))?;
    reply.get("title")?.as_str()
}

fn header(message: &Message) -> Option<Value> {
    let given = match &message.rendered {
        Some(rendered) => rendered.get("header").cloned(),
        None => message.body.pointer("/header/text").cloned(),
    };
    given.filter(|header| !header.is_null())
}

fn buttons(message: &Message) -> Vec<Value> {
    if let Some(rendered) = &message.rendered {
        let buttons = rendered["buttons"].as_array().cloned().unwrap_or_default();
        return buttons.into_iter().map(with_id).collect();
    }
    let action = &message.body["action"];
    let replies = action["buttons"].as_array().into_iter().flatten();
    let mut all: Vec<_> = replies
        .map(|one| json!({ "kind": "quick_reply", "text": one["reply"]["title"], "id": one["reply"]["id"] }))
        .collect();
    if let Some(link) = action.get("parameters") {
        all.push(json!({ "kind": "url", "text": link["display_text"], "url": link["url"] }));
    }
    all
}

/// What a button is tapped by: its payload.
fn with_id(mut button: Value) -> Value {
    if let Some(payload) = button.get("payload").cloned() {
        button["id"] = payload;
    }
    button
}

fn list(body: &Value) -> Option<Value> {
    let action = body.get("action")?;
    let sections = action.get("sections")?;
    Some(json!({ "button": action["button"], "sections": sections }))
}

fn file(media: &Store, id: &str, body: &Value) -> Option<Value> {
    let stored = media.get(id)?;
    let name = body.get("filename").and_then(Value::as_str).unwrap_or(&stored.part.name);
    Some(json!({
        "id": id, "url": format!("/sim/whatsapp/media/{id}"), "name": name, "mime": stored.part.mime,
        "size": stored.part.content.len(), "voice": body.get("voice").and_then(Value::as_bool).unwrap_or(false),
    }))
}
