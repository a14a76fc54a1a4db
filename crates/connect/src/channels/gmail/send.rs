//! Sending. The mail goes up as it is, in the thread of what it answers; Gmail may give it a Message-ID of its own, so that is
//! asked for afterwards. Where the reply was lost, the mailbox is looked through before anything is said.

use serde_json::{Value, json};

use super::account::{address, may_send};
use super::api::{self, Failure};
use crate::json::{list, string};
use crate::mail::settings::sender;
use crate::mail::thread::sender as from;
use crate::mail::write::{self, Written};
use crate::oauth::refused;
use crate::{
    Account, Body, Call, Content, Ctx, HttpCall, MailPiece, Method, Outgoing, Receipt, Reply, SendError, Step,
};

/// What parts the two pieces of the upload; it cannot be in the first, and the second is told apart by its own length.
const BOUNDARY: &str = "=_parloir_upload_7c1f0a9be3d24d5f";

/// The next step of sending.
pub(super) fn step(ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
    next(ctx, out, account, replies).unwrap_or_else(Step::Fail)
}

fn next(ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Result<Step<Receipt>, SendError> {
    if matches!(out.content, Content::AnswerChoice { .. }) {
        // Nobody waits for it: what was chosen came as a mail.
        return Ok(Step::Done(Receipt::Accepted { remotes: Vec::new(), thread: out.to.thread.clone() }));
    }
    let from = from(out.to.thread.as_deref(), address(account), account);
    let written = write::write(ctx, out, &sender(account, from))?;
    if !may_send(account) {
        return Err(refused(
            "read_only",
            "This channel may only read. Allow it to send in its settings, and sign in again.",
        ));
    }
    if let [Reply::Unheard, rest @ ..] = replies {
        return Ok(ended(ctx, out, account, &written, rest));
    }
    let (thread, replies) = match thread(ctx, out, account, replies)? {
        Step::Done(found) => found,
        Step::Call(call) => return Ok(Step::Call(call)),
        Step::Fail(error) => return Err(error),
    };
    let Some((reply, rest)) = replies.split_first() else {
        return upload(ctx, account, written, thread.as_deref()).map(|call| Step::Call(Call::Http(call)));
    };
    match api::read(reply, false) {
        Ok(answer) => match string(&answer, "/id").filter(|id| super::poll::is_id(id)) {
            Some(id) => Ok(named(ctx, out, account, (&written, &id), rest)),
            None => Ok(ended(ctx, out, account, &written, rest)),
        },
        Err(Failure::Unknown) => Ok(ended(ctx, out, account, &written, rest)),
        // The thread was deleted since it was found.
        Err(Failure::Gone) => Err(SendError::Retry("the thread is gone".to_owned())),
        Err(failure) => Err(api::error(failure)),
    }
}

/// A thread, and the replies after those that told it.
type Found<'a> = (Option<String>, &'a [Reply]);

/// The thread of what is answered, if Gmail knows it, and the replies after those that told it.
fn thread<'a>(
    ctx: &Ctx,
    out: &Outgoing,
    account: &Account,
    replies: &'a [Reply],
) -> Result<Step<Found<'a>>, SendError> {
    let answered = out.reply_to.as_ref().or(out.before.last()).filter(|id| is_searchable(id));
    let Some(answered) = answered else { return Ok(Step::Done((None, replies))) };
    let Some((reply, rest)) = replies.split_first() else {
        return search(ctx, account, answered, 1).map(|call| Step::Call(Call::Http(call)));
    };
    let found = api::read(reply, true).map_err(api::error)?;
    Ok(Step::Done((list(&found, "/messages").first().and_then(|first| string(first, "/threadId")), rest)))
}

/// Whether a Message-ID is one word of a search, and nothing that a search understands besides: its sender wrote it.
pub(super) fn is_searchable(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+=@$%&/~#!*".contains(&byte);
    id.contains('@') && id.bytes().all(plain)
}

