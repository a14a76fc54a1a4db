//! Sending: what the next call is, given what came of the calls before.
//!
//! One outgoing thing is one call that acts, so that nothing can be half sent; what does not fit into one is refused with
//! words. Further calls follow only where Telegram certainly did nothing: the chat moved, a photo is refused as one.

use serde_json::{Value, json};

use super::address::{self, Thread};
use super::api::{self, Failure, Request};
use super::{CAPTION, TEXT, media, refusal, removal};
use crate::json::integer;
use crate::{Account, Button, Card, Content, IdentityKind, Outgoing, Place, Receipt, Reply, SendError, Step};

/// What the replies so far have taught.
#[derive(Default)]
pub(super) struct Course {
    /// How many calls have done their part.
    done: usize,
    /// The chat's new id.
    moved: Option<i64>,
    /// Telegram did not take the files as photos, voices or videos.
    pub(super) plain_files: bool,
    /// The message to be changed has a caption, not a text.
    caption: bool,
    /// What was sent.
    remotes: Vec<String>,
}

/// The next step of sending.
pub(super) fn step(out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
    next(out, account, replies).unwrap_or_else(Step::Fail)
}

fn next(out: &Outgoing, account: &Account, replies: &[Reply]) -> Result<Step<Receipt>, SendError> {
    let mut course = Course::default();
    for reply in replies {
        let Some(request) = plan(out, &course)? else { break };
        match api::read(reply, request.repeatable) {
            Ok(result) => course.accept(out, &result),
            Err(Failure::Moved(chat)) if course.moved.is_none() => course.moved = Some(chat),
            Err(Failure::Bad(description)) => course.correct(out, &description)?,
            Err(Failure::Unknown) => return Ok(Step::Done(Receipt::Unknown)),
            Err(failure) => return Err(api::error(failure)),
        }
    }
    match plan(out, &course)? {
        Some(request) => request.call(account).map(Step::Call),
        None => Ok(Step::Done(course.receipt(out))),
    }
}

impl Course {
    fn accept(&mut self, out: &Outgoing, result: &Value) {
        self.done += 1;
        if let Content::Edit { remote, .. } = &out.content {
            self.remotes.push(remote.clone());
        } else if let Some(thread) = thread(out, self) {
            let sent = result.as_array().map_or(std::slice::from_ref(result), Vec::as_slice);
            let numbers = sent.iter().filter_map(|message| integer(message, "/message_id")).filter(|n| *n != 0);
            self.remotes.extend(numbers.map(|number| thread.remote(number)));
        }
    }

    /// A refusal that only shows another way, or that there is nothing left to do. Each is taken once.
    fn correct(&mut self, out: &Outgoing, description: &str) -> Result<(), SendError> {
        let lower = description.to_lowercase();
        let says = |needles: &[&str]| needles.iter().any(|needle| lower.contains(needle));
        match &out.content {
            Content::Edit { .. } if says(&["message is not modified"]) => self.accept(out, &Value::Null),
            Content::Edit { .. } if !self.caption && says(&["no text in the message"]) => self.caption = true,
            Content::AnswerChoice { .. } if says(&["query is too old", "query id is invalid"]) => self.done += 1,
            Content::Remove { .. } if removal::gone_already(description) => self.done += 1,
            Content::Files { .. } if !self.plain_files && says(media::NOT_AS_MEDIA) => self.plain_files = true,
            _ => return Err(refusal::bad(description)),
        }
        Ok(())
    }

    fn receipt(self, out: &Outgoing) -> Receipt {
        Receipt::Accepted { thread: thread(out, &self).map(|thread| thread.key()), remotes: self.remotes }
    }
}

