//! What a channel of this kind needs and can do.

use super::{BASE_URL, FILES_BYTES};
use crate::{Capability, Field, FieldKind, Limits, Spec};

/// A setting that must be given.
const fn field(key: &'static str, label: &'static str, help: &'static str) -> Field {
    Field {
        key,
        label,
        help,
        kind: FieldKind::Text,
        secret: false,
        required: true,
        generated: false,
        shown_once: false,
        choices: &[],
    }
}

/// One that may be left out.
const fn optional(key: &'static str, label: &'static str, help: &'static str, kind: FieldKind) -> Field {
    Field { kind, required: false, ..field(key, label, help) }
}

/// One of a few words, the default first.
const fn choice(key: &'static str, label: &'static str, help: &'static str, choices: &'static [&'static str]) -> Field {
    Field { choices, ..optional(key, label, help, FieldKind::Choice) }
}

pub(super) static SPEC: Spec = Spec {
    kind: "outlook",
    label: "Microsoft 365",
    help: "Register an app in the Microsoft Entra admin center, enter its id and a secret here, and sign in with the mailbox's own \
           account.",
    endpoint: Some("microsoft"),
    base_url: BASE_URL,
    fields: &[
        field(
            "client_id",
            "Application (client) id",
            "In the Microsoft Entra admin center under App registrations, on the app's overview.",
        ),
        Field {
            secret: true,
            ..field(
                "client_secret",
                "Client secret",
                "On the app's page under Certificates and secrets: its value, not its id. It is shown once, and ends when you chose it to.",
            )
        },
        optional(
            "tenant",
            "Directory (tenant) id",
            "Where the app is for one organisation only: on its overview. Empty: any organisation, and Outlook.com.",
            FieldKind::Text,
        ),
        choice(
            "access",
            "What may be done",
            "read_send: read and send, nothing else. read: read only. modify: also delete erased people's mail.",
            &["read_send", "read", "modify"],
        ),
        optional(
            "name",
            "Name of the sender",
            "What people read beside the address, such as the shop's name.",
            FieldKind::Text,
        ),
        optional(
            "aliases",
            "Other addresses of the mailbox",
            "One a line. Mail from them is the business's own.",
            FieldKind::List,
        ),
        optional("signature", "Signature", "Stands below each text.", FieldKind::Long),
        choice(
            "reply_address",
            "Where answers go",
            "plain: to the address itself. plus: to an address that names the conversation, so that it is found for certain.",
            &["plain", "plus"],
        ),
        choice(
            "share",
            "Contents for other systems",
            "What is read here serves this channel only. yes: the mailbox's owner wants webhooks to carry it too.",
            &["no", "yes"],
        ),
        Field {
            secret: true,
            generated: true,
            ..optional(
                "reply_secret",
                "Secret for answers",
                "Proves which mails are the channel's own. Made when the channel is created.",
                FieldKind::Text,
            )
        },
    ],
    account_key: None,
    limits: Limits {
        upload: FILES_BYTES,
        download: 50 << 20,
        // Exchange sends 30 mails a minute; the pace of one a second is for the first few.
        per_second: 1,
        poll_ms: 15_000,
        ..Limits::NONE
    },
    capabilities: &[Capability::Text, Capability::Files, Capability::Quote, Capability::Buttons, Capability::Subject],
    data_received: "Mails and files in both directions, and the contact's e-mail address. Microsoft keeps them in the mailbox.",
    processor: "Microsoft Ireland Operations Limited",
    region: "EEA",
};
