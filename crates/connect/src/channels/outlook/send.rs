//! Sending. The mail goes up as it is, whole in base64, so that its Message-ID and what it answers stay ours
//! (<https://learn.microsoft.com/graph/outlook-send-mime-message>). The answer names nothing; where it was lost, the sent mails are
//! looked through before anything is said. What is too large for one request goes up piece by piece ([`upload`]).

use super::account::{address, may_modify, may_send};
use super::api::{self, Failure};
use super::{AT_ONCE_BYTES, upload};
use crate::json::list;
use crate::mail::settings::sender;
use crate::mail::thread;
use crate::mail::write::{self, Written};
use crate::oauth::refused;
use crate::{Account, Body, Call, Content, Ctx, HttpCall, Method, OutFile, Outgoing, Receipt, Reply, SendError, Step};

const TOO_LARGE: &str = "Microsoft takes mails with 2 MB of files from a channel that may only read and send. Allow more in its settings, under \
                         \"What may be done\", and sign in again; or send fewer or smaller files, or a link.";

/// The next step of sending.
pub(super) fn step(ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
    next(ctx, out, account, replies).unwrap_or_else(Step::Fail)
}

fn next(ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Result<Step<Receipt>, SendError> {
    if matches!(out.content, Content::AnswerChoice { .. }) {
        // Nobody waits for it: what was chosen came as a mail.
        return Ok(Step::Done(Receipt::Accepted { remotes: Vec::new(), thread: out.to.thread.clone() }));
    }
    if !may_send(account) {
        return Err(refused(
            "read_only",
            "This channel may only read. Allow it to send in its settings, and sign in again.",
        ));
    }
    let own = address(account);
    let from = thread::sender(out.to.thread.as_deref(), own, account);
    let of_sender = |error| if from == own { error } else { thread::of_alias(error) };
    let sender = sender(account, from);
    if let Some(files) = large(&out.content) {
        let written = write::write_bare(ctx, out, &sender)?;
        if !may_modify(account) {
            return Err(refused("large_files_not_allowed", TOO_LARGE));
        }
        return upload::step(ctx, out, account, (written, files), of_sender, replies);
    }
    let written = write::write(ctx, out, &sender)?;
    let Some((reply, rest)) = replies.split_first() else {
        return Ok(Step::Call(Call::Http(HttpCall {
            method: Method::Post,
            body: Body::Mail { content_type: "text/plain".to_owned(), pieces: written.pieces, base64: true },
            repeatable: false,
            ..api::get(ctx, account, "outlook.send", "/me/sendMail")?
        })));
    };
    match api::read(reply, false) {
        Ok(_) => Ok(Step::Done(accepted(out, written))),
        Err(Failure::Unknown) => Ok(ended(ctx, out, account, written, rest)),
        Err(failure) => Err(of_sender(api::error(failure))),
    }
}

/// The files of what does not fit into one request.
fn large(content: &Content) -> Option<&[OutFile]> {
    let Content::Files { files, caption } = content else { return None };
    let text = caption.as_ref().map_or(0, String::len) as u64;
    let all = files.iter().fold(text, |total, file| total.saturating_add(file.size));
    (all > AT_ONCE_BYTES).then_some(files)
}

/// What conversation it is is known by what it answers; the first mail of one names it.
pub(super) fn accepted(out: &Outgoing, written: Written) -> Receipt {
    let thread = out.to.thread.clone().unwrap_or_else(|| written.id.clone());
    Receipt::Accepted { remotes: vec![written.id], thread: Some(thread) }
}

/// The reply was lost: whether the mail is among those that were sent.
pub(super) fn ended(
    ctx: &Ctx,
    out: &Outgoing,
    account: &Account,
    written: Written,
    replies: &[Reply],
) -> Step<Receipt> {
    let Some(reply) = replies.first() else {
        let path = by_message_id("sentitems", &written.id);
        return match api::get(ctx, account, "outlook.search", &path) {
            Ok(call) => Step::Call(Call::Http(call)),
            Err(_) => Step::Done(Receipt::Unknown),
        };
    };
    let there = api::read(reply, true).is_ok_and(|found| !list(&found, "/value").is_empty());
    Step::Done(if there { accepted(out, written) } else { Receipt::Unknown })
}

/// Mails of a folder with this Message-ID; of all folders where none is named.
pub(super) fn by_message_id(folder: &str, id: &str) -> String {
    let filter = format!("internetMessageId eq '<{}>'", id.replace('\'', "''"));
    let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let place =
        if folder.is_empty() { "/me/messages".to_owned() } else { format!("/me/mailFolders/{folder}/messages") };
    format!("{place}?$select=id&$filter={filter}")
}
