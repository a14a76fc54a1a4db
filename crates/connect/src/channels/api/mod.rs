//! The API channel: any other system as a channel, by signed JSON in both directions.
//!
//! The other system posts events to the channel's hook and receives ours at its `webhook_url`, both signed by the
//! Standard Webhooks scheme with one secret. It is trusted to know its own users: what it says of a contact's address
//! and number counts as that contact's identity.

mod chatwoot;
mod parse;
mod send;

use std::collections::BTreeMap;

use crate::{
    Account, Answer, Authorized, BlobHandle, Call, Capability, Connector, Ctx, Erased, Event, Field, FieldKind,
    HttpCall, Limits, Outgoing, Raw, Receipt, Reject, RemoteFile, Reply, SendError, Spec, Step, Trace, Verified,
    lenient, standard_webhooks,
};

/// The API channel's connector.
#[derive(Debug)]
pub(super) struct Api;

/// Largest attachment fetched from the other system, in bytes.
const DOWNLOAD: u64 = 50 << 20;

/// How replies are written, the default first.
const FORMATS: [&str; 2] = ["parloir", "chatwoot"];

static SPEC: Spec = Spec {
    kind: "api",
    label: "API",
    help: "Connects any other system: it posts messages to this channel's hook and receives replies at its own URL.",
    endpoint: None,
    base_url: "",
    fields: &[
        Field {
            key: "webhook_url",
            label: "Webhook URL",
            help: "Where replies are posted to, signed. A 2xx answer means that the message was taken.",
            kind: FieldKind::Url,
            secret: false,
            required: true,
            generated: false,
            shown_once: false,
            brought: false,
            choices: &[],
        },
        Field {
            key: "format",
            label: "Format of what is posted",
            help: "How replies are written: parloir, or chatwoot for a system that was made for Chatwoot's webhooks.",
            kind: FieldKind::Choice,
            secret: false,
            required: false,
            generated: false,
            shown_once: false,
            brought: false,
            choices: &FORMATS,
        },
        Field {
            key: "signing_secret",
            label: "Signing secret",
            help: "Signs both directions (Standard Webhooks). Shown once; keep it in the other system.",
            kind: FieldKind::Text,
            secret: true,
            required: false,
            generated: true,
            shown_once: true,
            brought: false,
            choices: &[],
        },
        Field {
            key: "file_secret",
            label: "Secret for files",
            help: "Signs the addresses at which the other system fetches files. Made when the channel is created.",
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
    limits: Limits { download: DOWNLOAD, ..Limits::NONE },
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
        Capability::Seen,
        Capability::Quote,
        Capability::Delivered,
        Capability::Read,
    ],
    data_received: "Messages and links to files in both directions, and what the other system says of its contacts.",
    processor: "Whoever runs the system at the webhook URL",
    region: "worldwide",
};

impl Connector for Api {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn verify(&self, ctx: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject> {
        if !standard_webhooks::verify(&account.secret("signing_secret"), ctx.now_ms, raw) {
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

    fn send(&self, ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
        send::step(ctx, out, account, replies)
    }

    fn erase(&self, ctx: &Ctx, trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
        send::erase(ctx, trace, account, replies)
    }

    fn fetch(&self, _: &Ctx, file: &RemoteFile, _: &Account, replies: &[Reply]) -> Step<BlobHandle> {
        match replies.first() {
            None => bring(file),
            Some(Reply::Stored { blob, .. }) => Step::Done(blob.clone()),
            Some(Reply::Answer { status: 400..=428 | 430..=499, .. }) => Step::Fail(SendError::Refused {
                code: "file_gone".to_owned(),
                why: "The other system no longer gives this file. Ask for it to be sent again.".to_owned(),
            }),
            Some(_) => Step::Fail(SendError::Retry("the file could not be fetched now".to_owned())),
        }
    }

    fn authorize(&self, _: &Ctx, account: &Account, _: &[Reply]) -> Step<Authorized> {
        let format = account.setting("format");
        if !format.is_empty() && !FORMATS.contains(&format) {
            let (code, why) = CHOICE_UNKNOWN;
            return Step::Fail(SendError::Refused { code: code.to_owned(), why: why.to_owned() });
        }
        match send::host(account.setting("webhook_url")) {
            Some(host) => Step::Done(Authorized {
                account: account.channel.clone(),
                label: host.to_owned(),
                learned: BTreeMap::new(),
            }),
            None => Step::Fail(send::no_url()),
        }
    }

    fn reason(&self, code: &str) -> Option<&'static str> {
        (code == CHOICE_UNKNOWN.0).then_some(CHOICE_UNKNOWN.1)
    }

    fn repeats(&self) -> bool {
        true
    }

    fn takes_posts(&self) -> bool {
        true
    }

    fn tells_about(&self, settings: &BTreeMap<String, String>) -> bool {
        settings.get("format").is_some_and(|format| format == "chatwoot")
    }

    fn revoke(&self, _: &Ctx, _: &Account, _: &[Reply]) -> Step<()> {
        Step::Done(())
    }
}

/// Code and words for a format that is none.
const CHOICE_UNKNOWN: (&str, &str) = ("choice_unknown", "A setting has a word that is not among its choices.");

fn bring(file: &RemoteFile) -> Step<BlobHandle> {
    if send::host(&file.locator).is_none() {
        return Step::Fail(SendError::Refused {
            code: "file_url_refused".to_owned(),
            why: "The attachment has no http or https address.".to_owned(),
        });
    }
    let mut call = HttpCall::get("api.file", file.locator.clone());
    call.to_blob = true;
    call.max_reply = DOWNLOAD;
    Step::Call(Call::Http(call))
}
