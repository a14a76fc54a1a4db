//! The REST API under `/api/v1`: one file per family of endpoints, each with its requests, answers and handlers.

mod attachments;
mod audit;
mod authorizations;
mod business_hours;
mod canned_replies;
mod changes;
mod channel_profile;
mod channels;
mod consents;
mod contacts;
mod conversations;
mod demo;
mod drafts;
mod ending;
mod erasures;
mod events;
mod exports;
mod html;
mod invitations;
mod key_rotations;
mod labels;
mod legal_holds;
mod limitations;
mod members;
mod merges;
mod messages;
mod own_sessions;
mod parts;
mod presence;
mod profile;
mod push;
mod requests;
mod retention;
mod saved_views;
mod scheduled;
mod search;
mod second_factor;
mod secret_rotations;
mod sessions;
mod sites;
mod teams;
mod template_drafts;
mod templates;
mod tokens;
mod webhooks;
mod whereabouts;
mod workspace;

pub use attachments::{inert, safe_name};
pub use authorizations::callback_router;
pub use erasures::ErasureView;
pub(crate) use events::render_outside;
pub(crate) use exports::archive;
pub use key_rotations::KeyRotationView;

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::Deserialize;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use vault::Cursor;

use crate::app::Shared;
use crate::problem::ApiError;

/// The document that describes the API, without its paths, which the handlers bring.
#[derive(OpenApi)]
#[openapi(info(
    title = "Parloir",
    description = "Talk with your customers on every channel. Errors are RFC 9457 problem documents with a stable `code`.",
    license(name = "Apache-2.0", identifier = "Apache-2.0"),
), components(schemas(Problem)), servers((url = "/api/v1")), modifiers(&Credentials),
    security(("token" = []), ("session" = [])))]
struct Document;

/// How a caller is known: a bearer token, or a session's cookie with its CSRF token.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let token = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            crate::auth::COOKIE,
            "Set by POST /session. Requests that change something also need its CSRF token in X-CSRF-Token.",
        )));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", token);
        components.add_security_scheme("session", session);
    }
}

/// What every refusal looks like (RFC 9457, `application/problem+json`).
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes `ApiError` in the document")]
struct Problem {
    /// Where the code is explained.
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    /// Stable, for programs.
    code: String,
    /// What was wrong where: a path into the body or a key of the query, and the reason.
    fields: Option<std::collections::BTreeMap<String, String>>,
}

/// All operations and the document that describes them.
pub fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(sessions::router())
        .merge(own_sessions::router())
        .merge(profile::router())
        .merge(push::router())
        .merge(second_factor::router())
        .merge(webhooks::router())
        .merge(invitations::router())
        .merge(demo::router())
        .merge(workspace::router())
        .merge(ending::router())
        .merge(members::router())
        .merge(teams::router())
        .merge(labels::router())
        .merge(canned_replies::router())
        .merge(requests::router())
        .merge(exports::router())
        .merge(saved_views::router())
        .merge(business_hours::router())
        .merge(sites::router())
        .merge(retention::router())
        .merge(tokens::router())
        .merge(channels::router())
        .merge(authorizations::router())
        .merge(secret_rotations::router())
        .merge(key_rotations::router())
        .merge(templates::router())
        .merge(template_drafts::router())
        .merge(channel_profile::router())
        .merge(contacts::router())
        .merge(merges::router())
        .merge(consents::router())
        .merge(erasures::router())
        .merge(legal_holds::router())
        .merge(limitations::router())
        .merge(whereabouts::router())
        .merge(changes::router())
        .merge(conversations::router())
        .merge(presence::router())
        .merge(drafts::router())
        .merge(scheduled::router())
        .merge(messages::router())
        .merge(html::router())
        .merge(attachments::router())
        .merge(search::router())
        .merge(events::router())
        .merge(audit::router())
}

/// The API's description as `web/openapi.json` and `/api/v1/openapi.json` hold it.
pub fn document() -> String {
    let (_, document) = api().split_for_parts();
    document.to_pretty_json().unwrap_or_default()
}

/// The largest page.
const PAGE_MAX: u32 = 100;
/// The page when no `limit` is given.
const PAGE_DEFAULT: u32 = 30;

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// How many rows, 1 to 100; 30 if not given.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl PageQuery {
    fn limit(&self) -> Result<i64, ApiError> {
        limit(self.limit)
    }

    fn cursor(&self) -> Result<Option<Cursor>, ApiError> {
        cursor(self.cursor.as_deref())
    }
}

/// A page's size.
fn limit(asked: Option<u32>) -> Result<i64, ApiError> {
    match asked.unwrap_or(PAGE_DEFAULT) {
        0 => Err(ApiError::field("limit", "from 1 to 100")),
        limit if limit > PAGE_MAX => Err(ApiError::field("limit", "from 1 to 100")),
        limit => Ok(i64::from(limit)),
    }
}

/// A page's start.
fn cursor(text: Option<&str>) -> Result<Option<Cursor>, ApiError> {
    text.map(|text| Cursor::decode(text).ok_or_else(|| ApiError::field("cursor", "not a `next` of this list")))
        .transpose()
}

/// An id in a query or body: one that is malformed names nothing.
fn id<T: FromStr>(field: &'static str, text: Option<&str>) -> Result<Option<T>, ApiError> {
    text.map(|text| text.parse().map_err(|_| ApiError::field(field, "not an id of this kind"))).transpose()
}

/// Tells `null` from "not named" in a body.
#[expect(clippy::option_option, reason = "null and not named are different orders")]
fn maybe_null<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// A moment in a query or body.
fn instant(field: &'static str, text: &str) -> Result<vault::Millis, ApiError> {
    text.parse::<jiff::Timestamp>()
        .map(jiff::Timestamp::as_millisecond)
        .map_err(|_| ApiError::field(field, "expected an RFC 3339 time in UTC, such as 2026-01-31T09:30:00Z"))
}

/// The id in a path. One that is malformed names nothing, so it is not found.
struct Id<T>(T);

impl<T: FromStr + Send> FromRequestParts<Shared> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, app).await.map_err(|_| ApiError::not_found())?;
        text.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::document;

    /// The client of the members' app is generated from this file. `UPDATE_OPENAPI=1` writes it anew.
    #[test]
    fn the_committed_description_is_the_programs() {
        // Read when it runs: compiled in, it would be another checkout's wherever two share a target folder.
        let here = std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
        let path = here.join("../../web/openapi.json");
        let now = document() + "\n";
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == now, "web/openapi.json is not what the program describes: run `make api`");
    }

    #[test]
    fn every_operation_says_what_it_answers_and_how_it_is_refused() {
        let document: serde_json::Value = serde_json::from_str(&document()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.len() > 20, "only {} paths", paths.len());
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path} answers nothing");
                let open = path == "/demo" || path.starts_with("/invitations/");
                assert!(open || responses.contains_key("401"), "{method} {path} can be called by nobody");
            }
        }
    }
}
