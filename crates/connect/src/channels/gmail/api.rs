//! Calls of Google's API and what its answers mean
//! (<https://developers.google.com/workspace/gmail/api/guides/handle-errors>). The token goes into a header and nowhere else.

use serde_json::Value;

use crate::json::{list, string};
use crate::mail::settings::ALIAS_MALFORMED;
use crate::oauth::{self, refused, retry_after};
use crate::{Account, Ctx, HttpCall, Reply, SendError, heard, lenient};

/// How long is waited where nobody says, in milliseconds.
const PAUSE_MS: u64 = 5_000;
/// The same for what is counted by the day.
const DAY_PAUSE_MS: u64 = 3_600_000;

/// Why a call gave no result.
#[derive(Debug)]
pub(super) enum Failure {
    /// May or may not have been done.
    Unknown,
    /// What was asked for is not there.
    Gone,
    /// Certainly not done.
    Final(SendError),
}

/// A GET below the mailbox's own address (`messages/…`).
pub(super) fn get(ctx: &Ctx, account: &Account, operation: &'static str, path: &str) -> Result<HttpCall, SendError> {
    let url = format!("{}/gmail/v1/users/me/{path}", account.base_url);
    Ok(HttpCall { headers: vec![oauth::bearer(ctx, account)?], ..HttpCall::get(operation, url) })
}

/// The JSON of an answer, or why there is none.
pub(super) fn read(reply: &Reply, repeatable: bool) -> Result<Value, Failure> {
    let (status, headers, body) = heard::answer(reply, repeatable)?;
    let answer = lenient(body).filter(Value::is_object);
    match (status, answer) {
        (200..=299, Some(answer)) => Ok(answer),
        (200..=299 | 408 | 500.., _) => Err(lost(&format!("answer {status}"), repeatable)),
        (status, answer) => Err(meaning(status, answer.as_ref().and_then(said).as_deref(), retry_after(headers))),
    }
}

/// Google's word for an error.
fn said(answer: &Value) -> Option<String> {
    let error = answer.get("error")?;
    let detailed = list(error, "/details").iter().find_map(|detail| string(detail, "/reason"));
    let classic = list(error, "/errors").iter().find_map(|one| string(one, "/reason"));
    detailed.or(classic).or_else(|| string(error, "/status")).or_else(|| Some(String::new()))
}

/// What is done about an error. Only Google's own words count: a proxy in between may refuse for reasons of its own.
fn meaning(status: u16, word: Option<&str>, wait_ms: Option<u64>) -> Failure {
    let wait = |usual| SendError::Throttled(wait_ms.unwrap_or(usual));
    Failure::Final(match (status, word) {
        (429 | 403, Some("dailyLimitExceeded" | "quotaExceeded")) => wait(DAY_PAUSE_MS),
        (429, _) | (403, Some("rateLimitExceeded" | "userRateLimitExceeded" | "RATE_LIMIT_EXCEEDED")) => wait(PAUSE_MS),
        (_, None) => SendError::Retry(format!("unexpected answer {status}")),
        (401, _) => SendError::Reauthorise,
        (404 | 410, _) => return Failure::Gone,
        (403, Some("insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT")) => stopped("scopes_missing"),
        (403, Some("accessNotConfigured" | "SERVICE_DISABLED")) => stopped("api_disabled"),
        (403, Some("domainPolicy")) => stopped("domain_policy"),
        (400, Some("failedPrecondition" | "FAILED_PRECONDITION")) => stopped("mailbox_disabled"),
        (403, _) => stopped("access_refused"),
        (413, _) => refused(
            "message_too_large",
            "Gmail takes no mail as large as this. Send fewer or smaller files, or a link.",
        ),
        _ => refused(
            "mail_refused",
            "Gmail does not take this mail. Check the contact's address and what is to be sent.",
        ),
    })
}

fn stopped(code: &str) -> SendError {
    SendError::Stopped { code: code.to_owned(), why: reason(code).unwrap_or_default().to_owned() }
}

