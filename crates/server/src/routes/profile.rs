//! What members set for themselves: name, language, what the app keeps, password.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::Personal;
use vault::members::{self, Came, Preferences, ProfileChange};

use super::maybe_null;
use super::sessions::{MeView, describe, throttle};
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{ApiError, Json};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(change)).routes(routes!(password))
}

/// What changes about oneself. What is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "null and not named are different orders")]
struct MePatch {
    /// What others see: one line of 1 to 200 characters.
    name: Option<String>,
    /// `en`, `it`, `es` or `de`; null: as the browser says.
    #[serde(default, deserialize_with = "maybe_null")]
    #[schema(value_type = Option<String>)]
    locale: Option<Option<String>>,
    /// Members of this object replace those of the same name; null takes one away. At most 8 KiB in all.
    #[schema(value_type = Option<std::collections::BTreeMap<String, serde_json::Value>>)]
    preferences: Option<Preferences>,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordOrder {
    /// The present one.
    current: String,
    /// At least 10 characters, at most 1,024 bytes.
    new: String,
}

/// Changes what one sets for oneself.
#[utoipa::path(patch, operation_id = "profile_change", path = "/me", tag = "session", request_body = MePatch,
    responses((status = 200, body = MeView), (status = 401), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Json(patch): Json<MePatch>,
) -> Result<Json<MeView>, ApiError> {
    let change = ProfileChange {
        name: patch.name.map(Personal::new),
        locale: patch.locale,
        preferences: patch.preferences.map(Personal::new),
    };
    app.vault.write(&caller.scope, move |tx| members::set_profile(tx, &change)).await?;
    let csrf = caller.session.map(|session| session.csrf);
    Ok(Json(describe(&app, &caller.scope, caller.member, csrf).await?))
}

/// Sets a new password. The session or token this comes by goes on; all others end. A wrong present password is 422 with
/// `fields.current`; guesses at it are slowed down (429).
#[utoipa::path(put, operation_id = "profile_password", path = "/me/password", tag = "session", request_body = PasswordOrder,
    responses((status = 204), (status = 401), (status = 422), (status = 429)))]
async fn password(
    State(app): State<Shared>,
    caller: Caller,
    Json(order): Json<PasswordOrder>,
) -> Result<StatusCode, ApiError> {
    // Not counted for the network: whoever is signed in guesses at one password only.
    let whose = caller.member.to_string();
    throttle(&app, &whose, None)?;
    let stored = app.vault.read(&caller.scope, members::own_password).await?;
    if !known(&app, &order.current, stored.reveal()).await? {
        return Err(ApiError::field("current", "is not your present password"));
    }
    app.sign_in().succeeded(&whose, None);
    let hash = hashed(&app, &order.new).await.map_err(|error| as_new(&error))?;
    let came = match caller.session {
        Some(session) => Came::Session(Personal::new(session.token)),
        None => Came::Token(Personal::new(caller.bearer.unwrap_or_default())),
    };
    app.vault.write(&caller.scope, move |tx| members::change_password(tx, &hash, &came)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn known(app: &Shared, typed: &str, stored: &str) -> Result<bool, ApiError> {
    if stored.is_empty() {
        app.passwords.verify_nobody(typed).await?;
        return Ok(false);
    }
    Ok(app.passwords.verify(typed, stored).await?)
}

/// A password as it is stored.
pub(super) async fn hashed(app: &Shared, password: &str) -> Result<Personal<String>, ApiError> {
    let mut salt = [0; 16];
    salt.copy_from_slice(&app.vault.chance().draw()[..16]);
    Ok(Personal::new(app.passwords.hash(password, salt).await?))
}

/// The field is called otherwise here.
fn as_new(error: &ApiError) -> ApiError {
    match error.fields().get("password") {
        Some(what) => ApiError::field("new", what),
        None => error.clone(),
    }
}
