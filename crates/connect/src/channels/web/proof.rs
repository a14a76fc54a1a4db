//! Proof of who a website's signed-in user is: a short-lived JWT, or the older hash of an identifier.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::json::{integer, string, text};
use crate::{Account, Ctx, Reject, Secret, identity};

/// How far ahead a proof may expire, in seconds.
const LONGEST_S: i64 = 5 * 60;
/// By how much a website's clock may be ahead of ours, in seconds.
const SKEW_S: i64 = 30;
/// Longest id of a user, in bytes.
const ID: usize = 255;

/// A user whom the website vouches for.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Their id at the website.
    pub id: String,
    /// Their name, if the proof holds one.
    pub name: Option<String>,
    /// Their address, normalised, if the proof holds one.
    pub email: Option<String>,
}

/// The user that a session request names: `{"jwt"}` or `{"identifier","identifier_hash"}` below `identity`. `None` if it
/// names nobody; an error if it names somebody without a valid proof.
pub(super) fn user(ctx: &Ctx, account: &Account, request: &Value) -> Result<Option<User>, Reject> {
    let Some(claim) = request.get("identity").filter(|claim| !claim.is_null()) else { return Ok(None) };
    let secret = account.secret("identity_secret");
    let user = match text(claim, "/jwt") {
        Some(jwt) => by_jwt(ctx, &secret, &account.channel, jwt),
        None => by_hash(&secret, claim),
    };
    user.map(Some).ok_or(Reject::Unauthorised)
}

fn by_hash(secret: &Secret, claim: &Value) -> Option<User> {
    let id = text(claim, "/identifier").filter(|id| acceptable(id))?;
    let hash = hex::decode(text(claim, "/identifier_hash")?).ok()?;
    proven(secret, id.as_bytes(), &hash).then(|| User { id: id.to_owned(), name: None, email: None })
}

/// A JWT (RFC 7519) of one pinned algorithm, for this channel, about to expire.
fn by_jwt(ctx: &Ctx, secret: &Secret, channel: &str, jwt: &str) -> Option<User> {
    let (signed, signature) = jwt.rsplit_once('.').filter(|_| jwt.len() <= 8192)?;
    let (header, claims) = signed.split_once('.')?;
    let header = part(header)?;
    // Pinned: a token may not choose how it is checked (RFC 8725, 3.1), and critical extensions are not known here.
    if text(&header, "/alg") != Some("HS256") || header.get("crit").is_some() {
        return None;
    }
    if !proven(secret, signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?) {
        return None;
    }
    let claims = part(claims)?;
    let now_s = ctx.now_ms.div_euclid(1000);
    let expires_s = integer(&claims, "/exp").filter(|exp| *exp > now_s && *exp <= now_s + LONGEST_S + SKEW_S);
    let begun = claims.get("nbf").is_none_or(|nbf| nbf.as_i64().is_some_and(|nbf| nbf <= now_s + SKEW_S));
    if expires_s.is_none() || !begun || !is_for(&claims, channel) {
        return None;
    }
    Some(User {
        id: text(&claims, "/sub").filter(|id| acceptable(id))?.to_owned(),
        name: string(&claims, "/name"),
        email: text(&claims, "/email").and_then(identity::email),
    })
}

fn is_for(claims: &Value, channel: &str) -> bool {
    let named = match claims.get("aud") {
        Some(Value::String(audience)) => audience == channel,
        Some(Value::Array(audiences)) => audiences.iter().any(|audience| audience.as_str() == Some(channel)),
        _ => false,
    };
    named && !channel.is_empty()
}

fn part(encoded: &str) -> Option<Value> {
    crate::lenient(&URL_SAFE_NO_PAD.decode(encoded).ok()?).filter(Value::is_object)
}

fn acceptable(id: &str) -> bool {
    !id.trim().is_empty() && id.len() <= ID && !id.chars().any(char::is_control)
}

