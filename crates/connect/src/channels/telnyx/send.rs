//! Sending. Telnyx knows an order by its key (`Idempotency-Key`) for a day, as long as its body is the same to the byte: a text
//! may be repeated. A file's address is another at each try, so a message with files is sent once;
//! its fate is told at an address that names it.

use serde_json::{Map, Value, json};

use super::api::{self, Failure};
use super::{FILES_BYTES, MOST_FILES, MOST_SEGMENTS, status};
use crate::json::string;
use crate::sms::{self, refusal::refused};
use crate::{Account, Call, Content, Ctx, HttpCall, OutFile, Outgoing, Receipt, Reply, SendError, Step, offered};

/// The next step of sending.
pub(super) fn step(ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
    next(ctx, out, account, replies).unwrap_or_else(Step::Fail)
}

fn next(ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Result<Step<Receipt>, SendError> {
    let (repeatable, body) = message(ctx, out, account)?;
    let reply = match replies {
        // Whoever tried before may have sent it: the same key finds out.
        [Reply::Unheard, rest @ ..] if repeatable => rest.first(),
        replies => replies.first(),
    };
    let Some(reply) = reply else {
        return call(out, account, repeatable, body).map(|call| Step::Call(Call::Http(call)));
    };
    match api::read(reply, repeatable).map(|answer| string(&answer, "/data/id")) {
        Ok(Some(remote)) => Ok(Step::Done(Receipt::Accepted { remotes: vec![remote], thread: None })),
        Ok(None) if repeatable => Err(SendError::Retry("Telnyx did not name the message".to_owned())),
        Ok(None) | Err(Failure::Unknown) => Ok(Step::Done(Receipt::Unknown)),
        Err(Failure::Final(error)) => Err(error),
    }
}

fn call(out: &Outgoing, account: &Account, repeatable: bool, body: Map<String, Value>) -> Result<HttpCall, SendError> {
    let headers = vec![api::bearer(account)?, ("idempotency-key", out.order.clone())];
    let call = HttpCall::post_json("sms_telnyx.message", api::url(account, "/messages"), &Value::Object(body));
    Ok(HttpCall { headers, repeatable, ..call })
}

/// What is sent, and whether it is the same at each try.
fn message(ctx: &Ctx, out: &Outgoing, account: &Account) -> Result<(bool, Map<String, Value>), SendError> {
    let mut body = Map::new();
    let repeatable = match &out.content {
        Content::Text { text, buttons } if buttons.iter().all(Vec::is_empty) => {
            within(text)?;
            body.insert("type".to_owned(), "SMS".into());
            body.insert("text".to_owned(), text.as_str().into());
            true
        }
        Content::Files { files, caption } => {
            body.insert("type".to_owned(), "MMS".into());
            body.insert("media_urls".to_owned(), json!(addresses(ctx, account, files)?));
            if let Some(caption) = caption.as_deref().filter(|caption| !caption.trim().is_empty()) {
                within(caption)?;
                body.insert("text".to_owned(), caption.into());
            }
            false
        }
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
        | Content::AnswerChoice { .. } => return Err(SendError::Unsupported),
    };
    body.insert("from".to_owned(), account.setting("number").into());
    body.insert("to".to_owned(), sms::recipient(out)?.into());
    if let Some(url) = status::url(account, &out.message) {
        body.insert("webhook_url".to_owned(), url.into());
    }
    let profile = account.setting("messaging_profile_id");
    if !profile.is_empty() {
        body.insert("messaging_profile_id".to_owned(), profile.into());
    }
    Ok((repeatable, body))
}

fn within(text: &str) -> Result<(), SendError> {
    if text.trim().is_empty() {
        return Err(refused("empty", "A message needs a text or a file. Write something."));
    }
    let parts = sms::count(text).segments;
    if parts <= MOST_SEGMENTS {
        return Ok(());
    }
    let why =
        format!("This makes {parts} SMS, and Telnyx takes {MOST_SEGMENTS} at most. Shorten it or send it in parts.");
    Err(refused("text_too_long", &why))
}

fn addresses(ctx: &Ctx, account: &Account, files: &[OutFile]) -> Result<Vec<String>, SendError> {
    let size = files.iter().fold(0_u64, |total, file| total.saturating_add(file.size));
    if size > FILES_BYTES || files.len() > MOST_FILES || files.is_empty() {
        let why = "By MMS at most 10 files of 1 MB together go out. Send fewer or smaller ones, or a link.";
        return Err(refused("files_too_large", why));
    }
    let urls: Option<Vec<String>> = files.iter().map(|file| offered::address(ctx, account, &file.blob)).collect();
    urls.ok_or_else(|| SendError::Retry("the channel has no secret to offer files with".to_owned()))
}
