//! From what went wrong inside to what a caller is told.

use crate::problem::{ApiError, Code};

impl From<vault::Error> for ApiError {
    fn from(error: vault::Error) -> Self {
        match error {
            vault::Error::NotFound(_) => Self::not_found(),
            vault::Error::Conflict { code, detail } => Self::conflict(conflict_code(code), detail),
            vault::Error::Erased => Self::new(Code::Gone, "This contact's content has been erased."),
            vault::Error::Forbidden(_) => Self::forbidden(),
            vault::Error::Invalid(what) => Self::field(field_of(&what).to_owned(), what),
            vault::Error::Again | vault::Error::Closed => Self::unavailable(),
            error @ (vault::Error::Seal(_)
            | vault::Error::Engine(_)
            | vault::Error::Io(_)
            | vault::Error::Outside(_)) => Self::internal(error),
        }
    }
}

/// The field that the vault's words are about: they begin with its name.
fn field_of(what: &str) -> &str {
    const NAMED: [&str; 10] =
        ["colour", "email", "locale", "name", "position", "priority", "role", "shortcut", "text", "timezone"];
    let plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let listed = what.split_once(": ").map(|(word, _)| word).filter(plain);
    let named = || what.split_once(" is ").map(|(word, _)| word).filter(|word| NAMED.contains(word));
    listed.or_else(named).unwrap_or(".")
}

/// The vault's codes are the API's codes where the API has them by that name.
fn conflict_code(code: &str) -> Code {
    match code {
        "idempotency_key_reused" => Code::IdempotencyMismatch,
        "identity_taken" | "email_taken" | "name_taken" | "shortcut_taken" => Code::AlreadyExists,
        other => Code::by_name(other).unwrap_or(Code::Conflict),
    }
}

impl From<engine::Error> for ApiError {
    fn from(error: engine::Error) -> Self {
        match error {
            engine::Error::Vault(error) => error.into(),
            engine::Error::Invalid { field, detail } => Self::field(field, detail),
            engine::Error::Refused(refusal) => Self::conflict(refusal_code(refusal), refusal.detail()),
            error @ engine::Error::Unsupported(_) => Self::conflict(Code::NotSupported, error.to_string()),
        }
    }
}

fn refusal_code(refusal: vault::outbox::Refusal) -> Code {
    use vault::outbox::Refusal;
    match refusal {
        Refusal::NoConsent | Refusal::OptedOut | Refusal::Objected => Code::NoConsent,
        Refusal::Restricted => Code::Restricted,
        Refusal::WindowClosed | Refusal::Expired => Code::WindowClosed,
        Refusal::ChannelOff => Code::ChannelOff,
        Refusal::Elsewhere => Code::HeldElsewhere,
        Refusal::CardNumber => Code::CardNumber,
        Refusal::HealthData => Code::HealthData,
        Refusal::Machine => Code::Machine,
    }
}
