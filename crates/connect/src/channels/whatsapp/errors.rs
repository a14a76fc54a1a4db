//! The one table of WhatsApp's errors, by `error.code`: what the platform does about each, our word, and what a member is
//! told. It serves refused calls, failed statuses and errors of the account alike
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>).

/// What the platform does about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing was sent: try again later.
    Retry,
    /// The whole account waits this many milliseconds.
    Wait(u64),
    /// This recipient waits this many milliseconds.
    WaitForRecipient(u64),
    /// The channel stops until a member gives new credentials.
    Reauthorise,
    /// The account cannot send until a member does something at Meta.
    Stopped,
    /// The contact wants no advertising.
    NoAdvertising,
    /// Only templates may be sent.
    WindowClosed,
    /// Refused for good.
    Refused,
}

use Meaning::{NoAdvertising, Reauthorise, Refused, Retry, Stopped, Wait, WaitForRecipient, WindowClosed};

/// One kind of error.
pub(super) struct Known {
    /// Its codes at WhatsApp, from and to.
    pub(super) codes: &'static [(i64, i64)],
    /// What is done about it.
    pub(super) meaning: Meaning,
    /// Our word.
    pub(super) code: &'static str,
    /// What the member is told: what, and what to do.
    pub(super) why: &'static str,
    /// Whether Meta's own details say which part it is.
    pub(super) detailed: bool,
}

const fn known(meaning: Meaning, codes: &'static [(i64, i64)], code: &'static str, why: &'static str) -> Known {
    Known { codes, meaning, code, why, detailed: false }
}

const fn detailed(codes: &'static [(i64, i64)], code: &'static str, why: &'static str) -> Known {
    Known { codes, meaning: Refused, code, why, detailed: true }
}

/// One code.
macro_rules! only {
    ($($code:literal),+) => { &[$(($code, $code)),+] };
}

/// What is said of a code that is not in the table.
pub(super) const UNKNOWN: Known =
    detailed(&[], "whatsapp_refused", "WhatsApp refused it for a reason that Parloir does not know.");

/// What is said where the proof that we hold the app's secret is refused or missed: its code is one of many meanings.
pub(super) const PROOF: Known = known(
    Stopped,
    &[],
    "app_secret_refused",
    "Meta does not accept the proof of the app secret. Check the app secret in the channel's settings; and if the app's advanced \
     settings ask for that proof on every call, switch this off there.",
);

