//! How Telnyx proves a request (<https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks>): an Ed25519
//! signature (RFC 8032) over `timestamp|body`, by the key that its portal shows, at most five minutes from now.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::{Account, Raw};

/// How far a request's time may lie from ours, in seconds.
const TOLERANCE_S: u64 = 300;

/// Whether a request is Telnyx's, and of now.
pub(super) fn proven(now_ms: i64, raw: &Raw, account: &Account) -> bool {
    check(now_ms, raw, account).unwrap_or(false)
}

fn check(now_ms: i64, raw: &Raw, account: &Account) -> Option<bool> {
    let key: [u8; 32] = STANDARD.decode(account.setting("public_key").trim()).ok()?.try_into().ok()?;
    let key = VerifyingKey::from_bytes(&key).ok()?;
    let timestamp = raw.header("telnyx-timestamp")?;
    let signature: [u8; 64] = STANDARD.decode(raw.header("telnyx-signature-ed25519")?).ok()?.try_into().ok()?;
    let moment: i64 = timestamp.parse().ok()?;
    let signed = [timestamp.as_bytes(), b"|", &raw.body].concat();
    // Strict: a weak key, or a signature of a form that others read otherwise, proves nothing.
    key.verify_strict(&signed, &Signature::from_bytes(&signature)).ok()?;
    Some(moment.abs_diff(now_ms.div_euclid(1000)) <= TOLERANCE_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed with PyNaCl: the key of the seed 00 01 02 … 1f.
    const KEY: &str = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
    const SIGNATURE: &str = "i/Ne+UFWPR0AilMupkYuQVIbzOB4CExzrSxA88fIfFmp2yUxhms1ElNP86q/O3uQ18QZmNQbiTEs8SeZeQlGDg==";
    const BODY: &str = r#"{"data":{"id":"e1","text":"ciào \ud83d\ude00"}}"#;
    const NOW_MS: i64 = 1_767_225_600_000;

    fn raw(timestamp: &str, signature: &str, body: &str) -> Raw {
        let headers = [("telnyx-timestamp", timestamp), ("telnyx-signature-ed25519", signature)];
        Raw {
            method: "POST".to_owned(),
            path: String::new(),
            query: String::new(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn account(key: &str) -> Account {
        Account { settings: [("public_key".to_owned(), key.to_owned())].into(), ..Account::default() }
    }

    #[test]
    fn agrees_with_another_implementation() {
        assert!(proven(NOW_MS, &raw("1767225600", SIGNATURE, BODY), &account(KEY)));
    }

    #[test]
    fn five_minutes_are_near_enough() {
        for (distance_s, near) in [(300, true), (-300, true), (301, false), (-301, false)] {
            let now_ms = NOW_MS + distance_s * 1000;
            assert_eq!(proven(now_ms, &raw("1767225600", SIGNATURE, BODY), &account(KEY)), near, "{distance_s}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        let hex = hex::encode(STANDARD.decode(SIGNATURE).expect("base64"));
        for (timestamp, signature, body) in [
            ("1767225601", SIGNATURE, BODY),
            ("", SIGNATURE, BODY),
            ("x", SIGNATURE, BODY),
            ("1767225600", "", BODY),
            ("1767225600", hex.as_str(), BODY),
            ("1767225600", &SIGNATURE[..86], BODY),
            ("1767225600", SIGNATURE, "{}"),
        ] {
            assert!(!proven(NOW_MS, &raw(timestamp, signature, body), &account(KEY)), "{timestamp} {signature}");
        }
        for key in ["", "AAAA", "!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
            assert!(!proven(NOW_MS, &raw("1767225600", SIGNATURE, BODY), &account(key)), "{key}");
        }
    }
}
