//! Removing mails. It takes the right to change the mailbox; the right to delete at once is the right to everything in it, which is
//! not asked for: mails go to the bin, which Gmail empties after thirty days.

use serde_json::Value;

use super::account::may_modify;
use super::api::{self, Failure};
use super::{poll, send};
use crate::json::{list, string};
use crate::mail::removal::{self, Mailbox, Tally};
use crate::{Account, Ctx, Erased, HttpCall, Method, Reply, SendError, Step, TheirMails, Trace, mail};

/// A mail takes three calls.
pub(super) const AT_ONCE: usize = 4;

const READ_ONLY: &str = "This channel may not change the mailbox. Delete the person's mails in Gmail, or allow it under \"What may be done\".";
const BINNED: &str = "Its mails were moved to the bin in Gmail, which deletes them for good after 30 days. Who wants it sooner empties the bin.";

/// The next step of an erasure.
pub(super) fn step(ctx: &Ctx, trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
    if trace.remotes.is_empty() {
        return Step::Done(Erased::Gone);
    }
    if !may_modify(account) {
        return Step::Done(Erased::Cannot(READ_ONLY.to_owned()));
    }
    let remotes = trace.remotes.iter().map(|(remote, _)| remote.as_str());
    let theirs = TheirMails::of(remotes.filter(|remote| send::is_searchable(remote)), trace, account);
    let unnamed = trace.remotes.len() - theirs.ids.len();
    match removal::step(&Gmail { ctx, account }, &theirs, replies) {
        Ok(Step::Done(tally)) => Step::Done(erased(unnamed, tally)),
        Ok(Step::Call(call)) => Step::Call(call),
        Ok(Step::Fail(error)) | Err(error) => Step::Fail(error),
    }
}

fn erased(unnamed: usize, Tally { removed, others }: Tally) -> Erased {
    match (removed, unnamed + others) {
        (0, 0) => Erased::Gone,
        (0, _) => Erased::Cannot(mail::left(unnamed, 0, others)),
        // Not yet gone either: what is in the bin is read by whoever opens it.
        (_, 0) => Erased::Cannot(BINNED.to_owned()),
        (_, _) => Erased::Cannot(format!("{BINNED} {}", mail::left(unnamed, 0, others))),
    }
}

struct Gmail<'a> {
    ctx: &'a Ctx,
    account: &'a Account,
}

impl Mailbox for Gmail<'_> {
    fn search(&self, message_id: &str) -> Result<HttpCall, SendError> {
        send::search(self.ctx, self.account, message_id, removal::ALIKE)
    }

    fn found(&self, answer: &Value) -> Vec<String> {
        list(answer, "/messages").iter().filter_map(|one| string(one, "/id")).filter(|id| poll::is_id(id)).collect()
    }

    fn look(&self, id: &str) -> Result<HttpCall, SendError> {
        api::get(self.ctx, self.account, "gmail.look", &format!("messages/{id}?format=metadata"))
    }

    fn header(&self, answer: &Value) -> Vec<u8> {
        let fields = list(answer, "/payload/headers").iter();
        removal::header(fields.filter_map(|field| Some((field["name"].as_str()?, field["value"].as_str()?))))
    }

    fn remove(&self, id: &str) -> Result<HttpCall, SendError> {
        let call = api::get(self.ctx, self.account, "gmail.trash", &format!("messages/{id}/trash"))?;
        Ok(HttpCall { method: Method::Post, ..call })
    }

    fn read(&self, reply: &Reply) -> Result<Option<Value>, SendError> {
        match api::read(reply, true) {
            Ok(answer) => Ok(Some(answer)),
            Err(Failure::Gone) => Ok(None),
            Err(failure) => Err(api::error(failure)),
        }
    }
}
