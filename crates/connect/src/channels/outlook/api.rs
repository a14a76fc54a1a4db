//! Calls of Microsoft Graph and what its answers mean (<https://learn.microsoft.com/graph/errors>). The token goes into a header and
//! nowhere else.

use serde_json::Value;

use crate::json::string;
use crate::mail::settings::ALIAS_MALFORMED;
use crate::oauth::{self, refused, retry_after};
use crate::{Account, Ctx, HttpCall, Reply, SendError, heard, lenient};

/// How long is waited where nobody says, in milliseconds.
const PAUSE_MS: u64 = 10_000;
/// Ids that stay the same wherever a mail is moved; and how many there are on a page.
const PREFER: &str = "IdType=\"ImmutableId\", odata.maxpagesize=100";

/// Why a call gave no result.
#[derive(Debug)]
pub(super) enum Failure {
    /// May or may not have been done.
    Unknown,
    /// What was asked for is not there.
    Gone,
    /// What was known of the mailbox is of no use any more: it is looked through afresh.
    Afresh,
    /// Certainly not done.
    Final(SendError),
}

/// A GET below the API's root (`/me/…`).
pub(super) fn get(ctx: &Ctx, account: &Account, operation: &'static str, path: &str) -> Result<HttpCall, SendError> {
    let headers = vec![oauth::bearer(ctx, account)?, ("prefer", PREFER.to_owned())];
    Ok(HttpCall { headers, ..HttpCall::get(operation, format!("{}/v1.0{path}", account.base_url)) })
}

/// The JSON of an answer, or why there is none. An answer may be empty (202, 204).
pub(super) fn read(reply: &Reply, repeatable: bool) -> Result<Value, Failure> {
    match (body(reply, repeatable)?, reply) {
        ([], _) => Ok(Value::Null),
        (bytes, _) => lenient(bytes)
            .filter(Value::is_object)
            .ok_or_else(|| lost("an answer that is none of Microsoft's", repeatable)),
    }
}

/// The bytes of an answer, or why there are none.
pub(super) fn body(reply: &Reply, repeatable: bool) -> Result<&[u8], Failure> {
    let (status, headers, body) = heard::answer(reply, repeatable)?;
    let word = || lenient(body).as_ref().and_then(|answer| string(answer, "/error/code"));
    match (status, retry_after(headers)) {
        (200..=299, _) => Ok(body),
        // Said while it is busy: certainly not done.
        (503, Some(wait_ms)) => Err(Failure::Final(SendError::Throttled(wait_ms))),
        (408 | 500.., _) => Err(lost(&format!("answer {status}"), repeatable)),
        (status, wait_ms) => Err(meaning(status, word().as_deref(), wait_ms)),
    }
}

/// What is done about an error. Only Microsoft's own words count: a proxy in between may refuse for reasons of its own.
fn meaning(status: u16, word: Option<&str>, wait_ms: Option<u64>) -> Failure {
    Failure::Final(match (status, word) {
        (429, _) => SendError::Throttled(wait_ms.unwrap_or(PAUSE_MS)),
        (410, _) => return Failure::Afresh,
        (_, None) => SendError::Retry(format!("unexpected answer {status}")),
        (_, Some(word)) if is_sync_state(word) => return Failure::Afresh,
        (401, _) => SendError::Reauthorise,
        (_, Some("MailboxNotEnabledForRESTAPI" | "MailboxNotSupportedForRESTAPI")) => stopped("mailbox_disabled"),
        (_, Some("ErrorMessageTransientError")) => SendError::Retry("Microsoft asks to try it again later".to_owned()),
        (_, Some("ErrorExceededMessageLimit" | "ErrorMessageSubmissionBlocked")) => stopped("sending_blocked"),
        (_, Some("ErrorQuotaExceeded")) => stopped("mailbox_full"),
        (_, Some("ErrorSendAsDenied")) => stopped("sender_refused"),
        (_, Some("ErrorInvalidRecipients")) => {
            refused("address_refused", "Microsoft does not take the contact's e-mail address. Check it.")
        }
        (413, _) | (_, Some("ErrorMessageSizeExceeded")) => refused(
            "message_too_large",
            "The mailbox sends no mail as large as this. Send fewer or smaller files, or a link.",
        ),
        (404, _) => return Failure::Gone,
        (403, _) => stopped("access_refused"),
        _ => refused(
            "mail_refused",
            "Microsoft does not take this mail. Check the contact's address and what is to be sent.",
        ),
    })
}

