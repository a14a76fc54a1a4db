//! What the two kinds of channel need and can do.

use super::{BASE_URL, TEXT};
use crate::{Capability, Field, FieldKind, Forbids, Limits, Spec};

/// A setting that must be given.
const fn field(key: &'static str, label: &'static str, help: &'static str, secret: bool) -> Field {
    Field { secret, ..Field::text(key, label, help) }
}

/// One that may be left out.
const fn optional(key: &'static str, label: &'static str, help: &'static str, secret: bool) -> Field {
    Field { required: false, ..field(key, label, help, secret) }
}

/// Lines that may be left out.
const fn lines(key: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { kind: FieldKind::List, ..optional(key, label, help, false) }
}

/// How often the list is asked for what nobody answered, in milliseconds.
const CATCH_UP_MS: u64 = 15 * 60_000;

/// Settings that both kinds share; the number is between them.
const ACCOUNT: Field =
    field("account_sid", "Account SID", "On the first page of the Twilio console: AC and 32 more characters.", false);
const TOKEN: Field = field(
    "auth_token",
    "Auth token",
    "Beside the account SID. Twilio signs what it delivers with the primary one.",
    true,
);
const KEY: Field = optional(
    "api_key_sid",
    "API key SID",
    "SK and 32 more characters, if calls shall be made with an API key instead of the auth token.",
    false,
);
const KEY_SECRET: Field =
    optional("api_key_secret", "API key secret", "Of the API key; shown once when it is created.", true);
const SHARED: Field = optional(
    "shared_key",
    "Shared key for webhooks",
    "Only if deliveries are signed with a shared key (HMAC-SHA256) instead of the auth token.",
    true,
);
const LANGUAGES: Field = lines(
    "languages",
    "Languages of opt-out words",
    "en, it, es, de, fr: one a line. Empty: all of them. STOP and the other words at which carriers block always count.",
);
const STOP: Field =
    lines("stop_words", "More opt-out words", "Words of your own, one a line, that refuse all messages.");
const START: Field =
    lines("start_words", "More opt-in words", "Words of your own, one a line, that allow messages again.");
const FILES: Field = Field {
    generated: true,
    ..optional(
        "file_secret",
        "Secret for files",
        "Signs the addresses at which Twilio fetches files. Made when the channel is created.",
        true,
    )
};

/// SMS and MMS.
pub(super) static SMS: Spec = Spec {
    kind: "sms_twilio",
    label: "SMS (Twilio)",
    help: "Copy the account SID and the auth token from the Twilio console, and name the number that sends.",
    endpoint: Some("twilio"),
    base_url: BASE_URL,
    fields: &[
        ACCOUNT,
        TOKEN,
        field(
            "number",
            "Number",
            "A number of the account such as +390612345678, or a messaging service's SID (MG…).",
            false,
        ),
        KEY,
        KEY_SECRET,
        SHARED,
        LANGUAGES,
        STOP,
        START,
        FILES,
    ],
    account_key: None,
    entered: crate::Entered::NOTHING,
    limits: Limits {
        text: TEXT,
        caption: TEXT,
        upload: 5 << 20,
        download: 25 << 20,
        per_second: 50,
        echo_ms: 60_000,
        catch_up_ms: CATCH_UP_MS,
        in_segments: true,
        ..Limits::NONE
    },
    capabilities: &[Capability::Text, Capability::Files, Capability::Delivered],
    data_received: "Messages and files in both directions, and the contact's telephone number.",
    processor: "Twilio Ireland Limited",
    region: "worldwide",
};

/// WhatsApp through Twilio.
pub(super) static WHATSAPP: Spec = Spec {
    kind: "whatsapp_twilio",
    label: "WhatsApp (Twilio)",
    help: "For a WhatsApp sender that is registered at Twilio. Copy the account SID and the auth token from the Twilio console.",
    endpoint: Some("twilio"),
    base_url: BASE_URL,
    fields: &[
        ACCOUNT,
        TOKEN,
        field(
            "number",
            "Number",
            "The WhatsApp sender's number such as +390612345678, or a messaging service's SID (MG…).",
            false,
        ),
        KEY,
        KEY_SECRET,
        SHARED,
        LANGUAGES,
        STOP,
        START,
        FILES,
    ],
    account_key: None,
    entered: crate::Entered::NOTHING,
    limits: Limits {
        text: TEXT,
        caption: TEXT,
        upload: 16 << 20,
        download: 16 << 20,
        per_second: 50,
        echo_ms: 60_000,
        catch_up_ms: CATCH_UP_MS,
        window_ms: 24 * 60 * 60 * 1000,
        content_days: 90,
        forbids: Forbids::WHATSAPP,
        ..Limits::NONE
    },
    capabilities: &[
        Capability::Text,
        Capability::Files,
        Capability::Place,
        Capability::Template,
        Capability::Delivered,
        Capability::Read,
    ],
    data_received: "Messages and files in both directions, and the contact's telephone number and WhatsApp name. Meta receives them too.",
    processor: "Twilio Ireland Limited",
    region: "worldwide",
};
