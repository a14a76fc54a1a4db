//! Removing mails. It takes the right to change the mailbox, which is asked for only where a member chose so.

use super::account::may_modify;
use super::api::{self, Failure};
use super::send;
use crate::json::{list, string};
use crate::{Account, Call, Ctx, Erased, HttpCall, Method, Reply, SendError, Step, Trace};

/// A mail takes two calls.
pub(super) const AT_ONCE: usize = 6;

const LEFT: &str = "Some of its mails have no id by which they can be found. Delete the person's mails in the mailbox; the others are gone.";
const READ_ONLY: &str = "This channel may not change the mailbox. Delete the person's mails in Outlook, or allow it under \"What may be done\".";

/// The next step of an erasure.
pub(super) fn step(ctx: &Ctx, trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
    if trace.remotes.is_empty() {
        return Step::Done(Erased::Gone);
    }
    if !may_modify(account) {
        return Step::Done(Erased::Cannot(READ_ONLY.to_owned()));
    }
    next(ctx, trace, account, replies).unwrap_or_else(Step::Fail)
}

fn next(ctx: &Ctx, trace: &Trace, account: &Account, mut replies: &[Reply]) -> Result<Step<Erased>, SendError> {
    for (remote, _) in trace.remotes.iter().filter(|(remote, _)| remote.contains('@')) {
        let Some((reply, rest)) = replies.split_first() else {
            let call = api::get(ctx, account, "outlook.search", &send::by_message_id("", remote))?;
            return Ok(Step::Call(Call::Http(call)));
        };
        replies = rest;
        let found = api::read(reply, true).map_err(api::error)?;
        let Some(id) =
            list(&found, "/value").first().and_then(|first| string(first, "/id")).filter(|id| api::is_id(id))
        else {
            continue;
        };
        let Some((reply, rest)) = replies.split_first() else {
            let call = api::get(ctx, account, "outlook.delete", &format!("/me/messages/{id}/permanentDelete"))?;
            return Ok(Step::Call(Call::Http(HttpCall { method: Method::Post, ..call })));
        };
        replies = rest;
        match api::read(reply, true) {
            Ok(_) | Err(Failure::Gone) => {}
            Err(failure) => return Err(api::error(failure)),
        }
    }
    let left = !trace.remotes.iter().all(|(remote, _)| remote.contains('@'));
    Ok(Step::Done(if left { Erased::Cannot(LEFT.to_owned()) } else { Erased::Gone }))
}
