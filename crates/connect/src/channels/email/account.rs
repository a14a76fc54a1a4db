//! Connecting a mailbox: its password reads, and sends; the way back; and what is removed there.

use std::collections::BTreeMap;

use super::{cursor, settings};
use crate::mail::write::refused;
use crate::{
    Account, Authorized, Call, Ctx, Erased, ImapAct, ImapCall, MailReply, Reply, SendError, SmtpCall, Step, Trace,
};

const READING: &str = "The server for reading does not take this user name and password. Many hosts want an app password, and some want \
                       IMAP to be switched on in the account first.";
const SENDING: &str = "The server for sending does not take this user name and password. Check them, and that the account may send by \
                       SMTP.";
const NO_MAILBOX: &str = "The server for reading answered as no mailbox does. Check its name, port and protection.";
const NO_SENDING: &str =
    "The server for sending answered as none does that sends. Check its name, port and protection.";

/// What a remote begins with that was made of a mail without a Message-ID.
const UNNAMED: &str = "hash:";

/// Words for what keeps an account from working.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    match code {
        "reading_denied" => Some(READING),
        "sending_denied" => Some(SENDING),
        "reading_not_possible" => Some(NO_MAILBOX),
        "sending_not_possible" => Some(NO_SENDING),
        _ => settings::reason(code).or_else(|| super::refusal::reason(code)),
    }
}

/// The next step of connecting: look into the mailbox, sign in where mails are submitted.
pub(super) fn authorize(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<Authorized> {
    connect(ctx, account, replies).unwrap_or_else(Step::Fail)
}

fn connect(ctx: &Ctx, account: &Account, replies: &[Reply]) -> Result<Step<Authorized>, SendError> {
    if let Some((code, why)) = settings::wrong(account) {
        return Err(refused(code, why));
    }
    let [looked, rest @ ..] = replies else {
        let act = ImapAct::Look;
        return Ok(Step::Call(Call::Imap(ImapCall { operation: "email.look", server: settings::imap(account), act })));
    };
    let (validity, next) = mailbox(looked)?;
    let [signed_in, ..] = rest else { return Ok(Step::Call(Call::Smtp(sign_in(account)))) };
    match signed_in {
        Reply::Mail(MailReply::Done | MailReply::Submitted { code: 200..=299, .. }) => {}
        Reply::Mail(MailReply::Denied) => return Err(refused("sending_denied", SENDING)),
        Reply::Mail(MailReply::Submitted { code: 500.., .. }) => {
            return Err(refused("sending_not_possible", NO_SENDING));
        }
        other => return Err(not_now(other)),
    }
    let address = account.setting("address").trim().to_owned();
    let learned = cursor::learned(account, validity, next, ctx.now_ms);
    Ok(Step::Done(Authorized { account: address.to_lowercase(), label: address, learned: BTreeMap::from([learned]) }))
}

fn mailbox(reply: &Reply) -> Result<(u32, u32), SendError> {
    match reply {
        Reply::Mail(MailReply::Mailbox { validity, next, .. }) => Ok((*validity, *next)),
        Reply::Mail(MailReply::Denied) => Err(refused("reading_denied", READING)),
        Reply::Mail(_) => Err(refused("reading_not_possible", NO_MAILBOX)),
        other => Err(not_now(other)),
    }
}

/// Nobody is written to: it shows that the account may send.
fn sign_in(account: &Account) -> SmtpCall {
    SmtpCall {
        operation: "email.sign_in",
        server: settings::smtp(account),
        from: None,
        to: Vec::new(),
        pieces: Vec::new(),
        dkim: None,
    }
}

/// Why something that may be repeated is to be tried again.
pub(super) fn not_now(reply: &Reply) -> SendError {
    match reply {
        Reply::Mail(MailReply::Denied) => SendError::Reauthorise,
        Reply::NotSent { why } | Reply::Lost { why } => SendError::Retry(why.clone()),
        Reply::Unheard => SendError::Retry(Reply::UNHEARD.to_owned()),
        Reply::Mail(_) | Reply::Answer { .. } | Reply::Stored { .. } => {
            SendError::Retry("the mail server answered something else".to_owned())
        }
    }
}

/// Removes from the mailbox what was received, and the copies of what was sent.
pub(super) fn erase(trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
    let (unnamed, named): (Vec<&str>, Vec<&str>) =
        trace.remotes.iter().map(|(remote, _)| remote.as_str()).partition(|remote| remote.starts_with(UNNAMED));
    match replies.first() {
        None if !named.is_empty() => {
            let act = ImapAct::RemoveByIds(named.into_iter().map(str::to_owned).collect());
            let server = settings::imap(account);
            Step::Call(Call::Imap(ImapCall { operation: "email.remove", server, act }))
        }
        None | Some(Reply::Mail(MailReply::Done | MailReply::NoMail)) => Step::Done(outcome(unnamed.len())),
        Some(other) => Step::Fail(not_now(other)),
    }
}

fn outcome(unnamed: usize) -> Erased {
    if unnamed == 0 {
        return Erased::Gone;
    }
    Erased::Cannot(format!(
        "{unnamed} of the mails came without a Message-ID, so they cannot be found again in the mailbox: delete them there by \
         hand. All others are removed from it."
    ))
}