/// The call that is due; `None` when nothing is left to do.
fn plan(out: &Outgoing, course: &Course) -> Result<Option<Request>, SendError> {
    if let Content::Remove { remotes } = &out.content {
        return removals(remotes, course.done);
    }
    if course.done > 0 {
        return Ok(None);
    }
    let request = match &out.content {
        Content::Text { text, buttons } => within(text, TEXT).and_then(|()| message(text, buttons))?,
        Content::Files { files, caption } => {
            let caption = caption.as_deref().filter(|caption| !caption.trim().is_empty());
            caption.map_or(Ok(()), |caption| within(caption, CAPTION))?;
            media::request(files, caption, course.plain_files)?
        }
        Content::Place(place) => location(place)?,
        Content::Card(card) => contact(card)?,
        Content::Typing { .. } => Request::repeatable("telegram.sendChatAction", json!({"action": "typing"})),
        Content::Reaction { remote, emoji } => return reaction(remote, emoji.as_deref()).map(Some),
        Content::Edit { remote, text } => return edit(remote, text, course.caption).map(Some),
        Content::Seen { remote } => return seen(remote).map(Some),
        Content::AnswerChoice { callback } => {
            let fields = json!({"callback_query_id": callback});
            return Ok(Some(Request::repeatable("telegram.answerCallbackQuery", fields)));
        }
        Content::Remove { .. } => return Ok(None),
        Content::Template(_) | Content::List { .. } => return Err(SendError::Unsupported),
    };
    addressed(request, out, course).map(Some)
}

/// Where it goes: the thread the contact wrote in, else the chat that every Telegram user has under their own id.
fn thread(out: &Outgoing, course: &Course) -> Option<Thread> {
    let by_identity = || {
        let id = out.to.identities.iter().find(|identity| identity.kind == IdentityKind::TelegramId)?;
        Thread::read(&id.value)
    };
    let mut thread = out.to.thread.as_deref().and_then(Thread::read).or_else(by_identity)?;
    thread.chat = course.moved.unwrap_or(thread.chat);
    Some(thread)
}

fn addressed(mut request: Request, out: &Outgoing, course: &Course) -> Result<Request, SendError> {
    let thread = thread(out, course).ok_or_else(|| {
        refusal::refused("no_address", "The contact has no Telegram chat here. Ask them to write to the bot first.")
    })?;
    request.fields.insert("chat_id".to_owned(), thread.chat.into());
    if let Some(business) = &thread.business {
        request.fields.insert("business_connection_id".to_owned(), business.as_str().into());
    }
    let answered = out.reply_to.as_deref().and_then(address::message).filter(|(other, _)| *other == thread);
    if let Some((_, number)) = answered.filter(|_| !matches!(out.content, Content::Typing { .. })) {
        let parameters = json!({"message_id": number, "allow_sending_without_reply": true});
        request.fields.insert("reply_parameters".to_owned(), parameters);
    }
    Ok(request)
}

/// Counted in UTF-16 code units, as Telegram's clients do.
fn within(text: &str, limit: u32) -> Result<(), SendError> {
    if text.trim().is_empty() {
        return Err(refusal::bad("text is empty"));
    }
    if text.encode_utf16().count() > limit as usize {
        return Err(refusal::bad(if limit == CAPTION { "caption is too long" } else { "message is too long" }));
    }
    Ok(())
}

fn message(text: &str, buttons: &[Vec<Button>]) -> Result<Request, SendError> {
    let mut request = Request::new("telegram.sendMessage", json!({"text": text}));
    let rows: Vec<Value> = buttons
        .iter()
        .filter(|row| !row.is_empty())
        .map(|row| row.iter().map(button).collect::<Result<Vec<_>, _>>().map(Value::Array))
        .collect::<Result<_, _>>()?;
    if !rows.is_empty() {
        request.fields.insert("reply_markup".to_owned(), json!({"inline_keyboard": rows}));
    }
    Ok(request)
}

fn button(button: &Button) -> Result<Value, SendError> {
    if let Some(url) = &button.url {
        return Ok(json!({"text": button.label, "url": url}));
    }
    let data = button.data.as_deref().unwrap_or(&button.label);
    if data.is_empty() || data.len() > 64 {
        return Err(refusal::bad("button_data_invalid"));
    }
    Ok(json!({"text": button.label, "callback_data": data}))
}

fn location(place: &Place) -> Result<Request, SendError> {
    let (latitude, longitude) = (place.latitude, place.longitude);
    if !((-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude)) {
        return Err(refusal::refused("place_invalid", "This place is not on earth. Check latitude and longitude."));
    }
    let Some(name) = place.name.as_ref().or(place.address.as_ref()) else {
        let fields = json!({"latitude": latitude, "longitude": longitude});
        return Ok(Request::new("telegram.sendLocation", fields));
    };
    let address = place.address.as_ref().unwrap_or(name);
    let fields = json!({"latitude": latitude, "longitude": longitude, "title": name, "address": address});
    Ok(Request::new("telegram.sendVenue", fields))
}

