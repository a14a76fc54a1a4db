//! Calls of Twilio's API and what its answers mean. The account's id is part of every URL; the credentials go into a header.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::BASE_URL;
use super::refusal;
use crate::heard::lost;
pub(super) use crate::heard::{Failure, error};
use crate::json::integer;
use crate::sms::refusal::{refused, retry_after};
use crate::{Account, Body, Header, HttpCall, Method, Reply, SendError, heard, lenient};

/// Where Twilio keeps templates: another host than its API's, except where the operator named one for all of it.
const CONTENT_URL: &str = "https://content.twilio.com";

/// What is said of an account's id that is none.
pub(super) const SID_MALFORMED: &str = "The account SID is AC and 32 more characters. Copy it from the Twilio console.";

/// The account's id, if it can stand in a URL.
pub(super) fn account_sid(account: &Account) -> Result<&str, SendError> {
    let sid = account.setting("account_sid");
    if sid.starts_with("AC") && is_sid(sid) {
        return Ok(sid);
    }
    Err(refused("account_sid_malformed", SID_MALFORMED))
}

/// Whether this is one of Twilio's ids: two letters and 32 hexadecimal digits.
pub(super) fn is_sid(sid: &str) -> bool {
    sid.len() == 34
        && sid.bytes().take(2).all(|b| b.is_ascii_uppercase())
        && sid.bytes().skip(2).all(|b| b.is_ascii_hexdigit())
}

/// The header that carries the credentials: an API key where one is given, else the auth token itself.
pub(super) fn basic(account: &Account) -> Result<Header, SendError> {
    let (key, secret) = (account.setting("api_key_sid"), account.secret("api_key_secret"));
    let pair = match (key, secret) {
        (key, secret) if !key.is_empty() && !secret.is_empty() => format!("{key}:{}", secret.expose()),
        _ => format!("{}:{}", account_sid(account)?, account.secret("auth_token").expose()),
    };
    Ok(("authorization", format!("Basic {}", STANDARD.encode(pair))))
}

/// The URL of something of the account.
pub(super) fn url(account: &Account, path: &str) -> Result<String, SendError> {
    Ok(format!("{}/2010-04-01/Accounts/{}{path}", account.base_url, account_sid(account)?))
}

/// The base of the API for templates.
pub(super) fn content_base(account: &Account) -> &str {
    if account.base_url == BASE_URL { CONTENT_URL } else { &account.base_url }
}

/// A call with the credentials; what only reads or deletes may be repeated.
pub(super) fn call(
    account: &Account,
    operation: &'static str,
    (method, url): (Method, String),
    form: Option<Vec<(String, String)>>,
) -> Result<HttpCall, SendError> {
    let repeatable = method != Method::Post;
    let body = form.map_or(Body::Empty, Body::Form);
    Ok(HttpCall { method, body, repeatable, headers: vec![basic(account)?], ..HttpCall::get(operation, url) })
}

/// The JSON of an answer (null where there is none), or why there is no answer.
pub(super) fn read(reply: &Reply, repeatable: bool) -> Result<Value, Failure> {
    let (status, headers, body) = heard::answer(reply, repeatable)?;
    let value = lenient(body).filter(Value::is_object);
    let wait_ms = retry_after(headers);
    let number = value.as_ref().and_then(|value| integer(value, "/code"));
    match (status, value, number) {
        (204, ..) => Ok(Value::Null),
        (200..=299, Some(value), _) => Ok(value),
        (200..=299 | 500.., ..) => Err(lost(&format!("answer {status}"), repeatable)),
        (429, _, None) => Err(Failure::Final(refusal::error(20429, wait_ms))),
        (401, ..) => Err(Failure::Final(SendError::Reauthorise)),
        (_, _, Some(number)) => Err(Failure::Final(refusal::error(number, wait_ms))),
        // Only Twilio's own words count: a proxy in between may refuse for reasons of its own.
        _ => Err(Failure::Final(SendError::Retry(format!("unexpected answer {status}")))),
    }
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
            (201, r#"{"sid":"SM1"}"#, r#"ok {"sid":"SM1"}"#),
            (204, "", "ok null"),
            (201, "<html>", "unknown"),
            (400, r#"{"code":21211,"message":"x"}"#, "number_invalid"),
            (401, "", "Reauthorise"),
            (404, "<html>", "Retry(\"unexpected answer 404\")"),
            (429, "", "Throttled(7000)"),
            (429, r#"{"code":20429}"#, "Throttled(7000)"),
            (302, "", "Retry(\"unexpected answer 302\")"),
            (503, r#"{"code":20500}"#, "unknown"),
        ] {
            assert_eq!(outcome(status, body, false), expected, "{status} {body}");
        }
        assert_eq!(outcome(503, "", true), "Retry(\"answer 503\")");
    }

    #[test]
    fn an_id_that_would_bend_the_url_is_none() {
        let sid = "AC0123456789abcdef0123456789abcdef";
        assert!(is_sid(sid));
        for wrong in ["", "AC", "ac0123456789abcdef0123456789abcdef", "AC0123456789abcdef0123456789abcde/", "SM../../x"]
        {
            assert!(!is_sid(wrong), "{wrong}");
        }
    }
}
