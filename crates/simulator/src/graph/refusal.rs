//! How Meta says no: one envelope, and for each code its words and its HTTP status.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

/// Where Meta explains its codes.
const HREF: &str = "/documentation/business-messaging/whatsapp/support/error-codes";

/// Code, HTTP status, title, and the details given unless something more exact is known. Throttles are 400, as they are
/// on the real interface.
const KNOWN: [(i64, u16, &str, &str); 54] = [
    (0, 401, "AuthException", "We were unable to authenticate the app user."),
    (1, 500, "API Unknown", "Possibly invalid request or server error."),
    (2, 503, "API Service", "Temporary due to downtime or due to being overloaded."),
    (3, 403, "Capability", "The application does not have the capability to make this API call."),
    (4, 400, "Application request limit reached", "The app has reached its API call rate limit."),
    (10, 403, "Application does not have permission for this action", "A permission was not granted or was removed."),
    (32, 400, "Page request limit reached", "Too many calls were made for this page."),
    (100, 400, "Invalid parameter", "The request included one or more unsupported or misspelled parameters."),
    (190, 401, "Error validating access token", "The access token has expired or has been revoked."),
    (200, 403, "You do not have the necessary permissions", "A permission was not granted or was removed."),
    (368, 403, "Temporarily blocked for policies violations", "The account was restricted for violating a policy."),
    (551, 400, "This person isn't available right now.", "They may have blocked the page or left."),
    (613, 400, "Calls to this api have exceeded the rate limit.", "Too many messages were sent in a short time."),
    (1200, 400, "Temporary send message failure. Please try again later.", "Meta had a trouble of its own."),
    (2200, 400, "Callback verification failed", "The callback did not answer the challenge."),
    (80007, 400, "Rate limit issues", "The WhatsApp Business Account has reached its rate limit."),
    (130_429, 400, "Rate limit hit", "Message failed to send because too many were sent in a short time."),
    (130_472, 400, "User's number is part of an experiment", "The message was not sent as part of an experiment."),
    (130_497, 403, "Business account is restricted from messaging users in this country", "The account is restricted."),
    (131_000, 500, "Something went wrong", "Message failed to send due to an unknown error."),
    (131_005, 403, "Access denied", "A permission was not granted or was removed."),
    (131_008, 400, "Required parameter is missing", "The request is missing a required parameter."),
    (131_009, 400, "Parameter value is not valid", "One or more parameter values are invalid."),
    (131_016, 503, "Service unavailable", "A service is temporarily unavailable."),
    (131_021, 400, "Recipient cannot be sender", "Sender and recipient phone number is the same."),
    (131_026, 400, "Message undeliverable", "Unable to deliver message: the recipient is not on WhatsApp."),
    (131_030, 400, "Recipient phone number not in allowed list", "Add the number to the list of allowed recipients."),
    (131_031, 403, "Account has been locked", "The account was restricted or disabled for violating a policy."),
    (131_037, 400, "Display name approval is needed", "The number's display name has not been approved."),
    (131_042, 400, "Business eligibility payment issue", "There was an error related to the payment method."),
    (131_045, 500, "Incorrect certificate", "Message failed to send due to a phone number registration error."),
    (131_047, 400, "Re-engagement message", "More than 24 hours have passed since the recipient last replied."),
    (131_048, 400, "Spam rate limit hit", "Too many previous messages were blocked or flagged as spam."),
    (131_049, 400, "Message was not delivered to maintain healthy ecosystem engagement", "Do not retry at once."),
    (131_050, 400, "User has stopped marketing messages", "The recipient has chosen to stop marketing messages."),
    (131_051, 400, "Message type unknown", "Message type is currently not supported."),
    (131_052, 400, "Media download error", "Unable to download the media sent by the user."),
    (131_053, 400, "Media upload error", "Unable to upload the media used in the message."),
    (131_056, 400, "(Business Account, Consumer Account) pair rate limit hit", "Too many messages to the same number."),
    (131_057, 500, "Account in maintenance mode", "The account is being maintained or moved."),
    (131_060, 400, "This message is unavailable", "This message is currently unavailable."),
    (131_062, 400, "Recipient identifier not supported", "This message cannot be sent to a business-scoped user ID."),
    (131_064, 400, "Messaging limit for template violations", "The account's messaging is limited."),
    (132_000, 400, "Number of parameters does not match the expected number of params", "Look at the template."),
    (132_001, 404, "Template name does not exist in the translation", "The template does not exist in this language."),
    (132_005, 400, "Translated text too long", "The text is too long with its variables filled in."),
    (132_007, 400, "Template Format Character Policy Violated", "A variable holds what it must not."),
    (132_012, 400, "Parameter format does not match format in the created template", "Look at the template."),
    (132_015, 400, "Template is Paused", "The template is paused due to low quality."),
    (132_016, 400, "Template is Disabled", "The template was paused too often and is now disabled."),
    (133_004, 503, "Server Temporarily Unavailable", "The server is temporarily unavailable."),
    (133_005, 400, "Two step verification PIN Mismatch", "The PIN is incorrect."),
    (133_010, 400, "Account not registered", "The phone number is not registered on the platform."),
    (2_388_023, 400, "Message template name is being deleted", "Wait four weeks, or choose another name."),
];

