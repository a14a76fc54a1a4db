//! Twilio's errors (<https://www.twilio.com/docs/api/errors>): what each means here, and words that a member can act on.

use crate::SendError;
use crate::sms::refusal::{self, Known, Meaning};

/// How long everything waits when Twilio's own queue is full, in milliseconds.
const QUEUE_FULL_MS: u64 = 60_000;

/// What Twilio says that is known here.
static KNOWN: &[Known] = &[
    Known::of(
        &[20003, 20006],
        Meaning::Reauthorise,
        "reauthorise",
        "Twilio takes the account SID and auth token no longer. Enter them anew.",
    ),
    Known::of(
        &[20005, 30002],
        Meaning::Stopped,
        "account_suspended",
        "Twilio has suspended the account. Look at it in the Twilio console.",
    ),
    Known::of(
        &[20008, 21606, 21659, 21660],
        Meaning::Stopped,
        "sender_not_owned",
        "The sender is none of this Twilio account. Choose one of its numbers in the channel's settings.",
    ),
    Known::of(
        &[21703, 21701, 21704],
        Meaning::Stopped,
        "messaging_service_unusable",
        "The messaging service is unknown at Twilio or has no sender. Check it in the Twilio console.",
    ),
    Known::of(
        &[63007],
        Meaning::Stopped,
        "sender_not_on_whatsapp",
        "The sender is no WhatsApp sender of this Twilio account. Check it in the console under WhatsApp senders.",
    ),
    Known::of(
        &[30034, 30032],
        Meaning::Stopped,
        "number_not_registered",
        "The number is not registered for messages to the United States (A2P 10DLC or toll-free verification). Register it at Twilio.",
    ),
    Known::of(
        &[20429, 14107, 30022],
        Meaning::Wait(1_000),
        "throttled",
        "Twilio takes no more messages at the moment. It is tried again.",
    ),
    Known::of(
        &[21611, 30001],
        Meaning::Wait(QUEUE_FULL_MS),
        "queue_full",
        "Twilio's queue for this number is full. It is tried again in a minute.",
    ),
    Known::of(
        &[63018, 63038],
        Meaning::Wait(QUEUE_FULL_MS),
        "throttled_by_whatsapp",
        "WhatsApp's limit for this sender is reached. It is tried again.",
    ),
    Known::of(&[20500, 20503, 63010], Meaning::Retry, "temporary", "Twilio is in trouble itself. It is tried again."),
    Known::of(
        &[21610],
        Meaning::OptedOut,
        "opted_out",
        "The contact has stopped messages from this number. Only they can allow them again, by writing START.",
    ),
    Known::of(
        &[63016],
        Meaning::WindowClosed,
        "window_closed",
        "WhatsApp's window of 24 hours has closed. Send a template.",
    ),
    Known::of(
        &[21211, 21217, 21421, 21401, 13224, 21604],
        Meaning::Refused,
        "number_invalid",
        "Twilio does not take this telephone number. Check it, with the country's code.",
    ),
    Known::of(
        &[21612, 21408, 30606],
        Meaning::Refused,
        "region_not_enabled",
        "This Twilio account may not send to that country from this sender. Allow it in the console under Geo permissions.",
    ),
    Known::of(
        &[21608],
        Meaning::Refused,
        "trial_account",
        "A trial account sends to verified numbers only. Verify this one in the Twilio console, or upgrade.",
    ),
    Known::of(
        &[21614, 30006],
        Meaning::Refused,
        "not_a_mobile",
        "This number cannot take SMS: it is a landline, or its carrier takes none. Use another way.",
    ),
    Known::of(&[30003], Meaning::Refused, "unreachable", "The telephone is off or out of reach. Try again later."),
    Known::of(
        &[30004],
        Meaning::Refused,
        "blocked",
        "The carrier or the contact blocks these messages. Use another way.",
    ),
    Known::of(&[30005], Meaning::Refused, "number_unknown", "The number does not exist or is not in use. Check it."),
    Known::of(
        &[30007, 30044],
        Meaning::Refused,
        "filtered",
        "The carrier took the message for advertising and held it back. Say it otherwise, without short links.",
    ),
    Known::of(&[21602, 21619], Meaning::Refused, "empty", "A message needs a text or a file. Write something."),
    Known::of(
        &[21617, 21605],
        Meaning::Refused,
        "text_too_long",
        "The text is longer than 1,600 characters. Shorten it or send it in parts.",
    ),
    Known::of(
        &[21620, 21621, 21623, 11751, 12300, 30019, 63019],
        Meaning::Refused,
        "file_refused",
        "Twilio could not take the file: it is of a kind or size that this way of sending does not know (5 MB by MMS, 16 MB by WhatsApp).",
    ),
    Known::of(
        &[30011, 30018],
        Meaning::Refused,
        "mms_not_possible",
        "Files cannot be sent to this number by MMS. Send a link instead.",
    ),
    Known::of(
        &[63003, 63024],
        Meaning::Refused,
        "not_on_whatsapp",
        "The contact has no WhatsApp at this number. Use another way.",
    ),
    Known::of(
        &[63032, 63049],
        Meaning::Refused,
        "blocked_by_whatsapp",
        "WhatsApp did not deliver it, to spare the contact. Wait, or use another way.",
    ),
    Known::of(
        &[63021, 63005, 63013],
        Meaning::Refused,
        "content_refused",
        "WhatsApp does not allow this content. Change it.",
    ),
    Known::of(
        &[21655, 21656, 63027, 63040, 63041, 63042, 63028],
        Meaning::Refused,
        "template_unusable",
        "The template is unknown, not approved, or its variables are not complete. Load the templates anew.",
    ),
    Known::of(
        &[30036],
        Meaning::Refused,
        "expired",
        "It could not be delivered in time. Send it again if it still matters.",
    ),
];

/// What the platform does about an error that a call was answered with.
pub(super) fn error(number: i64, wait_ms: Option<u64>) -> SendError {
    refusal::error(KNOWN, "Twilio", number, wait_ms)
}

/// Our word and words for the member, for an error that came by the hook.
pub(super) fn told(number: Option<i64>) -> (String, String) {
    refusal::told(KNOWN, "Twilio", number)
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
        assert_eq!(error(20003, None), SendError::Reauthorise);
        assert_eq!(error(21610, None), SendError::OptedOut);
        assert_eq!(error(63016, None), SendError::WindowClosed);
        assert_eq!(error(20429, None), SendError::Throttled(1_000));
        assert_eq!(error(20429, Some(7_000)), SendError::Throttled(7_000));
        assert_eq!(error(21611, None), SendError::Throttled(QUEUE_FULL_MS));
        assert!(matches!(error(21211, None), SendError::Refused { code, .. } if code == "number_invalid"));
        assert!(
            matches!(error(99_999, None), SendError::Refused { code, why } if code == "twilio_refused" && why.contains("99999"))
        );
        assert_eq!(told(Some(30003)).0, "unreachable");
        assert_eq!(told(Some(1)).0, "undeliverable");
        assert_eq!(told(None).0, "undeliverable");
        assert!(is_opt_out(21610) && !is_opt_out(30003));
    }
}
