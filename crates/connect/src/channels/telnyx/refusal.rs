//! Telnyx's errors (<https://developers.telnyx.com/docs/messaging/messages/error-codes>): what each means here, and words that
//! a member can act on.

use crate::SendError;
use crate::sms::refusal::{self, Known, Meaning};

/// What Telnyx says that is known here.
static KNOWN: &[Known] = &[
    Known::of(&[10009], Meaning::Reauthorise, "reauthorise", "Telnyx takes the API key no longer. Enter a new one."),
    Known::of(
        &[10010],
        Meaning::Stopped,
        "permission_missing",
        "The API key may not do that. Give it the right for messaging in the Telnyx portal.",
    ),
    Known::of(
        &[20100, 20013, 40329],
        Meaning::Stopped,
        "payment_needed",
        "The Telnyx account has no funds or has reached its limit. Look under Billing in the portal.",
    ),
    Known::of(
        &[10001, 40305, 40306, 40013],
        Meaning::Stopped,
        "sender_not_owned",
        "The sender is no active number of this messaging profile. Check it in the Telnyx portal.",
    ),
    Known::of(
        &[40312, 40321],
        Meaning::Stopped,
        "profile_disabled",
        "The messaging profile is switched off. Switch it on in the Telnyx portal.",
    ),
    Known::of(
        &[40010, 40330],
        Meaning::Stopped,
        "number_not_registered",
        "The number is not registered for messages to the United States (10DLC or toll-free verification). Register it at Telnyx.",
    ),
    Known::of(
        &[10011],
        Meaning::Wait(1_000),
        "throttled",
        "Telnyx takes no more messages at the moment. It is tried again.",
    ),
    Known::of(
        &[40318, 40333],
        Meaning::Wait(60_000),
        "queue_full",
        "Telnyx's queue for this number is full. It is tried again in a minute.",
    ),
    Known::of(&[10007, 10008], Meaning::Retry, "temporary", "Telnyx is in trouble itself. It is tried again."),
    Known::of(
        &[40300],
        Meaning::OptedOut,
        "opted_out",
        "The contact has stopped messages from this business. Only they can allow them again, by writing START.",
    ),
    Known::of(
        &[10002, 10016, 40310, 40012],
        Meaning::Refused,
        "number_invalid",
        "Telnyx does not take this telephone number. Check it, with the country's code.",
    ),
    Known::of(
        &[40309, 40311],
        Meaning::Refused,
        "region_not_enabled",
        "The messaging profile may not send to that country. Allow it in the Telnyx portal.",
    ),
    Known::of(
        &[40001],
        Meaning::Refused,
        "not_a_mobile",
        "This number cannot take SMS: it is a landline, or its carrier takes none. Use another way.",
    ),
    Known::of(
        &[40002, 40003, 40015, 40016, 40017, 40018],
        Meaning::Refused,
        "filtered",
        "The message was taken for advertising and held back. Say it otherwise, without short links.",
    ),
    Known::of(
        &[40004, 40008],
        Meaning::Refused,
        "undeliverable",
        "The contact's carrier did not take it. Check the number or use another way.",
    ),
    Known::of(
        &[40005, 40014],
        Meaning::Refused,
        "expired",
        "It could not be delivered in time. Send it again if it still matters.",
    ),
    Known::of(
        &[40006],
        Meaning::Refused,
        "unreachable",
        "The telephone or its carrier is out of reach. Try again later.",
    ),
    Known::of(
        &[40011],
        Meaning::Refused,
        "too_fast",
        "The contact's carrier took no more messages from this number. Send it again in a while.",
    ),
    Known::of(
        &[40302],
        Meaning::Refused,
        "text_too_long",
        "The text makes more than ten SMS. Shorten it or send it in parts.",
    ),
    Known::of(
        &[40009, 40304, 40313],
        Meaning::Refused,
        "content_refused",
        "Telnyx does not take this content. Change it.",
    ),
    Known::of(
        &[40301, 40315, 40316, 40317, 40319],
        Meaning::Refused,
        "file_refused",
        "Telnyx does not take this file: by MMS all files together may have 1 MB, and not every number takes them.",
    ),
];

/// What the platform does about an error that a call was answered with.
pub(super) fn error(number: i64, wait_ms: Option<u64>) -> SendError {
    refusal::error(KNOWN, "Telnyx", number, wait_ms)
}

/// Our word and words for the member, for an error that came by the hook.
pub(super) fn told(number: Option<i64>) -> (String, String) {
    refusal::told(KNOWN, "Telnyx", number)
}

/// Whether an error says that the contact stopped messages.
pub(super) fn is_opt_out(number: i64) -> bool {
    refusal::find(KNOWN, number).is_some_and(|known| known.meaning == Meaning::OptedOut)
}

/// Words for a code of ours that stops an account.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    refusal::reason(KNOWN, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_word_and_an_advice() {
        refusal::check(KNOWN);
    }

    #[test]
    fn about_each_is_done_what_is_documented() {
        assert_eq!(error(10009, None), SendError::Reauthorise);
        assert_eq!(error(40300, None), SendError::OptedOut);
        assert_eq!(error(10011, Some(3_000)), SendError::Throttled(3_000));
        assert!(matches!(error(40302, None), SendError::Refused { code, .. } if code == "text_too_long"));
        assert!(matches!(error(99_999, None), SendError::Refused { code, .. } if code == "telnyx_refused"));
        assert_eq!(told(Some(40001)).0, "not_a_mobile");
    }
}
