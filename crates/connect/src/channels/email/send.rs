//! Sending: one submission, and a copy for the folder of sent mail. A mail server cannot be asked what became of a mail whose
//! reply was lost, so that one is never sent again.

use super::{refusal, settings};
use crate::mail::settings::sender;
use crate::mail::thread;
use crate::mail::write::{Written, write};
use crate::{
    Account, Call, Content, Ctx, ImapAct, ImapCall, MailReply, Outgoing, Receipt, Reply, SendError, SmtpCall, Step,
};

/// The next step of sending.
pub(super) fn step(ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
    next(ctx, out, account, replies).unwrap_or_else(Step::Fail)
}

fn next(ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Result<Step<Receipt>, SendError> {
    if matches!(out.content, Content::AnswerChoice { .. }) {
        // Nobody waits for it: what was chosen came as a mail.
        return Ok(Step::Done(Receipt::Accepted { remotes: Vec::new(), thread: out.to.thread.clone() }));
    }
    let own = account.setting("address").trim();
    let address = thread::sender(out.to.thread.as_deref(), own, account);
    let mail = write(ctx, out, &sender(account, address))?;
    let is_alias = address != own;
    let submitted = |reply| submitted(reply).map_err(|error| if is_alias { thread::of_alias(error) } else { error });
    match replies {
        [] => Ok(Step::Call(Call::Smtp(submission(ctx, account, mail)))),
        [reply] if settings::keeps_sent(account) && submitted(reply)? => Ok(Step::Call(copy(account, mail))),
        // Whether the copy was kept changes nothing about what was sent.
        [reply, ..] => Ok(Step::Done(if submitted(reply)? { accepted(out, mail) } else { Receipt::Unknown })),
    }
}

/// What conversation it is is known by what it answers; the first mail of one names it.
fn accepted(out: &Outgoing, mail: Written) -> Receipt {
    let thread = out.to.thread.clone().unwrap_or_else(|| mail.id.clone());
    Receipt::Accepted { remotes: vec![mail.id], thread: Some(thread) }
}

fn submission(ctx: &Ctx, account: &Account, mail: Written) -> SmtpCall {
    SmtpCall {
        operation: "email.submit",
        server: settings::smtp(account),
        from: Some(mail.from),
        to: vec![mail.to],
        pieces: mail.pieces,
        dkim: settings::dkim(ctx, account),
    }
}

fn copy(account: &Account, mail: Written) -> Call {
    let act = ImapAct::KeepSent(mail.pieces);
    Call::Imap(ImapCall { operation: "email.keep_sent", server: settings::imap(account), act })
}

/// Whether the server took it; `false`: nobody knows.
fn submitted(reply: &Reply) -> Result<bool, SendError> {
    match reply {
        Reply::Mail(MailReply::Submitted { code: 200..=299, .. }) => Ok(true),
        Reply::Mail(MailReply::Submitted { code, enhanced }) => Err(refusal::error(*code, enhanced.as_deref())),
        Reply::Mail(MailReply::Unsigned) => Err(refusal::unsigned()),
        Reply::Mail(MailReply::Denied) => Err(SendError::Reauthorise),
        Reply::NotSent { why } => Err(SendError::Retry(why.clone())),
        Reply::Lost { .. } | Reply::Unheard | Reply::Answer { .. } | Reply::Stored { .. } | Reply::Mail(_) => Ok(false),
    }
}
