//! What a channel of this kind needs and can do.

use super::{FETCHED, POLL_MS};
use crate::mail::write::FILES_BYTES;
use crate::{Capability, Field, FieldKind, Limits, Spec};

/// A setting that may be left out.
const fn field(key: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { required: false, ..Field::text(key, label, help) }
}

/// One that must be given.
const fn needed(key: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { required: true, ..field(key, label, help) }
}

/// One that is sealed.
const fn secret(key: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { secret: true, ..field(key, label, help) }
}

/// One of a few words, the default first.
const fn choice(key: &'static str, label: &'static str, help: &'static str, choices: &'static [&'static str]) -> Field {
    Field { choices, kind: FieldKind::Choice, ..field(key, label, help) }
}

/// How a connection may be protected.
const TLS: &[&str] = &["tls", "starttls", "none"];

pub(super) static SPEC: Spec = Spec {
    kind: "email",
    label: "E-mail",
    help: "Enter the servers of your mailbox as its host names them for a mail program. Many hosts want an app password, made in \
           the account's security settings.",
    endpoint: None,
    base_url: "",
    fields: &[
        needed("address", "Address", "The address that people write to, such as info@example.com."),
        field("name", "Name", "What stands beside the address in mails that you send, such as your shop's name."),
        needed(
            "imap.host",
            "Server for reading (IMAP)",
            "imap.gmail.com, imap.mail.me.com, imap.ionos.com, or what your host names as incoming mail server.",
        ),
        field("imap.port", "Port for reading", "Empty: 993, or 143 with STARTTLS."),
        choice("imap.tls", "Protection for reading", "tls from the first byte, as most hosts have it.", TLS),
        field("imap.username", "User name", "Empty: the address."),
        Field {
            required: true,
            ..secret(
                "imap.password",
                "Password",
                "The mailbox's. For Gmail, iCloud, Yahoo and others an app password, never the account's own.",
            )
        },
        needed(
            "smtp.host",
            "Server for sending (SMTP)",
            "smtp.gmail.com, smtp.mail.me.com, smtp.ionos.com, or what your host names as outgoing mail server.",
        ),
        field("smtp.port", "Port for sending", "Empty: 465, or 587 with STARTTLS."),
        choice("smtp.tls", "Protection for sending", "tls for port 465, starttls for port 587.", TLS),
        field("smtp.username", "User name for sending", "Empty: the same as for reading."),
        secret("smtp.password", "Password for sending", "Empty: the same as for reading."),
        Field {
            kind: FieldKind::List,
            ..field(
                "aliases",
                "Further addresses",
                "One a line: others that arrive in this mailbox. Answers go out from the one that was written to.",
            )
        },
        choice(
            "reply_address",
            "Address for answers",
            "plus: answers come to info+…@example.com, which names their conversation. Only if your host takes such addresses.",
            &["plain", "plus"],
        ),
        Field {
            kind: FieldKind::Long,
            ..field(
                "signature",
                "Signature",
                "Stands below every mail. In many countries a business must say here who it is.",
            )
        },
        choice(
            "keep_sent",
            "Sent mail",
            "yes: what is sent is also in the mailbox's folder for sent mail. no: it is in Parloir alone.",
            &["yes", "no"],
        ),
        Field {
            kind: FieldKind::List,
            ..field(
                "sender_checks",
                "Servers that check senders",
                "One a line: the name that your mail server writes first into Authentication-Results. Mail that it finds forged is shown with: sender not verified.",
            )
        },
        field("dkim.domain", "DKIM domain", "Only if your host does not sign: the domain of the address."),
        field(
            "dkim.selector",
            "DKIM selector",
            "The name of the key in the DNS: parloir for parloir._domainkey.example.com.",
        ),
        Field {
            kind: FieldKind::Long,
            ..secret(
                "dkim.key",
                "DKIM key",
                "The private key, in PEM: -----BEGIN PRIVATE KEY----- and the lines after it.",
            )
        },
        Field {
            generated: true,
            ..secret(
                "reply_secret",
                "Secret for answers",
                "Proves which conversation a mail answers, and which mails are our own. Made with the channel.",
            )
        },
    ],
    account_key: None,
    entered: crate::Entered::NOTHING,
    limits: Limits { upload: FILES_BYTES, download: FETCHED, poll_ms: POLL_MS, ..Limits::NONE },
    capabilities: &[Capability::Text, Capability::Files, Capability::Quote, Capability::Buttons, Capability::Subject],
    data_received: "Mails and files in both directions, and the contact's address. The mailbox keeps what it receives.",
    processor: "The host of the workspace's own mailbox",
    region: "worldwide",
};
