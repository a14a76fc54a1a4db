//! How Twilio signs (<https://www.twilio.com/docs/usage/webhooks/webhooks-security>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The signature of a form to an address.
pub fn signature(token: &str, url: &str, form: &[(String, String)]) -> String {
    let mut fields = form.to_vec();
    fields.sort();
    let signed = fields.iter().fold(url.to_owned(), |all, (name, value)| all + name + value);
    let Ok(mac) = Hmac::<Sha1>::new_from_slice(token.as_bytes()) else { return String::new() };
    STANDARD.encode(mac.chain_update(signed).finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_documented() {
        let form = [
            ("Digits", "1234"),
            ("CallSid", "CA1234567890ABCDE"),
            ("To", "+18005551212"),
            ("Caller", "+14158675310"),
            ("From", "+14158675310"),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let signed = signature("12345", "https://example.com/myapp.php?foo=1&bar=2", &form);
        assert_eq!(signed, "L/OH5YylLD5NRKLltdqwSvS0BnU=");
    }
}
