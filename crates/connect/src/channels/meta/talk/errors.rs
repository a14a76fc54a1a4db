//! The one table of errors, by `error.code` and `error.error_subcode`: what the platform does about each, our word, and what
//! a member is told (<https://developers.facebook.com/docs/messenger-platform/error-codes>).

/// What the platform does about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing was sent: try again later.
    Retry,
    /// The whole account waits this many milliseconds.
    Wait(u64),
    /// The channel stops until a member gives new credentials.
    Reauthorise,
    /// The account cannot send until a member does something at Meta.
    Stopped,
    /// The time for answers is over.
    WindowClosed,
    /// Refused for good.
    Refused,
}

use Meaning::{Reauthorise, Refused, Retry, Stopped, Wait, WindowClosed};

/// One kind of error.
pub(super) struct Known {
    /// Its codes, each with its subcodes; any where there are none.
    pub(super) codes: &'static [(i64, &'static [i64])],
    /// What is done about it.
    pub(super) meaning: Meaning,
    /// Our word.
    pub(super) code: &'static str,
    /// What the member is told: what, and what to do.
    pub(super) why: &'static str,
}

const fn known(
    meaning: Meaning,
    codes: &'static [(i64, &'static [i64])],
    code: &'static str,
    why: &'static str,
) -> Known {
    Known { codes, meaning, code, why }
}

/// What is said of a code that is not in the table.
pub(super) const UNKNOWN: Known =
    known(Refused, &[], "meta_refused", "Meta refused it for a reason that Parloir does not know.");

/// What is said where the proof that we hold the app's secret is refused or missed: its code is one of many meanings.
pub(super) const PROOF: Known = known(
    Stopped,
    &[],
    "app_secret_refused",
    "Meta does not accept the proof of the app secret. Check the app secret in the channel's settings: it must be that of the \
     app which the token is of.",
);

/// What is said of an answer beyond the window that Meta does not grant to this app.
pub(super) const NO_HUMAN_AGENT: (&str, &str) = (
    "human_agent_refused",
    "The contact last wrote more than 24 hours ago. Answers of a person within seven days need Meta's approval of the feature \
     Human Agent for your app. Ask for it there, or wait until the contact writes.",
);

/// What is said where another app has the conversation, and was asked for it.
pub(super) const HANDOVER_ASKED: (&str, &str) = (
    "handover_asked",
    "Another app has this conversation and this one may not take it. It was asked to hand it over: send the answer again once it \
     has, or answer there.",
);

/// What is said where another app has the conversation, and cannot be asked for it.
pub(super) const HANDOVER_REFUSED: (&str, &str) = (
    "handover_refused",
    "Another app has this conversation, and Meta lets this one neither take it nor ask for it. Answer there, or make this app the \
     primary receiver in the page's settings for advanced messaging.",
);

/// All known errors; the first that fits counts.
pub(super) static KNOWN: &[Known] = &[
    // With a subcode, which says more than the code.
    known(
        WindowClosed,
        &[(10, &[2_018_278, 2_534_022]), (100, &[2_018_278, 1_545_041]), (1_545_041, &[]), (551, &[1_545_041])],
        "window_closed",
        "The contact last wrote too long ago. Wait until they write.",
    ),
    known(
        Refused,
        &[(10, &[2_018_300])],
        "held_elsewhere",
        "Another app has this conversation now. Answer there, or have it handed over to this one in the inbox of the page.",
    ),
    known(
        Stopped,
        &[(10, &[1_893_063]), (368, &[])],
        "account_restricted",
        "Meta has restricted the account for breaking its rules. Look at its quality under Meta Business Support.",
    ),
    known(
        Refused,
        &[(551, &[]), (100, &[2_018_001, 2_018_109]), (200, &[1_545_041, 2_018_065, 2_018_108])],
        "undeliverable",
        "Meta cannot deliver to this contact: they may have blocked the account or left. Try another channel.",
    ),
    known(
        Refused,
        &[(100, &[2_018_007, 2_018_008, 2_018_047, 2_018_294]), (546, &[])],
        "file_refused",
        "Meta does not take this file. Send it as JPEG, PNG, MP4 or PDF.",
    ),
    known(
        Stopped,
        &[(100, &[33]), (33, &[]), (803, &[])],
        "account_gone",
        "Meta no longer has this account, or no longer shows it to this token. Check its id in the channel's settings.",
    ),
    // The credentials and rights.
    known(
        Reauthorise,
        &[(0, &[]), (102, &[]), (190, &[]), (458, &[]), (463, &[]), (467, &[])],
        "reauthorise",
        "The access token is no longer good. Enter a new one in the channel's settings.",
    ),
    known(
        Stopped,
        &[(3, &[]), (10, &[]), (200, &[]), (210, &[]), (230, &[]), (278, &[]), (283, &[]), (298, &[]), (299, &[])],
        "permission_missing",
        "The access token lacks a permission for messages. Give it anew with all of those that the guide names, and enter it.",
    ),
    // Too fast.
    known(
        Wait(60_000),
        &[(4, &[]), (17, &[]), (32, &[]), (341, &[]), (613, &[]), (80_001, &[]), (80_002, &[]), (80_006, &[])],
        "throttled",
        "Meta takes so many calls an hour, and these were more. Send the message again later.",
    ),
    // What passes.
    known(
        Retry,
        &[(2, &[]), (1_200, &[])],
        "provider_trouble",
        "Meta had a trouble of its own. Send the message again.",
    ),
    known(
        Refused,
        &[(1, &[])],
        "request_not_understood",
        "Meta could not make anything of it. Change the message; if that does not help, send it again later.",
    ),
    known(
        Refused,
        &[(100, &[])],
        "not_accepted",
        "Meta did not accept a part of it (a recipient, a text, a message that is gone).",
    ),
];
