//! What came: the mailbox's history since the last time (`users.history.list`), then each mail as it is. Where the history is no
//! longer there, the inbox is looked through from when it last was, but never from before the channel was connected.

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::api::{self, Failure};
use super::cursor::{BEGUN, Cursor};
use super::{MAIL_REPLY, download};
use crate::json::{list, string};
use crate::mail::thread;
use crate::mail::write::ours;
use crate::{Account, Call, Ctx, HttpCall, Polled, Reply, SendError, Step, Verified, mail};

/// Mails brought in one go.
const MOST: usize = 8;
/// No further mail is begun once the answers have so many bytes.
const BYTES: usize = 16 << 20;
/// Mails that may wait to be brought, the oldest there are: newer ones are looked for when these are here.
const WAITING: usize = 10_000;

/// The next step of asking.
pub(super) fn step(ctx: &Ctx, account: &Account, cursor: Option<&str>, replies: &[Reply]) -> Step<Polled> {
    let begun = || account.learned.get(BEGUN).and_then(|begun| Cursor::read(begun));
    let cursor = cursor.and_then(Cursor::read).or_else(begun);
    let stepped = match cursor {
        None => begin(ctx, account, replies),
        Some(cursor) if cursor.lost => begin_afresh(ctx, account, cursor, replies),
        // What waits is brought once all pages are read, so that it comes in its order.
        Some(cursor) if cursor.afresh.is_some() && cursor.page.is_some() => look(ctx, account, cursor, replies),
        Some(cursor) if !cursor.waiting.is_empty() => bring(ctx, account, cursor, replies),
        Some(cursor) if cursor.cut => look(ctx, account, cursor, replies),
        Some(cursor) => history(ctx, account, cursor, replies),
    };
    stepped.unwrap_or_else(Step::Fail)
}

type Stepped = Result<Step<Polled>, SendError>;

fn polled(cursor: &Cursor, requests: Vec<Verified>) -> Step<Polled> {
    Step::Done(Polled { requests, cursor: cursor.text(), more: cursor.more() })
}

fn ask(call: HttpCall) -> Step<Polled> {
    Step::Call(Call::Http(call))
}

