//! The handshake with which Meta asks whether a hook is ours, before it delivers anything there
//! (<https://developers.facebook.com/docs/graph-api/webhooks/getting-started>).

use serde_json::json;

use crate::json::text;
use crate::{Answer, Raw, Reject, Secret, Verified, lenient};

/// The key under which the challenge waits for its answer. No delivery has it: what is verified is written anew.
const CHALLENGE: &str = "hub.challenge";
/// The longest challenge that is answered, in bytes. Meta's are ten digits.
const LONGEST: usize = 256;

/// A GET with `hub.mode=subscribe`, our own token and a challenge. Anything else that is no such question is not found.
pub(in crate::channels) fn verify(raw: &Raw, verify_token: &Secret) -> Result<Verified, Reject> {
    let parameter = |name: &str| sole(&raw.query, name);
    if parameter("hub.mode").as_deref() != Some("subscribe") {
        return Err(Reject::NotFound);
    }
    let token = parameter("hub.verify_token").unwrap_or_default();
    if !verify_token.matches(token.as_bytes()) {
        return Err(Reject::Unauthorised);
    }
    let challenge = parameter(CHALLENGE).filter(|challenge| !challenge.is_empty() && challenge.len() <= LONGEST);
    let challenge = challenge.ok_or(Reject::Malformed)?;
    Ok(Verified::new(json!({ CHALLENGE: challenge }).to_string().into_bytes()))
}

/// The answer to a verified handshake; `None` if these bytes are none.
pub(in crate::channels) fn answer(verified: &Verified) -> Option<Answer> {
    let value = lenient(verified.body())?;
    let challenge = text(&value, "/hub.challenge")?;
    // As plain text: whoever knows the token chooses it.
    Some(Answer { status: 200, content_type: "text/plain", body: challenge.to_owned(), keep: false })
}

/// The one value of a parameter of a query. One that occurs twice has none.
pub(super) fn sole(query: &str, name: &str) -> Option<String> {
    let mut values = query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(key).as_deref() == Some(name)).then(|| decoded(value))
    });
    match (values.next(), values.next()) {
        (Some(value), None) => value,
        _ => None,
    }
}

/// A part of a query without its escapes. `None` if it is not text.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((byte, after)) = next(rest) {
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

/// The first byte that a query's escapes stand for, and what follows.
fn next(rest: &[u8]) -> Option<(u8, &[u8])> {
    let (&first, after) = rest.split_first()?;
    let escaped =
        after.split_at_checked(2).and_then(|(digits, after)| Some((*hex::decode(digits).ok()?.first()?, after)));
    match (first, escaped) {
        (b'%', Some(found)) => Some(found),
        (b'+', _) => Some((b' ', after)),
        _ => Some((first, after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str, token: &str) -> Result<String, Reject> {
        let raw = Raw {
            method: "GET".to_owned(),
            path: String::new(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        verify(&raw, &Secret::new(token)).map(|verified| answer(&verified).map_or_else(String::new, |said| said.body))
    }

    #[test]
    fn a_handshake_is_answered_with_its_challenge() {
        let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=mein%20T%C3%B6ken%2B%25";
        assert_eq!(asked(query, "mein T\u{f6}ken+%"), Ok("1158201444".to_owned()));
        assert_eq!(
            asked("hub.verify_token=t&hub.challenge=a+b%3Cc%3E&hub.mode=subscribe", "t"),
            Ok("a b<c>".to_owned())
        );
    }

    #[test]
    fn whoever_does_not_know_the_token_is_refused() {
        for (query, token) in [
            ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=x", "t"),
            ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=", ""),
            ("hub.mode=subscribe&hub.challenge=1", ""),
            ("hub.mode=subscribe&hub.challenge=1", "t"),
            ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=x&hub.verify_token=t", "t"),
            ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=%ff", "t"),
        ] {
            assert_eq!(asked(query, token), Err(Reject::Unauthorised), "{query}");
        }
    }

    #[test]
    fn what_is_no_handshake_is_nothing() {
        for query in ["", "hub.mode=unsubscribe&hub.verify_token=t&hub.challenge=1", "hub.verify_token=t", "&&=&%"] {
            assert_eq!(asked(query, "t"), Err(Reject::NotFound), "{query}");
        }
        for query in ["hub.mode=subscribe&hub.verify_token=t", "hub.mode=subscribe&hub.verify_token=t&hub.challenge="] {
            assert_eq!(asked(query, "t"), Err(Reject::Malformed), "{query}");
        }
        assert_eq!(answer(&Verified::new(b"{}".to_vec())), None);
    }
}
