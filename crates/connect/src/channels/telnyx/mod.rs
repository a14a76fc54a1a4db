//! Telnyx (<https://developers.telnyx.com/docs/messaging>): SMS and MMS of one number of a messaging profile.
//!
//! A conversation is a person's own; its thread has no name. A request is proven (`signature`) and becomes events (`parse`), an
//! answer is planned (`send`) and called (`api`), and every error has a word and an advice (`refusal`). A profile's hook may be
//! that of several numbers (`profile`), of whose deliveries each keeps its own (`cut`).

mod account;
mod api;
mod cut;
mod parse;
mod profile;
mod refusal;
mod send;
mod signature;
mod spec;
mod status;

use crate::{
    Account, Answer, Authorized, BlobHandle, Connector, Ctx, Erased, Event, Outgoing, Raw, Receipt, Reject, RemoteFile,
    Reply, Spec, Step, Trace, Verified, destination, lenient,
};

/// The Telnyx connector.
#[derive(Debug)]
pub(super) struct Telnyx;

/// For how long a text is repeated, in milliseconds: Telnyx forgets its key after a day, counted from when it first saw it.
const REPEATS_MS: i64 = 23 * 60 * 60 * 1000;
/// Telnyx's own API.
const BASE_URL: &str = "https://api.telnyx.com";
/// The most SMS that one text may make.
const MOST_SEGMENTS: u32 = 10;
/// The most files that go with one MMS.
const MOST_FILES: usize = 10;
/// All files of an MMS together, up, in bytes.
const FILES_BYTES: u64 = 1 << 20;
/// Largest file down, in bytes.
const FILE: u64 = 25 << 20;

impl Connector for Telnyx {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }

    fn verify(&self, ctx: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject> {
        if !signature::proven(ctx.now_ms, raw, account) {
            return Err(Reject::Unauthorised);
        }
        if raw.method != "POST" || !matches!(raw.path.as_str(), "" | status::PATH) {
            return Err(Reject::NotFound);
        }
        let body = lenient(&raw.body).filter(serde_json::Value::is_object).ok_or(Reject::Malformed)?;
        let told = status::subject(raw, account);
        if told.is_none() && !cut::is_own(&body, account) {
            return Ok(cut::others());
        }
        Ok(match told.or_else(|| parse::subject(&body, account)) {
            Some(subject) => Verified::speaking(raw.body.clone(), subject),
            None => Verified::new(raw.body.clone()),
        })
    }

    fn addressed(&self, raw: &Raw) -> Vec<String> {
        cut::addressed(&raw.body)
    }

    fn is_proven(&self, account: &Account) -> bool {
        profile::is_proven(account)
    }

    fn parts(&self, verified: Verified) -> Vec<Verified> {
        cut::parts(verified)
    }

    fn answer(&self, _: &Verified) -> Answer {
        Answer::ok()
    }

    fn parse(&self, verified: &Verified) -> Vec<Event> {
        parse::events(verified)
    }

    fn send(&self, ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
        send::step(ctx, out, account, replies)
    }

    fn erase(&self, _: &Ctx, trace: &Trace, _: &Account, _: &[Reply]) -> Step<Erased> {
        account::erase(trace)
    }

    fn repeats(&self) -> bool {
        true
    }

    fn repeats_ms(&self) -> Option<i64> {
        Some(REPEATS_MS)
    }

    fn reason(&self, code: &str) -> Option<&'static str> {
        profile::reason(code).or_else(|| destination::reason(code)).or_else(|| refusal::reason(code))
    }

    fn fetch(&self, _: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
        account::fetch(file, account, replies)
    }

    fn authorize(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Authorized> {
        profile::authorize(account, replies)
    }

    fn subscribes(&self) -> bool {
        true
    }

    fn subscribe(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        profile::subscribe(account, replies)
    }

    fn beside(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Vec<String>> {
        profile::beside(account, replies)
    }

    fn revoke(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        profile::revoke(account, replies)
    }
}
