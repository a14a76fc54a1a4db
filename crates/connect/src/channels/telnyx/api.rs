//! Calls of Telnyx's API and what its answers mean. The key goes into a header and nowhere else.

use serde_json::Value;

use super::parse::code;
use super::refusal;
use crate::heard::lost;
pub(super) use crate::heard::{Failure, error};
use crate::json::list;
use crate::sms::refusal::retry_after;
use crate::{Account, Header, Reply, SendError, heard, lenient};

/// The header that carries the key, if it can stand in one; else the account must be authorised anew.
pub(super) fn bearer(account: &Account) -> Result<Header, SendError> {
    let key = account.secret("api_key");
    if key.is_empty() || !key.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Err(SendError::Reauthorise);
    }
    Ok(("authorization", format!("Bearer {}", key.expose())))
}

/// The URL of something.
pub(super) fn url(account: &Account, path: &str) -> String {
    format!("{}/v2{path}", account.base_url)
}

/// The JSON of an answer, or why there is none.
pub(super) fn read(reply: &Reply, repeatable: bool) -> Result<Value, Failure> {
    let (status, headers, body) = heard::answer(reply, repeatable)?;
    let value = lenient(body).filter(Value::is_object);
    let wait_ms = retry_after(headers);
    let number = value.as_ref().and_then(|value| list(value, "/errors").first().and_then(code));
    Err(match (status, value, number) {
        (200..=299, Some(value), None) => return Ok(value),
        (200..=299 | 408 | 500.., ..) => lost(&format!("answer {status}"), repeatable),
        // The same order is under way already, or was taken: the key of its first try is known there.
        (409, ..) => Failure::Final(SendError::Retry("Telnyx works on the first try still".to_owned())),
        (401, ..) => Failure::Final(SendError::Reauthorise),
        (_, _, Some(number)) => Failure::Final(refusal::error(number, wait_ms)),
        (429, ..) => Failure::Final(refusal::error(10011, wait_ms)),
        // Only Telnyx's own words count: a proxy in between may refuse for reasons of its own.
        _ => Failure::Final(SendError::Retry(format!("unexpected answer {status}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, body: &str, repeatable: bool) -> String {
        let headers = vec![("retry-after".to_owned(), "7".to_owned())];
        let reply = Reply::Answer { status, headers, body: body.as_bytes().to_vec() };
        match read(&reply, repeatable) {
            Ok(value) => format!("ok {value}"),
            Err(Failure::Unknown) => "unknown".to_owned(),
            Err(Failure::Final(SendError::Refused { code, .. })) => code,
            Err(Failure::Final(error)) => format!("{error:?}"),
        }
    }

    #[test]
    fn every_answer_has_a_meaning() {
        for (status, body, expected) in [
            (200, r#"{"data":{"id":"1"}}"#, r#"ok {"data":{"id":"1"}}"#),
            (200, "<html>", "unknown"),
            (422, r#"{"errors":[{"code":"40310","title":"x"}]}"#, "number_invalid"),
            (403, r#"{"errors":[{"code":40300}]}"#, "OptedOut"),
            (401, "", "Reauthorise"),
            (409, "", "Retry(\"Telnyx works on the first try still\")"),
            (429, "", "Throttled(7000)"),
            (429, r#"{"errors":[{"code":"10011"}]}"#, "Throttled(7000)"),
            (404, "<html>", "Retry(\"unexpected answer 404\")"),
            (500, r#"{"errors":[{"code":"10007"}]}"#, "unknown"),
        ] {
            assert_eq!(outcome(status, body, false), expected, "{status} {body}");
        }
        assert_eq!(outcome(503, "", true), "Retry(\"answer 503\")");
    }
}
