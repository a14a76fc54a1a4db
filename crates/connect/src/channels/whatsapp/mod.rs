//! WhatsApp, through Meta's Cloud API (<https://developers.facebook.com/documentation/business-messaging/whatsapp>).
//!
//! One channel is one business telephone number. A conversation is a person's own (its thread is empty), or a group. What
//! one app receives for many numbers is verified and cut to this account's own (`hook`, `cut`), read as events (`parse` and
//! below it `message`, `content`, `person`, `status`, `echo`, `news`); an answer is planned as one or more calls (`send`,
//! `compose`, `interactive`, `media`, `template`), and every error has a word and an advice (`refusal`).

mod account;
mod address;
mod card;
mod compose;
mod content;
mod cut;
mod download;
mod drafts;
mod echo;
mod errors;
mod hook;
mod interactive;
mod media;
mod message;
mod news;
mod parse;
mod person;
mod profile;
mod refusal;
mod send;
mod signup;
mod standing;
mod status;
mod template;
mod templates;

use crate::oauth::{Consent, Grant, Opened, SignIn};
use crate::{
    Account, Answer, Authorized, BlobHandle, Capability, Connector, Ctx, Erased, Event, Fault, Field, FieldKind,
    Forbids, Limits, Outgoing, Profile, Raw, Receipt, Reject, RemoteFile, Reply, Spec, Step, Template, TemplateDraft,
    Trace, Verified,
};

/// The WhatsApp connector.
#[derive(Debug)]
pub(super) struct Whatsapp;

/// Largest file in both directions, in bytes; images, audio and video have lower bounds of their own.
const FILE: u64 = 100 << 20;
/// Longest text, in characters.
const TEXT: u32 = 4096;
/// Longest caption, in characters.
const CAPTION: u32 = 1024;

/// A setting that must be given.
const fn field(key: &'static str, label: &'static str, help: &'static str, secret: bool) -> Field {
    Field { secret, ..Field::text(key, label, help) }
}

/// One that connecting with Facebook brings.
const fn brought(key: &'static str, label: &'static str, help: &'static str, secret: bool) -> Field {
    Field { brought: true, ..field(key, label, help, secret) }
}

static SPEC: Spec = Spec {
    kind: "whatsapp",
    label: "WhatsApp",
    help: "Create an app with the product WhatsApp at developers.facebook.com, add your number, and copy its ids and secrets here.",
    endpoint: Some("graph"),
    base_url: "https://graph.facebook.com",
    fields: &[
        brought(
            "phone_number_id",
            "Phone number id",
            "In the app under WhatsApp, API Setup: digits only. It is not the telephone number itself.",
            false,
        ),
        brought(
            "business_account_id",
            "WhatsApp Business Account id",
            "In the app under WhatsApp, API Setup, beside the phone number id: digits only.",
            false,
        ),
        brought(
            "access_token",
            "Access token",
            "Of a system user with the permissions whatsapp_business_messaging and whatsapp_business_management. A token \
             that is shown for testing ends after a day.",
            true,
        ),
        field("app_secret", "App secret", "In the app under App settings, Basic. Meta signs deliveries with it.", true),
        Field {
            required: false,
            generated: true,
            shown_once: true,
            ..field(
                "verify_token",
                "Verify token",
                "Paste it beside the hook's address in the app under WhatsApp, Configuration. Made when left empty.",
                true,
            )
        },
        Field::optional(
            "app_id",
            "App id",
            "For connecting with Facebook: the id of the app at Meta, digits only.",
            FieldKind::Text,
        ),
        Field::optional(
            "config_id",
            "Configuration id",
            "For connecting with Facebook: in the app under Facebook Login for Business, Configurations.",
            FieldKind::Text,
        ),
        Field::choice(
            "onboarding",
            "Number",
            "new: one for this channel alone. app: one that stays in the WhatsApp Business app on a phone, too (coexistence).",
            &["new", "app"],
        ),
        Field {
            secret: true,
            ..Field::optional(
                "pin",
                "PIN of two-step verification",
                "Six digits, where the number has one already. Without it, one is set when the number is connected with Facebook.",
                FieldKind::Text,
            )
        },
    ],
    // Every delivery names the business account, also news of templates and limits, which name no number.
    account_key: Some("business_account_id"),
    entered: crate::Entered {
        callbacks: &[],
        fields: &[
            "messages",
            "message_template_status_update",
            "message_template_quality_update",
            "template_category_update",
            "phone_number_quality_update",
            "business_capability_update",
            "account_update",
            "user_preferences",
            "smb_message_echoes",
            "calls",
        ],
    },
    limits: Limits {
        text: TEXT,
        caption: CAPTION,
        upload: FILE,
        download: FILE,
        per_second: 80,
        thread_gap_ms: 6_000,
        thread_burst: 45,
        echo_ms: 60_000,
        window_ms: 24 * 60 * 60 * 1000,
        content_days: 90,
        forbids: Forbids::WHATSAPP,
        ..Limits::NONE
    },
    capabilities: &[
        Capability::Text,
        Capability::Buttons,
        Capability::Files,
        Capability::Place,
        Capability::Card,
        Capability::Reaction,
        Capability::Typing,
        Capability::Seen,
        Capability::Quote,
        Capability::List,
        Capability::Template,
        Capability::MakeTemplate,
        Capability::Profile,
        Capability::Delivered,
        Capability::Read,
    ],
    data_received: "Messages and files in both directions, and the contact's telephone number or WhatsApp id, name and user name.",
    processor: "Meta Platforms Ireland Limited",
    region: "worldwide",
};

