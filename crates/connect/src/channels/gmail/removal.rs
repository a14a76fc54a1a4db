//! Removing mails. It takes the right to change the mailbox; the right to delete at once is the right to everything in it, which is
//! not asked for: mails go to the bin, which Gmail empties after thirty days.

use super::account::may_modify;
use super::api::{self, Failure};
use super::{poll, send};
use crate::json::{list, string};
use crate::{Account, Call, Ctx, Erased, HttpCall, Method, Reply, SendError, Step, Trace};

/// A mail takes two calls.
pub(super) const AT_ONCE: usize = 6;

const READ_ONLY: &str = "This channel may not change the mailbox. Delete the person's mails in Gmail, or allow it under \"What may be done\".";
const LEFT: &str = "Some of its mails have no id by which they can be found. Delete the person's mails in Gmail; the others were moved to the bin.";
const BINNED: &str = "Its mails were moved to the bin in Gmail, which deletes them for good after 30 days. Who wants it sooner empties the bin.";

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
    let mut found_any = false;
    for (remote, _) in trace.remotes.iter().filter(|(remote, _)| send::is_searchable(remote)) {
        let Some((reply, rest)) = replies.split_first() else {
            return send::search(ctx, account, remote).map(|call| Step::Call(Call::Http(call)));
        };
        replies = rest;
        let found = api::read(reply, true).map_err(api::error)?;
        let Some(id) =
            list(&found, "/messages").first().and_then(|first| string(first, "/id")).filter(|id| poll::is_id(id))
        else {
            continue;
        };
        found_any = true;
        let Some((reply, rest)) = replies.split_first() else {
            let call = api::get(ctx, account, "gmail.trash", &format!("messages/{id}/trash"))?;
            return Ok(Step::Call(Call::Http(HttpCall { method: Method::Post, ..call })));
        };
        replies = rest;
        match api::read(reply, true) {
            Ok(_) | Err(Failure::Gone) => {}
            Err(failure) => return Err(api::error(failure)),
        }
    }
    let left = !trace.remotes.iter().all(|(remote, _)| send::is_searchable(remote));
    Ok(Step::Done(match (found_any, left) {
        (_, true) => Erased::Cannot(LEFT.to_owned()),
        (true, false) => Erased::Cannot(BINNED.to_owned()),
        (false, false) => Erased::Gone,
    }))
}
