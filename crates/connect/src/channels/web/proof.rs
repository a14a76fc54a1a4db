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