impl Connector for Whatsapp {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn verify(&self, _: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject> {
        hook::verify(raw, account)
    }

    fn addressed(&self, raw: &Raw) -> Vec<String> {
        cut::addressed(&raw.body)
    }

    fn parts(&self, verified: Verified) -> Vec<Verified> {
        cut::parts(verified)
    }

    fn answer(&self, verified: &Verified) -> Answer {
        hook::answer(verified)
    }

    fn parse(&self, verified: &Verified) -> Vec<Event> {
        parse::events(verified)
    }

    fn send(&self, _: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
        send::step(out, account, replies)
    }

    fn per_second(&self, account: &Account) -> Option<u32> {
        account::per_second(account)
    }

    fn erase(&self, _: &Ctx, trace: &Trace, _: &Account, _: &[Reply]) -> Step<Erased> {
        account::erase(trace)
    }

    fn fetch(&self, _: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
        download::step(file, account, replies)
    }

    fn templates(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Vec<Template>> {
        templates::step(account, replies)
    }

    fn template_faults(&self, draft: &TemplateDraft) -> Vec<Fault> {
        drafts::faults(draft)
    }

    fn make_template(&self, _: &Ctx, draft: &TemplateDraft, account: &Account, replies: &[Reply]) -> Step<Template> {
        drafts::make(draft, account, replies)
    }

    fn drop_template(&self, _: &Ctx, template: &Template, account: &Account, replies: &[Reply]) -> Step<()> {
        drafts::take_back(template, account, replies)
    }

    fn profile(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Profile> {
        profile::read(account, replies)
    }

    fn profile_faults(&self, change: &Profile) -> Vec<Fault> {
        profile::faults(change)
    }

    fn set_profile(&self, _: &Ctx, change: &Profile, account: &Account, replies: &[Reply]) -> Step<()> {
        profile::change(change, account, replies)
    }

    fn reason(&self, code: &str) -> Option<&'static str> {
        standing::reason(code)
    }

    // Who signed in has never seen the app's secret: it proves deliveries of the account that was opened, and of no other.
    fn secrets_behind(&self, setting: &str) -> &'static [&'static str] {
        if setting == "business_account_id" { &["app_secret"] } else { &[] }
    }

    fn sign_in(&self) -> Option<SignIn> {
        Some(signup::SIGN_IN)
    }

    fn consent(&self, account: &Account) -> Option<Consent> {
        signup::consent(account)
    }

    fn exchange(&self, _: &Ctx, account: &Account, grant: Grant<'_>, replies: &[Reply]) -> Step<Opened> {
        signup::exchange(account, grant, replies)
    }

    fn choose(&self, _: &Ctx, account: &Account, id: &str, replies: &[Reply]) -> Step<Opened> {
        signup::choose(account, id, replies)
    }

    fn authorize(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Authorized> {
        account::authorize(account, replies)
    }

    fn subscribes(&self) -> bool {
        true
    }

    fn subscribe(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        account::subscribe(account, replies)
    }

    fn revoke(&self, _: &Ctx, _: &Account, _: &[Reply]) -> Step<()> {
        account::revoke()
    }
}
