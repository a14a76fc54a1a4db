//! What Cloud Pub/Sub proves itself with (<https://docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions>): a JWT
//! (RFC 7519) that Google signed by RS256 (RFC 7518, 3.3), for this hook, on behalf of the account that the channel names.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

use crate::json::{flag, integer, list, text};
use crate::{Account, Raw, lenient};

/// How far two clocks may be apart, in seconds.
const LEEWAY_S: i64 = 60;
/// The longest token that is looked at, in bytes.
const LONGEST: usize = 8_192;
/// Who signs, in both forms that Google uses.
const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];

/// Whether a request brings a token of Google's for this channel's hook that is good now.
pub(super) fn proven(now_ms: i64, raw: &Raw, account: &Account) -> bool {
    claims(raw, account).is_some_and(|claims| is_ours(&claims, now_ms.div_euclid(1_000), account))
}

/// What a token says whose signature is Google's.
fn claims(raw: &Raw, account: &Account) -> Option<Value> {
    let token = raw.header("authorization")?.strip_prefix("Bearer ")?;
    let (signed, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST)?;
    let (head, payload) = signed.split_once('.')?;
    let part = |part: &str| lenient(&URL_SAFE_NO_PAD.decode(part).ok()?);
    let head = part(head)?;
    // No other, whatever the token asks for.
    if text(&head, "/alg") != Some("RS256") {
        return None;
    }
    let kept: Value = serde_json::from_str(&account.watch).ok()?;
    let kid = text(&head, "/kid")?;
    let key = list(&kept, "/keys").iter().find(|key| text(key, "/kid") == Some(kid))?;
    let number = |name: &str| URL_SAFE_NO_PAD.decode(text(key, name)?).ok();
    let key = RsaPublicKeyComponents { n: number("/n")?, e: number("/e")? };
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).ok()?;
    part(payload)
}

fn is_ours(claims: &Value, now_s: i64, account: &Account) -> bool {
    let says =
        |claim: &str, expected: &str| text(claims, claim).is_some_and(|said| said.eq_ignore_ascii_case(expected));
    let ends = integer(claims, "/exp").is_some_and(|until| now_s < until.saturating_add(LEEWAY_S));
    let begun = integer(claims, "/iat").is_some_and(|from| from <= now_s.saturating_add(LEEWAY_S));
    text(claims, "/iss").is_some_and(|issuer| ISSUERS.contains(&issuer))
        && text(claims, "/aud") == Some(&account.hook_url)
        && says("/email", account.setting("push_account").trim())
        && flag(claims, "/email_verified")
        && begun
        && ends
}
