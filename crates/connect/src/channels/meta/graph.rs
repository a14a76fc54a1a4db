//! Calls of the Graph API and what its answers mean, whatever the product.
//!
//! The token goes into a header, and never into a URL. The proof that we also hold the app's secret goes into the body of
//! what has one; what has none must carry it in its query, where it is good for nothing without the token. An error counts by its `code`, not by its HTTP status: a throttle comes as 400. Only where Meta itself was in
//! trouble (5xx) says no code whether what may not be repeated was done.

use serde_json::Value;

use super::{signature, usage};
use crate::json::{flag, integer, string, text};
use crate::{
    Account, BlobHandle, Body, Header, HttpCall, Method, Part, PartContent, Reply, Secret, SendError, lenient,
};

/// The version of every URL, so that Meta changes nothing under us (v26.0: July 2026).
pub(in crate::channels) const VERSION: &str = "v26.0";
/// The field that carries the proof of the app's secret.
const PROOF: &str = "appsecret_proof";
/// Waiting time when something in between throttles and names none, in milliseconds.
const UNNAMED_WAIT_MS: u64 = 60_000;

/// Why a call did not give a result.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::channels) enum Failure {
    /// The Graph API refused, with its code; nothing was done.
    Told(Told),
    /// May or may not have been done.
    Unknown,
    /// Anything that needs no second thought.
    Final(SendError),
}

/// What a Graph error says.
#[derive(Clone, PartialEq, Eq, Default)]
pub(in crate::channels) struct Told {
    /// `error.code`, which alone decides what it means.
    pub(in crate::channels) code: i64,
    /// `error.error_subcode`, 0 if there is none.
    pub(in crate::channels) subcode: i64,
    /// Meta says of itself that it will pass.
    pub(in crate::channels) transient: bool,
    /// The proof that we hold the app's secret was refused, or missed.
    pub(in crate::channels) proof: bool,
    /// The HTTP status it came with; 0 if it did not come as an answer.
    pub(in crate::channels) status: u16,
    /// `error.error_data.details` in Meta's words: they may quote anything, so they are shown only by [`plain`].
    pub(in crate::channels) details: String,
    /// How long to wait, in milliseconds, where the answer says so.
    pub(in crate::channels) wait_ms: Option<u64>,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Told({}/{})", self.code, self.subcode)
    }
}

/// A GET of `path` below the version. An app that requires the proof of its secret refuses what comes without, also where
/// something is only read (<https://developers.facebook.com/docs/graph-api/guides/secure-requests>).
pub(in crate::channels) fn get(
    account: &Account,
    operation: &'static str,
    path: &str,
    query: &[(&str, &str)],
) -> Result<HttpCall, SendError> {
    let headers = vec![bearer(account)?];
    let proof = proof(account);
    let mut query = query.to_vec();
    query.extend(proof.as_deref().map(|proof| (PROOF, proof)));
    Ok(HttpCall { headers, ..HttpCall::get(operation, url(account, path, &query)) })
}

/// A POST of a JSON body, not repeatable.
pub(in crate::channels) fn post(
    account: &Account,
    operation: &'static str,
    path: &str,
    body: &Value,
) -> Result<HttpCall, SendError> {
    let headers = vec![bearer(account)?];
    let mut body = body.clone();
    if let (Some(proof), Some(fields)) = (proof(account), body.as_object_mut()) {
        fields.insert(PROOF.to_owned(), proof.into());
    }
    Ok(HttpCall { headers, ..HttpCall::post_json(operation, url(account, path, &[]), &body) })
}

/// A DELETE of what is at `path`: done twice it is the same.
pub(in crate::channels) fn delete(
    account: &Account,
    operation: &'static str,
    path: &str,
) -> Result<HttpCall, SendError> {
    get(account, operation, path, &[]).map(|call| HttpCall { method: Method::Delete, ..call })
}

/// A POST of what stands in the query alone, as some of the Graph API wants it.
pub(in crate::channels) fn post_query(
    account: &Account,
    operation: &'static str,
    path: &str,
    query: &[(&str, &str)],
) -> Result<HttpCall, SendError> {
    get(account, operation, path, query).map(|call| HttpCall { method: Method::Post, ..call })
}

