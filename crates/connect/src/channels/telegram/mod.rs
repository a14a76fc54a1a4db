//! Telegram, through its Bot API (<https://core.telegram.org/bots/api>).
//!
//! A thread is a private chat with the bot, or a private chat of a business account that the bot speaks for. Groups and
//! channels make no conversations. Everything here follows the order of the data: an update is read (`parse`,
//! `content`), an answer is planned (`send`, `media`, `removal`) and called (`api`), a refusal is put into words (`refusal`).

mod account;
mod address;
mod api;
mod content;
mod download;
mod media;
mod parse;
mod refusal;
mod removal;
mod send;

use crate::{
    Account, Answer, Authorized, BlobHandle, Capability, Connector, Ctx, Erased, Event, Field, FieldKind, Limits,
    Outgoing, Raw, Receipt, Reject, RemoteFile, Reply, Spec, Step, Trace, Verified, destination, lenient,
};

/// The Telegram connector.
#[derive(Debug)]
pub(super) struct Telegram;

/// Largest file that a bot may send, in bytes.
const UPLOAD: u64 = 50 << 20;
/// Largest file that a bot may fetch, in bytes.
const DOWNLOAD: u64 = 20 << 20;
/// Longest text, in UTF-16 code units.
const TEXT: u32 = 4096;
/// Longest caption, in UTF-16 code units.
const CAPTION: u32 = 1024;

static SPEC: Spec = Spec {
    kind: "telegram",
    label: "Telegram",
    help: "Create a bot with @BotFather in Telegram and paste the token that it gives you.",
    endpoint: Some("telegram"),
    base_url: "https://api.telegram.org",
    fields: &[
        Field {
            key: "bot_token",
            label: "Bot token",
            help: "From @BotFather, /mybots, API Token: digits, a colon, and 35 more characters.",
            kind: FieldKind::Text,
            secret: true,
            required: true,
            generated: false,
            shown_once: false,
            brought: false,
            choices: &[],
        },
        Field {
            key: "hook_secret",
            label: "Hook secret",
            help: "Proves that updates come from Telegram. Made when the channel is created.",
            kind: FieldKind::Text,
            secret: true,
            required: false,
            generated: true,
            shown_once: false,
            brought: false,
            choices: &[],
        },
    ],
    account_key: None,
    entered: crate::Entered::NOTHING,
    limits: Limits {
        text: TEXT,
        caption: CAPTION,
        upload: UPLOAD,
        download: DOWNLOAD,
        per_second: 30,
        thread_gap_ms: 1000,
        ..Limits::NONE
    },
    capabilities: &[
        Capability::Text,
        Capability::Buttons,
        Capability::Files,
        Capability::Place,
        Capability::Card,
        Capability::Reaction,
        Capability::Edit,
        Capability::Remove,
        Capability::Typing,
        Capability::Quote,
    ],
    data_received: "Messages and files in both directions, and the contact's Telegram id, name, username and language.",
    processor: "Telegram FZ-LLC",
    region: "worldwide",
};

impl Connector for Telegram {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn verify(&self, _: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject> {
        let proof = raw.header("x-telegram-bot-api-secret-token").ok_or(Reject::Unauthorised)?;
        if !account.secret("hook_secret").matches(proof.as_bytes()) {
            return Err(Reject::Unauthorised);
        }
        if raw.method != "POST" || !raw.path.is_empty() {
            return Err(Reject::NotFound);
        }
        lenient(&raw.body).filter(serde_json::Value::is_object).ok_or(Reject::Malformed)?;
        Ok(Verified::new(raw.body.clone()))
    }

    fn answer(&self, _: &Verified) -> Answer {
        Answer::ok()
    }

    fn parse(&self, verified: &Verified) -> Vec<Event> {
        parse::events(verified.body())
    }

    fn send(&self, _: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
        send::step(out, account, replies)
    }

    fn erase(&self, ctx: &Ctx, trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
        removal::erase(ctx, trace, account, replies)
    }

    fn fetch(&self, _: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
        download::step(file, account, replies)
    }

    fn authorize(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Authorized> {
        account::authorize(account, replies)
    }

    fn reason(&self, code: &str) -> Option<&'static str> {
        destination::reason(code)
    }

    fn writing_reopens(&self) -> bool {
        true
    }

    fn subscribes(&self) -> bool {
        true
    }

    fn subscribe(&self, ctx: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        account::subscribe(ctx, account, replies)
    }

    fn revoke(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        account::revoke(account, replies)
    }
}