/// Looks for mails by their Message-ID, wherever they lie; at most so many.
pub(super) fn search(ctx: &Ctx, account: &Account, id: &str, most: usize) -> Result<HttpCall, SendError> {
    let query: String = form_urlencoded::byte_serialize(format!("rfc822msgid:{id}").as_bytes()).collect();
    api::get(ctx, account, "gmail.search", &format!("messages?q={query}&includeSpamTrash=true&maxResults={most}"))
}

/// The mail and what Gmail is told of it, in one upload (<https://developers.google.com/workspace/gmail/api/guides/uploads>).
fn upload(ctx: &Ctx, account: &Account, written: Written, thread: Option<&str>) -> Result<HttpCall, SendError> {
    let told: Value = thread.map_or_else(|| json!({}), |thread| json!({ "threadId": thread }));
    let head = format!(
        "--{BOUNDARY}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{told}\r\n--{BOUNDARY}\r\n\
         Content-Type: message/rfc822\r\n\r\n"
    );
    let mut pieces = vec![MailPiece::Bytes(head.into_bytes())];
    pieces.extend(written.pieces);
    pieces.push(MailPiece::Bytes(format!("\r\n--{BOUNDARY}--\r\n").into_bytes()));
    let content_type = format!("multipart/related; boundary=\"{BOUNDARY}\"");
    let url = format!("{}/upload/gmail/v1/users/me/messages/send?uploadType=multipart", account.base_url);
    Ok(HttpCall {
        method: Method::Post,
        headers: vec![crate::oauth::bearer(ctx, account)?],
        body: Body::Mail { content_type, pieces, base64: false },
        repeatable: false,
        ..HttpCall::get("gmail.send", url)
    })
}

/// It was sent; by which Message-ID the world knows it. Where that is not told, it is taken to be ours.
fn named(
    ctx: &Ctx,
    out: &Outgoing,
    account: &Account,
    (written, id): (&Written, &str),
    replies: &[Reply],
) -> Step<Receipt> {
    let Some(reply) = replies.first() else {
        let path = format!("messages/{id}?format=metadata&metadataHeaders=Message-ID");
        return match api::get(ctx, account, "gmail.sent", &path) {
            Ok(call) => Step::Call(Call::Http(call)),
            Err(_) => Step::Done(accepted(out, written.id.clone())),
        };
    };
    let told = api::read(reply, true).ok().and_then(|answer| message_id(&answer));
    Step::Done(accepted(out, told.unwrap_or_else(|| written.id.clone())))
}

fn message_id(answer: &Value) -> Option<String> {
    let mut headers = list(answer, "/payload/headers").iter();
    let header =
        headers.find(|header| string(header, "/name").is_some_and(|name| name.eq_ignore_ascii_case("message-id")))?;
    let id = string(header, "/value")?;
    let id = id.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
    (!id.is_empty() && id.len() <= 998).then_some(id)
}

/// What conversation it is is known by what it answers; the first mail of one names it.
fn accepted(out: &Outgoing, remote: String) -> Receipt {
    let thread = out.to.thread.clone().unwrap_or_else(|| remote.clone());
    Receipt::Accepted { remotes: vec![remote], thread: Some(thread) }
}

/// The reply was lost: whether the mail is among those that were sent.
fn ended(ctx: &Ctx, out: &Outgoing, account: &Account, written: &Written, replies: &[Reply]) -> Step<Receipt> {
    let Some(reply) = replies.first() else {
        return match search(ctx, account, &written.id, 1) {
            Ok(call) => Step::Call(Call::Http(call)),
            Err(_) => Step::Done(Receipt::Unknown),
        };
    };
    let there = api::read(reply, true).is_ok_and(|found| !list(&found, "/messages").is_empty());
    Step::Done(if there { accepted(out, written.id.clone()) } else { Receipt::Unknown })
}