/// A refused call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Meta's number for it; what connectors decide by.
    pub code: i64,
    /// A finer number, where Meta gives one.
    pub subcode: Option<i64>,
    /// `OAuthException` almost always.
    pub kind: &'static str,
    /// What stands after `(#code)`.
    pub title: String,
    /// The exact reason.
    pub details: Option<String>,
    /// Minutes until the caller may come back, for throttles.
    pub regain_minutes: Option<u64>,
}

impl Refusal {
    /// The refusal with this code, in Meta's words; 100 for a code that is not known here.
    pub(crate) fn of(code: i64) -> Self {
        let known = KNOWN.iter().find(|(known, ..)| *known == code);
        let (status, title, details) = known.map_or((400, "Invalid parameter", ""), |one| (one.1, one.2, one.3));
        Self {
            status,
            code,
            subcode: None,
            kind: if code == 0 { "AuthException" } else { "OAuthException" },
            title: title.to_owned(),
            details: (!details.is_empty()).then(|| details.to_owned()),
            regain_minutes: None,
        }
    }

    /// With the exact reason.
    pub(crate) fn because(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// An invalid parameter, and which.
    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        let what = what.into();
        Self { title: what.clone(), ..Self::of(100) }.because(what)
    }

    /// A parameter that must be there and is not.
    pub(crate) fn missing(name: &str) -> Self {
        Self { title: format!("The parameter {name} is required."), details: None, ..Self::of(100) }
    }

    /// No such node, or none this token may see.
    pub(crate) fn no_object(method: &str, id: &str) -> Self {
        let method = method.to_ascii_lowercase();
        let title = format!(
            "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation. Please read the Graph API documentation at \
             https://developers.facebook.com/docs/graph-api"
        );
        Self { title, details: None, subcode: Some(33), kind: "GraphMethodException", ..Self::of(100) }
    }

    /// Not a path of this interface.
    pub(crate) fn unknown_path() -> Self {
        Self { title: "Unknown path components".to_owned(), details: None, subcode: Some(2_500), ..Self::of(2_500) }
    }

    /// No token, or one that is not known.
    pub(crate) fn bad_token() -> Self {
        Self { title: "Invalid OAuth access token - Cannot parse access token".to_owned(), ..Self::of(190) }
    }

    /// A token that was taken back.
    pub(crate) fn revoked() -> Self {
        let title = "Error validating access token: The user has not authorized application.".to_owned();
        Self { title, subcode: Some(458), ..Self::of(190) }
    }

    /// A token whose time is over.
    pub(crate) fn expired() -> Self {
        let title = "Error validating access token: Session has expired.".to_owned();
        Self { title, subcode: Some(463), ..Self::of(190) }
    }

    fn message(&self) -> String {
        match self.code {
            190 | 2_500 => self.title.clone(),
            _ if self.subcode == Some(33) => self.title.clone(),
            code => format!("(#{code}) {}", self.title),
        }
    }

    /// What the caller is answered; `trace` is Meta's number for the call.
    pub(crate) fn envelope(&self, trace: &str) -> Value {
        let mut error = json!({ "message": self.message(), "type": self.kind, "code": self.code });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some(details) = self.details.as_ref().filter(|_| self.code != 190) {
            error["error_data"] = json!({ "messaging_product": "whatsapp", "details": details });
        }
        error["fbtrace_id"] = json!(trace);
        json!({ "error": error })
    }

    /// The same, as a status that failed or a webhook's own error tells it.
    pub(crate) fn as_told(&self) -> Value {
        json!({
            "code": self.code, "title": self.title, "message": self.title,
            "error_data": { "details": self.details.clone().unwrap_or_default() }, "href": HREF,
        })
    }

    pub(crate) fn respond(&self, trace: &str) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(self.envelope(trace))).into_response();
        if let Some(minutes) = self.regain_minutes {
            let usage = json!({ "0": [{
                "type": "whatsapp_business_messaging", "call_count": 100, "total_cputime": 0, "total_time": 0,
                "estimated_time_to_regain_access": minutes,
            }] });
            if let Ok(value) = HeaderValue::from_str(&usage.to_string()) {
                response.headers_mut().insert("x-business-use-case-usage", value);
            }
        }
        response
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Refusal {}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.respond("simulated")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_metas() {
        let refusal = Refusal::of(131_047);
        let error = refusal.envelope("AbC")["error"].clone();
        assert_eq!(error["message"], "(#131047) Re-engagement message");
        assert_eq!((error["type"].as_str(), error["code"].as_i64()), (Some("OAuthException"), Some(131_047)));
        assert!(error["error_data"]["details"].as_str().is_some_and(|details| details.contains("24 hours")));
        assert_eq!(error["fbtrace_id"], "AbC");
    }

    #[test]
    fn codes_have_the_status_they_have_at_meta() {
        let status = |code| Refusal::of(code).status;
        assert_eq!([190, 80_007, 130_429, 131_056, 132_001, 10, 2].map(status), [401, 400, 400, 400, 404, 403, 503]);
    }
}
