//! What machines write over and into the mails they send about mails.

/// Subjects of notes that a mail could not be delivered.
const UNDELIVERED: &[&str] = &[
    "undelivered mail returned",
    "undeliverable",
    "delivery status notification (failure)",
    "delivery failure",
    "failed delivery",
    "failure delivery",
    "delivery status notification: error",
    "delivery has failed",
    "mail delivery failed",
    "mail delivery failure",
    "mail delivery system",
    "mail system error",
    "failure notice",
    "returned mail",
    "message undeliverable",
    "message not delivered",
    "could not be delivered",
    "non delivery",
    "non-delivery",
    "nondeliverable",
    "unzustellbar",
    "nicht zugestellt",
    "nicht zustellbar",
    "mancato recapito",
    "non recapitabile",
    "no se puede entregar",
    "no se ha podido entregar",
    "non remis",
    "échec de la remise",
    "rejected",
];
/// Subjects of notes that it takes longer.
const DELAYED: &[&str] = &[
    "delay",
    "still being retried",
    "warning: could not send",
    "warning: message",
    "will retry",
    "verzögert",
    "ritardo",
    "retras",
    "retard",
];
/// Subjects of absence notes and the like, where no field says it.
const AUTOMATIC: &[&str] = &[
    "automatic reply:",
    "auto reply:",
    "auto-reply:",
    "autoreply:",
    "out of office:",
    "out of the office:",
    "automatische antwort:",
    "abwesenheitsnotiz",
    "abwesend:",
    "risposta automatica:",
    "fuori sede:",
    "respuesta automática:",
    "fuera de la oficina:",
    "réponse automatique",
    "absence du bureau",
    "report domain:",
];

pub(super) fn is_undelivered_subject(subject: &str) -> bool {
    contains(subject, UNDELIVERED)
}

pub(super) fn is_delayed_subject(subject: &str) -> bool {
    contains(subject, DELAYED)
}

pub(super) fn is_automatic_subject(subject: &str) -> bool {
    let subject = subject.trim().to_lowercase();
    AUTOMATIC.iter().any(|begin| subject.starts_with(begin))
}

fn contains(subject: &str, words: &[&str]) -> bool {
    let subject = subject.to_lowercase();
    words.iter().any(|word| subject.contains(word))
}

/// What servers say, and our code for it. The order matters: a full mailbox is no unknown one, and "blocked by policy: user
/// unknown" is no policy.
const SAID: &[(&str, &[&str])] = &[
    (
        "mailbox_full",
        &[
            "mailbox full",
            "mailbox is full",
            "over quota",
            "quota exceeded",
            "overquota",
            "out of storage",
            "insufficient storage",
            "exceeded storage",
        ],
    ),
    (
        "domain_unknown",
        &[
            "domain name not found",
            "domain not found",
            "host unknown",
            "nxdomain",
            "name or service not known",
            "find any host",
            "no such domain",
            "domain is not reachable",
        ],
    ),
    (
        "mailbox_unknown",
        &[
            "user unknown",
            "unknown user",
            "no such user",
            "does not exist",
            "doesn't exist",
            "unknown recipient",
            "recipient unknown",
            "no mailbox",
            "mailbox unavailable",
            "no such recipient",
            "invalid recipient",
            "address rejected",
            "user not found",
            "user not exist",
            "unrouteable address",
            "mailbox not found",
            "no such mailbox",
            "recipientnotfound",
            "no such address",
            "address couldn't be found",
        ],
    ),
    ("too_large", &["too large", "size exceed", "message size", "exceeds size"]),
    (
        "refused_by_policy",
        &[
            "spam",
            "blacklist",
            "blocklist",
            "blocked",
            "policy",
            "dmarc",
            "spf",
            "dkim",
            "not authorized",
            "access denied",
            "reputation",
            "unsolicited",
        ],
    ),
    ("mailbox_disabled", &["disabled", "inactive", "suspended", "deactivated", "frozen"]),
    ("delivery_expired", &["timed out", "too long", "expired", "retry time"]),
];

/// Our code for what a server said, where its status says nothing closer.
pub(super) fn code(said: &str) -> Option<&'static str> {
    let said = said.to_lowercase();
    SAID.iter().find(|(_, words)| words.iter().any(|word| said.contains(word))).map(|(code, _)| *code)
}
