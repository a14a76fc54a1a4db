//! Connecting a mailbox: its password reads, and sends; the way back; and what is removed there.

use std::collections::BTreeMap;

use super::{cursor, settings};
use crate::mail::write::refused;
use crate::mail::{UNNAMED, left};
use crate::{
    Account, Authorized, Call, Ctx, Erased, ImapAct, ImapCall, MailReply, Reply, SendError, SmtpCall, Step, TheirMails,
    Trace,
};

const READING: &str = "The server for reading does not take this user name and password. Many hosts want an app password, and some want \
                       IMAP to be switched on in the account first.";
const SENDING: &str = "The server for sending does not take this user name and password. Check them, and that the account may send by \
                       SMTP.";
const NO_MAILBOX: &str = "The server for reading answered as no mailbox does. Check its name, port and protection.";
const NO_SENDING: &str =
    "The server for sending answered as none does that sends. Check its name, port and protection.";

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
    let label = account.setting("address").trim().to_owned();
    let learned = cursor::learned(account, validity, next, ctx.now_ms);
    Ok(Step::Done(Authorized { account: mailbox_id(account), label, learned: BTreeMap::from([learned]) }))
}

/// What makes a mailbox the same one: its server and its user, whatever address is written to.
fn mailbox_id(account: &Account) -> String {
    let server = settings::imap(account);
    format!("{}@{}", server.username, server.host.to_lowercase())
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
            let theirs = TheirMails::of(named, trace, account);
            let (server, act) = (settings::imap(account), ImapAct::RemoveTheirs(theirs));
            Step::Call(Call::Imap(ImapCall { operation: "email.remove", server, act }))
        }
        None if unnamed.is_empty() => Step::Done(Erased::Gone),
        None => Step::Done(Erased::Cannot(left(unnamed.len(), 0, 0))),
        Some(Reply::Mail(MailReply::Removed { unopened: 0, others: 0 })) if unnamed.is_empty() => {
            Step::Done(Erased::Gone)
        }
        Some(Reply::Mail(MailReply::Removed { unopened, others })) => {
            Step::Done(Erased::Partly(left(unnamed.len(), *unopened, *others)))
        }
        Some(other) => Step::Fail(not_now(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_mailbox_as_long_as_server_and_user_are() {
        let with = |settings: &[(&str, &str)]| {
            let mut account = Account::default();
            for (key, value) in
                [("address", "info@shop.example"), ("imap.host", "imap.example"), ("imap.username", "shop")]
                    .iter()
                    .chain(settings)
            {
                account.settings.insert((*key).to_owned(), (*value).to_owned());
            }
            mailbox_id(&account)
        };
        let one = with(&[]);
        assert_eq!(with(&[("address", "hello@shop.example"), ("imap.host", "IMAP.example")]), one);
        for other in [("imap.username", "other"), ("imap.host", "mail.example")] {
            assert_ne!(with(&[other]), one);
        }
    }

    #[test]
    fn what_is_left_in_a_mailbox_is_told() {
        let account = Account::default();
        let trace = |remotes: &[&str]| Trace {
            thread: None,
            remotes: remotes.iter().map(|remote| ((*remote).to_owned(), 1)).collect(),
            known: vec!["Anna@example.org".to_owned(), "+39333".to_owned()],
        };
        let removed = |unopened, others| [Reply::Mail(MailReply::Removed { unopened, others })];
        let Step::Call(Call::Imap(ImapCall { act: ImapAct::RemoveTheirs(theirs), .. })) =
            erase(&trace(&["a@b", "hash:1"]), &account, &[])
        else {
            panic!("a call")
        };
        assert_eq!((theirs.ids, theirs.addresses), (vec!["a@b".to_owned()], vec!["anna@example.org".to_owned()]));
        let done = |remotes: &[&str], replies: &[Reply]| match erase(&trace(remotes), &account, replies) {
            Step::Done(done) => done,
            other => panic!("{other:?}"),
        };
        assert_eq!(done(&["a@b"], &removed(0, 0)), Erased::Gone);
        assert_eq!(done(&[], &[]), Erased::Gone);
        assert!(matches!(done(&["hash:1"], &[]), Erased::Cannot(why) if why.contains("1 of the mails")));
        assert!(matches!(done(&["a@b"], &removed(2, 0)), Erased::Partly(why) if why.contains("2 folders")));
        assert!(matches!(done(&["a@b"], &removed(0, 3)), Erased::Partly(why) if why.contains("3 mails")));
        assert!(matches!(done(&["a@b", "hash:1"], &removed(0, 0)), Erased::Partly(_)));
    }
}
