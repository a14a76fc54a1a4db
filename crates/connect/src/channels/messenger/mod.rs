//! Facebook Messenger (<https://developers.facebook.com/docs/messenger-platform>). One channel is one page. What it does is
//! what Meta's messengers share: here is in what it differs.

use crate::channels::meta::talk::{self, FILE, Form, Product, Talk, operations};
use crate::{Capability, Field, Limits, Spec};

/// The Messenger connector.
pub(super) const CONNECTOR: Talk = Talk { product: &PRODUCT, spec: &SPEC };

/// Longest text, in characters.
const TEXT: u32 = 2000;

const PRODUCT: Product = Product {
    name: "Messenger",
    object: "page",
    account_key: "page_id",
    operations: operations!("messenger"),
    fields: "messages,messaging_postbacks,message_echoes,message_deliveries,message_reads,message_reactions,message_edits,\
             messaging_referrals,messaging_optins,messaging_policy_enforcement,messaging_handovers,standby",
    account_fields: "id,name",
    person_fields: "first_name,last_name,locale",
    text: TEXT as usize,
    counts_bytes: false,
    names_ours: true,
    has_app_ids: true,
    forms: &[
        Form { word: "image", types: &["image/jpeg", "image/png", "image/gif", "image/webp"], most: 8 << 20 },
        Form { word: "video", types: &["video/"], most: FILE },
        Form { word: "audio", types: &["audio/"], most: FILE },
        Form { word: "file", types: &[], most: FILE },
    ],
    platform: None,
    refresh: None,
};

/// A setting that must be given.
const fn field(key: &'static str, label: &'static str, help: &'static str, secret: bool) -> Field {
    Field { secret, ..Field::text(key, label, help) }
}

const SPEC: Spec = Spec {
    kind: "messenger",
    label: "Messenger",
    help: "Create an app with the product Messenger at developers.facebook.com, connect your page, and copy its id and secrets here.",
    endpoint: Some("graph"),
    base_url: "https://graph.facebook.com",
    fields: &[
        field(
            "page_id",
            "Page id",
            "In the app under Messenger, Settings, beside the page's name: digits only.",
            false,
        ),
        field(
            "page_access_token",
            "Page access token",
            "In the app under Messenger, Settings, Generate token, or of a system user: with pages_messaging and \
             pages_manage_metadata.",
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
                "Paste it beside the hook's address in the app under Messenger, Settings, Webhooks. Made when left empty.",
                true,
            )
        },
        talk::GET_STARTED,
        talk::ICE_BREAKERS,
        talk::MENU,
    ],
    account_key: Some("page_id"),
    entered: crate::Entered {
        callbacks: &["data-deletion", "deauthorize"],
        fields: &[
            "messages",
            "messaging_postbacks",
            "message_echoes",
            "message_deliveries",
            "message_reads",
            "message_reactions",
            "message_edits",
            "messaging_referrals",
            "messaging_optins",
            "messaging_policy_enforcement",
            "messaging_handovers",
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
        echo_ms: 60_000,
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
        Capability::Delivered,
        Capability::Read,
        Capability::Person,
        Capability::Late,
        Capability::Handover,
        Capability::TakeOver,
    ],
    data_received: "Messages and files, reactions, when messages were delivered and read, name and language of the contact, \
                    and ids by which Meta knows them for the page and for the app.",
    processor: "Meta Platforms Ireland Limited",
    region: "worldwide",
};
