//! What Meta posts to a webhook: JSON in its own escaping, and the signature over exactly those bytes.
//!
//! Meta signs "an escaped unicode version of the payload, with lowercase hex digits"
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint>), and that
//! is what is on the wire: whoever signs re-encoded JSON is found out here.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};
use sha2::Sha256;

/// JSON with `\/`, and `\u00e4` for everything beyond ASCII.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for letter in fragment.chars() {
            match letter {
                '/' => writer.write_all(b"\\/")?,
                plain if plain.is_ascii() => write!(writer, "{plain}")?,
                other => other.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))?,
            }
        }
        Ok(())
    }
}

/// The body as it goes over the wire.
pub(crate) fn escaped(body: &Value) -> String {
    let mut bytes = Vec::new();
    // Writing a value into memory cannot fail.
    let _ = body.serialize(&mut Serializer::with_formatter(&mut bytes, Escaping));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `X-Hub-Signature-256` of these bytes: `sha256=` and 64 lowercase hex digits.
pub fn signature(app_secret: &str, body: &[u8]) -> String {
    format!("sha256={}", keyed(app_secret, body))
}

/// What Meta posts as `signed_request` for a person: signature and JSON, both base64url without padding.
pub fn signed_request(app_secret: &str, user: &str, issued_at_s: i64) -> String {
    let said = serde_json::json!({ "algorithm": "HMAC-SHA256", "issued_at": issued_at_s, "user_id": user });
    let payload = URL_SAFE_NO_PAD.encode(said.to_string());
    let mac = hex::decode(keyed(app_secret, payload.as_bytes())).unwrap_or_default();
    format!("{}.{payload}", URL_SAFE_NO_PAD.encode(mac))
}

/// HMAC-SHA256 in lowercase hex; the key is the secret's own letters.
pub(crate) fn keyed(secret: &str, text: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mac| mac.chain_update(text).finalize());
    mac.map_or_else(|_| String::new(), |mac| hex::encode(mac.into_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_wire_has_metas_escaping() {
        let body = json!({ "text": "Grüße 😀 a/b \"x\"\n" });
        assert_eq!(escaped(&body), r#"{"text":"Gr\u00fc\u00dfe \ud83d\ude00 a\/b \"x\"\n"}"#);
    }

    #[test]
    fn the_signature_is_over_the_wire() {
        // RFC 4231, test case 2.
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", b"what do ya want for nothing?"), expected);
    }

    proptest! {
        #[test]
        fn escaping_loses_nothing(text: String) {
            let body = json!({ "body": text });
            let wire = escaped(&body);
            prop_assert!(wire.is_ascii());
            prop_assert_eq!(serde_json::from_str::<Value>(&wire).ok(), Some(body));
        }
    }
}
