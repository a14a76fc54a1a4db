//! The second factor of signing in: set up, confirmed, asked for, and taken away by the member themselves.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::sign_in::LoginCandidate;
use vault::{members, second_factor};

use super::profile::known;
use super::sessions::throttle;
use crate::app::Shared;
use crate::auth::{Caller, SignedIn};
use crate::problem::{ApiError, Code, Json};
use crate::views::{NewFactorView, RecoveryCodesView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(begin, remove)).routes(routes!(confirm))
}

/// Who begins a second factor knows the password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FactorOrder {
    password: String,
}

/// A code of the authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeOrder {
    code: String,
}

/// What takes a second factor away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FactorRemoval {
    password: String,
    /// Of the authenticator app, or one for recovery.
    code: String,
}

/// Makes a secret for an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds). Nothing is asked for at signing in
/// until it is confirmed. It is shown in this answer and never again, so it takes no idempotency key: another call makes another
/// one. It takes the password (a wrong one is 422; guesses are slowed down) and a session: bearer tokens are refused with 403. 409
/// if there is a confirmed one.
#[utoipa::path(post, operation_id = "second_factor_begin", path = "/me/second-factor", tag = "session", request_body = FactorOrder,
    responses((status = 201, body = NewFactorView), (status = 401), (status = 403), (status = 409), (status = 422), (status = 429)))]
async fn begin(
    State(app): State<Shared>,
    SignedIn(caller): SignedIn,
    Json(order): Json<FactorOrder>,
) -> Result<Response, ApiError> {
    let whose = caller.member.to_string();
    check_password(&app, &caller, &whose, &order.password).await?;
    app.sign_in().succeeded(&whose, None);
    let factor = app.vault.write(&caller.scope, second_factor::begin).await?;
    Ok((StatusCode::CREATED, Json(NewFactorView::from(factor))).into_response())
}

/// Confirms the secret by a code of the app: from now on signing in takes one. A wrong code is 422 with `fields.code`; guesses
/// are slowed down (429). It takes a session, as beginning does.
#[utoipa::path(post, operation_id = "second_factor_confirm", path = "/me/second-factor/confirm", tag = "session",
    request_body = CodeOrder,
    responses((status = 200, body = RecoveryCodesView), (status = 401), (status = 403), (status = 409), (status = 422), (status = 429)))]
async fn confirm(
    State(app): State<Shared>,
    SignedIn(caller): SignedIn,
    Json(order): Json<CodeOrder>,
) -> Result<Json<RecoveryCodesView>, ApiError> {
    let whose = caller.member.to_string();
    throttle(&app, &whose, None)?;
    let codes = app.vault.write(&caller.scope, move |tx| second_factor::confirm(tx, &order.code)).await?;
    let codes = codes.ok_or_else(wrong_code)?;
    app.sign_in().succeeded(&whose, None);
    Ok(Json(RecoveryCodesView::of(codes)))
}

/// Takes the second factor away, by password and code, in a session. What of them is wrong is 422; guesses are slowed down (429).
#[utoipa::path(delete, operation_id = "second_factor_remove", path = "/me/second-factor", tag = "session",
    request_body = FactorRemoval,
    responses((status = 204), (status = 401), (status = 403), (status = 409), (status = 422), (status = 429)))]
async fn remove(
    State(app): State<Shared>,
    SignedIn(caller): SignedIn,
    Json(order): Json<FactorRemoval>,
) -> Result<StatusCode, ApiError> {
    let whose = caller.member.to_string();
    check_password(&app, &caller, &whose, &order.password).await?;
    if !app.vault.write(&caller.scope, move |tx| second_factor::remove(tx, &order.code)).await? {
        return Err(wrong_code());
    }
    app.sign_in().succeeded(&whose, None);
    Ok(StatusCode::NO_CONTENT)
}

/// Counts a guess at a member's password, and refuses a wrong one.
async fn check_password(app: &Shared, caller: &Caller, whose: &str, password: &str) -> Result<(), ApiError> {
    throttle(app, whose, None)?;
    let stored = app.vault.read(&caller.scope, members::own_password).await?;
    if known(app, password, stored.reveal()).await? {
        return Ok(());
    }
    Err(ApiError::field("password", "is not your password"))
}

/// Asks whoever has shown the right password for a code, if they have a second factor. Attempts were counted before.
pub(super) async fn ask(app: &Shared, login: &LoginCandidate, code: Option<&str>) -> Result<(), ApiError> {
    if !app.vault.has_second_factor(login).await? {
        return Ok(());
    }
    let refused = |detail: &str| Err(ApiError::new(Code::SecondFactor, detail));
    match code {
        None => refused("Send the code that your authenticator app shows, or one for recovery, as `code`."),
        Some(code) if app.vault.take_code(login, code).await? => Ok(()),
        Some(_) => refused("This code is wrong, or was used before. Wait for the next one."),
    }
}

fn wrong_code() -> ApiError {
    ApiError::field("code", "is wrong, or was used before; wait for the next one")
}