/// A DELETE of what a query names: done twice it is the same.
pub(in crate::channels) fn delete_where(
    account: &Account,
    operation: &'static str,
    path: &str,
    query: &[(&str, &str)],
) -> Result<HttpCall, SendError> {
    get(account, operation, path, query).map(|call| HttpCall { method: Method::Delete, ..call })
}

/// The bytes of a file into an upload session, whose id Meta named
/// (<https://developers.facebook.com/docs/graph-api/guides/upload>). The same bytes may be sent again from the beginning.
pub(in crate::channels) fn into_session(
    account: &Account,
    operation: &'static str,
    session: &str,
    (blob, content_type): (&BlobHandle, &str),
) -> Result<HttpCall, SendError> {
    let sound = session.starts_with("upload:")
        && session.len() <= 4096
        && session.bytes().all(|b| b.is_ascii_alphanumeric() || b":=_-?&%.~+".contains(&b));
    if !sound {
        return Err(SendError::Retry("Meta named an upload session that cannot stand in an address".to_owned()));
    }
    let (_, bearer) = bearer(account)?;
    let token = bearer.trim_start_matches("Bearer ");
    let headers = vec![
        ("authorization", format!("OAuth {token}")),
        ("file_offset", "0".to_owned()),
        ("content-type", content_type.to_owned()),
    ];
    let mark = if session.contains('?') { '&' } else { '?' };
    let proof = proof(account).map(|proof| format!("{mark}{PROOF}={proof}")).unwrap_or_default();
    let url = format!("{}/{VERSION}/{session}{proof}", account.base_url);
    Ok(HttpCall { method: Method::Post, headers, body: Body::Blob(blob.clone()), ..HttpCall::get(operation, url) })
}

/// A POST of a form with a file. It only leaves a file there, so it may be repeated.
pub(in crate::channels) fn upload(
    account: &Account,
    operation: &'static str,
    path: &str,
    mut parts: Vec<Part>,
) -> Result<HttpCall, SendError> {
    let text =
        |proof| Part { name: PROOF.to_owned(), file_name: None, content_type: None, content: PartContent::Text(proof) };
    // Before the file: what reads a form as it comes knows then who asks.
    parts.splice(0..0, proof(account).map(text));
    let call = HttpCall::get(operation, url(account, path, &[]));
    Ok(HttpCall { method: Method::Post, headers: vec![bearer(account)?], body: Body::Multipart(parts), ..call })
}

/// The header that carries the token, if it can stand in one; else the account must be authorised anew.
pub(in crate::channels) fn bearer(account: &Account) -> Result<Header, SendError> {
    let token = token(account);
    if token.is_empty() || !token.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Err(SendError::Reauthorise);
    }
    Ok(("authorization", format!("Bearer {}", token.expose())))
}

/// That we hold the app's secret; `None` if there is none.
fn proof(account: &Account) -> Option<String> {
    signature::token_proof(&account.secret("app_secret"), &token(account))
}

/// The account's token, as its product calls it.
fn token(account: &Account) -> Secret {
    let tokens = ["access_token", "page_access_token"].map(|key| account.secret(key));
    tokens.into_iter().find(|token| !token.is_empty()).unwrap_or_default()
}

fn url(account: &Account, path: &str, query: &[(&str, &str)]) -> String {
    let query: Vec<String> = query.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}/{VERSION}/{path}{mark}{}", account.base_url, query.join("&"))
}

/// A value as it may stand in a query (RFC 3986: all but the unreserved characters are escaped).
fn encoded(value: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    value.bytes().map(escaped).collect()
}

/// The JSON of a reply, or why there is none.
pub(in crate::channels) fn read(reply: &Reply, repeatable: bool) -> Result<Value, Failure> {
    match reply {
        Reply::Answer { status, headers, body } => answer(*status, headers, body, repeatable),
        Reply::NotSent { why } => Err(Failure::Final(SendError::Retry(why.clone()))),
        Reply::Lost { why } => Err(lost(why, repeatable)),
        Reply::Unheard => Err(lost(Reply::UNHEARD, repeatable)),
        Reply::Stored { .. } | Reply::Mail(_) => Err(lost("a file came where an answer was expected", repeatable)),
    }
}

