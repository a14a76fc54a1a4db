//! What a channel of this kind needs and can do.

use super::{BASE_URL, FILE, FILES_BYTES};
use crate::{Capability, Field, FieldKind, Limits, Spec};

/// A setting that must be given.
const fn field(key: &'static str, label: &'static str, help: &'static str, secret: bool) -> Field {
    Field { secret, ..Field::text(key, label, help) }
}

/// Lines that may be left out.
const fn lines(key: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { kind: FieldKind::List, required: false, ..field(key, label, help, false) }
}

/// Longest text: ten messages of 153 characters of the telephones' alphabet. With others fewer go.
const TEXT: u32 = 1530;

pub(super) static SPEC: Spec = Spec {
    kind: "sms_telnyx",
    label: "SMS (Telnyx)",
    help: "Copy an API key and the public key from the Telnyx portal, and name the number that sends. A messaging profile must have it.",
    endpoint: Some("telnyx"),
    base_url: BASE_URL,
    fields: &[
        field("api_key", "API key", "In the portal under API keys: KEY and more characters. It is shown once.", true),
        field(
            "public_key",
            "Public key",
            "In the portal under API keys, Public key: 44 characters. Telnyx signs deliveries with it.",
            false,
        ),
        field("number", "Number", "A number of a messaging profile, such as +390612345678.", false),
        Field {
            required: false,
            ..field(
                "messaging_profile_id",
                "Messaging profile id",
                "In the portal under Messaging, Programmable messaging. Empty: the profile that has the number.",
                false,
            )
        },
        lines(
            "languages",
            "Languages of opt-out words",
            "en, it, es, de, fr: one a line. Empty: all of them. STOP and the other words at which carriers block always count.",
        ),
        lines("stop_words", "More opt-out words", "Words of your own, one a line, that refuse all messages."),
        lines("start_words", "More opt-in words", "Words of your own, one a line, that allow messages again."),
        Field {
            required: false,
            generated: true,
            ..field(
                "file_secret",
                "Secret for files",
                "Signs the addresses at which Telnyx fetches files and tells states. Made when the channel is created.",
                true,
            )
        },
    ],
    account_key: Some("number"),
    entered: crate::Entered::NOTHING,
    limits: Limits {
        text: TEXT,
        caption: TEXT,
        upload: FILES_BYTES,
        download: FILE,
        per_second: 40,
        echo_ms: 60_000,
        in_segments: true,
        ..Limits::NONE
    },
    capabilities: &[Capability::Text, Capability::Files, Capability::Delivered],
    data_received: "Messages and files in both directions, and the contact's telephone number.",
    processor: "Telnyx Ireland Limited",
    region: "worldwide",
};