/// Words for what keeps an account from working.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    match code {
        "api_disabled" => {
            Some("The Gmail API is not switched on. Do so in the Google Cloud console, under APIs and services.")
        }
        "alias_malformed" => Some(ALIAS_MALFORMED),
        "alias_unknown" => Some(
            "Gmail does not let this mailbox send from a further address. Add it in Gmail's settings under Accounts, Send mail as, and confirm it there.",
        ),
        "domain_policy" => {
            Some("The mailbox's domain does not allow this app. Its administrator can, in the Google Admin console.")
        }
        "mailbox_disabled" => {
            Some("Gmail is not switched on for this account. Its administrator can, in the Google Admin console.")
        }
        "access_refused" => {
            Some("Google refuses this app access to the mailbox. Look at the app in the Google Cloud console.")
        }
        _ => oauth::reason(code),
    }
}

fn lost(why: &str, repeatable: bool) -> Failure {
    heard::lost(why, repeatable).into()
}

impl From<heard::Failure> for Failure {
    fn from(failure: heard::Failure) -> Self {
        match failure {
            heard::Failure::Unknown => Self::Unknown,
            heard::Failure::Final(error) => Self::Final(error),
        }
    }
}

/// For what has no course of its own.
pub(super) fn error(failure: Failure) -> SendError {
    match failure {
        Failure::Unknown => SendError::Retry("the reply was lost".to_owned()),
        Failure::Gone => refused("file_gone", "The mailbox has this no longer."),
        Failure::Final(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, body: &str, repeatable: bool) -> String {
        let reply = Reply::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        match read(&reply, repeatable) {
            Ok(value) => format!("ok {value}"),
            Err(Failure::Unknown) => "unknown".to_owned(),
            Err(Failure::Gone) => "gone".to_owned(),
            Err(Failure::Final(SendError::Refused { code, .. } | SendError::Stopped { code, .. })) => {
                assert!(reason(&code).is_some() || status < 403 || status == 413, "{code} has words");
                code
            }
            Err(Failure::Final(error)) => format!("{error:?}"),
        }
    }

    #[test]
    fn every_answer_has_a_meaning() {
        let classic =
            |code: u16, reason: &str| format!(r#"{{"error":{{"code":{code},"errors":[{{"reason":"{reason}"}}]}}}}"#);
        for (status, body, expected) in [
            (200, r#"{"id":"1"}"#.to_owned(), r#"ok {"id":"1"}"#),
            (200, "<html>".to_owned(), "unknown"),
            (401, classic(401, "authError"), "Reauthorise"),
            (401, "<html>".to_owned(), "Retry(\"unexpected answer 401\")"),
            (403, classic(403, "rateLimitExceeded"), "Throttled(5000)"),
            (403, classic(403, "userRateLimitExceeded"), "Throttled(5000)"),
            (403, classic(403, "dailyLimitExceeded"), "Throttled(3600000)"),
            (403, classic(403, "insufficientPermissions"), "scopes_missing"),
            (
                403,
                r#"{"error":{"code":403,"status":"PERMISSION_DENIED","details":[{"reason":"SERVICE_DISABLED"}]}}"#
                    .to_owned(),
                "api_disabled",
            ),
            (403, classic(403, "domainPolicy"), "domain_policy"),
            (403, classic(403, "other"), "access_refused"),
            (400, classic(400, "failedPrecondition"), "mailbox_disabled"),
            (400, classic(400, "invalidArgument"), "mail_refused"),
            (404, classic(404, "notFound"), "gone"),
            (404, "<html>".to_owned(), "Retry(\"unexpected answer 404\")"),
            (413, classic(413, "uploadTooLarge"), "message_too_large"),
            (429, classic(429, "rateLimitExceeded"), "Throttled(5000)"),
            (500, classic(500, "backendError"), "unknown"),
        ] {
            assert_eq!(outcome(status, &body, false), expected, "{status} {body}");
        }
        assert_eq!(outcome(503, "", true), "Retry(\"answer 503\")");
    }
}