fn is_sync_state(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.starts_with("syncstate") || word.starts_with("resync")
}

fn stopped(code: &str) -> SendError {
    SendError::Stopped { code: code.to_owned(), why: reason(code).unwrap_or_default().to_owned() }
}

/// Words for what keeps an account from working.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    match code {
        "alias_malformed" => Some(ALIAS_MALFORMED),
        "alias_unknown" => Some(
            "A further address is none of this mailbox's. Its administrator can add it as an alias in the Exchange admin center.",
        ),
        "mailbox_disabled" => Some(
            "This account has no mailbox in Microsoft 365 or Outlook.com, or it is not licensed. Sign in with one that has.",
        ),
        "sending_blocked" => Some(
            "Microsoft lets the mailbox send no more for now: it has sent too much. Look into the mailbox and wait a day.",
        ),
        "mailbox_full" => Some("The mailbox is full. Make room in it."),
        "sender_refused" => Some(
            "The mailbox may not send by its address. Its administrator can allow it in the Exchange admin center.",
        ),
        "access_refused" => Some(
            "Microsoft refuses this app access to the mailbox. An administrator may have to consent to it in the Entra admin center.",
        ),
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
        Failure::Unknown | Failure::Afresh => SendError::Retry("the reply was lost".to_owned()),
        Failure::Gone => refused("file_gone", "The mailbox has this no longer."),
        Failure::Final(error) => error,
    }
}

/// An id of Graph's, as it may stand in an address.
pub(super) fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    (1..=512).contains(&id.len()) && id.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, body: &str, repeatable: bool) -> String {
        let headers = if status == 503 { vec![] } else { vec![("retry-after".to_owned(), "7".to_owned())] };
        let reply = Reply::Answer { status, headers, body: body.as_bytes().to_vec() };
        match read(&reply, repeatable) {
            Ok(value) => format!("ok {value}"),
            Err(Failure::Unknown) => "unknown".to_owned(),
            Err(Failure::Gone) => "gone".to_owned(),
            Err(Failure::Afresh) => "afresh".to_owned(),
            Err(Failure::Final(SendError::Stopped { code, why })) => {
                assert!(why.len() > 10, "{code} has words");
                code
            }
            Err(Failure::Final(SendError::Refused { code, .. })) => code,
            Err(Failure::Final(error)) => format!("{error:?}"),
        }
    }

    #[test]
    fn every_answer_has_a_meaning() {
        let error = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"x"}}}}"#);
        for (status, body, expected) in [
            (200, r#"{"id":"1"}"#.to_owned(), r#"ok {"id":"1"}"#),
            (202, String::new(), "ok null"),
            (200, "<html>".to_owned(), "unknown"),
            (401, error("InvalidAuthenticationToken"), "Reauthorise"),
            (403, error("ErrorAccessDenied"), "access_refused"),
            (403, "<html>".to_owned(), "Retry(\"unexpected answer 403\")"),
            (404, error("ErrorItemNotFound"), "gone"),
            (404, error("MailboxNotEnabledForRESTAPI"), "mailbox_disabled"),
            (410, error("SyncStateNotFound"), "afresh"),
            (400, error("SyncStateInvalid"), "afresh"),
            (410, error("resyncRequired"), "afresh"),
            (400, error("ErrorInvalidRecipients"), "address_refused"),
            (413, error("RequestEntityTooLarge"), "message_too_large"),
            (507, error("ErrorQuotaExceeded"), "unknown"),
            (403, error("ErrorQuotaExceeded"), "mailbox_full"),
            (429, error("ApplicationThrottled"), "Throttled(7000)"),
            (503, error("ServiceUnavailable"), "unknown"),
            (500, String::new(), "unknown"),
        ] {
            assert_eq!(outcome(status, &body, false), expected, "{status} {body}");
        }
        assert_eq!(outcome(503, "", true), "Retry(\"answer 503\")");
    }
}
