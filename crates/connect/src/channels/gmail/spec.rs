//! What a channel of this kind needs and can do.

use super::BASE_URL;
use crate::mail::settings;
use crate::mail::write::FILES_BYTES;
use crate::{Capability, Field, FieldKind, Limits, Spec};

pub(super) static SPEC: Spec = Spec {
    kind: "gmail",
    label: "Gmail",
    help: "Make an OAuth client of the type web application in the Google Cloud console, enter its id and secret here, and sign in with \
           the mailbox's own account.",
    endpoint: Some("gmail"),
    base_url: BASE_URL,
    fields: &[
        Field::text(
            "client_id",
            "Client id",
            "In the Google Cloud console under Google Auth Platform, Clients. It ends in .apps.googleusercontent.com.",
        ),
        Field {
            secret: true,
            ..Field::text(
                "client_secret",
                "Client secret",
                "Beside the client id. It is shown once, when the client is made.",
            )
        },
        Field::choice(
            "access",
            "What may be done",
            "read_send: read and send, nothing else. read: read only. modify: also move erased people's mail to the bin.",
            &["read_send", "read", "modify"],
        ),
        settings::NAME,
        settings::ALIASES,
        settings::SIGNATURE,
        settings::REPLY_ADDRESS,
        Field::optional(
            "push_topic",
            "Pub/Sub topic",
            "Optional: projects/…/topics/…, to which Google publishes that the mailbox changed. Empty: the mailbox is asked.",
            FieldKind::Text,
        ),
        Field::optional(
            "push_account",
            "Service account of the push",
            "The e-mail address of the service account by which the topic's push subscription calls here.",
            FieldKind::Text,
        ),
        settings::REPLY_SECRET,
    ],
    account_key: None,
    entered: crate::Entered::NOTHING,
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
