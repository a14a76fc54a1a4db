//! From an error of WhatsApp's to what the platform does about it, and to words that a member can act on.

use serde_json::Value;

use super::errors::{KNOWN, Known, Meaning, PROOF, UNKNOWN};
use crate::SendError;
use crate::channels::meta::graph::{self, Failure, Told};
use crate::json::text;

/// What the platform does about a failed call.
pub(super) fn failure(failure: Failure) -> SendError {
    match failure {
        Failure::Told(told) => refusal(&told),
        Failure::Unknown => SendError::Retry("the reply was lost".to_owned()),
        Failure::Final(error) => error,
    }
}

/// The subcode with which Meta says that it knows no object of an id, or shows it to others alone.
pub(super) const UNKNOWN_OBJECT: i64 = 33;

fn refusal(told: &Told) -> SendError {
    let known = match told {
        Told { proof: true, .. } => &PROOF,
        Told { code: 100, subcode: UNKNOWN_OBJECT, .. } => find(33),
        told => find(told.code),
    };
    let passes = told.transient || told.status >= 500;
    match known.meaning {
        Meaning::Retry => SendError::Retry(format!("WhatsApp answers with error {}", told.code)),
        Meaning::Wait(ms) => SendError::Throttled(told.wait_ms.unwrap_or(ms)),
        Meaning::WaitForRecipient(ms) => SendError::RecipientThrottled(told.wait_ms.unwrap_or(ms)),
        Meaning::Reauthorise => SendError::Reauthorise,
        Meaning::NoAdvertising => SendError::OptedOutOf("marketing"),
        Meaning::WindowClosed => SendError::WindowClosed,
        Meaning::Stopped if told.transient => SendError::Retry(format!("WhatsApp answers with error {}", told.code)),
        Meaning::Stopped => SendError::Stopped { code: known.code.to_owned(), why: known.why.to_owned() },
        Meaning::Refused if passes => SendError::Retry(format!("WhatsApp answers with error {}", told.code)),
        Meaning::Refused => refused(known.code, &words(known, told.code, &told.details)),
    }
}

/// Our word, and words for the member, for an error that came by the hook.
pub(super) fn told(error: Option<&Value>) -> (String, String) {
    let code = error.and_then(code);
    let known = code.map_or(&UNKNOWN, find);
    let details = error.and_then(|error| text(error, "/error_data/details")).unwrap_or_default();
    (known.code.to_owned(), words(known, code.unwrap_or(0), details))
}

/// Whether an error says that the contact wants no advertising.
pub(super) fn stops_advertising(error: &Value) -> bool {
    code(error).is_some_and(|code| find(code).meaning == Meaning::NoAdvertising)
}

/// The number of an error, which some write as text.
fn code(error: &Value) -> Option<i64> {
    graph::number(error, "/code")
}

fn find(code: i64) -> &'static Known {
    let holds = |known: &&Known| known.codes.iter().any(|(from, to)| (*from..=*to).contains(&code));
    KNOWN.iter().find(holds).unwrap_or(&UNKNOWN)
}

/// Our words, and Meta's own where they say more and quote nobody.
fn words(known: &Known, code: i64, details: &str) -> String {
    let theirs = graph::plain(details).filter(|_| known.detailed);
    let number = if known.codes.is_empty() && code != 0 { format!(" (error {code})") } else { String::new() };
    match theirs {
        Some(theirs) => format!("{} It says{number}: {theirs}.", known.why),
        None if number.is_empty() => known.why.to_owned(),
        None => format!("{}{number}.", known.why.trim_end_matches('.')),
    }
}

/// A refusal with our words.
pub(super) fn refused(code: &str, why: &str) -> SendError {
    SendError::Refused { code: code.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the documentation of errors wants done about each code, written down from it and not from our table.
    const DOCUMENTED: [(&str, &[i64]); 9] = [
        ("reauthorise", &[0, 190]),
        (
            "stop",
            &[3, 10, 33, 200, 250, 299, 368, 131_005, 131_031, 131_042, 131_045, 131_048, 133_000, 133_006, 133_010],
        ),
        ("back off", &[4, 17, 32, 613, 80_007, 80_008, 130_429]),
        ("delay this recipient", &[131_056]),
        ("try again", &[2, 131_000, 131_016, 131_057, 133_004]),
        ("template", &[131_047]),
        ("no advertising", &[131_050]),
        (
            "permanent",
            &[
                1, 100, 130_472, 130_497, 131_008, 131_009, 131_021, 131_026, 131_030, 131_037, 131_049, 131_051,
                131_052, 131_053, 131_060, 131_062, 131_064, 132_000, 132_001, 132_005, 132_007, 132_012, 132_015,
                132_016, 132_018, 132_068, 132_069, 134_011, 135_000,
            ],
        ),
        ("unknown", &[5, 132_099, 199, 300]),
    ];

    fn done(error: &SendError) -> &'static str {
        match error {
            SendError::Reauthorise => "reauthorise",
            SendError::Stopped { .. } => "stop",
            SendError::Throttled(_) => "back off",
            SendError::RecipientThrottled(_) => "delay this recipient",
            SendError::Retry(_) => "try again",
            SendError::WindowClosed => "template",
            SendError::OptedOutOf("marketing") => "no advertising",
            SendError::Refused { code, .. } if code == "whatsapp_refused" => "unknown",
            SendError::Refused { .. } => "permanent",
            SendError::OptedOut | SendError::OptedOutOf(_) | SendError::Unsupported => "another",
        }
    }

    #[test]
    fn about_every_code_is_done_what_is_documented() {
        for (expected, codes) in DOCUMENTED {
            for code in codes {
                assert_eq!(done(&refusal(&Told { code: *code, ..Told::default() })), expected, "{code}");
            }
        }
    }

    #[test]
    fn no_code_is_in_the_table_twice() {
        for known in KNOWN {
            for (from, to) in known.codes {
                let within = |other: &&Known| other.codes.iter().any(|(low, high)| low <= to && from <= high);
                assert_eq!(KNOWN.iter().filter(within).count(), 1, "{from}");
            }
        }
    }

    #[test]
    fn every_error_has_a_word_and_an_advice() {
        for known in KNOWN.iter().chain([&UNKNOWN, &PROOF]) {
            assert!(known.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", known.code);
            assert!(known.why.ends_with('.') && known.why.len() > 20, "{}", known.code);
        }
    }

    #[test]
    fn the_answer_may_say_how_long_to_wait() {
        let told = |code, wait_ms| refusal(&Told { code, wait_ms, ..Told::default() });
        assert_eq!(told(130_429, None), SendError::Throttled(2_000));
        assert_eq!(told(130_429, Some(9_000)), SendError::Throttled(9_000));
        assert_eq!(told(131_056, Some(9_000)), SendError::RecipientThrottled(9_000));
    }
}
