//! Sending: what the next call is, given what came of the calls before.
//!
//! Twilio knows no repetition, so what may have been sent is never sent again: our id is in the address at which Twilio tells
//! what became of a message, and settles what was left open. Over WhatsApp each file is a message of its own, in order.

use super::api::{self, Failure};
use super::parse::WHATSAPP;
use super::template;
use super::{MMS_FILES, Medium, TEXT, hook};
use crate::json::string;
use crate::sms::{self, refusal::refused};
use crate::{
    Account, Call, Content, Ctx, HttpCall, Method, OutFile, Outgoing, Place, Receipt, Reply, SendError, Step, offered,
};

/// A message's own fields; whom it goes to and who sends it are added to each.
type Fields = Vec<(String, String)>;

/// The next step of sending.
pub(super) fn step(ctx: &Ctx, out: &Outgoing, account: &Account, medium: Medium, replies: &[Reply]) -> Step<Receipt> {
    let begun = match (&out.content, medium) {
        (Content::Template(used), Medium::Whatsapp) => match template::found(used, account, replies) {
            Ok(template::Found::Ask(call)) => return Step::Call(Call::Http(call)),
            Ok(template::Found::Unheard) => return Step::Done(Receipt::Unknown),
            Ok(template::Found::Here(fields, rest)) => Ok((vec![fields], rest)),
            Err(error) => Err(error),
        },
        _ => messages(ctx, out, account, medium).map(|messages| (messages, replies)),
    };
    begun.and_then(|(messages, replies)| next(out, account, medium, &messages, replies)).unwrap_or_else(Step::Fail)
}

fn next(
    out: &Outgoing,
    account: &Account,
    medium: Medium,
    messages: &[Fields],
    replies: &[Reply],
) -> Result<Step<Receipt>, SendError> {
    // Those of earlier tries are there already.
    let begun = out.begun.min(messages.len());
    let mut remotes = Vec::new();
    for reply in replies.iter().take(messages.len() - begun) {
        let there = begun + remotes.len();
        let last = there + 1 == messages.len();
        match api::read(reply, false).map(|answer| string(&answer, "/sid")) {
            Ok(Some(remote)) => remotes.push(remote),
            Ok(None) | Err(Failure::Unknown) if last => return Ok(Step::Done(Receipt::Unknown)),
            Ok(None) | Err(Failure::Unknown) => {
                return Ok(Step::Done(partly(remotes, (there, messages.len()), "the next one may have gone out too")));
            }
            Err(Failure::Final(_)) if there > 0 => {
                return Ok(Step::Done(partly(remotes, (there, messages.len()), "the next one was not taken")));
            }
            Err(Failure::Final(error)) => return Err(error),
        }
    }
    let there = begun + remotes.len();
    match messages.get(there) {
        Some(fields) => {
            let part = (there + 1 < messages.len()).then_some(there + 1);
            call(out, account, medium, fields, part).map(|call| Step::Call(Call::Http(call)))
        }
        None => Ok(Step::Done(Receipt::Accepted { remotes, thread: None })),
    }
}

/// What a member is told when only some of several messages went out.
fn partly(remotes: Vec<String>, (there, all): (usize, usize), rest: &str) -> Receipt {
    let why = format!(
        "This makes {all} messages. {there} went out for certain, and {rest}. Sending it again goes on with the next one."
    );
    Receipt::Partly { remotes, code: "partly_sent".to_owned(), why }
}

fn call(
    out: &Outgoing,
    account: &Account,
    medium: Medium,
    fields: &Fields,
    part: Option<usize>,
) -> Result<HttpCall, SendError> {
    let to = sms::recipient(out)?;
    let sender = account.setting("number");
    let sender = sender.strip_prefix(WHATSAPP).unwrap_or(sender);
    let addressed = |number: &str| match medium {
        Medium::Sms => number.to_owned(),
        Medium::Whatsapp => format!("{WHATSAPP}{number}"),
    };
    let from =
        if api::is_sid(sender) { ("MessagingServiceSid", sender.to_owned()) } else { ("From", addressed(sender)) };
    let status = hook::status_url(account, &out.message, part);
    let envelope = [("To", addressed(to)), from, ("StatusCallback", status)];
    let mut form: Fields = envelope.map(|(name, value)| (name.to_owned(), value)).into();
    form.extend(fields.iter().cloned());
    api::call(account, medium.operation(), (Method::Post, api::url(account, "/Messages.json")?), Some(form))
}

