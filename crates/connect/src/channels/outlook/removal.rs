//! Removing mails. It takes the right to change the mailbox, which is asked for only where a member chose so.

use serde_json::Value;

use super::account::{may_modify, own};
use super::api::{self, Failure};
use super::send;
use crate::json::{list, string};
use crate::mail::removal::{self, Mailbox, Tally};
use crate::mail::write::ours;
use crate::{Account, Ctx, Erased, HttpCall, Method, Reply, SendError, Step, TheirMails, Trace, mail};

/// A mail takes three calls.
pub(super) const AT_ONCE: usize = 4;

const READ_ONLY: &str = "This channel may not change the mailbox. Delete the person's mails in Outlook, or allow it under \"What may be done\".";
/// What says whose a mail is.
const LOOKED_AT: &str = "$select=internetMessageId,from,toRecipients,internetMessageHeaders";

/// The next step of an erasure.
pub(super) fn step(ctx: &Ctx, trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
    if trace.remotes.is_empty() {
        return Step::Done(Erased::Gone);
    }
    if !may_modify(account) {
        return Step::Done(Erased::Cannot(READ_ONLY.to_owned()));
    }
    let remotes = trace.remotes.iter().map(|(remote, _)| remote.as_str());
    let theirs = TheirMails::of(remotes.filter(|remote| remote.contains('@')), trace, account);
    let unnamed = trace.remotes.len() - theirs.ids.len();
    match removal::step(&Outlook { ctx, account }, &theirs, replies) {
        Ok(Step::Done(tally)) => Step::Done(erased(unnamed, tally)),
        Ok(Step::Call(call)) => Step::Call(call),
        Ok(Step::Fail(error)) | Err(error) => Step::Fail(error),
    }
}

fn erased(unnamed: usize, Tally { removed, others }: Tally) -> Erased {
    match (removed, unnamed + others) {
        (_, 0) => Erased::Gone,
        (0, _) => Erased::Cannot(mail::left(unnamed, 0, others)),
        (_, _) => Erased::Partly(mail::left(unnamed, 0, others)),
    }
}

struct Outlook<'a> {
    ctx: &'a Ctx,
    account: &'a Account,
}

impl Mailbox for Outlook<'_> {
    fn search(&self, message_id: &str) -> Result<HttpCall, SendError> {
        api::get(self.ctx, self.account, "outlook.search", &send::by_message_id("", message_id))
    }

    fn found(&self, answer: &Value) -> Vec<String> {
        list(answer, "/value").iter().filter_map(|one| string(one, "/id")).filter(|id| api::is_id(id)).collect()
    }

    fn look(&self, id: &str) -> Result<HttpCall, SendError> {
        api::get(self.ctx, self.account, "outlook.look", &format!("/me/messages/{id}?{LOOKED_AT}"))
    }

    /// What arrived has its header. What was sent from here has none at Microsoft: that it is ours is proven by its Message-ID.
    fn header(&self, answer: &Value) -> Vec<u8> {
        let arrived = list(answer, "/internetMessageHeaders");
        if !arrived.is_empty() {
            let fields = arrived.iter().filter_map(|field| Some((field["name"].as_str()?, field["value"].as_str()?)));
            return removal::header(fields);
        }
        let address = |place: &Value| string(place, "/emailAddress/address").map(|address| format!("<{address}>"));
        let from = address(&answer["from"]).unwrap_or_default();
        let to: Vec<String> = list(answer, "/toRecipients").iter().filter_map(address).collect();
        let id = string(answer, "/internetMessageId").unwrap_or_default();
        let bare = id.trim().trim_start_matches('<').trim_end_matches('>');
        let is_ours = own(self.account).has(from.trim_matches(['<', '>'])) && ours::is_message_id(self.account, bare);
        let mark = ours::mark(self.account).filter(|_| is_ours);
        let fields = [("From", from.as_str()), ("To", &to.join(", ")), ("Message-ID", &id)];
        removal::header(fields.into_iter().chain(mark.as_deref().map(|mark| (ours::MARK, mark))))
    }

    fn remove(&self, id: &str) -> Result<HttpCall, SendError> {
        let call = api::get(self.ctx, self.account, "outlook.delete", &format!("/me/messages/{id}/permanentDelete"))?;
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
