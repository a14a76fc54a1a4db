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
/// How long ago a request may have been signed, in milliseconds. Repeating one does nothing, and one that comes late, after an
/// outage, is still to be heard; what is older than this was kept by somebody.
const AGE_MS: i64 = 24 * 60 * 60 * 1000;
/// How far their clock may be ahead of ours, in milliseconds.
const AHEAD_MS: i64 = 5 * 60 * 1000;
/// Without padding as Meta writes it; some libraries add it.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a proven request says.
pub(in crate::channels) struct Asked {
    /// By which id the app knows the person.
    pub(in crate::channels) user: String,
    /// When it was signed, in Unix milliseconds.
    pub(in crate::channels) at_ms: i64,
    /// Follows from the request and the secret alone: whoever has not both cannot guess it.
    pub(in crate::channels) code: String,
}

/// What of a form is signed; `None` if it has no such field.
pub(in crate::channels) fn field(body: &[u8]) -> Option<String> {
    handshake::sole(std::str::from_utf8(body).ok()?, FIELD)
}

/// The request, if it is signed with this app's secret, and was so lately.
pub(in crate::channels) fn proven(signed: &str, app_secret: &Secret, now_ms: i64) -> Result<Asked, Reject> {
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
    let at_ms = integer(&said, "/issued_at").ok_or(Reject::Malformed)?.saturating_mul(1000);
    if !(now_ms.saturating_sub(AGE_MS)..=now_ms.saturating_add(AHEAD_MS)).contains(&at_ms) {
        return Err(Reject::Unauthorised);
    }
    let code = signature::code(app_secret, payload).ok_or(Reject::Unauthorised)?;
    Ok(Asked { user, at_ms, code })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signed with `secret` by Python's hmac and base64.
    const SIGNED: &str = "7aaJqoRdE54Vrp9XhNi6WVBOkwE55syUHGYQ2mEsV5Y.eyJhbGdvcml0aG0iOiAiSE1BQy1TSEEyNTYiLCAiZXhwaXJlcyI6IDEyOTE4NDA0MDAsICJpc3N1ZWRfYXQiOiAxMjkxODM2ODAwLCAidXNlcl9pZCI6ICIyMTg0NzEifQ";

    /// When that was, in Unix milliseconds.
    const ISSUED_MS: i64 = 1_291_836_800_000;

    #[test]
    fn what_others_signed_is_read() {
        let asked = proven(SIGNED, &Secret::new("secret"), ISSUED_MS).map_err(|reject| format!("{reject:?}"));
        let asked = asked.expect("signed with that secret");
        assert_eq!((asked.user.as_str(), asked.at_ms, asked.code.len()), ("218471", ISSUED_MS, 32));
        let again = proven(&SIGNED.replacen('.', "=.", 1), &Secret::new("secret"), ISSUED_MS);
        assert_eq!(again.map(|again| again.code).ok(), Some(asked.code), "padding says nothing");
    }

    #[test]
    fn what_was_signed_long_ago_or_is_yet_to_be_is_refused() {
        let refused = |now_ms: i64| proven(SIGNED, &Secret::new("secret"), now_ms).err();
        for late_ms in [0, AGE_MS, -AHEAD_MS] {
            assert_eq!(refused(ISSUED_MS + late_ms), None, "{late_ms}");
        }
        for late_ms in [AGE_MS + 1, -AHEAD_MS - 1, i64::MAX - ISSUED_MS] {
            assert_eq!(refused(ISSUED_MS + late_ms), Some(Reject::Unauthorised), "{late_ms}");
        }
    }

    #[test]
    fn what_is_not_quite_right_is_refused() {
        let refused = |signed: &str, secret: &str| proven(signed, &Secret::new(secret), ISSUED_MS).err();
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
