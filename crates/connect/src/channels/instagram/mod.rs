//! Instagram messaging, through the API with Instagram Login
//! (<https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login>). One channel is one
//! professional account. What it does is what Meta's messengers share: here is in what it differs.

use crate::channels::meta::talk::{self, FILE, Form, Product, Refresh, Talk, operations};
use crate::{Capability, Field, Limits, Spec};

/// The Instagram connector.
pub(super) const CONNECTOR: Talk = Talk { product: &PRODUCT, spec: &SPEC };

/// Longest text, in bytes of UTF-8.
const TEXT: u32 = 1000;

const PRODUCT: Product = Product {
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
    refresh: Some(Refresh { token: "access_token", operation: "instagram.refresh", grant: "ig_refresh_token" }),
};

/// A setting that must be given.
const fn field(key: &'static str, label: &'static str, help: &'static str, secret: bool) -> Field {
    Field { secret, ..Field::text(key, label, help) }
}

const SPEC: Spec = Spec {
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
        talk::ICE_BREAKERS,
        talk::MENU,
    ],
    account_key: Some("account_id"),
    entered: crate::Entered {
        callbacks: &["data-deletion", "deauthorize"],
        fields: &[
            "messages",
            "messaging_postbacks",
            "messaging_seen",
            "message_reactions",
            "messaging_referral",
            "message_edit",
            "messaging_optins",
            "messaging_handover",
            "standby",
        ],
    },
    limits: Limits {
        text: TEXT,
        caption: TEXT,
        upload: FILE,
        download: FILE,
        per_second: 40,
        thread_gap_ms: 500,
        thread_burst: 10,
        window_ms: talk::WINDOW_MS,
        content_days: 30,
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
