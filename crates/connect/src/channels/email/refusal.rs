//! What a mail server's reply codes mean here (RFC 5321, 3463, and what large hosts make of them), and words that a member can
//! act on.

use crate::SendError;
use crate::mail::write::refused;

/// How long an account waits that sent too fast, in milliseconds.
const FAST_MS: u64 = 5 * 60 * 1000;
/// How long it waits that has sent all it may for a day.
const DAILY_MS: u64 = 60 * 60 * 1000;
/// How long a recipient is left alone whose server wants that (a grey list, a mailbox that is full for now).
const RECIPIENT_MS: u64 = 5 * 60 * 1000;

/// What is done about a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// This mail goes no further.
    Refused,
    /// No mail goes further until a member does something.
    Stopped,
}

/// A reply for good: its enhanced codes, what it means, our code, our words.
type Known = (&'static [&'static str], Meaning, &'static str, &'static str);

/// What is known of replies for good, by the enhanced code.
static KNOWN: &[Known] = &[
    (
        &["5.1.1", "5.1.0", "5.1.3", "5.1.6"],
        Meaning::Refused,
        "mailbox_unknown",
        "There is no mailbox of this address. Check how it is written, or reach the contact another way.",
    ),
    (
        &["5.1.2", "5.1.10", "5.4.1", "5.4.4"],
        Meaning::Refused,
        "domain_unknown",
        "What stands behind the @ takes no mail. Check how the address is written.",
    ),
    (
        &["5.2.1"],
        Meaning::Refused,
        "mailbox_disabled",
        "The contact's mailbox takes no mail at present. Reach them another way.",
    ),
    (
        &["5.2.2"],
        Meaning::Refused,
        "mailbox_full",
        "The contact's mailbox is full. Send it again in some days, or reach them another way.",
    ),
    (
        &["5.2.3", "5.3.4"],
        Meaning::Refused,
        "message_too_large",
        "A mail server takes no mail of this size. Send fewer or smaller files, or a link.",
    ),
    (
        &["5.1.7", "5.1.8", "5.7.60", "5.7.61"],
        Meaning::Stopped,
        "sender_refused",
        "The mail server lets this user send from none of the channel's addresses. Check the address and the user name.",
    ),
    (
        &["5.7.54", "5.7.57", "5.7.64"],
        Meaning::Stopped,
        "relay_denied",
        "The mail server does not send for this user. Check the server for sending, its port, and that the account may use SMTP.",
    ),
    // No server says so: see `unsigned`.
    (
        &[],
        Meaning::Stopped,
        "dkim_unusable",
        "Mails cannot be signed with the channel's DKIM key: it must be RSA of 2,048 to 4,096 bits, or Ed25519. Enter another, or \
         remove it.",
    ),
    (
        &["5.6.7", "5.6.8", "5.6.9"],
        Meaning::Refused,
        "letters_unsupported",
        "The mail server takes no address with such letters before the @ (it offers no SMTPUTF8). Ask for another address.",
    ),
    (
        &["5.6.0", "5.6.1", "5.6.2", "5.6.3"],
        Meaning::Refused,
        "content_refused",
        "The mail server cannot take this content. Change it.",
    ),
];

const POLICY: &str = "A mail server refused this mail by its own rules: it may take it for advertising, or not trust your domain. Say it \
                      otherwise, and check SPF and DKIM of the domain.";
const OTHER: &str = "The mail server refused this mail for a reason that is not known here.";

/// What is done about a reply that did not take the mail.
pub(super) fn error(code: u16, enhanced: Option<&str>) -> SendError {
    match code {
        400..=499 => later(code, enhanced),
        // Without a code of its own it is one of these (RFC 5321, 4.2.3).
        530 => known("5.7.57").unwrap_or_else(other),
        _ if enhanced == Some("5.4.5") => SendError::Throttled(DAILY_MS),
        552 if enhanced.is_none_or(|code| code == "5.0.0") => known("5.3.4").unwrap_or_else(other),
        553 if enhanced == Some("5.7.1") => known("5.1.7").unwrap_or_else(other),
        _ => enhanced.and_then(known).unwrap_or_else(|| match enhanced {
            Some(code) if code.starts_with("5.7.") => refused("refused_by_policy", POLICY),
            _ => other(),
        }),
    }
}