/// The first time: the history begins now.
fn begin(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Stepped {
    let Some(reply) = replies.first() else { return Ok(ask(api::get(ctx, account, "gmail.profile", "profile")?)) };
    Ok(polled(&Cursor::start(ctx.now_ms, now(reply)?), Vec::new()))
}

/// Where the history stands now.
fn now(reply: &Reply) -> Result<String, SendError> {
    let profile = api::read(reply, true).map_err(api::error)?;
    string(&profile, "/historyId").ok_or_else(|| SendError::Retry("Google did not tell the history's id".to_owned()))
}

/// One page of the history.
fn history(ctx: &Ctx, account: &Account, mut cursor: Cursor, replies: &[Reply]) -> Stepped {
    let Some(reply) = replies.first() else {
        let path = format!(
            "history?startHistoryId={}&historyTypes=messageAdded&historyTypes=labelAdded&labelId=INBOX&maxResults=500{}",
            escaped(&cursor.history),
            page_of(&cursor)
        );
        return Ok(ask(api::get(ctx, account, "gmail.history", &path)?));
    };
    let answer = match api::read(reply, true) {
        Ok(answer) => answer,
        Err(Failure::Gone) => {
            cursor.lost = true;
            return Ok(polled(&cursor, Vec::new()));
        }
        Err(failure) => return Err(api::error(failure)),
    };
    let arrived = list(&answer, "/history").iter().flat_map(arrived);
    wait_for(&mut cursor, arrived.filter_map(|arrived| arrived.get("message")));
    cursor.page = string(&answer, "/nextPageToken");
    if cursor.page.is_none() {
        let reached = string(&answer, "/historyId").unwrap_or_else(|| cursor.history.clone());
        cursor.reached(ctx.now_ms, reached);
    }
    Ok(polled(&cursor, Vec::new()))
}

/// What an entry of the history brought into the inbox: new mails, and those that were elsewhere before (held as spam, or filed).
fn arrived(entry: &Value) -> impl Iterator<Item = &Value> {
    let is_moved = |moved: &&Value| list(moved, "/labelIds").iter().any(|label| label == "INBOX");
    list(entry, "/messagesAdded").iter().chain(list(entry, "/labelsAdded").iter().filter(is_moved))
}

/// The history is lost: where it stands now, then the first page of the inbox. What comes in between is in both.
fn begin_afresh(ctx: &Ctx, account: &Account, mut cursor: Cursor, replies: &[Reply]) -> Stepped {
    let Some(reply) = replies.first() else { return Ok(ask(api::get(ctx, account, "gmail.profile", "profile")?)) };
    cursor.afresh = Some(now(reply)?);
    (cursor.lost, cursor.page) = (false, None);
    look(ctx, account, cursor, &replies[1..])
}

/// One page of the inbox, newest first.
fn look(ctx: &Ctx, account: &Account, mut cursor: Cursor, replies: &[Reply]) -> Stepped {
    let Some(reply) = replies.first() else {
        let query = escaped(&format!("after:{}", cursor.afresh_from_s()));
        let path = format!("messages?labelIds=INBOX&q={query}&maxResults=500{}", page_of(&cursor));
        return Ok(ask(api::get(ctx, account, "gmail.list", &path)?));
    };
    let answer = api::read(reply, true).map_err(api::error)?;
    cursor.cut &= cursor.page.is_some();
    let known = std::mem::take(&mut cursor.waiting);
    wait_for(&mut cursor, list(&answer, "/messages").iter());
    cursor.waiting.reverse();
    cursor.waiting.extend(known);
    // The newest are at the end: they are found again.
    cursor.cut |= cursor.waiting.len() > WAITING;
    cursor.waiting.truncate(WAITING);
    cursor.page = string(&answer, "/nextPageToken");
    if cursor.page.is_none() && !cursor.cut {
        let reached = cursor.afresh.take().unwrap_or_default();
        cursor.reached(ctx.now_ms, reached);
    }
    Ok(polled(&cursor, Vec::new()))
}

fn page_of(cursor: &Cursor) -> String {
    cursor.page.as_deref().map(|page| format!("&pageToken={}", escaped(page))).unwrap_or_default()
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Notes mails to be brought, once each. An id goes into addresses, so it is letters and digits.
fn wait_for<'a>(cursor: &mut Cursor, messages: impl Iterator<Item = &'a Value>) {
    let mut known: std::collections::BTreeSet<String> = cursor.waiting.iter().cloned().collect();
    for message in messages.filter(|message| !is_draft(message)) {
        if let Some(id) = string(message, "/id").filter(|id| is_id(id))
            && known.insert(id.clone())
        {
            cursor.waiting.push(id);
        }
    }
}

fn is_draft(message: &Value) -> bool {
    list(message, "/labelIds").iter().any(|label| label == "DRAFT")
}

pub(super) fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The mails that wait, one call each. What is here is kept even if the next one fails.
fn bring(ctx: &Ctx, account: &Account, mut cursor: Cursor, replies: &[Reply]) -> Stepped {
    let failed = replies.last().and_then(missing);
    let here = replies.len() - usize::from(failed.is_some());
    if let (Some(error), 0) = (&failed, here) {
        return Err(error.clone());
    }
    let enough = here >= MOST || size(replies) >= BYTES;
    if let Some(next) = cursor.waiting.get(here).filter(|_| failed.is_none() && !enough) {
        let call = api::get(ctx, account, "gmail.mail", &format!("messages/{next}?format=raw"))?;
        return Ok(ask(HttpCall { max_reply: MAIL_REPLY, ..call }));
    }
    let requests = cursor
        .waiting
        .iter()
        .zip(&replies[..here])
        .filter_map(|(id, reply)| request(account, id, reply, cursor.oldest_ms()));
    let requests = requests.collect();
    if cursor.cut {
        let newest = replies[..here].iter().filter_map(received_ms).max().unwrap_or(0);
        cursor.brought_ms = cursor.brought_ms.max(newest);
    }
    cursor.waiting.drain(..here.min(cursor.waiting.len()));
    Ok(polled(&cursor, requests))
}

/// Why the last mail is not here yet. One that is gone is not waited for; nor is one that Gmail does not give out, or that is too
/// large, as it would keep all others waiting.
fn missing(reply: &Reply) -> Option<SendError> {
    if reply.is_too_large() {
        return None;
    }
    match api::read(reply, true) {
        Ok(answer) if answer["raw"].is_string() => None,
        Ok(_) => Some(SendError::Retry("the answer has no mail".to_owned())),
        Err(Failure::Gone | Failure::Final(SendError::Refused { .. })) => None,
        Err(failure) => Some(api::error(failure)),
    }
}

/// When a mail came, in Unix milliseconds.
fn received_ms(reply: &Reply) -> Option<i64> {
    string(&api::read(reply, true).ok()?, "/internalDate")?.parse().ok()
}

fn size(replies: &[Reply]) -> usize {
    replies.iter().map(|reply| if let Reply::Answer { body, .. } = reply { body.len() } else { 0 }).sum()
}

/// A mail as a request; nothing for one that was deleted meanwhile, came to the mailbox before the channel and only moved into the
/// inbox, or says nothing that concerns us. What cannot be had is told.
fn request(account: &Account, id: &str, reply: &Reply, oldest_ms: i64) -> Option<Verified> {
    let answer = match api::read(reply, true) {
        Ok(answer) => answer,
        Err(Failure::Gone) => return None,
        Err(_) => return mail::withheld(super::account::address(account), id, 0),
    };
    let raw = string(&answer, "/raw")?;
    let raw = URL_SAFE.decode(&raw).or_else(|_| URL_SAFE_NO_PAD.decode(&raw)).ok()?;
    let received_ms = string(&answer, "/internalDate").and_then(|ms| ms.parse::<i64>().ok()).unwrap_or(0);
    if (1..oldest_ms).contains(&received_ms) {
        return None;
    }
    let letter = mail::read(&raw, received_ms, raw.len() as u64);
    let prove = |address: &str| ours::conversation(account, address);
    let ours = |id: &str| ours::is_message_id(account, id);
    let own = super::account::own(account);
    let mut events = mail::events(&letter, &own, |file| download::locator(id, file), prove, ours);
    thread::name(&mut events, &letter, super::account::address(account), account);
    (!events.is_empty()).then(|| mail::keep(&events))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::oauth::{TOKENS, Tokens};

    const CTX: Ctx = Ctx { now_ms: 1_767_225_600_000, chance: [0; 32] };

    fn account() -> Account {
        let token = || crate::Secret::new("t");
        let tokens = Tokens { access: token(), refresh: token(), until_ms: i64::MAX, scopes: Vec::new() };
        let mut account = Account::default();
        account.secrets.insert(TOKENS.to_owned(), tokens.to_secret());
        account
    }

    fn answer(body: &Value) -> Reply {
        Reply::Answer { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    fn polled(cursor: &Cursor, replies: &[Reply]) -> Cursor {
        match step(&CTX, &account(), Some(&cursor.text()), replies) {
            Step::Done(polled) => Cursor::read(&polled.cursor).expect("a cursor"),
            other => panic!("{other:?}"),
        }
    }

    fn asked(cursor: &Cursor) -> String {
        match step(&CTX, &account(), Some(&cursor.text()), &[]) {
            Step::Call(Call::Http(call)) => call.url,
            other => panic!("{other:?}"),
        }
    }

    /// A page of the inbox, newest first: mails are numbered from the newest.
    fn page(numbers: std::ops::Range<usize>, next: Option<&str>) -> Reply {
        let messages: Vec<Value> = numbers.map(|number| json!({ "id": format!("m{number}") })).collect();
        answer(&json!({ "messages": messages, "nextPageToken": next }))
    }

    #[test]
    fn more_mails_than_may_wait_are_brought_in_turns_the_oldest_first() {
        let since_ms = CTX.now_ms - 90 * 86_400_000;
        let mut cursor = Cursor { history: "1".to_owned(), since_ms, seen_ms: since_ms, ..Cursor::default() };
        (cursor.afresh, cursor.page) = (Some("9".to_owned()), Some("p0".to_owned()));
        cursor = polled(&cursor, &[page(0..6_000, Some("p1"))]);
        cursor = polled(&cursor, &[page(6_000..12_000, Some("p2"))]);
        assert!(asked(&cursor).contains("pageToken=p2"), "the oldest are on the last page");
        cursor = polled(&cursor, &[page(12_000..12_001, None)]);
        let waiting = |cursor: &Cursor| (cursor.waiting.len(), cursor.waiting[0].clone(), cursor.more());
        assert_eq!(waiting(&cursor), (WAITING, "m12000".to_owned(), true));
        assert_eq!((cursor.waiting[WAITING - 1].as_str(), cursor.history.as_str()), ("m2001", "1"));
        // They are here: what is newer than the last of them is looked for, and then the history goes on.
        cursor.waiting.truncate(1);
        let came_ms = since_ms + 86_400_000;
        let mail = answer(&json!({ "raw": "RnJvbTogYUBiLmV4YW1wbGUNCg0KSGk", "internalDate": came_ms.to_string() }));
        let failed = answer(&json!({}));
        cursor = polled(&cursor, &[mail, failed]);
        assert!(cursor.waiting.is_empty() && cursor.more());
        assert!(asked(&cursor).contains(&format!("after%3A{}", (came_ms - 2_000) / 1_000)), "{}", asked(&cursor));
        cursor = polled(&cursor, &[page(0..2_001, None)]);
        assert_eq!(waiting(&cursor), (2_001, "m2000".to_owned(), true));
        assert_eq!((cursor.history.as_str(), cursor.cut, cursor.afresh.is_none()), ("9", false, true));
    }

    #[test]
    fn what_moves_into_the_inbox_is_brought_unless_it_is_older_than_the_channel() {
        let since_ms = CTX.now_ms - 86_400_000;
        let cursor = Cursor { history: "1".to_owned(), since_ms, seen_ms: since_ms, ..Cursor::default() };
        assert!(asked(&cursor).contains("historyTypes=labelAdded"), "{}", asked(&cursor));
        let moved = |id: &str, label: &str| json!({ "labelsAdded": [{ "labelIds": [label], "message": { "id": id, "labelIds": ["INBOX", label] } }] });
        let page = json!({ "historyId": "9", "history": [moved("m1", "INBOX"), moved("m2", "STARRED"), moved("m3", "INBOX")] });
        let cursor = polled(&cursor, &[answer(&page)]);
        assert_eq!(cursor.waiting, ["m1", "m3"]);
        let came = |at_ms: i64| {
            answer(&json!({ "raw": "RnJvbTogYUBiLmV4YW1wbGUNCg0KSGk", "internalDate": at_ms.to_string() }))
        };
        let replies = [came(since_ms - 3_600_000), came(since_ms + 1)];
        let Step::Done(polled) = step(&CTX, &account(), Some(&cursor.text()), &replies) else { panic!("an answer") };
        assert_eq!((polled.requests.len(), polled.more), (1, false));
    }
}
