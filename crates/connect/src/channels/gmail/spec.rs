//! What a channel of this kind needs and can do.

use super::BASE_URL;
use crate::mail::write::FILES_BYTES;
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
    kind: "gmail",
    label: "Gmail",
    help: "Make an OAuth client of the type web application in the Google Cloud console, enter its id and secret here, and sign in with \
           the mailbox's own account.",
    endpoint: Some("gmail"),
    base_url: BASE_URL,
    fields: &[
        field(
            "client_id",
            "Client id",
            "In the Google Cloud console under Google Auth Platform, Clients. It ends in .apps.googleusercontent.com.",
        ),
        Field {
            secret: true,
            ..field(
                "client_secret",
                "Client secret",
                "Beside the client id. It is shown once, when the client is made.",
            )
        },
        choice(
            "access",
            "What may be done",
            "read_send: read and send, nothing else. read: read only. modify: also move erased people's mail to the bin.",
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
            "Google allows what is read here to serve this channel only. yes: the mailbox's owner wants webhooks to carry it too.",
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
        // A send costs 100 of the 250 units that a user has a second.
        per_second: 2,
        poll_ms: 15_000,
        ..Limits::NONE
    },
    capabilities: &[Capability::Text, Capability::Files, Capability::Quote, Capability::Buttons, Capability::Subject],
    data_received: "Mails and files in both directions, and the contact's e-mail address. Google keeps them in the mailbox.",
    processor: "Google Ireland Limited",
    region: "worldwide",
};
