//! Signatures by the Standard Webhooks scheme (<https://www.standardwebhooks.com>), in both directions.
//!
//! A secret is `whsec_` and the base64 of its bytes. Signed is `id.timestamp.body` with HMAC-SHA256.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Header, Raw, Secret};

/// How far a message's time may lie from ours, in milliseconds.
const TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// A secret of this scheme from 32 random bytes.
pub fn generate(chance: [u8; 32]) -> Secret {
    Secret::new(format!("whsec_{}", STANDARD.encode(chance)))
}

/// The three headers that sign a body. `None` if the secret is empty or no base64.
pub fn sign(secret: &Secret, id: &str, now_ms: i64, body: &[u8]) -> Option<Vec<Header>> {
    let timestamp = now_ms.div_euclid(1000).to_string();
    let signature = STANDARD.encode(mac(secret, id, &timestamp, body)?.finalize().into_bytes());
    Some(vec![
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", format!("v1,{signature}")),
    ])
}

/// Whether a request carries a valid signature of at most five minutes' distance.
pub fn verify(secret: &Secret, now_ms: i64, raw: &Raw) -> bool {
    verified(secret, now_ms, raw).unwrap_or(false)
}

fn verified(secret: &Secret, now_ms: i64, raw: &Raw) -> Option<bool> {
    let id = raw.header("webhook-id").filter(|id| !id.is_empty())?;
    let timestamp = raw.header("webhook-timestamp")?;
    let moment_ms = timestamp.parse::<i64>().ok()?.checked_mul(1000)?;
    let near = moment_ms.abs_diff(now_ms) <= TOLERANCE_MS.unsigned_abs();
    let mac = mac(secret, id, timestamp, &raw.body)?;
    // Several signatures stand beside each other while a secret is being changed.
    let signed = raw
        .header("webhook-signature")?
        .split(' ')
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .filter_map(|signature| STANDARD.decode(signature).ok())
        .any(|signature| mac.clone().verify_slice(&signature).is_ok());
    Some(near && signed)
}

fn mac(secret: &Secret, id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let coded = secret.expose().strip_prefix("whsec_").unwrap_or(secret.expose()).trim_end_matches('=');
    let key = STANDARD_NO_PAD.decode(coded).ok().filter(|key| !key.is_empty())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed with Python's hmac, hashlib and base64.
    const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const BODY: &str = r#"{"type":"message.created","data":{"id":"m-1","text":"ciào \ud83d\ude00"}}"#;
    const SIGNATURE: &str = "v1,wCIRxPhweiIC6VciuHfoRp6htHnyXgyL3yGOFtJZ+QA=";
    const NOW_MS: i64 = 1_767_225_600_999;

    fn raw(signature: &str) -> Raw {
        Raw {
            method: "POST".to_owned(),
            path: String::new(),
            query: String::new(),
            headers: vec![
                ("webhook-id".to_owned(), "evt_1".to_owned()),
                ("webhook-timestamp".to_owned(), "1767225600".to_owned()),
                ("webhook-signature".to_owned(), signature.to_owned()),
            ],
            body: BODY.as_bytes().to_vec(),
        }
    }

    #[test]
    fn agrees_with_another_implementation() {
        let headers = sign(&Secret::new(SECRET), "evt_1", NOW_MS, BODY.as_bytes());
        assert_eq!(
            headers.and_then(|headers| headers.into_iter().nth(2)).map(|(_, value)| value),
            Some(SIGNATURE.into())
        );
        assert!(verify(&Secret::new(SECRET), NOW_MS, &raw(SIGNATURE)));
        assert_eq!(generate(std::array::from_fn(|i| u8::try_from(i).unwrap_or(0))).expose(), SECRET);
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        assert!(verify(&Secret::new(SECRET), NOW_MS, &raw(&format!("v1a,xx v1,AAAA {SIGNATURE}"))));
    }

    #[test]
    fn refuses_the_rest() {
        let good = raw(SIGNATURE);
        for distance in [-301_000, 301_000] {
            assert!(!verify(&Secret::new(SECRET), 1_767_225_600_000 + distance, &good));
        }
        for secret in ["", "whsec_", "whsec_!!", "whsec_AAEC"] {
            assert!(!verify(&Secret::new(secret), NOW_MS, &good));
        }
        for signature in ["", "v1,", "v1", &SIGNATURE[3..], &SIGNATURE.replace("v1,", "v2,"), &SIGNATURE[..20]] {
            assert!(!verify(&Secret::new(SECRET), NOW_MS, &raw(signature)));
        }
        for header in 0..3 {
            let mut doubled = good.clone();
            doubled.headers.push(good.headers[header].clone());
            assert!(!verify(&Secret::new(SECRET), NOW_MS, &doubled));
            let mut missing = good.clone();
            missing.headers.remove(header);
            assert!(!verify(&Secret::new(SECRET), NOW_MS, &missing));
        }
    }
}
