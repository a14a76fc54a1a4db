//! What a channel of this kind needs and can do.

use super::BASE_URL;
use crate::mail::settings;
use crate::mail::write::FILES_BYTES;
use crate::{Capability, Field, FieldKind, Limits, Spec};

pub(super) static SPEC: Spec = Spec {
    kind: "outlook",
    label: "Microsoft 365",
    help: "Register an app in the Microsoft Entra admin center, enter its id and a secret here, and sign in with the mailbox's own \
           account.",
    endpoint: Some("microsoft"),
    base_url: BASE_URL,
    fields: &[
        Field::text(
            "client_id",
            "Application (client) id",
            "In the Microsoft Entra admin center under App registrations, on the app's overview.",
        ),
        Field {
            secret: true,
            ..Field::text(
                "client_secret",
                "Client secret",
                "On the app's page under Certificates and secrets: its value, not its id. It is shown once, and ends when you chose it to.",
            )
        },
        Field::optional(
            "tenant",
            "Directory (tenant) id",
            "Where the app is for one organisation only: on its overview. Empty: any organisation, and Outlook.com.",
            FieldKind::Text,
        ),
        Field::choice(
            "access",
            "What may be done",
            "read_send: read and send, nothing else. read: read only. modify: also send files above 2 MB, and delete erased people's mail.",
            &["read_send", "read", "modify"],
        ),
        settings::NAME,
        settings::ALIASES,
        settings::SIGNATURE,
        settings::REPLY_ADDRESS,
        settings::REPLY_SECRET,
    ],
    account_key: None,
    entered: crate::Entered::NOTHING,
    limits: Limits {
        upload: FILES_BYTES,
        download: 50 << 20,
        // Exchange takes 30 mails a minute of a mailbox.
        per_second: 1,
        span_ms: 2_000,
        poll_ms: 15_000,
        ..Limits::NONE
    },
    capabilities: &[Capability::Text, Capability::Files, Capability::Quote, Capability::Buttons, Capability::Subject],
    data_received: "Mails and files in both directions, and the contact's e-mail address. Microsoft keeps them in the mailbox.",
    processor: "Microsoft Ireland Operations Limited",
    region: "EEA",
};