/// What is done about a reply for now.
fn later(code: u16, enhanced: Option<&str>) -> SendError {
    let enhanced = enhanced.unwrap_or_default();
    match code {
        _ if enhanced.starts_with("4.2.") => SendError::RecipientThrottled(RECIPIENT_MS),
        450 | 451 if enhanced.starts_with("4.7.") => SendError::RecipientThrottled(RECIPIENT_MS),
        _ if enhanced.starts_with("4.7.") || enhanced == "4.4.5" => SendError::Throttled(FAST_MS),
        _ => SendError::Retry("the mail server takes nothing at the moment".to_owned()),
    }
}

fn known(code: &str) -> Option<SendError> {
    KNOWN.iter().find(|(codes, ..)| codes.contains(&code)).map(of)
}

fn of((_, meaning, word, why): &Known) -> SendError {
    match meaning {
        Meaning::Refused => refused(word, why),
        Meaning::Stopped => SendError::Stopped { code: (*word).to_owned(), why: (*why).to_owned() },
    }
}

/// What is done about a mail that cannot be signed with the channel's own key: a server's word on signatures is about others'.
pub(super) fn unsigned() -> SendError {
    KNOWN.iter().find(|(codes, ..)| codes.is_empty()).map_or_else(other, of)
}

fn other() -> SendError {
    refused("mail_refused", OTHER)
}

/// Words for a code of ours that stops an account.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(_, _, word, _)| *word == code).map(|(.., why)| *why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: u16, enhanced: &str, expected: &str) {
        let found = match error(code, Some(enhanced).filter(|enhanced| !enhanced.is_empty())) {
            SendError::Refused { code, why } => {
                assert!(why.ends_with('.'));
                code
            }
            SendError::Stopped { code, why } => {
                assert_eq!(reason(&code), Some(why.as_str()));
                format!("stopped {code}")
            }
            SendError::Retry(_) => "retry".to_owned(),
            other => other.to_string(),
        };
        assert_eq!(found, expected, "{code} {enhanced}");
    }

    #[test]
    fn about_each_is_done_what_it_means() {
        check(550, "5.1.1", "mailbox_unknown");
        check(550, "5.1.10", "domain_unknown");
        check(553, "5.6.7", "letters_unsupported");
        check(552, "5.2.2", "mailbox_full");
        check(552, "5.3.4", "message_too_large");
        check(552, "", "message_too_large");
        check(552, "5.7.0", "refused_by_policy");
        check(550, "5.7.1", "refused_by_policy");
        check(554, "5.7.26", "refused_by_policy");
        check(550, "5.7.5", "refused_by_policy");
        check(554, "5.7.7", "refused_by_policy");
        check(553, "5.7.1", "stopped sender_refused");
        check(550, "5.7.60", "stopped sender_refused");
        check(530, "", "stopped relay_denied");
        check(530, "5.7.0", "stopped relay_denied");
        check(550, "5.4.5", "throttled for 3600000 ms");
        check(550, "", "mail_refused");
        check(599, "5.9.9", "mail_refused");
        check(421, "4.7.0", "throttled for 300000 ms");
        check(454, "4.7.0", "throttled for 300000 ms");
        check(451, "4.7.1", "throttled for 300000 ms towards this recipient");
        check(452, "4.2.2", "throttled for 300000 ms towards this recipient");
        check(452, "4.3.1", "retry");
        check(421, "", "retry");
    }

    #[test]
    fn only_our_own_key_stops_the_channel_for_its_signature() {
        let SendError::Stopped { code, why } = unsigned() else { panic!("it is stopped") };
        assert_eq!((code.as_str(), reason(&code)), ("dkim_unusable", Some(why.as_str())));
    }
}