/// All known errors.
pub(super) static KNOWN: &[Known] = &[
    // The account's credentials and rights.
    known(
        Reauthorise,
        only![0, 190],
        "reauthorise",
        "The access token is no longer good. Enter a new one in the channel's settings.",
    ),
    known(
        Stopped,
        &[(3, 3), (10, 10), (200, 299), (131_005, 131_005)],
        "permission_missing",
        "The access token lacks a permission. Give its system user whatsapp_business_messaging and \
         whatsapp_business_management for this account, and enter a new token.",
    ),
    // Too fast.
    known(
        Wait(60_000),
        only![4, 17, 32, 613, 80_007, 80_008],
        "throttled",
        "Meta takes so many calls an hour, and these were more. Send the message again later.",
    ),
    known(Wait(2_000), only![130_429], "throttled", "The number sent faster than Meta allows. Send the message again."),
    known(
        WaitForRecipient(6_000),
        only![131_056],
        "recipient_throttled",
        "There were too many messages to this contact within a short time. Wait a moment, then send it again.",
    ),
    // What passes.
    known(
        Retry,
        only![2, 131_000, 131_016, 133_004],
        "provider_trouble",
        "WhatsApp had a trouble of its own. Send the message again.",
    ),
    known(
        Retry,
        only![131_057],
        "maintenance",
        "Meta is working on this account. Send the message again in some minutes.",
    ),
    known(
        Refused,
        only![1],
        "request_not_understood",
        "WhatsApp could not make anything of it. Change the message; if that does not help, send it again later.",
    ),
    // The contact.
    known(
        WindowClosed,
        only![131_047],
        "window_closed",
        "The contact last wrote more than 24 hours ago. Send an approved template.",
    ),
    known(
        NoAdvertising,
        only![131_050],
        "opted_out",
        "The contact has stopped advertising from this business. Do not send them any.",
    ),
    known(
        Refused,
        only![131_026],
        "undeliverable",
        "WhatsApp cannot deliver to this contact: they may have no WhatsApp, an old version, or have blocked the number. \
         Try another channel.",
    ),
    known(Refused, only![131_021], "own_number", "This is the business's own number. Choose another recipient."),
    known(
        Refused,
        only![131_030],
        "not_a_test_recipient",
        "A test number writes only to numbers that are listed for it. Add this one in the app under WhatsApp, API Setup.",
    ),
    known(
        Refused,
        only![131_062],
        "number_needed",
        "The contact hides their number, and this kind of template needs it. Ask the contact for it.",
    ),
    known(
        Refused,
        only![131_049],
        "advertising_capped",
        "Meta did not deliver it, because this contact gets enough advertising already. Wait at least a day.",
    ),
    known(
        Refused,
        only![130_472],
        "experiment",
        "Meta did not deliver it, because the contact is part of one of its experiments. Wait until the contact writes.",
    ),
    // The account's standing.
    known(
        Stopped,
        only![131_048],
        "limited_for_spam",
        "Meta holds the number back, because too many contacts blocked or reported it or its templates. Look at its \
         quality in the WhatsApp Manager.",
    ),
    known(
        Refused,
        only![131_064],
        "template_limit_reached",
        "Meta lets this business send fewer templates for now, because some broke its rules. Look at them in the WhatsApp \
         Manager.",
    ),
    known(
        Stopped,
        only![368, 131_031],
        "account_restricted",
        "Meta has restricted the business account for breaking its rules. Look under Account quality in the Business \
         Manager.",
    ),
    known(
        Refused,
        only![130_497],
        "country_not_allowed",
        "Meta does not let this business write to people of this country. Use another channel.",
    ),
    known(
        Stopped,
        only![131_042],
        "payment_needed",
        "Meta could not charge for it. Look at the payment method in the WhatsApp Manager.",
    ),
    known(
        Refused,
        only![131_037],
        "name_not_approved",
        "The number's display name is not approved yet. Change it in the WhatsApp Manager.",
    ),
    known(
        Stopped,
        only![131_045, 133_000, 133_006, 133_010],
        "not_registered",
        "The number is not registered for the Cloud API. Register it in the WhatsApp Manager, then connect it again.",
    ),
    known(
        Stopped,
        only![33],
        "number_gone",
        "Meta no longer has this number, or no longer shows it to this token. Check the phone number id in the channel's settings.",
    ),
    known(
        Refused,
        only![134_011],
        "terms_pending",
        "Meta's terms for payments are not accepted yet. Accept them first.",
    ),
    // Templates.
    detailed(
        only![132_000],
        "template_variables_missing",
        "The template has another number of variables. Fill in each of them.",
    ),
    known(
        Refused,
        only![132_001],
        "template_unknown",
        "WhatsApp has no approved template of this name and language. Load the templates anew and choose another.",
    ),
    known(
        Refused,
        only![132_005],
        "template_too_long",
        "With these variables the template is longer than WhatsApp allows. Shorten them.",
    ),
    known(
        Refused,
        only![132_007],
        "template_forbidden",
        "The template's content breaks a rule of WhatsApp. Change it.",
    ),
    detailed(
        only![132_012, 132_018],
        "template_variable_malformed",
        "A variable has not the form that the template asks for: no line breaks, tabs or many spaces, the right kind of \
         file.",
    ),
    known(
        Refused,
        only![132_015],
        "template_paused",
        "The template is paused, because too many people blocked or reported it. Choose another.",
    ),
    known(
        Refused,
        only![132_016],
        "template_disabled",
        "The template was switched off for good, because too many people blocked or reported it. Make a new one.",
    ),
    known(
        Refused,
        only![132_068, 132_069],
        "flow_blocked",
        "The form in it is blocked or limited. Mend it in the WhatsApp Manager.",
    ),
    // What was sent.
    detailed(
        only![131_051],
        "type_not_supported",
        "WhatsApp does not take this kind of message here. Send it as text.",
    ),
    known(
        Refused,
        only![131_052],
        "file_gone",
        "WhatsApp could not take over the contact's file (it may be larger than 100 MB). Ask for it another way.",
    ),
    detailed(
        only![131_053],
        "file_refused",
        "WhatsApp does not take this file: its kind is not what its name or type says, or it is not supported. Send it as \
         PDF, JPEG, PNG, MP4 or OGG (Opus).",
    ),
    known(
        Refused,
        only![131_060],
        "unavailable",
        "WhatsApp does not share this message. Look at it on the business's phone.",
    ),
    detailed(
        only![100, 131_008, 131_009, 135_000],
        "not_accepted",
        "WhatsApp did not accept a part of it (a recipient, a text, a message that is older than 30 days).",
    ),
];
