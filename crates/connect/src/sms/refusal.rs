//! What the platform does about a carrier's refusal: a table each provider fills with its own codes.

use crate::SendError;

/// What is done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It passes.
    Retry,
    /// The whole account waits so many milliseconds, unless the answer says how long.
    Wait(u64),
    /// The credentials are not good any more.
    Reauthorise,
    /// A member has to do something at the provider.
    Stopped,
    /// The contact wants no messages.
    OptedOut,
    /// The window for free messages has closed.
    WindowClosed,
    /// It is refused for good.
    Refused,
}

/// Errors of one meaning.
pub(crate) struct Known {
    /// The provider's numbers.
    pub(crate) codes: &'static [i64],
    /// What is done.
    pub(crate) meaning: Meaning,
    /// Our word.
    pub(crate) code: &'static str,
    /// Words for the member: what, and what to do.
    pub(crate) why: &'static str,
}

impl Known {
    /// A row of a table.
    pub(crate) const fn of(codes: &'static [i64], meaning: Meaning, code: &'static str, why: &'static str) -> Self {
        Self { codes, meaning, code, why }
    }

    /// The error that the platform acts on. `number` is the provider's, for the log.
    pub(crate) fn error(&self, number: i64, wait_ms: Option<u64>) -> SendError {
        match self.meaning {
            Meaning::Retry => SendError::Retry(format!("the provider answers with error {number}")),
            Meaning::Wait(ms) => SendError::Throttled(wait_ms.unwrap_or(ms)),
            Meaning::Reauthorise => SendError::Reauthorise,
            Meaning::Stopped => SendError::Stopped { code: self.code.to_owned(), why: self.why.to_owned() },
            Meaning::OptedOut => SendError::OptedOut,
            Meaning::WindowClosed => SendError::WindowClosed,
            Meaning::Refused => refused(self.code, self.why),
        }
    }
}

/// The row of a number.
pub(crate) fn find(table: &'static [Known], number: i64) -> Option<&'static Known> {
    table.iter().find(|known| known.codes.contains(&number))
}

/// Words for a code of ours that stops an account.
pub(crate) fn reason(table: &'static [Known], code: &str) -> Option<&'static str> {
    table.iter().find(|known| known.meaning == Meaning::Stopped && known.code == code).map(|known| known.why)
}

/// What the platform does about an error of `who` that a call was answered with.
pub(crate) fn error(table: &'static [Known], who: &str, number: i64, wait_ms: Option<u64>) -> SendError {
    if let Some(known) = find(table, number) {
        return known.error(number, wait_ms);
    }
    let code = format!("{}_refused", who.to_lowercase());
    refused(&code, &format!("{who} refused it (error {number}). Look the number up in {who}'s list of errors."))
}

/// Our word and words for a member, for an error that came after the message was taken.
pub(crate) fn told(table: &'static [Known], who: &str, number: Option<i64>) -> (String, String) {
    if let Some(known) = number.and_then(|number| find(table, number)) {
        return (known.code.to_owned(), known.why.to_owned());
    }
    let number = number.filter(|number| *number != 0).map(|number| format!(" (error {number})")).unwrap_or_default();
    let why = format!("{who} could not deliver it{number}. Try another way to reach the contact.");
    ("undeliverable".to_owned(), why)
}

/// A refusal with our words.
pub(crate) fn refused(code: &str, why: &str) -> SendError {
    SendError::Refused { code: code.to_owned(), why: why.to_owned() }
}

/// How long an answer's `Retry-After` says to wait, in milliseconds, at most a day.
pub(crate) fn retry_after(headers: &[(String, String)]) -> Option<u64> {
    let (_, value) = headers.iter().find(|(name, _)| name == "retry-after")?;
    let seconds: u64 = value.trim().parse().ok()?;
    Some(seconds.saturating_mul(1000).clamp(1, 24 * 60 * 60 * 1000))
}

/// What must hold of every provider's table.
#[cfg(test)]
pub(crate) fn check(table: &'static [Known]) {
    for known in table {
        assert!(known.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", known.code);
        assert!(known.why.ends_with('.') && known.why.len() > 20, "{}", known.code);
        for number in known.codes {
            let rows = table.iter().filter(|other| other.codes.contains(number)).count();
            assert_eq!(rows, 1, "{number}");
        }
    }
}
