//! Instagram messaging, through the API with Instagram Login
//! (<https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login>). One channel is one
//! professional account. What it does is what Meta's messengers share: here is in what it differs.

use crate::channels::meta::talk::{self, FILE, Form, Product, operations};
use crate::{
    Account, Answer, Authorized, BlobHandle, Capability, Connector, Ctx, Erased, Event, Field, FieldKind, Limits,
    Outgoing, Person, PersonIdentity, Raw, Receipt, Reject, RemoteFile, Reply, Spec, Step, Trace, Verified,
};

/// The Instagram connector.
#[derive(Debug)]
pub(super) struct Instagram;

/// Longest text, in bytes of UTF-8.
const TEXT: u32 = 1000;

static PRODUCT: Product = Product {
    name: "Instagram",
    object: "instagram",
    account_key: "account_id",
    operations: operations!("instagram"),
    fields: "messages,messaging_postbacks,messaging_seen,message_reactions,messaging_referral,standby",
    account_fields: "id,user_id,username,name",
    person_fields: "name,username",
    text: TEXT as usize,
    counts_bytes: true,
    names_ours: false,
    has_app_ids: false,
    forms: &[
        Form { word: "image", types: &["image/jpeg", "image/png", "image/gif"], most: 8 << 20 },
        Form {
            word: "video",
            types: &["video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"],
            most: FILE,
        },
        Form {
            word: "audio",
            types: &["audio/aac", "audio/mp4", "audio/x-m4a", "audio/wav", "audio/x-wav"],
            most: FILE,
        },
        Form { word: "file", types: &["application/pdf"], most: FILE },
    ],
    platform: Some("instagram"),
};

/// A setting that must be given.
const fn field(key: &'static str, label: &'static str, help: &'static str, secret: bool) -> Field {
    Field {
        key,
        label,
        help,
        kind: FieldKind::Text,
        secret,
        required: true,
        generated: false,
        shown_once: false,
        choices: &[],
    }
}

static SPEC: Spec = Spec {
    kind: "instagram",
    label: "Instagram",
    help: "Create an app with the product Instagram at developers.facebook.com, connect your professional account, and copy its \
           id and secrets here.",
    endpoint: Some("graph_instagram"),
    base_url: "https://graph.instagram.com",
    fields: &[
        field(
            "account_id",
            "Account id",
            "In the app under Instagram, API setup with Instagram login, beside the account's name: digits only.",
            false,
        ),
        field(
            "access_token",
            "Access token",
            "In the app under Instagram, API setup with Instagram login, Generate token: with instagram_business_basic and \
             instagram_business_manage_messages.",
            true,
        ),
        field(
            "app_secret",
            "Instagram app secret",
            "In the app under Instagram, API setup with Instagram login, at the top. Meta signs deliveries with it.",
            true,
        ),
        Field {
            required: false,
            generated: true,
            shown_once: true,
            ..field(
                "verify_token",
                "Verify token",
                "Paste it beside the hook's address in the app under Instagram, Configure webhooks. Made when left empty.",
                true,
            )
        },
    ],
    account_key: Some("account_id"),
    limits: Limits {
        text: TEXT,
        caption: TEXT,
        upload: FILE,
        download: FILE,
        per_second: 40,
        thread_gap_ms: 500,
        thread_burst: 10,
        window_ms: talk::WINDOW_MS,
        ..Limits::NONE
    },
    capabilities: &[
        Capability::Text,
        Capability::Buttons,
        Capability::Files,
        Capability::Reaction,
        Capability::Typing,
        Capability::Seen,
        Capability::Quote,
        Capability::Read,
        Capability::Person,
        Capability::Late,
        Capability::Handover,
    ],
    data_received: "Messages and files, reactions, when messages were read, name and user name of the contact, and the id by \
                    which Instagram knows them for the account.",
    processor: "Meta Platforms Ireland Limited",
    region: "worldwide",
};

impl Connector for Instagram {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn verify(&self, _: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject> {
        talk::verify(&PRODUCT, raw, account)
    }

    fn addressed(&self, raw: &Raw) -> Vec<String> {
        talk::addressed(raw)
    }

    fn parts(&self, verified: Verified) -> Vec<Verified> {
        talk::parts(verified)
    }

    fn answer(&self, verified: &Verified) -> Answer {
        talk::answer(verified)
    }

    fn parse(&self, verified: &Verified) -> Vec<Event> {
        talk::events(verified)
    }

    fn send(&self, _: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
        talk::send(&PRODUCT, out, account, replies)
    }

    fn erase(&self, _: &Ctx, trace: &Trace, _: &Account, _: &[Reply]) -> Step<Erased> {
        talk::erase(&PRODUCT, trace)
    }

    fn fetch(&self, _: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
        talk::fetch(&PRODUCT, file, account, replies)
    }

    fn person(&self, _: &Ctx, known: &PersonIdentity, account: &Account, replies: &[Reply]) -> Step<Person> {
        talk::person(&PRODUCT, known, account, replies)
    }

    fn reason(&self, code: &str) -> Option<&'static str> {
        talk::reason(code)
    }

    fn authorize(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Authorized> {
        talk::authorize(&PRODUCT, account, replies)
    }

    fn revoke(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        talk::revoke(&PRODUCT, account, replies)
    }
}