fn answer(status: u16, headers: &[(String, String)], body: &[u8], repeatable: bool) -> Result<Value, Failure> {
    let value = lenient(body).filter(Value::is_object);
    let wait_ms = usage::regained(headers).or_else(|| usage::retry_after(headers));
    if !repeatable && status >= 500 {
        return Err(Failure::Unknown);
    }
    if let Some((error, code)) = value.as_ref().and_then(|value| Some((value, number(value, "/error/code")?))) {
        return Err(Failure::Told(told(error, code, (status, wait_ms))));
    }
    Err(match (status, value) {
        (200..=299, Some(value)) => return Ok(value),
        (404, _) => refused("address_unknown", "Meta knows no such address. Check the ids in the channel's settings."),
        (413, _) => refused("too_large", "It is larger than Meta takes. Send less of it, or a link."),
        (429, _) => Failure::Final(SendError::Throttled(wait_ms.unwrap_or(UNNAMED_WAIT_MS))),
        // Only Meta's own words count: a proxy in between may refuse for reasons of its own.
        (300..=499, _) => Failure::Final(SendError::Retry(format!("unexpected answer {status}"))),
        _ => lost(&format!("answer {status}"), repeatable),
    })
}

fn refused(code: &str, why: &str) -> Failure {
    Failure::Final(SendError::Refused { code: code.to_owned(), why: why.to_owned() })
}

/// A whole number, which some write as text.
pub(in crate::channels) fn number(value: &Value, pointer: &str) -> Option<i64> {
    integer(value, pointer).or_else(|| text(value, pointer)?.trim().parse().ok())
}

fn told(value: &Value, code: i64, (status, wait_ms): (u16, Option<u64>)) -> Told {
    Told {
        code,
        subcode: number(value, "/error/error_subcode").unwrap_or(0),
        transient: flag(value, "/error/is_transient"),
        proof: code == 100 && text(value, "/error/message").is_some_and(|message| message.contains(PROOF)),
        status,
        details: string(value, "/error/error_data/details").unwrap_or_default(),
        wait_ms,
    }
}

fn lost(why: &str, repeatable: bool) -> Failure {
    if repeatable { Failure::Final(SendError::Retry(why.to_owned())) } else { Failure::Unknown }
}

/// Meta's own words, if they can quote nobody: short, without quotes, addresses or long numbers.
pub(in crate::channels) fn plain(details: &str) -> Option<&str> {
    let details = details.trim().trim_end_matches('.');
    let letters = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, ' ' | ':' | ',' | '.' | '_' | '-' | '(' | ')' | '[' | ']' | '/')
    };
    let numbers = details.split(|c: char| !c.is_ascii_digit()).all(|digits| digits.len() <= 5);
    (!details.is_empty() && details.len() <= 200 && details.chars().all(letters) && numbers).then_some(details)
}

