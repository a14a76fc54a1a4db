//! Why an account does not work, in words for the members who look at its channel.

use super::errors::{KNOWN, PROOF};

/// What Meta or the proof of the credentials says of an account, beside the errors that messages have too.
const REASONS: &[(&str, &str)] = &[
    (
        "credentials_mismatch",
        "Meta does not give this number to this token. Check that both ids, the app secret and the access token are of the \
         same app.",
    ),
    (
        "number_of_another_account",
        "This number is not one of this WhatsApp Business Account. Copy both ids from the same page, under API Setup.",
    ),
    (
        "nothing_shared",
        "No WhatsApp Business Account was shared on Facebook's pages. Connect once more, and choose the account and its number.",
    ),
    (
        "number_missing",
        "The WhatsApp Business Account that was shared has no number. Add one on Facebook's pages, and connect once more.",
    ),
    (
        "number_not_shared",
        "This channel's number was not among those that were shared. Choose it on Facebook's pages, or connect another channel.",
    ),
    (
        "pin_wrong",
        "The number has a PIN of two-step verification. Enter it in the channel's settings, and connect once more.",
    ),
    (
        "account_disabled",
        "Meta has switched the business account off. Look under Account quality in the Business Manager.",
    ),
    ("account_deleted", "The business account was deleted at Meta. Connect another."),
    ("account_rejected", "Meta has rejected the business account. Look under Account quality in the Business Manager."),
    (
        "account_restricted",
        "Meta does not let this account answer contacts for now. Look under Account quality in the Business Manager.",
    ),
    ("account_disconnected", "The number was taken off this app at Meta. Add it again, then save these settings."),
];

/// The words for a code.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    let own = crate::oauth::reason(code).filter(|_| code != "reauthorise");
    if own.is_some() {
        return own;
    }
    let own = REASONS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words);
    own.or_else(|| KNOWN.iter().chain([&PROOF]).find(|known| known.code == code).map(|known| known.why))
}

#[cfg(test)]
mod tests {
    use super::{REASONS, reason};

    #[test]
    fn what_stops_an_account_has_words_of_its_own() {
        for (code, words) in REASONS {
            assert_eq!(reason(code), Some(*words));
            assert!(words.ends_with('.') && words.len() > 30, "{code}");
        }
        assert!(reason("permission_missing").is_some_and(|words| words.contains("whatsapp_business_messaging")));
        assert_eq!(reason("no_such_code"), None);
    }
}