fn messages(ctx: &Ctx, out: &Outgoing, account: &Account, medium: Medium) -> Result<Vec<Fields>, SendError> {
    match &out.content {
        Content::Text { text, buttons } if buttons.iter().all(Vec::is_empty) => {
            within(text)?;
            if text.trim().is_empty() {
                return Err(refused("empty", "A message needs a text or a file. Write something."));
            }
            Ok(vec![vec![body(text)]])
        }
        Content::Files { files, caption } => with_files(ctx, account, medium, files, caption.as_deref()),
        Content::Place(place) if medium == Medium::Whatsapp => self::place(place),
        Content::Text { .. }
        | Content::Place(_)
        | Content::Card(_)
        | Content::Reaction { .. }
        | Content::Edit { .. }
        | Content::Remove { .. }
        | Content::Template(_)
        | Content::List { .. }
        | Content::Typing { .. }
        | Content::Seen { .. }
        | Content::AnswerChoice { .. } => Err(SendError::Unsupported),
    }
}

fn body(text: &str) -> (String, String) {
    ("Body".to_owned(), text.to_owned())
}

fn within(text: &str) -> Result<(), SendError> {
    if text.chars().count() <= TEXT as usize {
        return Ok(());
    }
    let parts = sms::count(text).segments;
    let why =
        format!("Twilio takes at most 1,600 characters (this would be {parts} SMS). Shorten it or send it in parts.");
    Err(refused("text_too_long", &why))
}

/// By MMS all files are one message, over WhatsApp each is one; the caption goes with the first.
fn with_files(
    ctx: &Ctx,
    account: &Account,
    medium: Medium,
    files: &[OutFile],
    caption: Option<&str>,
) -> Result<Vec<Fields>, SendError> {
    let size = |total: u64, file: &OutFile| total.saturating_add(file.size);
    let (heaviest, counted) = match medium {
        Medium::Sms => (files.iter().fold(0, size), files.len()),
        Medium::Whatsapp => (files.iter().map(|file| file.size).max().unwrap_or(0), 1),
    };
    if heaviest > medium.upload() || counted > MMS_FILES || files.is_empty() {
        let why = format!(
            "At most {MMS_FILES} files and {} MB go with one message. Send fewer or smaller ones, or a link.",
            medium.upload() >> 20
        );
        return Err(refused("files_too_large", &why));
    }
    let caption = caption.filter(|caption| !caption.trim().is_empty());
    caption.map_or(Ok(()), within)?;
    let urls: Vec<(String, String)> = files
        .iter()
        .map(|file| Some(("MediaUrl".to_owned(), offered::address(ctx, account, &file.blob)?)))
        .collect::<Option<_>>()
        .ok_or_else(|| SendError::Retry("the channel has no secret to offer files with".to_owned()))?;
    let mut messages: Vec<Fields> = match medium {
        Medium::Sms => vec![urls],
        Medium::Whatsapp => urls.into_iter().map(|url| vec![url]).collect(),
    };
    if let (Some(first), Some(caption)) = (messages.first_mut(), caption) {
        first.insert(0, body(caption));
    }
    Ok(messages)
}

/// WhatsApp shows what stands behind `geo:` as a place.
fn place(place: &Place) -> Result<Vec<Fields>, SendError> {
    let (latitude, longitude) = (place.latitude, place.longitude);
    if !((-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude)) {
        return Err(refused("place_invalid", "This place is not on earth. Check latitude and longitude."));
    }
    let plain = |text: &str| text.replace(['|', '\r', '\n'], " ");
    let name = place.name.as_deref().or(place.address.as_deref()).map(plain).unwrap_or_default();
    let label = if name.is_empty() { String::new() } else { format!("|{name}") };
    let shown = if name.is_empty() { format!("{latitude}, {longitude}") } else { name };
    Ok(vec![vec![body(&shown), ("PersistentAction".to_owned(), format!("geo:{latitude},{longitude}{label}"))]])
}
