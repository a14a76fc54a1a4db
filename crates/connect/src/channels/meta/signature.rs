//! Signatures with the app's secret: of deliveries to us, and of our tokens towards Meta.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{Raw, Secret};

/// The header that carries the signature of a delivery.
const HEADER: &str = "x-hub-signature-256";

/// Whether a delivery is signed with this app's secret, over its bytes as they came: Meta escapes what is no ASCII, so that
/// the same JSON written anew would not match. An empty secret proves nothing.
pub(in crate::channels) fn proves(raw: &Raw, app_secret: &Secret) -> bool {
    let expected = mac(app_secret, &raw.body).map(|mac| format!("sha256={mac}"));
    match (raw.header(HEADER), expected) {
        (Some(given), Some(expected)) => bool::from(given.as_bytes().ct_eq(expected.as_bytes())),
        _ => false,
    }
}

/// The `appsecret_proof` of a call: that whoever holds the token also holds the app's secret
/// (<https://developers.facebook.com/docs/graph-api/guides/secure-requests>). `None` without a secret.
pub(in crate::channels) fn token_proof(app_secret: &Secret, token: &Secret) -> Option<String> {
    mac(app_secret, token.expose().as_bytes())
}

/// Whether these are the raw bytes of a signature over a message. An empty secret proves nothing.
pub(super) fn signs(app_secret: &Secret, message: &[u8], given: &[u8]) -> bool {
    let given = hex::encode(given);
    mac(app_secret, message).is_some_and(|expected| bool::from(given.as_bytes().ct_eq(expected.as_bytes())))
}

/// A word of 32 hexadecimal digits that only who knows both secret and message can make. `None` without a secret.
pub(super) fn code(app_secret: &Secret, message: &str) -> Option<String> {
    let mut code = mac(app_secret, format!("confirmation code: {message}").as_bytes())?;
    code.truncate(32);
    Some(code)
}

/// HMAC-SHA256 as 64 lower-case hexadecimal digits. `None` if the key is empty.
fn mac(key: &Secret, message: &[u8]) -> Option<String> {
    if key.is_empty() {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).ok()?;
    mac.update(message);
    Some(hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed with Python's hmac and hashlib, and again with `openssl dgst -sha256 -hmac`.
    const SECRET: &str = "app-secret-0123456789abcdef";
    const BODY: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"0","changes":[{"field":"messages","value":{"text":"ci\u00e0o \ud83d\ude00 \/"}}]}]}"#;
    const SIGNATURE: &str = "sha256=daf8de7df1c8ce2435d73bbc92282ab373f85d9a51126e97ae9ea69054990ed7";
    const PROOF: &str = "bea1fdca8e39f485df253b3057afbb6654483f1c75dd824dc8c8b55242e35f39";
    /// The same body signed with nothing as the key.
    const KEYLESS: &str = "sha256=0631dbc3ece47735649c6f68ec2fbf69ab70ad17e0b30836c5e6fd0c8dc9b0cc";

    fn signed(header: &str, body: &str, secret: &str) -> bool {
        let raw = Raw {
            method: "POST".to_owned(),
            path: String::new(),
            query: String::new(),
            headers: vec![(HEADER.to_owned(), header.to_owned())],
            body: body.as_bytes().to_vec(),
        };
        proves(&raw, &Secret::new(secret))
    }

    #[test]
    fn others_sign_alike() {
        assert!(signed(SIGNATURE, BODY, SECRET));
        assert_eq!(token_proof(&Secret::new(SECRET), &Secret::new("EAAtoken")).as_deref(), Some(PROOF));
    }

    #[test]
    fn the_bytes_count_and_not_what_they_mean() {
        let again = BODY.replace("\\u00e0", "\u{e0}").replace("\\ud83d\\ude00", "\u{1f600}").replace("\\/", "/");
        assert_eq!(crate::lenient(BODY.as_bytes()), crate::lenient(again.as_bytes()));
        assert!(!signed(SIGNATURE, &again, SECRET));
    }

    #[test]
    fn what_is_not_quite_right_is_wrong() {
        let bare = SIGNATURE.trim_start_matches("sha256=");
        for header in ["", "sha256=", bare, &SIGNATURE.to_uppercase(), &format!("{SIGNATURE} "), &SIGNATURE[..70]] {
            assert!(!signed(header, BODY, SECRET), "{header}");
        }
        assert!(!signed(SIGNATURE, BODY, "another"));
    }

    #[test]
    fn an_empty_secret_proves_nothing() {
        assert!(!signed(KEYLESS, BODY, ""));
        assert_eq!(token_proof(&Secret::default(), &Secret::new("t")), None);
    }
}
