//! What came: the inbox's changes since the last time (a delta query), then each mail as it is. Where the state of the last time is
//! not known there any more, the inbox is looked through from when it last was, but never from before the channel was connected.

use serde_json::Value;

use super::api::{self, Failure};
use super::cursor::{BEGUN, Cursor};
use super::{MAIL_REPLY, download};
use crate::json::{list, string};
use crate::mail::write::ours;
use crate::{Account, Call, Ctx, HttpCall, Polled, Reply, SendError, Step, Verified, mail};

/// Mails brought in one go.
const MOST: usize = 8;
/// No further mail is begun once the answers have so many bytes.
const BYTES: usize = 16 << 20;
/// Links are no longer than this.
const LINK: usize = 8_000;

/// The next step of asking.
pub(super) fn step(ctx: &Ctx, account: &Account, cursor: Option<&str>, replies: &[Reply]) -> Step<Polled> {
    let begun = || account.learned.get(BEGUN).and_then(|begun| Cursor::read(begun));
    let cursor = cursor.and_then(Cursor::read).or_else(begun).unwrap_or_else(|| Cursor::start(ctx.now_ms));
    let stepped = if cursor.waiting.is_empty() || cursor.within {
        changes(ctx, account, cursor, replies)
    } else {
        bring(ctx, account, cursor, replies)
    };
    stepped.unwrap_or_else(Step::Fail)
}

type Stepped = Result<Step<Polled>, SendError>;

fn polled(cursor: &Cursor, requests: Vec<Verified>) -> Step<Polled> {
    Step::Done(Polled { requests, cursor: cursor.text(), more: cursor.more() })
}

/// One page of what changed.
fn changes(ctx: &Ctx, account: &Account, mut cursor: Cursor, replies: &[Reply]) -> Stepped {
    let Some(reply) = replies.first() else {
        let path = if cursor.link.is_empty() { first(cursor.afresh_from_ms()) } else { cursor.link.clone() };
        return Ok(Step::Call(Call::Http(api::get(ctx, account, "outlook.delta", &path)?)));
    };
    let answer = match api::read(reply, true) {
        Ok(answer) => answer,
        Err(Failure::Afresh | Failure::Gone) if !cursor.link.is_empty() => {
            (cursor.link, cursor.within) = (String::new(), false);
            cursor.waiting.clear();
            // Noted, so that it is looked through from before the last time.
            cursor.seen_ms = cursor.seen_ms.max(cursor.since_ms + 1);
            return Ok(polled(&cursor, Vec::new()));
        }
        Err(failure) => return Err(api::error(failure)),
    };
    let known: std::collections::BTreeSet<String> = cursor.waiting.iter().map(|(id, _)| id.clone()).collect();
    let came = list(&answer, "/value").iter().filter_map(arrival).filter(|(id, _)| !known.contains(id));
    cursor.waiting.extend(came);
    let link = |key: &str| answer.get(key).and_then(Value::as_str).and_then(|link| below(account, link));
    match (link("@odata.nextLink"), link("@odata.deltaLink")) {
        (Some(next), _) => (cursor.link, cursor.within) = (next, true),
        (None, Some(end)) => cursor.reached(ctx.now_ms, end),
        (None, None) => return Err(SendError::Retry("Microsoft did not say how to go on".to_owned())),
    }
    Ok(polled(&cursor, Vec::new()))
}

/// The first page of a query from a moment on (<https://learn.microsoft.com/graph/delta-query-messages>).
fn first(from_ms: i64) -> String {
    let from = jiff::Timestamp::from_millisecond(from_ms).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ");
    let filter: String = form_urlencoded::byte_serialize(format!("receivedDateTime ge {from}").as_bytes()).collect();
    format!(
        "/me/mailFolders/inbox/messages/delta?changeType=created&$select=id,receivedDateTime,isDraft&$filter={filter}"
    )
}

/// A link below the API's root; none that leads elsewhere, as our token goes along.
fn below(account: &Account, link: &str) -> Option<String> {
    let path = link.strip_prefix(&account.base_url)?.strip_prefix("/v1.0")?;
    let sound = path.starts_with('/') && path.len() <= LINK && path.bytes().all(|byte| byte.is_ascii_graphic());
    sound.then(|| path.to_owned())
}

/// A mail that is new: its id and when it arrived.
fn arrival(message: &Value) -> Option<(String, i64)> {
    if message.get("@removed").is_some() || message["isDraft"] == true {
        return None;
    }
    let at = string(message, "/receivedDateTime").and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let id = string(message, "/id").filter(|id| api::is_id(id))?;
    Some((id, at.map_or(0, jiff::Timestamp::as_millisecond).max(0)))
}

/// The mails that wait, one call each. What is here is kept even if the next one fails.
fn bring(ctx: &Ctx, account: &Account, mut cursor: Cursor, replies: &[Reply]) -> Stepped {
    let failed = replies.last().and_then(missing);
    let here = replies.len() - usize::from(failed.is_some());
    if let (Some(error), 0) = (&failed, here) {
        return Err(error.clone());
    }
    let size: usize = replies.iter().map(|reply| api::body(reply, true).map_or(0, <[u8]>::len)).sum();
    let enough = here >= MOST || size >= BYTES;
    if let Some((next, _)) = cursor.waiting.get(here).filter(|_| failed.is_none() && !enough) {
        let call = api::get(ctx, account, "outlook.mail", &format!("/me/messages/{next}/$value"))?;
        return Ok(Step::Call(Call::Http(HttpCall { max_reply: MAIL_REPLY, ..call })));
    }
    let mails = cursor.waiting.iter().zip(&replies[..here]);
    let requests = mails.filter_map(|((id, at_ms), reply)| request(account, id, *at_ms, reply)).collect();
    cursor.waiting.drain(..here.min(cursor.waiting.len()));
    Ok(polled(&cursor, requests))
}

/// Why the last mail is not here yet. One that is gone is not waited for; nor is one that Microsoft does not give out, or that is too
/// large, as it would keep all others waiting.
fn missing(reply: &Reply) -> Option<SendError> {
    if reply.is_too_large() {
        return None;
    }
    match api::body(reply, true) {
        Ok([]) => Some(SendError::Retry("the answer has no mail".to_owned())),
        Ok(_) | Err(Failure::Gone | Failure::Afresh | Failure::Final(SendError::Refused { .. })) => None,
        Err(failure) => Some(api::error(failure)),
    }
}

/// A mail as a request; nothing for one that was deleted meanwhile, or says nothing that concerns us. What cannot be had is told.
fn request(account: &Account, id: &str, received_ms: i64, reply: &Reply) -> Option<Verified> {
    let raw = match api::body(reply, true) {
        Ok(raw) => raw,
        Err(Failure::Gone) => return None,
        Err(_) => return mail::withheld(super::account::address(account), id, received_ms),
    };
    let letter = mail::read(raw, received_ms, raw.len() as u64);
    let locate = |file: &mail::LetterFile| download::locator(id, &letter, file);
    let prove = |address: &str| ours::conversation(account, address);
    let ours = |id: &str| ours::is_message_id(account, id);
    let mut events = mail::events(&letter, &super::account::own(account), locate, prove, ours);
    mail::thread::name(&mut events, &letter, super::account::address(account), account);
    (!events.is_empty()).then(|| mail::keep(&events))
}
