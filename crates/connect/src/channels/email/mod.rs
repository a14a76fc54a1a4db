//! E-mail at any host, by IMAP (RFC 9051, 3501) and SMTP (RFC 5321, 6409).
//!
//! The mailbox is asked (`poll`) from a `cursor`; a mail becomes events at once, which are what is kept (`incoming`). What is sent
//! is written by `mail::write` and submitted (`send`); every reply has a word and an advice (`refusal`). Nothing comes by a
//! hook.

mod account;
mod cursor;
mod fetch;
mod incoming;
mod poll;
mod refusal;
mod send;
mod settings;
mod spec;

use crate::{
    Account, Answer, Authorized, BlobHandle, Connector, Ctx, Erased, Event, MailServer, Outgoing, Polled, Raw, Receipt,
    Reject, RemoteFile, Reply, Spec, Step, Trace, Verified,
};

/// The connector of mailboxes.
#[derive(Debug)]
pub(super) struct Email;

/// How long at most until the mailbox is asked again, in milliseconds, where it does not tell of mails itself.
const POLL_MS: u64 = 5 * 60 * 1000;
/// The largest mail that is read whole, in bytes: 25 MB of files, encoded, and text beside them.
const LARGEST: u64 = 40 << 20;
/// The largest file that such a mail has, in bytes.
const FETCHED: u64 = 30 << 20;

impl Connector for Email {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }

    fn verify(&self, _: &Ctx, _: &Raw, _: &Account) -> Result<Verified, Reject> {
        Err(Reject::Unauthorised)
    }

    fn answer(&self, _: &Verified) -> Answer {
        Answer { status: 404, keep: false, ..Answer::ok() }
    }

    fn parse(&self, verified: &Verified) -> Vec<Event> {
        crate::mail::parse(verified)
    }

    fn secrets_behind(&self, setting: &str) -> &'static [&'static str] {
        match setting {
            "imap.host" | "imap.port" | "imap.tls" => &["imap.password"],
            // Without a password of its own the mailbox's goes there.
            "smtp.host" | "smtp.port" | "smtp.tls" => &["smtp.password", "imap.password"],
            _ => &[],
        }
    }

    fn send(&self, ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
        send::step(ctx, out, account, replies)
    }

    fn erase(&self, _: &Ctx, trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
        account::erase(trace, account, replies)
    }

    fn erased_at_once(&self) -> usize {
        50
    }

    fn reason(&self, code: &str) -> Option<&'static str> {
        account::reason(code)
    }

    fn poll(&self, ctx: &Ctx, account: &Account, cursor: Option<&str>, replies: &[Reply]) -> Step<Polled> {
        poll::step(ctx, account, cursor, replies, |mail, from| incoming::request(mail, from, account))
    }

    fn mailbox(&self, account: &Account) -> Option<MailServer> {
        settings::wrong(account).is_none().then(|| settings::imap(account))
    }

    fn fetch(&self, _: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
        fetch::step(file, account, replies)
    }

    fn authorize(&self, ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<Authorized> {
        account::authorize(ctx, account, replies)
    }

    fn revoke(&self, _: &Ctx, _: &Account, _: &[Reply]) -> Step<()> {
        Step::Done(())
    }
}