/// Whether the answer says `{"success": true}`.
pub(in crate::channels) fn succeeded(value: &Value) -> bool {
    flag(value, "/success") || text(value, "/success") == Some("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, body: &str, repeatable: bool) -> String {
        let headers = vec![("retry-after".to_owned(), "7".to_owned())];
        let reply = Reply::Answer { status, headers, body: body.as_bytes().to_vec() };
        match read(&reply, repeatable) {
            Ok(value) => format!("ok {value}"),
            Err(failure) => format!("{failure:?}"),
        }
    }

    #[test]
    fn every_answer_has_a_meaning() {
        let told = r#"{"error":{"code":190,"error_subcode":463,"message":"secret"}}"#;
        for (status, body, expected) in [
            (200, r#"{"id":"1"}"#, r#"ok {"id":"1"}"#),
            (200, "[]", "Unknown"),
            (200, "<html>", "Unknown"),
            (200, told, "Told(Told(190/463))"),
            (400, told, "Told(Told(190/463))"),
            (503, told, "Unknown"),
            (500, r#"{"error":{"code":4,"is_transient":true}}"#, "Unknown"),
            (400, r#"{"error":{"code":"190"}}"#, "Told(Told(190/0))"),
            (
                404,
                "Not here",
                "Final(Refused { code: \"address_unknown\", why: \"Meta knows no such address. Check the ids in the channel's settings.\" })",
            ),
            (
                413,
                "",
                "Final(Refused { code: \"too_large\", why: \"It is larger than Meta takes. Send less of it, or a link.\" })",
            ),
            (400, "{}", "Final(Retry(\"unexpected answer 400\"))"),
            (302, "", "Final(Retry(\"unexpected answer 302\"))"),
            (429, "", "Final(Throttled(7000))"),
            (500, r#"{"error":"words"}"#, "Unknown"),
        ] {
            assert_eq!(outcome(status, body, false), expected, "{status} {body}");
        }
        assert_eq!(outcome(500, "", true), "Final(Retry(\"answer 500\"))");
        assert_eq!(outcome(503, told, true), "Told(Told(190/463))");
    }

    #[test]
    fn only_words_that_quote_nobody_are_shown() {
        assert_eq!(plain(" Parameter 2 of 3 is missing (body). "), Some("Parameter 2 of 3 is missing (body)"));
        for quoting in [
            "",
            ".",
            "to +39333",
            "to 393331234567",
            "said \"Anna\"",
            "for anna@example.com",
            "'Anna'",
            "Aña",
            &"x".repeat(201),
        ] {
            assert_eq!(plain(quoting), None, "{quoting}");
        }
    }

    fn account(token: &str, app_secret: &str) -> Account {
        let mut account = Account { base_url: "https://graph.test".to_owned(), ..Account::default() };
        account.secrets.insert("access_token".to_owned(), Secret::new(token));
        account.secrets.insert("app_secret".to_owned(), Secret::new(app_secret));
        account
    }

    #[test]
    fn calls_are_versioned_signed_and_escaped() {
        let call = get(&account("EAAtoken", "app-secret-0123456789abcdef"), "t.t", "1/x", &[("after", "a+/=&b")]);
        let call = call.expect("a sound token");
        let proof = "bea1fdca8e39f485df253b3057afbb6654483f1c75dd824dc8c8b55242e35f39";
        assert_eq!(call.url, format!("https://graph.test/v26.0/1/x?after=a%2B%2F%3D%26b&appsecret_proof={proof}"));
        assert_eq!(call.headers, [("authorization", "Bearer EAAtoken".to_owned())]);
        let known = account("EAAtoken", "app-secret-0123456789abcdef");
        let post = post(&known, "t.t", "1", &serde_json::json!({"a": 1})).expect("a sound token");
        let Body::Json(body) = post.body else { panic!("a body") };
        assert_eq!(lenient(&body), Some(serde_json::json!({"a": 1, "appsecret_proof": proof})));
        assert_eq!(post.url, "https://graph.test/v26.0/1", "what has a body carries it there");
        let form = upload(&known, "t.t", "1", Vec::new()).expect("a sound token");
        assert_eq!(form.url, "https://graph.test/v26.0/1");
        let Body::Multipart(parts) = form.body else { panic!("a form") };
        assert!(
            matches!(&parts[..], [Part { name, content: PartContent::Text(text), .. }] if name == PROOF && text == proof)
        );
        let bare = get(&account("EAAtoken", ""), "t.t", "1", &[]).expect("a sound token");
        assert_eq!(bare.url, "https://graph.test/v26.0/1");
    }

    #[test]
    fn a_token_that_would_bend_the_header_is_not_used() {
        for wrong in ["", "a b", "a\r\nHost: evil", "\u{e9}", "a\t"] {
            assert_eq!(bearer(&account(wrong, "s")), Err(SendError::Reauthorise), "{wrong}");
            assert!(get(&account(wrong, "s"), "t.t", "1", &[]).is_err());
        }
    }
}
