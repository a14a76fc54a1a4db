//! Twilio (<https://www.twilio.com/docs/messaging>): SMS and MMS, and WhatsApp through it, which are two kinds of channel of
//! one sender each.
//!
//! A conversation is a person's own; its thread has no name. A request is proven (`signature`), read for what only the
//! settings tell (`hook`), and becomes events (`parse`, `status`); an answer is planned (`send`, `template`) and called
//! (`api`), and every error has a word and an advice (`refusal`).

mod account;
mod api;
mod download;
mod form;
mod hook;
mod missed;
mod number;
mod parse;
mod refusal;
mod send;
mod signature;
mod spec;
mod status;
mod template;

use crate::{
    Account, Answer, Authorized, BlobHandle, Connector, Ctx, Erased, Event, Outgoing, Polled, Raw, Receipt, Reject,
    RemoteFile, Reply, Spec, Step, Template, Trace, Verified,
};

/// Twilio's own API.
const BASE_URL: &str = "https://api.twilio.com";
/// Longest text, in characters.
const TEXT: u32 = 1600;
/// The most files that go with one MMS.
const MMS_FILES: usize = 10;

/// What carries the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Medium {
    Sms,
    Whatsapp,
}

impl Medium {
    fn spec(self) -> &'static Spec {
        match self {
            Self::Sms => &spec::SMS,
            Self::Whatsapp => &spec::WHATSAPP,
        }
    }

    /// The largest file up, or all files of an MMS together, in bytes.
    fn upload(self) -> u64 {
        self.spec().limits.upload
    }

    /// The largest file down, in bytes.
    fn download(self) -> u64 {
        self.spec().limits.download
    }

    fn operation(self) -> &'static str {
        match self {
            Self::Sms => "sms_twilio.message",
            Self::Whatsapp => "whatsapp_twilio.message",
        }
    }

    fn account(self) -> &'static str {
        match self {
            Self::Sms => "sms_twilio.account",
            Self::Whatsapp => "whatsapp_twilio.account",
        }
    }

    fn missed(self) -> &'static str {
        match self {
            Self::Sms => "sms_twilio.missed",
            Self::Whatsapp => "whatsapp_twilio.missed",
        }
    }

    fn removal(self) -> &'static str {
        match self {
            Self::Sms => "sms_twilio.delete",
            Self::Whatsapp => "whatsapp_twilio.delete",
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::Sms => "sms_twilio.file",
            Self::Whatsapp => "whatsapp_twilio.file",
        }
    }
}

/// The connector of one medium.
#[derive(Debug)]
pub(super) struct Twilio(Medium);

impl Twilio {
    /// SMS and MMS.
    pub(super) const SMS: Self = Self(Medium::Sms);
    /// WhatsApp through Twilio.
    pub(super) const WHATSAPP: Self = Self(Medium::Whatsapp);
}

impl Connector for Twilio {
    fn spec(&self) -> &'static Spec {
        self.0.spec()
    }

    fn verify(&self, _: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject> {
        hook::verify(raw, account)
    }

    /// An empty response: nothing is said back.
    fn answer(&self, _: &Verified) -> Answer {
        Answer { content_type: "text/xml", body: "<Response/>".to_owned(), ..Answer::ok() }
    }

    fn parse(&self, verified: &Verified) -> Vec<Event> {
        parse::events(verified)
    }

    fn send(&self, ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
        send::step(ctx, out, account, self.0, replies)
    }

    fn erase(&self, _: &Ctx, trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
        account::erase(trace, account, self.0, replies)
    }

    fn erased_at_once(&self) -> usize {
        account::ERASED_AT_ONCE
    }

    fn reason(&self, code: &str) -> Option<&'static str> {
        account::reason(code)
    }

    fn fetch(&self, _: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
        download::step(file, account, self.0, replies)
    }

    fn templates(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Vec<Template>> {
        match self.0 {
            Medium::Sms => Step::Fail(crate::SendError::Unsupported),
            Medium::Whatsapp => template::all(account, replies),
        }
    }

    fn authorize(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Authorized> {
        account::authorize(account, self.0, replies)
    }

    fn poll(&self, ctx: &Ctx, account: &Account, cursor: Option<&str>, replies: &[Reply]) -> Step<Polled> {
        missed::poll(ctx, account, self.0, cursor, replies)
    }

    fn subscribes(&self) -> bool {
        self.0 == Medium::Sms
    }

    fn subscribe(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        number::subscribe(account, replies)
    }

    fn revoke(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        number::revoke(account, replies)
    }
}
