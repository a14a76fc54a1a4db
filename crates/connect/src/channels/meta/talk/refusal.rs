//! From an error of Meta's to what the platform does about it, and to words that a member can act on.

use super::Product;
use super::errors::{KNOWN, Known, Meaning, NO_HUMAN_AGENT, PROOF, UNKNOWN};
use crate::SendError;
use crate::channels::meta::graph::{Failure, Told};

/// The subcode with which Meta says that it knows no object of an id, or shows it to others alone.
pub(super) const UNKNOWN_OBJECT: i64 = 33;

/// What an account does not work for, beside the errors that messages have too.
const REASONS: &[(&str, &str)] = &[
    (
        "credentials_mismatch",
        "Meta does not give this account to this token. Check that the id, the app secret and the access token are of the same \
         app and account.",
    ),
    (
        "profile_refused",
        "Meta did not take the questions, the menu or the button to begin with. Change or empty them in the channel's settings.",
    ),
    (
        "profile_too_long",
        "A question has at most 80 characters and there are at most four; an entry of the menu has at most 30, and there are at most \
         twenty. Shorten them in the channel's settings.",
    ),
    (
        "profile_address",
        "An address in the menu begins with https:// and has no spaces. Correct it in the channel's settings.",
    ),
    (
        "deauthorised",
        "Somebody took this app away from their account at Meta. If the token was theirs it is no longer good: enter a new one \
         in the channel's settings. What waits to be sent is kept.",
    ),
];

/// The words for a code.
pub(in crate::channels) fn reason(code: &str) -> Option<&'static str> {
    let own = REASONS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words);
    own.or_else(|| KNOWN.iter().chain([&PROOF]).find(|known| known.code == code).map(|known| known.why))
}

/// What the platform does about a failed call.
pub(super) fn failure(product: &Product, failure: Failure) -> SendError {
    match failure {
        Failure::Told(told) => refusal(product, &told),
        Failure::Unknown => SendError::Retry("the reply was lost".to_owned()),
        Failure::Final(error) => error,
    }
}

/// The same of a message. One that is sent late needs a right of its own: without it the account still works.
pub(super) fn of_send(product: &Product, failed: Failure, late: bool) -> SendError {
    let lacks = |error: &SendError| match error {
        SendError::WindowClosed => true,
        SendError::Stopped { code, .. } => code == "permission_missing",
        SendError::Refused { code, .. } => code == "not_accepted",
        _ => false,
    };
    let error = failure(product, failed);
    if late && lacks(&error) { refused(NO_HUMAN_AGENT.0, NO_HUMAN_AGENT.1) } else { error }
}

fn refusal(product: &Product, told: &Told) -> SendError {
    let known = if told.proof { &PROOF } else { find(told.code, told.subcode) };
    let passes = told.transient || told.status >= 500;
    let later = || SendError::Retry(format!("{} answers with error {}", product.name, told.code));
    match known.meaning {
        Meaning::Retry => later(),
        Meaning::Wait(ms) => SendError::Throttled(told.wait_ms.unwrap_or(ms)),
        Meaning::Reauthorise => SendError::Reauthorise,
        Meaning::WindowClosed => SendError::WindowClosed,
        Meaning::Stopped if told.transient => later(),
        Meaning::Stopped => SendError::Stopped { code: known.code.to_owned(), why: known.why.to_owned() },
        Meaning::Refused if passes => later(),
        Meaning::Refused if known.codes.is_empty() => {
            refused(known.code, &format!("{} (error {}).", known.why.trim_end_matches('.'), told.code))
        }
        Meaning::Refused => refused(known.code, known.why),
    }
}

fn find(code: i64, subcode: i64) -> &'static Known {
    let holds = |known: &&Known| {
        known.codes.iter().any(|(own, subcodes)| *own == code && (subcodes.is_empty() || subcodes.contains(&subcode)))
    };
    KNOWN.iter().find(holds).unwrap_or(&UNKNOWN)
}

/// A refusal with our words.
pub(super) fn refused(code: &str, why: &str) -> SendError {
    SendError::Refused { code: code.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the documentation of errors wants done about each, written down from it and not from our table.
    const DOCUMENTED: [(&str, &[(i64, i64)]); 8] = [
        ("reauthorise", &[(0, 0), (190, 0), (190, 460), (190, 463), (190, 467)]),
        ("permission_missing", &[(3, 0), (10, 0), (200, 0), (299, 0), (200, 2_018_021)]),
        ("window_closed", &[(10, 2_018_278), (10, 2_534_022), (1_545_041, 0)]),
        ("held_elsewhere", &[(10, 2_018_300)]),
        ("account_restricted", &[(10, 1_893_063), (368, 0)]),
        ("undeliverable", &[(551, 0), (100, 2_018_001)]),
        ("throttled", &[(4, 0), (17, 0), (32, 0), (613, 0), (80_006, 0)]),
        ("provider_trouble", &[(2, 0), (1_200, 0)]),
    ];

    #[test]
    fn about_every_code_is_done_what_is_documented() {
        for (expected, codes) in DOCUMENTED {
            for (code, subcode) in codes {
                assert_eq!(find(*code, *subcode).code, expected, "{code}/{subcode}");
            }
        }
        assert_eq!(
            (find(100, 33).code, find(100, 5).code, find(77, 0).code),
            ("account_gone", "not_accepted", "meta_refused")
        );
    }

    #[test]
    fn every_error_has_a_word_and_an_advice() {
        for known in KNOWN.iter().chain([&UNKNOWN, &PROOF]) {
            assert!(known.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", known.code);
            assert!(known.why.ends_with('.') && known.why.len() > 20, "{}", known.code);
        }
        for (code, words) in REASONS {
            assert_eq!(reason(code), Some(*words));
        }
        assert!(reason("permission_missing").is_some() && reason("no_such_code").is_none());
    }
}