fn contact(card: &Card) -> Result<Request, SendError> {
    let phone = card.phones.first().ok_or_else(|| {
        refusal::refused("card_without_phone", "Telegram sends only cards with a telephone number. Send it as text.")
    })?;
    let name = if card.name.is_empty() { phone } else { &card.name };
    let mut request = Request::new("telegram.sendContact", json!({"phone_number": phone, "first_name": name}));
    if card.phones.len() > 1 || !card.emails.is_empty() {
        request.fields.insert("vcard".to_owned(), vcard(card).into());
    }
    Ok(request)
}

/// A vCard 3.0 (RFC 2426), which Telegram's clients show whole.
fn vcard(card: &Card) -> String {
    let line =
        |text: &str| text.replace('\\', "\\\\").replace(['\r', '\n'], " ").replace(',', "\\,").replace(';', "\\;");
    let mut lines = vec!["BEGIN:VCARD".to_owned(), "VERSION:3.0".to_owned(), format!("FN:{}", line(&card.name))];
    lines.extend(card.phones.iter().map(|phone| format!("TEL:{}", line(phone))));
    lines.extend(card.emails.iter().map(|email| format!("EMAIL:{}", line(email))));
    lines.push("END:VCARD".to_owned());
    lines.join("\r\n")
}

/// The message that something is done to.
fn target(remote: &str) -> Result<(Thread, i64), SendError> {
    address::message(remote).ok_or_else(|| {
        refusal::refused("not_a_message", "This is no message at Telegram, so nothing can be done to it there.")
    })
}

fn reaction(remote: &str, emoji: Option<&str>) -> Result<Request, SendError> {
    let (thread, number) = target(remote)?;
    if thread.business.is_some() {
        return Err(SendError::Unsupported);
    }
    // Telegram's hearts and doves come without the selector that asks for the coloured form.
    let plain = emoji.map(|emoji| emoji.replace('\u{fe0f}', ""));
    let reactions: Vec<Value> = plain.map(|emoji| json!({"type": "emoji", "emoji": emoji})).into_iter().collect();
    let fields = json!({"chat_id": thread.chat, "message_id": number, "reaction": reactions});
    Ok(Request::repeatable("telegram.setMessageReaction", fields))
}

fn edit(remote: &str, text: &str, caption: bool) -> Result<Request, SendError> {
    let (thread, number) = target(remote)?;
    let (operation, key, limit) = if caption {
        ("telegram.editMessageCaption", "caption", CAPTION)
    } else {
        ("telegram.editMessageText", "text", TEXT)
    };
    within(text, limit)?;
    let mut request = Request::repeatable(operation, json!({"chat_id": thread.chat, "message_id": number, key: text}));
    if let Some(business) = thread.business {
        request.fields.insert("business_connection_id".to_owned(), business.into());
    }
    Ok(request)
}

/// Only a business account's own chats know that something was read.
fn seen(remote: &str) -> Result<Request, SendError> {
    let (thread, number) = address::message(remote).ok_or(SendError::Unsupported)?;
    let business = thread.business.ok_or(SendError::Unsupported)?;
    let fields = json!({"business_connection_id": business, "chat_id": thread.chat, "message_id": number});
    Ok(Request::repeatable("telegram.readBusinessMessage", fields))
}

fn removals(remotes: &[String], done: usize) -> Result<Option<Request>, SendError> {
    let batch = removal::batch(remotes.iter().map(String::as_str), done);
    if batch.is_none() && done == 0 {
        target("")?;
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_utf16_code_units() {
        assert_eq!(within(&"\u{1f600}".repeat(2048), TEXT), Ok(()));
        assert!(within(&("\u{1f600}".repeat(2048) + "x"), TEXT).is_err());
        assert_eq!(within(&"\u{e8}".repeat(1024), CAPTION), Ok(()));
        assert!(within(&"\u{e8}".repeat(1025), CAPTION).is_err());
    }
}
