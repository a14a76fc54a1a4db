//! What Meta posts for a person who wants their data deleted, or who took an app away: a form with one signed field
//! (<https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback>).

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::{handshake, signature};
use crate::json::{integer, string};
use crate::{Reject, Secret, lenient};

/// The field's name.
const FIELD: &str = "signed_request";
/// The only way of signing that is believed.
const ALGORITHM: &str = "HMAC-SHA256";
/// Without padding as Meta writes it; some libraries add it.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a proven request says.
pub(in crate::channels) struct Asked {
    /// By which id the app knows the person.
    pub(in crate::channels) user: String,
    /// When it was signed, in Unix milliseconds; 0 where it does not say.
    pub(in crate::channels) at_ms: i64,
    /// Follows from the request and the secret alone: whoever has not both cannot guess it.
    pub(in crate::channels) code: String,
}

/// What of a form is signed; `None` if it has no such field.
pub(in crate::channels) fn field(body: &[u8]) -> Option<String> {
    handshake::sole(std::str::from_utf8(body).ok()?, FIELD)
}

/// The request, if it is signed with this app's secret.
pub(in crate::channels) fn proven(signed: &str, app_secret: &Secret) -> Result<Asked, Reject> {
    let (given, payload) = signed.split_once('.').ok_or(Reject::Unauthorised)?;
    let given = ENGINE.decode(given).map_err(|_| Reject::Unauthorised)?;
    if !signature::signs(app_secret, payload.as_bytes(), &given) {
        return Err(Reject::Unauthorised);
    }
    let payload_bytes = ENGINE.decode(payload).map_err(|_| Reject::Malformed)?;
    let said = lenient(&payload_bytes).filter(Value::is_object).ok_or(Reject::Malformed)?;
    if string(&said, "/algorithm").as_deref() != Some(ALGORITHM) {
        return Err(Reject::Unauthorised);
    }
    let user = string(&said, "/user_id").or_else(|| integer(&said, "/user_id").map(|id| id.to_string()));
    let user = user.filter(|user| user.len() <= 128).ok_or(Reject::Malformed)?;
    let at_ms = integer(&said, "/issued_at").unwrap_or(0).max(0).saturating_mul(1000);
    let code = signature::code(app_secret, payload).ok_or(Reject::Unauthorised)?;
    Ok(Asked { user, at_ms, code })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signed with `secret` by Python's hmac and base64.
    const SIGNED: &str = "7aaJqoRdE54Vrp9XhNi6WVBOkwE55syUHGYQ2mEsV5Y.eyJhbGdvcml0aG0iOiAiSE1BQy1TSEEyNTYiLCAiZXhwaXJlcyI6IDEyOTE4NDA0MDAsICJpc3N1ZWRfYXQiOiAxMjkxODM2ODAwLCAidXNlcl9pZCI6ICIyMTg0NzEifQ";

    #[test]
    fn what_others_signed_is_read() {
        let asked = proven(SIGNED, &Secret::new("secret")).map_err(|reject| format!("{reject:?}"));
        let asked = asked.expect("signed with that secret");
        assert_eq!((asked.user.as_str(), asked.at_ms, asked.code.len()), ("218471", 1_291_836_800_000, 32));
        let again = proven(&SIGNED.replacen('.', "=.", 1), &Secret::new("secret"));
        assert_eq!(again.map(|again| again.code).ok(), Some(asked.code), "padding says nothing");
    }

    #[test]
    fn what_is_not_quite_right_is_refused() {
        let refused = |signed: &str, secret: &str| proven(signed, &Secret::new(secret)).err();
        let (signature, payload) = SIGNED.split_once('.').expect("two parts");
        for wrong in
            ["", ".", payload, &format!(".{payload}"), &format!("{signature}."), &format!("{signature}.x{payload}")]
        {
            assert_eq!(refused(wrong, "secret"), Some(Reject::Unauthorised), "{wrong}");
        }
        assert_eq!(refused(SIGNED, "another"), Some(Reject::Unauthorised));
        assert_eq!(refused(SIGNED, ""), Some(Reject::Unauthorised));
        assert_eq!(
            refused(
                "CQfnCaiMYmAx4ErtcGU6U3cjl2f5-ILVannThHdu7bc.eyJhbGdvcml0aG0iOiAibm9uZSIsICJpc3N1ZWRfYXQiOiAxMjkxODM2ODAwLCAidXNlcl9pZCI6ICIyMTg0NzEifQ",
                "secret"
            ),
            Some(Reject::Unauthorised)
        );
    }

    #[test]
    fn the_field_is_found_in_a_form() {
        assert_eq!(field(b"a=1&signed_request=x%2Ey"), Some("x.y".to_owned()));
        assert_eq!(field(b"signed_request=a&signed_request=b"), None, "what comes twice says nothing");
        assert_eq!(field(b"{}"), None);
        assert_eq!(field(b"\xff"), None);
    }
}