/// Whether `signature` is HMAC-SHA256 of `message`, in constant time. An empty secret proves nothing.
fn proven(secret: &Secret, message: &[u8], signature: &[u8]) -> bool {
    !secret.is_empty()
        && Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
            .is_ok_and(|mac| mac.chain_update(message).verify_slice(signature).is_ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // Made with Python's hmac, hashlib and base64, as are those of the fixture.
    const FULL: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTEiLCJhdWQiOiJjaG5fMSIsImV4cCI6MTc2NzIyNTkwMCwibmFtZSI6IkFubmEiLCJlbWFpbCI6IkFubmFARXhhbXBsZS5jb20iLCJpYXQiOjE3NjcyMjU2MDB9.aRkhraRp4VOAt9lg6IUtXDpoyCQhrg0d6g3gXoXm8zc";
    const SEVERAL_AUDIENCES: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTEiLCJhdWQiOlsib3RoZXIiLCJjaG5fMSJdLCJleHAiOjE3NjcyMjU5MDB9.ai788phPsyP5lIX39Uhbk8PWU9ki-aRgO4n25e8-K5A";
    const HASH: &str = "9f8b94c80be0181c6fc24976e5c2b5725d5e3326e659452e78208882a3587aa3";
    const HASH_BY_EMPTY_SECRET: &str = "0db11465ff5d649790db1f2b4e1427c4bab24852fc4319f6e35d47967f10ffc8";

    fn asked(identity: &Value, secret: &str) -> Result<Option<String>, Reject> {
        let ctx = Ctx { now_ms: 1_767_225_600_000, chance: [0; 32] };
        let mut account = Account { channel: "chn_1".to_owned(), ..Account::default() };
        account.secrets.insert("identity_secret".to_owned(), Secret::new(secret));
        user(&ctx, &account, &json!({"identity": identity})).map(|user| user.map(|user| user.id))
    }

    fn ask(identity: &Value) -> Result<Option<String>, Reject> {
        asked(identity, "identity-secret-of-the-tests")
    }

    #[test]
    fn agrees_with_another_implementation() {
        for jwt in [FULL, SEVERAL_AUDIENCES] {
            assert_eq!(ask(&json!({"jwt": jwt})), Ok(Some("user-1".to_owned())));
        }
        assert_eq!(ask(&json!({"identifier": "user-1", "identifier_hash": HASH})), Ok(Some("user-1".to_owned())));
        assert_eq!(ask(&Value::Null), Ok(None));
    }

    #[test]
    fn nobody_is_believed_without_proof() {
        for identity in [
            json!({}),
            json!("user-1"),
            json!({"identifier": "user-1"}),
            json!({"identifier": "user-1", "identifier_hash": ""}),
            json!({"identifier": "user-1", "identifier_hash": null}),
            json!({"identifier": "user-1", "identifier_hash": HASH.get(..62)}),
            json!({"identifier": "user-2", "identifier_hash": HASH}),
            json!({"identifier": "", "identifier_hash": HASH}),
            json!({"jwt": ""}),
            json!({"jwt": "a.b.c"}),
            json!({"jwt": "a.b"}),
        ] {
            assert_eq!(ask(&identity), Err(Reject::Unauthorised), "{identity}");
        }
        for identity in [json!({"jwt": FULL}), json!({"identifier": "user-1", "identifier_hash": HASH})] {
            assert_eq!(asked(&identity, ""), Err(Reject::Unauthorised));
            assert_eq!(asked(&identity, "another"), Err(Reject::Unauthorised));
        }
    }

    #[test]
    fn a_token_does_not_choose_how_it_is_checked() {
        let refused: Vec<Value> =
            serde_json::from_str(include_str!("../../../fixtures/web/jwt_refused.json")).expect("JSON");
        assert!(refused.len() > 15);
        for example in &refused {
            assert_eq!(ask(&json!({"jwt": example["jwt"]})), Err(Reject::Unauthorised), "{}", example["what"]);
            // Where no secret is set, what somebody signed with the empty one is no proof either.
            assert_eq!(asked(&json!({"jwt": example["jwt"]}), ""), Err(Reject::Unauthorised), "{}", example["what"]);
        }
        let by_empty_secret = json!({"identifier": "user-1", "identifier_hash": HASH_BY_EMPTY_SECRET});
        assert_eq!(asked(&by_empty_secret, ""), Err(Reject::Unauthorised));
    }

    #[test]
    fn one_changed_byte_is_refused() {
        for at in 0..FULL.len() {
            let mut bytes = FULL.as_bytes().to_vec();
            bytes[at] ^= 1;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(ask(&json!({"jwt": changed})), Err(Reject::Unauthorised), "byte {at}");
        }
    }
}
