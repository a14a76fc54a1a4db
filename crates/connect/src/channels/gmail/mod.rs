//! Gmail by its API (<https://developers.google.com/workspace/gmail/api>): one mailbox, opened by its owner's consent.
//!
//! The mailbox is asked what came by its history (`poll`), sooner where Google tells that something did (`push`, proven by `token`);
//! raw mails become events in the kit that all mail shares, an answer is written there and sent (`send`), and every error has a word
//! and an advice (`api`).

mod account;
mod api;
mod cursor;
mod download;
mod poll;
mod push;
mod removal;
mod send;
mod spec;
mod token;

use crate::oauth::{Access, Consent, SignIn};
use crate::{
    Account, Answer, Authorized, BlobHandle, Connector, Ctx, Erased, Event, Hint, Outgoing, Polled, Raw, Receipt,
    Reject, RemoteFile, Reply, Spec, Step, Trace, Verified, Watch, mail, watch,
};

/// The Gmail connector.
#[derive(Debug)]
pub(super) struct Gmail;

/// Google's own address of the API.
const BASE_URL: &str = "https://gmail.googleapis.com";
/// Google's servers for signing in.
const SIGN_IN: SignIn = SignIn { endpoint: "google_oauth", base_url: "https://accounts.google.com" };
/// The largest mail that Gmail takes in, in bytes (50 MB), as its API gives it: in base64 within JSON.
const MAIL_REPLY: u64 = 72 << 20;

impl Connector for Gmail {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }

    fn verify(&self, ctx: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject> {
        push::verify(ctx, raw, account)
    }

    fn answer(&self, verified: &Verified) -> Answer {
        watch::answer(verified)
    }

    fn can_watch(&self, account: &Account) -> bool {
        push::wanted(account)
    }

    fn watch(&self, ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<Option<Watch>> {
        push::step(ctx, account, replies)
    }

    fn hints(&self, verified: &Verified) -> Vec<Hint> {
        watch::hints(verified)
    }

    fn parse(&self, verified: &Verified) -> Vec<Event> {
        mail::parse(verified)
    }

    fn poll(&self, ctx: &Ctx, account: &Account, cursor: Option<&str>, replies: &[Reply]) -> Step<Polled> {
        poll::step(ctx, account, cursor, replies)
    }

    fn send(&self, ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
        send::step(ctx, out, account, replies)
    }

    fn erase(&self, ctx: &Ctx, trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
        removal::step(ctx, trace, account, replies)
    }

    fn erased_at_once(&self) -> usize {
        removal::AT_ONCE
    }

    fn reason(&self, code: &str) -> Option<&'static str> {
        api::reason(code)
    }

    fn fetch(&self, ctx: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
        download::step(ctx, file, account, replies)
    }

    fn authorize(&self, ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<Authorized> {
        account::authorize(ctx, account, replies)
    }

    fn sign_in(&self) -> Option<SignIn> {
        Some(SIGN_IN)
    }

    fn consent(&self, account: &Account) -> Option<Consent> {
        Some(account::consent(account))
    }

    fn limited_use(&self) -> bool {
        true
    }

    fn opens(&self, scope: &str) -> Option<&'static [Access]> {
        account::opens(scope)
    }

    fn revoke(&self, ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        account::revoke(ctx, account, replies)
    }
}
